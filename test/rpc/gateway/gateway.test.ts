/** The gateway by itself: requests as values, an Etcd in this process, time by hand. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { EtcdError, etcdError, Status } from "../../../src/errors.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { Gateway, type GatewayHeaders } from "../../../src/rpc/gateway/index.ts";
import { ROUTES } from "../../../src/rpc/gateway/routes.ts";
import { etcdServices, type ServiceBinding } from "../../../src/rpc/index.ts";
import { Etcd } from "../../../src/server/index.ts";
import { VirtualClock } from "../../support/clock.ts";
import { Queue } from "../support/queue.ts";

const KEY = '{"key":"YQ=="}';
const MAX_MESSAGE_BYTES = 4096;

interface Target {
  readonly etcd: Etcd;
  readonly gateway: Gateway;
  readonly shutdown: AbortController;
  readonly faults: unknown[];
}

function newTarget(more: readonly ServiceBinding[] = []): Target {
  const etcd = new Etcd({ clock: new VirtualClock(1_000_000) });
  onTestFinished(() => etcd.close());
  const shutdown = new AbortController();
  const faults: unknown[] = [];
  const gateway = new Gateway({
    bindings: [...more, ...etcdServices(etcd)],
    maxMessageBytes: MAX_MESSAGE_BYTES,
    shutdownSignal: shutdown.signal,
    onFault: (path, error) => faults.push([path, String(error)]),
  });
  return { etcd, gateway, shutdown, faults };
}

function binding(service: ServiceBinding["service"], impl: Record<string, unknown>): ServiceBinding {
  return { service, impl } as unknown as ServiceBinding;
}

interface Options {
  readonly method?: string;
  readonly headers?: GatewayHeaders;
  readonly signal?: AbortSignal;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly lines: AsyncGenerator<string>;
}

async function send(
  { gateway }: Pick<Target, "gateway">,
  target: string,
  body: string | AsyncIterable<Uint8Array>,
  options: Options = {},
): Promise<Reply> {
  const { method = "POST", headers = {}, signal = new AbortController().signal } = options;
  const bytes = typeof body === "string" ? pieces(body) : body;
  const reply = await gateway.handle({ method, target, headers, body: bytes, signal });
  if (reply === undefined) throw new Error(`${target} is not the gateway's`);
  return { status: reply.status, headers: reply.headers, lines: linesOf(reply.body) };
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

async function* linesOf(body: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  if (body instanceof Uint8Array) yield new TextDecoder().decode(body);
  else for await (const line of body) yield new TextDecoder().decode(line);
}

async function ask(...args: Parameters<typeof send>): Promise<[status: number, body: string]> {
  const { status, lines } = await send(...args);
  return [status, await drain({ lines })];
}

/** What is left of it. */
async function drain({ lines }: Pick<Reply, "lines">): Promise<string> {
  let rest = "";
  for await (const line of lines) rest += line;
  return rest;
}

async function next({ lines }: Reply): Promise<string | undefined> {
  return (await lines.next()).value;
}

describe("paths", () => {
  test.each(Object.keys(ROUTES))("HT1: %s is there, by POST alone", async (path) => {
    const target = newTarget();
    expect(await ask(target, path, "[", { method: "GET" })).toEqual([
      501,
      '{"code":12,"message":"Method Not Allowed"}',
    ]);
    if (ROUTES[path]?.methodKind === "bidi_streaming") return;
    expect(await ask(target, path, "]")).toEqual([
      400,
      `{"code":3,"message":"invalid character ']' looking for beginning of value"}`,
    ]);
  });

  test("HT1: etcd's beta paths lead there, too, and escaped ones; the query is not looked at", async () => {
    const target = newTarget();
    for (const path of ["/v3beta/kv/range", "/v3/kv/%72ange", "/v3/kv/range?key=x", "/v3/%6bv/range"]) {
      expect((await ask(target, path, KEY))[0]).toBe(200);
    }
  });

  test("HT1: a path of nothing is etcd's own 404", async () => {
    const target = newTarget();
    for (const path of [
      "/v3/",
      "/v3/kv",
      "/v3/kv/range/",
      "/v3/kv/rangestream",
      "/v3beta/x",
      "/v3/%",
      "/v3/constructor",
    ]) {
      expect(await ask(target, path, "{}")).toEqual([404, '{"code":5,"message":"Not Found"}']);
    }
  });

  test.each([
    ["/v3", "/v3/"],
    ["/v3//kv/range", "/v3/kv/range"],
    ["//v3/kv/range?a=b", "/v3/kv/range?a=b"],
    ["/v3/./kv/x/../range", "/v3/kv/range"],
    ["/x/../v3/kv/", "/v3/kv/"],
    ["/v3beta//kv/range", "/v3/kv/range"],
  ])("HT1: %s is sent on to %s", async (path, location) => {
    const reply = await send(newTarget(), path, KEY);
    expect([reply.status, reply.headers.Location]).toEqual([307, location]);
  });

  test.each([
    "/",
    "/v3alpha/kv/range",
    "/v3beta",
    "/v2/keys",
    "/v30/x",
    "/v3/../health",
    "*",
    "/etcdserverpb.KV/Range",
  ])("HT1: %s is not the gateway's", (path) => {
    expect(newTarget().gateway.find("POST", path)).toBeUndefined();
  });
});

