/** One port for both HTTP versions: who speaks what is told by the first bytes, however they arrive. */
import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { KV, PutResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { HTTP2_PREFACE, protocolOf } from "../../../src/platform/node/listen/protocol-sniffer.ts";
import { binding, startFront } from "./support/front.ts";
import { frame, hex, PUT, RawClient, RawSocket } from "./support/raw.ts";

const bindings = [binding(KV, { put: () => create(PutResponseSchema) })];
const PUT_K = frame(hex("0a016b"));

function http2Frame(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

const SETTINGS = http2Frame(4, 0, 0, Buffer.alloc(0));
const PING = http2Frame(6, 0, 0, Buffer.from("etcdlite"));
const isPingReply = (text: string): boolean => text.includes("etcdlite");

test("a prefix of the preface says nothing yet, all of it HTTP/2, any other byte HTTP/1", () => {
  for (let length = 0; length < HTTP2_PREFACE.length; length++) {
    const part = HTTP2_PREFACE.subarray(0, length);
    expect(protocolOf(part)).toBeUndefined();
    expect(protocolOf(Buffer.concat([part, Buffer.from("~")]))).toBe("http1");
  }
  expect(protocolOf(HTTP2_PREFACE)).toBe("http2");
  expect(protocolOf(Buffer.concat([HTTP2_PREFACE, SETTINGS]))).toBe("http2");
  expect(protocolOf(Buffer.from("POST / HTTP/1.1\r\n"))).toBe("http1");
  expect(protocolOf(hex("16"))).toBeUndefined();
  expect(protocolOf(hex("16 03 01"))).toBe("tls");
});

test("a preface that arrives byte by byte begins HTTP/2", async () => {
  const { port } = await startFront();
  const client = await RawSocket.connect(port);
  for (const byte of Buffer.concat([HTTP2_PREFACE, SETTINGS, PING])) await client.send(Buffer.from([byte]));
  await client.received(isPingReply);
});

test("a request line that arrives byte by byte begins HTTP/1.1", async () => {
  const { port } = await startFront();
  const client = await RawSocket.connect(port);
  for (const byte of Buffer.from("PUT /p HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")) {
    await client.send(Buffer.from([byte]));
  }
  expect(await client.closed).toMatch(/^HTTP\/1\.1 404 /);
});

test("both HTTP versions are served side by side on one port", async () => {
  const { url } = await startFront({ bindings });
  const client = await RawClient.connect(url);
  const [grpc, page] = await Promise.all([client.call({ chunks: [PUT_K] }), fetch(`${url}/nothing`)]);
  expect(grpc.code).toBe(0);
  expect(page.status).toBe(404);
});

test("half a preface and then the end closes the connection, and the server goes on", async () => {
  const { url, port, listener } = await startFront({ bindings });
  const half = await RawSocket.connect(port);
  await half.send(HTTP2_PREFACE.subarray(0, 12));
  half.socket.end();
  expect(await half.closed).toBe("");
  expect((await (await RawClient.connect(url)).call({ chunks: [PUT_K] })).code).toBe(0);
  expect(listener.sockets.size).toBe(1);
});

test("half a preface and then silence is closed when the time for it is over", async () => {
  const { port } = await startFront({ handshakeTimeoutMs: 30 });
  const half = await RawSocket.connect(port);
  await half.send(HTTP2_PREFACE.subarray(0, 12));
  expect(await half.closed).toBe("");
});

test("a connection that says nothing is closed when the time for it is over", async () => {
  const { port } = await startFront({ handshakeTimeoutMs: 30 });
  expect(await (await RawSocket.connect(port)).closed).toBe("");
});

test("headers over HTTP/1.1 that never end are answered 408", async () => {
  const { port } = await startFront({ limits: { handshakeTimeoutMs: 30 } });
  const slow = await RawSocket.connect(port);
  await slow.send("GET / HTTP/1.1\r\nHost: x\r\n");
  expect(await slow.closed).toMatch(/^HTTP\/1\.1 408 /);
});

test("garbage is answered 400 and disconnected", async () => {
  const { port } = await startFront();
  for (const garbage of [hex("00 01 02 03"), Buffer.from("\r\n\r\nhello"), Buffer.alloc(100_000, 0xff)]) {
    const client = await RawSocket.connect(port);
    await client.send(garbage);
    expect(await client.closed).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
  }
});

test("garbage behind a preface ends the connection with GOAWAY", async () => {
  const { port } = await startFront();
  const client = await RawSocket.connect(port);
  await client.send(Buffer.concat([HTTP2_PREFACE, Buffer.alloc(64, 0xff)]));
  const GOAWAY = 7;
  expect(await client.closed).toContain(String.fromCharCode(GOAWAY));
});

test("a TLS hello is refused with a warning that says what to do, once", async () => {
  const { port, logged } = await startFront();
  for (let i = 0; i < 3; i++) {
    const client = await RawSocket.connect(port);
    await client.send(hex("16 03 01 00 c8 01 00 00 c4"));
    expect(await client.closed).toBe("");
  }
  const warnings = logged.filter((line) => line.startsWith("warn"));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("cleartext: connect by http://");
});

test("connections that are cut anywhere leave the server serving", async () => {
  const { url, port } = await startFront({ bindings });
  const head = `POST ${PUT} HTTP/1.1\r\nHost: x\r\nContent-Type: application/proto\r\nContent-Length: 9\r\n\r\n`;
  const whole = [Buffer.concat([HTTP2_PREFACE, SETTINGS, PING]), Buffer.from(`${head}abc`)];
  for (const bytes of whole) {
    for (let length = 1; length <= bytes.length; length += 3) {
      const client = await RawSocket.connect(port);
      await client.send(bytes.subarray(0, length));
      client.socket.resetAndDestroy();
    }
  }
  const client = await RawClient.connect(url);
  const cut = client.start({ chunks: [PUT_K.subarray(0, 6)], end: false });
  await new Promise((resolve) => client.session.ping(resolve));
  client.session.destroy();
  expect((await cut.reply).code).toBeUndefined();
  expect((await (await RawClient.connect(url)).call({ chunks: [PUT_K] })).code).toBe(0);
});

test("several addresses are one server, each with a URL", async () => {
  const addresses = [
    { host: "127.0.0.1", port: 0 },
    { host: "127.0.0.1", port: 0 },
  ];
  const { urls } = await startFront({ addresses, bindings });
  expect(new Set(urls).size).toBe(2);
  for (const url of urls) {
    expect((await (await RawClient.connect(url)).call({ chunks: [PUT_K] })).code).toBe(0);
  }
});

test("localhost is served at 127.0.0.1, and at [::1] where there is one", async () => {
  const { url, port, logged } = await startFront({ addresses: [{ host: "localhost", port: 0 }], bindings });
  expect(url).toBe(`http://127.0.0.1:${port}`);
  const hasIpv6 = !logged.some((line) => line.includes("no IPv6 loopback"));
  for (const at of hasIpv6 ? [url, `http://[::1]:${port}`] : [url]) {
    expect((await (await RawClient.connect(at)).call({ chunks: [PUT_K] })).code).toBe(0);
  }
});

test("no host means every interface", async () => {
  const { url, port } = await startFront({ addresses: [{ host: "", port: 0 }], bindings });
  expect(url).toBe(`http://0.0.0.0:${port}`);
  const client = await RawClient.connect(`http://127.0.0.1:${port}`);
  expect((await client.call({ chunks: [PUT_K] })).code).toBe(0);
});

test("an address in use is refused in one line, and what was bound before it is let go", async () => {
  const taken = await startFront();
  const addresses = [
    { host: "127.0.0.1", port: 0 },
    { host: "127.0.0.1", port: taken.port },
  ];
  await expect(startFront({ addresses })).rejects.toMatchObject({
    name: "ListenError",
    code: "EADDRINUSE",
    message: `cannot listen on ${taken.url}: address already in use`,
  });
});

test("an address that this machine does not have is refused in one line", async () => {
  await expect(startFront({ addresses: [{ host: "192.0.2.1", port: 0 }] })).rejects.toThrow(
    "cannot listen on http://192.0.2.1:0: this machine does not have that address",
  );
});
