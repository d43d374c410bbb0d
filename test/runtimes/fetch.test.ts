/** A store as a function from a Request to a Response. This file runs in Node, and in the other runtimes as well. */
import { describe, expect, onTestFinished, test } from "vitest";
import { EtcdError, Status } from "../../src/errors.ts";
import { MemoryJournal, MemoryStorage } from "../../src/journal/index.ts";
import {
  createFetchHandler,
  type FetchHandler,
  type FetchHandlerOptions,
  type OpenStoreOptions,
  openStore,
  type Store,
} from "../../src/platform/fetch/index.ts";

const ORIGIN = "https://edge.example";
const PUT = "/v3/kv/put";
const WATCH = "/v3/watch";
const A_IS_B = '{"key":"YQ==","value":"Yg=="}';
const WATCH_A = '{"create_request":{"key":"YQ=="}}';

async function open(
  options: Omit<FetchHandlerOptions, "store"> = {},
  storeOptions: OpenStoreOptions = {},
): Promise<{ store: Store; handler: FetchHandler }> {
  const store = await openStore(storeOptions);
  onTestFinished(() => store.close());
  return { store, handler: createFetchHandler({ ...options, store }) };
}

function post(path: string, body: string, init: RequestInit = {}): Request {
  return new Request(ORIGIN + path, { method: "POST", body, ...init });
}

/** The lines of a stream, one by one. */
async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
  if (text !== "") yield text;
}

test("HT1: the JSON gateway answers, as do the probes, and nothing else", async () => {
  const { handler } = await open();
  expect(await (await handler(post(PUT, A_IS_B))).json()).toMatchObject({ header: { revision: "2" } });
  expect(await (await handler(post("/v3/kv/range", '{"key":"YQ=="}'))).json()).toMatchObject({ count: "1" });
  expect((await handler(post("/v3/kv/none", "{}"))).status).toBe(404);
  expect(await (await handler(new Request(`${ORIGIN}/health`))).json()).toEqual({ health: "true", reason: "" });
  expect((await handler(new Request(`${ORIGIN}/readyz?verbose`))).status).toBe(200);
  const missing = await handler(new Request(`${ORIGIN}/else`));
  expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining("/etcdserverpb.KV/Range")]);
});

test("the JSON gateway can be left out", async () => {
  const { handler } = await open({ enableGrpcGateway: false });
  expect((await handler(post(PUT, A_IS_B))).status).toBe(404);
});

test("everything is under the prefix, redirects too, and nothing beside it", async () => {
  const { handler } = await open({ prefix: "/stores/a/" });
  expect((await handler(post(`/stores/a${PUT}`, A_IS_B))).status).toBe(200);
  const headers = { "content-type": "application/json" };
  const range = await handler(post("/stores/a/etcdserverpb.KV/Range", '{"key":"YQ=="}', { headers }));
  expect(await range.json()).toMatchObject({ count: "1" });
  const redirected = await handler(post("/stores/a/v3//kv/put", A_IS_B));
  expect([redirected.status, redirected.headers.get("location")]).toEqual([307, `/stores/a${PUT}`]);
  for (const path of [PUT, "/stores/ab/v3/kv/put", "/stores/a"]) {
    expect((await handler(post(path, A_IS_B))).status).toBe(404);
  }
});

test.each(["application/grpc", "application/grpc+proto", "application/GRPC; a=b"])(
  "native gRPC (%s) is told why it cannot be, in the headers alone",
  async (type) => {
    const { handler } = await open();
    const response = await handler(post("/etcdserverpb.KV/Range", "", { headers: { "content-type": type } }));
    expect([response.status, response.body, response.headers.get("content-type")]).toEqual([
      200,
      null,
      "application/grpc",
    ]);
    expect(response.headers.get("grpc-status")).toBe("12");
    expect(response.headers.get("grpc-message")).toMatch(/no trailers.*gRPC-Web/);
  },
);

test("gRPC-Web is not taken for gRPC", async () => {
  const { handler } = await open();
  const headers = { "content-type": "application/grpc-web+proto" };
  const response = await handler(
    new Request(`${ORIGIN}/etcdserverpb.Maintenance/Status`, { method: "POST", headers, body: new Uint8Array(5) }),
  );
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/grpc-web+proto"]);
  expect(await response.text()).toContain("grpc-status: 0");
});

test("a stream is sent as it comes, and letting go of it ends the call", async () => {
  const { handler, store } = await open();
  const response = await handler(post(WATCH, WATCH_A));
  const lines = linesOf(response);
  expect(JSON.parse((await lines.next()).value)).toMatchObject({ result: { created: true } });
  expect(store.etcd.watchers).toBe(1);
  await handler(post(PUT, A_IS_B));
  expect(JSON.parse((await lines.next()).value)).toMatchObject({ result: { events: [{ kv: { value: "Yg==" } }] } });
  await lines.return(undefined);
  await expect.poll(() => store.etcd.watchers).toBe(0);
});