describe("errors", () => {
  test("HT4: of a method have gRPC's code, its message and HTTP's status", async () => {
    const target = newTarget();
    expect(await ask(target, "/v3/kv/range", "{}")).toEqual([
      400,
      '{"code":3,"message":"etcdserver: key is not provided"}',
    ]);
    expect(await ask(target, "/v3/lease/revoke", '{"ID":"5"}')).toEqual([
      404,
      '{"code":5,"message":"etcdserver: requested lease not found"}',
    ]);
  });

  test.each([
    [Status.CANCELLED, 499],
    [Status.UNKNOWN, 500],
    [Status.INVALID_ARGUMENT, 400],
    [Status.DEADLINE_EXCEEDED, 504],
    [Status.NOT_FOUND, 404],
    [Status.ALREADY_EXISTS, 409],
    [Status.PERMISSION_DENIED, 403],
    [Status.RESOURCE_EXHAUSTED, 429],
    [Status.FAILED_PRECONDITION, 400],
    [Status.ABORTED, 409],
    [Status.OUT_OF_RANGE, 400],
    [Status.UNIMPLEMENTED, 501],
    [Status.INTERNAL, 500],
    [Status.UNAVAILABLE, 503],
    [Status.DATA_LOSS, 500],
    [Status.UNAUTHENTICATED, 401],
  ] as const)("code %i is status %i, whether the method fails now or later", async (code, status) => {
    const error = new EtcdError(code, "no");
    const target = newTarget([
      binding(KV, {
        range: () => {
          throw error;
        },
        put: async () => Promise.reject(error),
      }),
    ]);
    for (const path of ["/v3/kv/range", "/v3/kv/put"]) {
      const reply = await send(target, path, KEY);
      expect([reply.status, await next(reply)]).toEqual([status, `{"code":${code},"message":"no"}`]);
      expect(reply.headers["Content-Type"]).toBe("application/json");
      expect(reply.headers["WWW-Authenticate"]).toBe(status === 401 ? "no" : undefined);
    }
  });

  test("only a unary call that needs a user says so in a header too", async () => {
    const target = newTarget([
      binding(Watch, {
        // biome-ignore lint/correctness/useYield: it has nothing to say but the error
        async *watch() {
          throw new EtcdError(Status.UNAUTHENTICATED, "no");
        },
      }),
    ]);
    const reply = await send(target, "/v3/watch", "{}");
    expect([reply.status, reply.headers]).toEqual([401, { "Content-Type": "application/json" }]);
  });

  test("HT4: a fault of ours is told, and UNIMPLEMENTED is what is not there", async () => {
    const target = newTarget([
      binding(KV, {
        range: () => {
          throw new TypeError("oh");
        },
      }),
    ]);
    expect(await ask(target, "/v3/kv/range", KEY)).toEqual([
      500,
      '{"code":13,"message":"etcdlite: internal error: TypeError: oh"}',
    ]);
    expect(target.faults).toEqual([["/etcdserverpb.KV/Range", "TypeError: oh"]]);
    expect(await ask(target, "/v3/kv/put", KEY)).toEqual([
      501,
      '{"code":12,"message":"unknown method Put for service etcdserverpb.KV"}',
    ]);
  });

  test("HT4: a message that gRPC would not take is refused by its size in binary, endless JSON by its own", async () => {
    const target = newTarget();
    const put = (sizeBytes: number): string => `{"key":"YQ==","value":"${Buffer.alloc(sizeBytes).toString("base64")}"}`;
    expect((await ask(target, "/v3/kv/put", put(4000)))[0]).toBe(200);
    expect(await ask(target, "/v3/kv/put", put(4100))).toEqual([
      429,
      '{"code":8,"message":"grpc: received message larger than max (4106 vs. 4096)"}',
    ]);
    expect((await ask(target, "/v3/kv/put", `${" ".repeat(4 * MAX_MESSAGE_BYTES)}${KEY}`))[0]).toBe(429);
  });

  test.each(["5", "S", "5s", "x5S", "1.5S", "5 S"])("HT4: the timeout %j is none", async (timeout) => {
    const headers = { "grpc-timeout": timeout };
    expect(await ask(newTarget(), "/v3/kv/range", KEY, { headers })).toEqual([
      400,
      `{"code":3,"message":"invalid grpc-timeout: ${timeout}"}`,
    ]);
  });

  test("HT4: a deadline ends what waits, and what comes after it does nothing", async () => {
    let runs = 0;
    const target = newTarget([
      binding(KV, {
        range: () => new Promise(() => {}),
        put: () => {
          runs++;
        },
      }),
    ]);
    const exceeded = [504, '{"code":4,"message":"context deadline exceeded"}'];
    expect(await ask(target, "/v3/kv/range", KEY, { headers: { "grpc-timeout": "5m" } })).toEqual(exceeded);
    expect(await ask(target, "/v3/kv/put", KEY, { headers: { "grpc-timeout": "-1S" } })).toEqual(exceeded);
    expect(runs).toBe(0);
    expect((await ask(newTarget(), "/v3/kv/range", KEY, { headers: { "grpc-timeout": "0S" } }))[0]).toBe(200);
  });

  test("HT4: the server's end ends what waits", async () => {
    const target = newTarget([binding(KV, { range: () => new Promise(() => {}) })]);
    const answer = ask(target, "/v3/kv/range", KEY);
    // The call begins when the body has been read.
    await new Promise((resolve) => setTimeout(resolve));
    target.shutdown.abort(etcdError("stopped"));
    expect(await answer).toEqual([503, '{"code":14,"message":"etcdserver: server stopped"}']);
  });
});

