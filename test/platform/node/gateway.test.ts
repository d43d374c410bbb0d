/** The JSON gateway on the wire: both HTTP versions, open bodies, slow readers, leavers, and pages that may not. */
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import type { Duplex } from "node:stream";
import { create } from "@bufbuild/protobuf";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  Lease,
  type LeaseKeepAliveResponse,
  LeaseKeepAliveResponseSchema,
} from "../../../src/gen/etcdserverpb/lease_pb.ts";
import type { EtcdliteServer, ServerOptions } from "../../../src/platform/node/index.ts";
import { binding, startFront } from "./support/front.ts";
import { createServer } from "./support/server.ts";

const RANGE = "/v3/kv/range";
const KEY = '{"key":"YQ=="}';
const CREATE = '{"create_request":{"key":"YQ=="}}';

async function serverForTest(options: ServerOptions = {}): Promise<EtcdliteServer> {
  const server = await createServer(options);
  onTestFinished(() => server.close());
  return server;
}

interface Exchange {
  /** The request's body; ended by the test. */
  readonly request: Duplex | http.ClientRequest;
  readonly response: Promise<{ status: number; headers: http.IncomingHttpHeaders }>;
  /** The response's next line; undefined at its end. */
  line(): Promise<string | undefined>;
  leave(): void;
}

type Open = (url: string, path: string, headers?: http.OutgoingHttpHeaders) => Exchange;

const http1: Open = (url, path, headers) => {
  const request = http.request(url, { method: "POST", path, ...(headers && { headers }), agent: false });
  request.on("error", () => {});
  request.flushHeaders();
  const response = new Promise<http.IncomingMessage>((resolve) => request.on("response", resolve));
  return {
    request,
    response: response.then(({ statusCode, headers: received }) => ({ status: statusCode ?? 0, headers: received })),
    line: lineReader(response),
    leave: () => request.destroy(),
  };
};

const overHttp2: Open = (url, path, headers) => {
  const session = http2.connect(url);
  session.on("error", () => {});
  const stream = session.request({ ":method": "POST", ":path": path, ...headers }, { endStream: false });
  stream.on("error", () => {});
  const response = new Promise<http2.IncomingHttpHeaders>((resolve) => stream.on("response", resolve));
  onTestFinished(() => session.destroy());
  return {
    request: stream,
    response: response.then((received) => ({ status: Number(received[":status"]), headers: received })),
    line: lineReader(response.then(() => stream)),
    leave: () => stream.close(http2.constants.NGHTTP2_CANCEL),
  };
};

function lineReader(body: Promise<AsyncIterable<Buffer>>): () => Promise<string | undefined> {
  let text = "";
  let iterator: AsyncIterator<Buffer> | undefined;
  return async () => {
    iterator ??= (await body)[Symbol.asyncIterator]();
    for (;;) {
      const end = text.indexOf("\n");
      if (end !== -1) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        return line;
      }
      const next = await iterator.next();
      if (next.done === true) return undefined;
      text += next.value.toString();
    }
  };
}