test("the request's own signal ends the call, before a response and after", async () => {
  const { handler, store } = await open();
  const abort = new AbortController();
  const response = await handler(post(WATCH, WATCH_A, { signal: abort.signal }));
  const lines = linesOf(response);
  await lines.next();
  expect(store.etcd.watchers).toBe(1);
  abort.abort();
  await expect.poll(() => store.etcd.watchers).toBe(0);
  await lines.next().catch(() => {});

  const lock = (init?: RequestInit): Promise<Response> => handler(post("/v3/lock/lock", '{"name":"bA=="}', init));
  await lock();
  const waiting = new AbortController();
  const waiter = lock({ signal: waiting.signal });
  const keys = async (): Promise<string> =>
    (await (await handler(post("/v3/kv/range", '{"key":"AA==","range_end":"AA==","count_only":true}'))).json()).count;
  await expect.poll(keys).toBe("2");
  waiting.abort();
  await expect.poll(keys).toBe("1");
  await waiter.catch(() => {});
});

test("HT3: streams end with the reason of the shutdown, or of the store", async () => {
  const shutdown = new AbortController();
  const { handler, store } = await open({ shutdownSignal: shutdown.signal });
  const [first, second] = [await open(), { handler, store }];
  const watches = [first, second].map(async ({ handler }) => {
    const lines: string[] = [];
    for await (const line of linesOf(await handler(post(WATCH, WATCH_A)))) lines.push(line);
    return lines.at(-1);
  });
  await expect.poll(() => first.store.etcd.watchers + store.etcd.watchers).toBe(2);
  await first.store.close();
  expect(await watches[0]).toContain('"message":"etcdserver: server stopped"');
  shutdown.abort(new EtcdError(Status.UNAVAILABLE, "gone"));
  expect(await watches[1]).toContain("gone");
});

test("pages may call from this machine, from the store's own origin, and from where the list says", async () => {
  const { handler } = await open();
  const { handler: listing } = await open({ cors: ["https://app.example"] });
  const { handler: any } = await open({ cors: ["*"] });
  const asked = async (handler: FetchHandler, origin: string): Promise<unknown> => {
    const preflight = new Request(ORIGIN + PUT, { method: "OPTIONS", headers: { origin } });
    const { status, headers } = await handler(preflight);
    const reply = await handler(post(PUT, A_IS_B, { headers: { origin } }));
    expect(status).toBe(204);
    expect(reply.headers.get("access-control-allow-origin")).toBe(headers.get("access-control-allow-origin"));
    return [headers.get("access-control-allow-origin"), reply.status];
  };
  expect(await asked(handler, "http://localhost:5173")).toEqual(["http://localhost:5173", 200]);
  expect(await asked(handler, ORIGIN)).toEqual([ORIGIN, 200]);
  expect(await asked(handler, "https://app.example")).toEqual([null, 403]);
  expect(await asked(listing, "https://app.example")).toEqual(["https://app.example", 200]);
  expect(await asked(listing, "http://localhost:5173")).toEqual([null, 403]);
  expect(await asked(any, "https://app.example")).toEqual(["*", 200]);
});

describe("a name that a stranger may have pointed here is refused", () => {
  const HOSTS = ["evil.example", "store.example:80", "localhost:1", "127.0.0.1:1", "[::1]", "10.0.0.1", "machine"];
  const statuses = async (hostWhitelist: readonly string[], scheme = "http"): Promise<number[]> => {
    const { handler } = await open({ hostWhitelist });
    const ask = (host: string): Promise<Response> => handler(new Request(`${scheme}://${host}/health`));
    return (await Promise.all(HOSTS.map(ask))).map(({ status }) => status);
  };

  test("without a list, where the store is reached on a loopback address", async () => {
    expect(await statuses([])).toEqual([403, 403, 200, 200, 200, 200, 200]);
  });

  test("with a list, which is etcd's", async () => {
    expect(await statuses(["store.example"])).toEqual([421, 200, 421, 200, 200, 421, 421]);
    expect(await statuses(["*"])).toEqual(HOSTS.map(() => 200));
    const { handler } = await open({ hostWhitelist: ["store.example"] });
    const refused = await handler(new Request("http://evil.example/health"));
    expect(await refused.text()).toContain('hostWhitelist: ["evil.example"]');
  });

  test("but not by TLS, where it would need a certificate", async () => {
    expect(await statuses([], "https")).toEqual(HOSTS.map(() => 200));
  });
});

test("files are the user's, for GET and HEAD, by their paths without the prefix, and may be frozen", async () => {
  const asked: string[] = [];
  const files = (path: string): Response | undefined => {
    asked.push(path);
    return path === "/" ? Response.redirect("https://page.example/", 302) : undefined;
  };
  const { handler } = await open({ prefix: "/a", files });
  const page = await handler(new Request(`${ORIGIN}/a/`));
  expect([page.status, page.headers.get("vary")]).toEqual([302, "Origin"]);
  expect((await handler(new Request(`${ORIGIN}/a/other`))).status).toBe(404);
  expect((await handler(post("/a/", ""))).status).toBe(404);
  expect(asked).toEqual(["/", "/other"]);
});

test("with a journal a store is there again when it is opened anew", async () => {
  const storage = new MemoryStorage();
  const first = await open({}, { journal: new MemoryJournal(storage) });
  await first.handler(post(PUT, A_IS_B));
  await first.store.close();
  const { handler } = await open({}, { journal: new MemoryJournal(storage) });
  expect(await (await handler(post("/v3/kv/range", '{"key":"YQ=="}'))).json()).toMatchObject({ count: "1" });
});