describe("headers", () => {
  test("HT4: a success says so, and hands on the one header that gRPC has", async () => {
    const reply = await send(newTarget(), "/v3/kv/range", KEY);
    expect(reply.headers).toEqual({
      "Content-Type": "application/json",
      "Grpc-Metadata-Content-Type": "application/grpc",
    });
  });

  test("HT4: the method sees those of the call that etcd's gateway would hand on", async () => {
    let seen: [string, string][] = [];
    const target = newTarget([
      binding(KV, {
        range: (_: unknown, context: { requestHeader: Headers; header(name: string): string | undefined }) => {
          seen = [...context.requestHeader];
          for (const [name, value] of seen) expect(context.header(name)).toBe(value);
          expect(context.header("token")).toBe("t");
          expect(context.header("x-other")).toBeUndefined();
          throw etcdError("emptyKey");
        },
      }),
    ]);
    const headers = {
      authorization: "a",
      token: "not this one",
      "x-other": "o",
      accept: "*/*",
      connection: "close",
      "grpc-metadata-token": "t",
      "grpc-metadata-hasleader": "true",
      "grpc-metadata-odd": "ä",
      "grpc-metadata-": "x",
      "grpc-metadata-two": ["1", "2"],
    };
    await ask(target, "/v3/kv/range", KEY, { headers });
    expect(seen).toEqual([
      ["authorization", "a"],
      ["grpcgateway-accept", "*/*"],
      ["grpcgateway-authorization", "a"],
      ["hasleader", "true"],
      ["token", "t"],
      ["two", "1"],
    ]);
  });
});