async function post(url: string, path: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}${path}`, { method: "POST", body, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe.each([
  { name: "HTTP/1.1", open: http1 },
  { name: "HTTP/2", open: overHttp2 },
])("$name", ({ name, open }) => {
  test(`HT2: a unary call over ${name} is one answer of known length`, async () => {
    const { url } = await serverForTest();
    const call = open(url, RANGE);
    call.request.write(KEY.slice(0, 5));
    call.request.end(KEY.slice(5));
    const { status, headers } = await call.response;
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "grpc-metadata-content-type": "application/grpc",
      "content-length": expect.stringMatching(/^\d+$/),
    });
  });

  test(`HT3: a watch over ${name} answers while its body is open, goes on when it ends, and leaves with its client`, async () => {
    const { url, etcd } = await serverForTest();
    const call = open(url, "/v3/watch");
    call.request.write(CREATE);
    expect((await call.response).headers).toMatchObject({ "content-type": "application/json" });
    expect(await call.line()).toMatch(/^\{"result":\{.*"created":true\}\}$/);
    call.request.write(CREATE);
    expect(await call.line()).toContain('"watch_id":"1","created":true');
    call.request.end('{"cancel_request":{"watch_id":1}}');
    expect(await call.line()).toContain('"watch_id":"1","canceled":true');
    await post(url, "/v3/kv/put", KEY);
    expect(await call.line()).toContain('"events":[{"kv":{"key":"YQ=="');
    expect(etcd.watchers).toBe(1);
    call.leave();
    await expect.poll(() => etcd.watchers).toBe(0);
  });

  test(`HT3: keep-alives over ${name} are answered one by one`, async () => {
    const { url } = await serverForTest();
    const call = open(url, "/v3/lease/keepalive");
    for (const id of ["1", "2", "3"]) {
      call.request.write(`{"ID":${id}}`);
      expect(await call.line()).toContain(`"ID":"${id}"`);
    }
    call.request.end();
    expect(await call.line()).toBeUndefined();
  });

  test(`HT3: over ${name} the server's end ends a stream with a line`, async () => {
    const server = await serverForTest();
    const call = open(server.url, "/v3/watch");
    call.request.write(CREATE);
    expect(await call.line()).toContain('"created":true');
    const closed = server.close();
    expect(await call.line()).toBe('{"error":{"code":14,"message":"etcdserver: server stopped"}}');
    call.request.end();
    await closed;
  });

  test(`HT3: over ${name} a reader that stops costs only what fits into the connection`, async () => {
    let made = 0;
    const value = create(LeaseKeepAliveResponseSchema, { header: {} });
    const lease = binding(Lease, {
      leaseKeepAlive: async function* (): AsyncGenerator<LeaseKeepAliveResponse> {
        for (;;) {
          made++;
          // Many lines at once would starve the test of its turns.
          await new Promise((resolve) => setImmediate(resolve));
          yield { ...value, ID: 2n ** 62n };
        }
      },
    });
    const { url } = await startFront({ bindings: [lease] });
    const { hostname, port } = new URL(url);
    if (name === "HTTP/1.1") {
      const socket = net.connect(Number(port), hostname).pause();
      onTestFinished(() => void socket.destroy());
      socket.write("POST /v3/lease/keepalive HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    } else {
      const session = http2.connect(url, { settings: { initialWindowSize: 1000 } });
      onTestFinished(() => session.destroy());
      session.request({ ":method": "POST", ":path": "/v3/lease/keepalive" }, { endStream: false }).pause();
    }
    let before = -1;
    await expect
      .poll(
        () => {
          const stands = made > 0 && made === before;
          before = made;
          return stands;
        },
        { interval: 200, timeout: 20_000 },
      )
      .toBe(true);
  });
});

