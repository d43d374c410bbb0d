/** The JSON gateway over WebSockets. */
import http from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import WebSocket from "ws";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import type { EtcdliteServer, ServerOptions } from "../../../src/platform/node/index.ts";
import { Queue } from "../../rpc/support/queue.ts";
import { makeCa } from "./support/certificates.ts";
import { binding, startFront } from "./support/front.ts";
import { createServer } from "./support/server.ts";

const CREATE = '{"create_request":{"key":"YQ=="}}';

async function serverForTest(options: ServerOptions = {}): Promise<EtcdliteServer> {
  const server = await createServer(options);
  onTestFinished(() => server.close());
  return server;
}

interface Client {
  readonly socket: WebSocket;
  /** The next message; `close CODE` at the end, `refused STATUS` where there is no WebSocket. */
  next(): Promise<string | undefined>;
}

function connect(
  url: string,
  path: string,
  protocols: string[] = [],
  headers: Record<string, string> = {},
  ca?: string,
): Client {
  const socket = new WebSocket(`${url.replace("http", "ws")}${path}`, protocols, { headers, ...(ca && { ca }) });
  onTestFinished(() => socket.terminate());
  const messages = new Queue<string>();
  socket.on("message", (data, isBinary) => messages.push(`${isBinary ? "binary " : ""}${data.toString()}`));
  socket.on("close", (code) => messages.push(`close ${code}`));
  socket.on("error", () => {});
  socket.on("unexpected-response", (_, { statusCode }) => messages.push(`refused ${statusCode}`));
  const iterator = messages[Symbol.asyncIterator]();
  return { socket, next: async () => (await iterator.next()).value };
}

async function opened(...args: Parameters<typeof connect>): Promise<Client> {
  const client = connect(...args);
  await new Promise((resolve) => client.socket.once("open", resolve));
  return client;
}