describe("streams", () => {
  const CREATE = '{"create_request":{"key":"YQ=="}}';
  const feed = (): { body: Queue<Uint8Array>; push(text: string): void } => {
    const body = new Queue<Uint8Array>();
    return { body, push: (text) => body.push(new TextEncoder().encode(text)) };
  };

  test("HT3: a line a response, while the body is open, in whatever pieces it comes", async () => {
    const target = newTarget();
    const { body, push } = feed();
    for (const piece of [CREATE.slice(0, 9), CREATE.slice(9), `\n\n  ${CREATE}{`]) push(piece);
    const reply = await send(target, "/v3/watch", body);
    expect(reply.status).toBe(200);
    expect(reply.headers["Grpc-Metadata-Content-Type"]).toBe("application/grpc");
    expect(await next(reply)).toMatch(/^\{"result":\{"header":\{.*\},"created":true\}\}\n$/);
    expect(await next(reply)).toMatch(/"watch_id":"1","created":true\}\}\n$/);
    push('"cancel_request":{"watch_id":1}}');
    expect(await next(reply)).toMatch(/"watch_id":"1","canceled":true\}\}\n$/);
    await ask(target, "/v3/kv/put", KEY);
    expect(await next(reply)).toMatch(/,"events":\[\{"kv":\{"key":"YQ==",.*\}\}\]\}\}\n$/);
  });

  test.each([CREATE, `${CREATE} nonsense ${CREATE}`, `${CREATE}{"create_request":5}${CREATE}`, `${CREATE}{`])(
    "HT3: the body %j has one request, and its end does not end the watch",
    async (body) => {
      const target = newTarget();
      const reply = await send(target, "/v3/watch", body);
      expect(await next(reply)).toContain('"created":true');
      await ask(target, "/v3/kv/put", KEY);
      expect(await next(reply)).toContain('"events":[');
    },
  );

  test("HT3: keep-alives are answered one by one, and end with the body", async () => {
    const target = newTarget();
    await ask(target, "/v3/lease/grant", '{"ID":7,"TTL":60}');
    const [status, text] = await ask(target, "/v3/lease/keepalive", '{"ID":7}{"ID":"8"}');
    const lines = text.split("\n");
    expect([status, lines.length]).toEqual([200, 3]);
    expect(lines[0]).toMatch(/^\{"result":\{"header":\{[^}]*\},"ID":"7","TTL":"60"\}\}$/);
    expect(lines[1]).toMatch(/^\{"result":\{"header":\{[^}]*\},"ID":"8"\}\}$/);
    expect(await ask(target, "/v3/lease/keepalive", "")).toEqual([200, ""]);
  });

  test("HT3: an error before the first line has HTTP's status, one behind it is the last line", async () => {
    const fails = (after: number) =>
      async function* () {
        for (let at = 0; at < after; at++) yield { $typeName: "etcdserverpb.LeaseKeepAliveResponse", ID: 1n, TTL: 0n };
        throw new EtcdError(Status.NOT_FOUND, "a < b");
      };
    const line = '{"error":{"code":5,"message":"a \\u003c b"}}\n';
    const failing = (after: number): Target => newTarget([binding(Lease, { leaseKeepAlive: fails(after) })]);
    expect(await ask(failing(0), "/v3/lease/keepalive", "")).toEqual([404, line]);
    expect(await ask(failing(1), "/v3/lease/keepalive", "")).toEqual([200, `{"result":{"ID":"1"}}\n${line}`]);
  });

  test("HT3: a body that is none is refused where there is one request, in the form of a unary call", async () => {
    expect(await ask(newTarget(), "/v3/election/observe", '{"name":5}')).toEqual([
      400,
      '{"code":3,"message":"proto: (line 1:9): invalid value for bytes field name: 5"}',
    ]);
  });

  test("HT3: a request that is too large fails the call", async () => {
    const huge = `{"create_request":{"key":"${Buffer.alloc(5000).toString("base64")}"}}`;
    expect(await ask(newTarget(), "/v3/watch", huge)).toEqual([
      429,
      '{"error":{"code":8,"message":"grpc: received message larger than max (5006 vs. 4096)"}}\n',
    ]);
    const endless = `{"x":"${"y".repeat(5 * MAX_MESSAGE_BYTES)}`;
    expect((await ask(newTarget(), "/v3/watch", endless))[0]).toBe(429);
  });

  test("HT3: the client's leaving ends its watches, its deadline and the server's end do so with a line", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const target = newTarget();
    const client = new AbortController();
    const left = await send(target, "/v3/watch", CREATE, { signal: client.signal });
    const timed = await send(target, "/v3/watch", CREATE, { headers: { "grpc-timeout": "50m" } });
    const stays = await send(target, "/v3/watch", CREATE);
    for (const reply of [left, timed, stays]) expect(await next(reply)).toContain('"created":true');
    expect(target.etcd.watchers).toBe(3);
    client.abort();
    await drain(left);
    expect(target.etcd.watchers).toBe(2);
    vi.advanceTimersByTime(50);
    expect(await drain(timed)).toBe('{"error":{"code":4,"message":"context deadline exceeded"}}\n');
    expect(target.etcd.watchers).toBe(1);
    target.shutdown.abort(etcdError("stopped"));
    expect(await drain(stays)).toBe('{"error":{"code":14,"message":"etcdserver: server stopped"}}\n');
    expect(target.etcd.watchers).toBe(0);
  });

  test("HT3: a body that breaks off is a client that has left", async () => {
    const target = newTarget();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* pieces("{");
      throw new Error("the connection broke");
    }
    const canceled = '{"code":1,"message":"context canceled"}';
    expect(await ask(target, "/v3/kv/range", broken())).toEqual([499, canceled]);
    expect(await ask(target, "/v3/lease/keepalive", broken())).toEqual([499, `{"error":${canceled}}\n`]);
    expect(target.faults).toEqual([]);
  });

  test("HT3: a line is made when it is asked for, and no earlier", async () => {
    let made = 0;
    const target = newTarget([
      binding(Lease, {
        leaseKeepAlive: async function* () {
          for (;;) yield { $typeName: "etcdserverpb.LeaseKeepAliveResponse", ID: BigInt(++made), TTL: 0n };
        },
      }),
    ]);
    const reply = await send(target, "/v3/lease/keepalive", "");
    expect(made).toBe(1);
    await next(reply);
    expect(made).toBe(1);
    expect(await next(reply)).toBe('{"result":{"ID":"2"}}\n');
    expect(made).toBe(2);
    await reply.lines.return(undefined);
  });
});