describe("connections", () => {
  test("one goes on after a stream that ended before its body, and after an answer to a part of one", async () => {
    const { port, hostname } = new URL((await serverForTest()).url);
    const socket = net.connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    let received = "";
    socket.setEncoding("utf8").on("data", (text) => {
      received += text;
    });
    const head = "HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    socket.write(`POST /v3/lease/keepalive ${head}1\r\n]\r\n`);
    await expect.poll(() => received).toContain("200 OK");
    socket.write('5\r\n{"ID"\r\n0\r\n\r\n');
    socket.write(`POST /v3/kv/nothing ${head}2\r\n{}\r\n`);
    await expect.poll(() => received).toContain("404 Not Found");
    socket.write("2\r\n{}\r\n0\r\n\r\n");
    socket.write(`POST ${RANGE} ${head}e\r\n${KEY}\r\n0\r\n\r\n`);
    await expect.poll(() => received).toContain("raft_term");
  });

  test("a body that is too large is answered, and read to its end", async () => {
    const { url } = await serverForTest({ maxRequestBytes: 1000 });
    const { status, text } = await post(url, "/v3/kv/put", `{"key":"YQ==","x":"${"y".repeat(5_000_000)}"}`);
    expect(status).toBe(429);
    expect(text).toMatch(/^\{"code":8,"message":"grpc: received message larger than max \(\d+ vs. 525288\)"\}$/);
  });

  test("a client that leaves while it sends, or waits, is no error", async () => {
    let waiting = 0;
    const wait = (): Promise<never> => {
      waiting++;
      return new Promise(() => {});
    };
    const lease = binding(Lease, {
      leaseGrant: wait,
      leaseKeepAlive: async function* (requests) {
        for await (const _ of requests) yield create(LeaseKeepAliveResponseSchema, { ID: BigInt(++waiting) });
      },
    });
    const front = await startFront({ bindings: [lease] });
    for (const [method, body, calls] of [
      ["grant", '5\r\n{"TTL\r\n', 0],
      ["grant", "2\r\n{}\r\n0\r\n\r\n", 1],
      ["keepalive", '6\r\n{}{"ID\r\n', 2],
    ] as const) {
      const socket = net.connect(front.port, "127.0.0.1");
      const sent = `POST /v3/lease/${method} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
      await new Promise((resolve) => socket.write(sent, resolve));
      await expect.poll(() => waiting).toBe(calls);
      socket.destroy();
    }
    await front.close();
    expect(front.logged.filter((line) => !line.startsWith("debug"))).toEqual([]);
  });
});

describe("who may call", () => {
  test.each([
    [{ origin: "https://example.com" }, 403],
    [{ origin: "null" }, 403],
    [{ origin: "http://localhost:8080" }, 200],
    [{}, 200],
  ])("a page of %j is answered %i, whatever the type of its body", async (headers, status) => {
    const { url, etcd } = await serverForTest();
    const { text, ...answer } = await post(url, "/v3/kv/put", KEY, { "content-type": "text/plain", ...headers });
    expect(answer.status).toBe(status);
    expect(etcd.store.revision).toBe(status === 200 ? 2 : 1);
    if (status === 403)
      expect(text).toBe('{"code":7,"message":"etcdlite: pages of this origin may not call, see --cors"}');
  });

  test("pages of origins that are named, and of the server's own", async () => {
    const { url } = await serverForTest({ cors: ["https://example.com"] });
    const ask = async (origin: string) => (await post(url, RANGE, KEY, { origin })).status;
    expect(await ask("https://example.com")).toBe(200);
    expect(await ask(url)).toBe(200);
    expect(await ask("https://example.org")).toBe(403);
    expect((await post((await serverForTest({ cors: ["*"] })).url, RANGE, KEY, { origin: "null" })).status).toBe(200);
  });

  test("nobody, where the gateway is off", async () => {
    const { url } = await serverForTest({ enableGrpcGateway: false });
    expect((await post(url, RANGE, KEY)).status).toBe(404);
    expect((await fetch(`${url}/version`)).status).toBe(200);
  });

  test("a user, by the token that Authenticate gives", async () => {
    const { url } = await serverForTest({ bcryptCost: 4 });
    for (const [path, body] of [
      ["user/add", '{"name":"root","password":"pw"}'],
      ["role/add", '{"name":"root"}'],
      ["user/grant", '{"user":"root","role":"root"}'],
      ["enable", "{}"],
    ]) {
      expect((await post(url, `/v3/auth/${path}`, body as string)).status).toBe(200);
    }
    expect((await post(url, RANGE, KEY)).text).toBe('{"code":3,"message":"etcdserver: user name is empty"}');
    const { text } = await post(url, "/v3/auth/authenticate", '{"name":"root","password":"pw"}');
    const { token } = JSON.parse(text);
    expect((await post(url, RANGE, KEY, { authorization: token })).status).toBe(200);
    const refused = await post(url, RANGE, KEY, { authorization: "x" });
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "etcdserver: invalid auth token"]);
  });
});