describe("WebSockets", () => {
  test("HT3: carry a watch: messages are pieces of the body, lines come as messages", async () => {
    const { url, etcd } = await serverForTest();
    const { socket, next } = await opened(url, "/v3/watch");
    socket.send(CREATE);
    expect(await next()).toMatch(/^\{"result":\{"header":\{.*\},"created":true\}\}$/);
    socket.send(Buffer.from(CREATE.slice(0, 18)));
    socket.send(`${CREATE.slice(18)} {"create_request":{}}`);
    expect(await next()).toContain('"watch_id":"1","created":true');
    expect(await next()).toContain('"watch_id":"2","created":true');
    await fetch(`${url}/v3/kv/put`, { method: "POST", body: '{"key":"YQ=="}' });
    expect(await next()).toContain('"events":[{"kv":{"key":"YQ=="');
    expect(etcd.watchers).toBe(3);
    socket.close();
    await expect.poll(() => etcd.watchers).toBe(0);
  });

  test("HT3: carry keep-alives until one is none; the beta path leads there, too, and no method but POST is meant", async () => {
    const { url } = await serverForTest();
    const { socket, next } = await opened(url, "/v3beta/lease/keepalive?method=GET");
    socket.send('{"ID":1}');
    expect(await next()).toContain('"ID":"1"');
    socket.send('{"ID":2}');
    expect(await next()).toContain('"ID":"2"');
    socket.send("x");
    expect(await next()).toBe("close 1000");
  });

  test("HT3: carry a call of one request and its answer, and errors", async () => {
    const { url } = await serverForTest();
    for (const [path, body, answer] of [
      ["/v3/kv/range", '{"key":"YQ=="}', /^\{"header":\{.*\}\}$/],
      ["/v3/kv/range", '{"key":5}', /^\{"code":3,"message":"proto: .*"\}$/],
      ["/v3/maintenance/snapshot", '{"x":\n', /^\{"code":3,/],
      ["/v3/nothing", "", /^\{"code":5,"message":"Not Found"\}$/],
    ] as const) {
      const { socket, next } = await opened(url, path);
      socket.send(body);
      if (body.endsWith("\n")) socket.send("]");
      expect(await next()).toMatch(answer);
      expect(await next()).toBe("close 1000");
    }
  });

  test("HT3: carry a token as a subprotocol or a cookie, and no other header", async () => {
    const seen: (string | null)[] = [];
    const lease = binding(Lease, {
      leaseLeases: (_, { requestHeader }) => {
        seen.push(requestHeader.get("authorization"), requestHeader.get("token"));
        throw new Error("enough");
      },
    });
    const { url } = await startFront({ bindings: [lease] });
    const more = { authorization: "no", "grpc-metadata-token": "no" };
    const ask = async (protocols: string[], headers = {}): Promise<string> => {
      const { socket, next } = await opened(url, "/v3/lease/leases", protocols, { ...more, ...headers });
      socket.send("{}");
      await next();
      return socket.protocol;
    };
    expect(await ask(["Bearer", "abc.12"])).toBe("Bearer");
    expect(await ask([], { cookie: "a=b; token=def; c=d" })).toBe("");
    expect(await ask(["Bearer", "abc"], { cookie: 'token="g"' })).toBe("Bearer");
    expect(await ask([], { cookie: "nottoken=x" })).toBe("");
    expect(seen).toEqual(["Bearer abc.12", null, "Bearer def", null, "Bearer g", null, null, null]);
  });

  test("HT3: are there over TLS, too", async () => {
    const ca = await makeCa();
    const tls = await ca.issue({ hosts: ["127.0.0.1"] });
    const { url } = await serverForTest({ listenClientUrls: ["https://127.0.0.1:0"], tls });
    const { socket, next } = await opened(url, "/v3/watch", [], { origin: url }, ca.cert);
    socket.send(CREATE);
    expect(await next()).toContain('"created":true');
  });

  test("HT3: end when the server does, with a line and a reason", async () => {
    const server = await serverForTest();
    const { socket, next } = await opened(server.url, "/v3/watch");
    socket.send(CREATE);
    await next();
    const closed = server.close();
    expect(await next()).toBe('{"error":{"code":14,"message":"etcdserver: server stopped"}}');
    expect(await next()).toBe("close 1001");
    await closed;
  });

  test("HT3: end when a message is larger than any body may be", async () => {
    const { url } = await serverForTest({ maxRequestBytes: 1000 });
    const { socket, next } = await opened(url, "/v3/watch");
    socket.send("x".repeat(4_000_000));
    expect(await next()).toBe("close 1009");
  });

  test("HT3: a client that sends more than is read has to wait", async () => {
    let read = 0;
    const lease = binding(Lease, {
      leaseKeepAlive: async function* (requests) {
        for await (const _ of requests) {
          read++;
          await new Promise(() => {});
        }
      },
    });
    const { url } = await startFront({ bindings: [lease] });
    const { socket } = await opened(url, "/v3/lease/keepalive");
    for (let at = 0; at < 2000; at++) socket.send(`{"ID":1,"x":"${"y".repeat(30_000)}"}`);
    let before = -1;
    await expect
      .poll(
        () => {
          const stands = socket.bufferedAmount > 0 && socket.bufferedAmount === before;
          before = socket.bufferedAmount;
          return stands;
        },
        { interval: 100 },
      )
      .toBe(true);
    expect(read).toBe(1);
  });
});

describe("what is no WebSocket of the gateway", () => {
  test("pages that may not call, and hosts that are not welcome", async () => {
    const { url } = await serverForTest({ hostWhitelist: ["localhost"] });
    expect(await connect(url, "/v3/watch", [], { origin: "https://example.com" }).next()).toBe("refused 403");
    expect(await connect(url, "/v3/watch", [], { host: "example.com" }).next()).toBe("refused 421");
    const { socket, next } = await opened(url, "/v3/watch", [], { origin: "http://localhost:5" });
    socket.send(CREATE);
    expect(await next()).toContain('"created":true');
  });

  test("other paths, unclean ones, and a gateway that is off", async () => {
    const { url } = await serverForTest();
    expect(await connect(url, "/health").next()).toBe("refused 200");
    expect(await connect(url, "/v3//watch").next()).toBe("refused 307");
    const off = await serverForTest({ enableGrpcGateway: false });
    expect(await connect(off.url, "/v3/watch").next()).toBe("refused 404");
  });

  test("a handshake that is none", async () => {
    const { url } = await serverForTest();
    const headers = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "12" };
    const status = await new Promise((resolve, reject) => {
      const request = http.get(`${url}/v3/watch`, { headers }, ({ statusCode }) => resolve(statusCode));
      request.on("error", reject);
    });
    expect(status).toBe(400);
  });

  test("a request that would upgrade to HTTP/2 is answered as it is, with its body", async () => {
    const { url } = await serverForTest();
    const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABkAARAAAAA" };
    const status = await new Promise((resolve, reject) => {
      const request = http.request(`${url}/v3/kv/put`, { method: "POST", headers }, ({ statusCode }) =>
        resolve(statusCode),
      );
      request.on("error", reject);
      request.end('{"key":"YQ=="}');
    });
    expect(status).toBe(200);
  });
});
