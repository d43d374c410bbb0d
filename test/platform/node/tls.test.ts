/** TLS: who may connect, what is agreed on, and what is said of those who may not. */
import { renameSync, statSync } from "node:fs";
import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { certificateFiles, makeCa } from "./support/certificates.ts";
import { hex, PUT, RawSocket, WATCH } from "./support/raw.ts";
import { alice, ca, connectTls, getHttp1, getHttp2, serverPair, startSecure } from "./support/secure.ts";
import { createServer, RUNTIME } from "./support/server.ts";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const portOf = (url: string): number => Number(new URL(url).port);

function files(content: Readonly<Record<string, string | Uint8Array>>): ReturnType<typeof certificateFiles> {
  const made = certificateFiles(content);
  onTestFinished(() => made.remove());
  return made;
}

describe("what is served", () => {
  type Version = "1.1" | "2";
  const nodeOptions = { ca: ca.cert };
  const transports: [string, (baseUrl: string) => Transport][] = [
    ["gRPC", (baseUrl) => createGrpcTransport({ baseUrl, nodeOptions })],
    ...(["1.1", "2"] as Version[]).flatMap((httpVersion): [string, (baseUrl: string) => Transport][] => [
      [
        `gRPC-Web, HTTP/${httpVersion}`,
        (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion, nodeOptions } as never),
      ],
      [
        `Connect, HTTP/${httpVersion}`,
        (baseUrl) => createConnectTransport({ baseUrl, httpVersion, nodeOptions } as never),
      ],
      [
        `Connect's JSON, HTTP/${httpVersion}`,
        (baseUrl) => createConnectTransport({ baseUrl, httpVersion, nodeOptions, useBinaryFormat: false } as never),
      ],
    ]),
  ];

  test.each(transports)("TL1: %s", async (_, transport) => {
    const { url } = await startSecure();
    const kv = createClient(KV, transport(url));
    await kv.put({ key: hex("6b"), value: hex("76") });
    expect((await kv.range({ key: hex("6b") })).kvs[0]?.value).toEqual(new Uint8Array(hex("76")));
  });

  test("TL1: watches, on as many streams as in cleartext", async () => {
    const { url } = await startSecure();
    const client = createClient(Watch, createGrpcTransport({ baseUrl: url, nodeOptions }));
    const streams = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const ended = new AbortController();
        async function* requests() {
          yield { requestUnion: { case: "createRequest", value: { key: hex("6b") } } } as const;
          await new Promise((resolve) => ended.signal.addEventListener("abort", resolve));
        }
        const responses = client.watch(requests())[Symbol.asyncIterator]();
        return { ended, created: (await responses.next()).value?.created };
      }),
    );
    expect(streams.filter(({ created }) => created)).toHaveLength(200);
    for (const { ended } of streams) ended.abort();
  });

  test("TL1: grpc-js, with the CA and with a client certificate", async () => {
    const { url } = await startSecure({ tls: { trustedCa: ca.cert, clientCertAuth: true } });
    const credentials = grpc.credentials.createSsl(
      ...([ca.cert, alice.key, alice.cert].map((pem) => Buffer.from(pem)) as [Buffer, Buffer, Buffer]),
    );
    const client = new grpc.Client(url.slice("https://".length), credentials);
    onTestFinished(() => client.close());
    const same = (bytes: Buffer): Buffer => bytes;
    const reply = await new Promise<Buffer | undefined>((resolve, reject) => {
      client.makeUnaryRequest(PUT, same, same, hex("0a016b"), (error, value) =>
        error ? reject(error) : resolve(value),
      );
    });
    expect(reply?.length).toBeGreaterThan(0);
  });

  test("TL1: plain HTTP, such as the JSON gateway and /version, by either version", async () => {
    const { url } = await startSecure();
    for (const get of [getHttp1, getHttp2]) {
      expect(JSON.parse(await get(url))).toMatchObject({ etcdserver: "3.7.1" });
      const put = await get(url, { path: "/v3/kv/put", body: '{"key":"aw==","value":"dg=="}' });
      expect(JSON.parse(put)).toHaveProperty("header.revision");
    }
  });

  test("TL1: the gateway's WebSockets", async () => {
    const { url } = await startSecure();
    const socket = new WebSocket(`${url.replace("https", "wss")}/v3/watch`, { ca: ca.cert });
    onTestFinished(() => socket.terminate());
    socket.on("open", () => socket.send('{"create_request":{"key":"aw=="}}'));
    const message = await new Promise((resolve, reject) => {
      socket.once("message", resolve);
      socket.once("error", reject);
    });
    expect(String(message)).toContain('"created":true');
  });

  test.each([
    [["h2", "http/1.1"], "h2"],
    [["http/1.1"], "http/1.1"],
    [[], false],
  ])("TL1: of %j ALPN agrees on %j", async (alpn, agreed) => {
    const { url } = await startSecure();
    expect((await connectTls(url, { alpn })).alpnProtocol).toBe(agreed);
  });

  test("TL1: who offers neither HTTP version is told so in the handshake", async () => {
    const { url } = await startSecure();
    await expect(connectTls(url, { alpn: ["foo"] })).rejects.toThrow(/alert no application protocol/);
  });

  test("TL1: without ALPN it is HTTP/1.1, as on etcd, and HTTP/2 a bad request", async () => {
    const { url } = await startSecure();
    const socket = await connectTls(url);
    socket.end(PREFACE);
    const [chunk] = await new Promise<Buffer[]>((resolve) => socket.once("data", (data: Buffer) => resolve([data])));
    expect(chunk?.toString()).toMatch(/^HTTP\/1\.1 400 Bad Request/);
  });

  test("TL1: HTTP/1.1 where HTTP/2 was agreed on is disconnected", async () => {
    const { url } = await startSecure();
    const socket = await connectTls(url, { alpn: ["h2"] });
    socket.resume().end("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((resolve) => socket.once("close", resolve));
  });

  test("TL1: only the versions and suites that are wanted", async () => {
    for (const suite of ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384"]) {
      const cipherSuites = [`TLS_ECDHE_ECDSA_WITH_${suite}`];
      const old = await startSecure({ tls: { maxVersion: "TLSv1.2", cipherSuites } });
      const socket = await connectTls(old.url);
      expect(socket.getProtocol()).toBe("TLSv1.2");
      if (RUNTIME === "deno-node") expect((await old.warned(1))[0]).toContain("--cipher-suites has no effect");
      else expect(socket.getCipher().standardName).toBe(cipherSuites[0]);
    }
    const strict = await startSecure({ tls: { minVersion: "TLSv1.3" } });
    expect((await connectTls(strict.url)).getProtocol()).toBe("TLSv1.3");
    await expect(startSecure({ tls: { cipherSuites: ["ROT13"] } })).rejects.toThrow(
      'unexpected TLS cipher suite "ROT13"',
    );
  });
});

describe("https and http side by side", () => {
  test("TL2: each URL is what it says", async () => {
    const { urls } = await startSecure({ listenClientUrls: ["http://127.0.0.1:0", "https://127.0.0.1:0"] });
    expect(urls).toEqual([expect.stringMatching(/^http:/), expect.stringMatching(/^https:/)]);
    expect(await (await fetch(`${urls[0]}/version`)).json()).toHaveProperty("etcdserver");
    expect(await getHttp2(urls[1] as string)).toContain("etcdserver");
  });

  test("TL2: one address may be both", async () => {
    const free = await createServer();
    const { host } = new URL(free.url);
    await free.close();
    const { urls } = await startSecure({ listenClientUrls: [`https://${host}`, `http://${host}`] });
    expect(urls).toEqual([`https://${host}`, `http://${host}`]);
    expect(await (await fetch(`http://${host}/version`)).json()).toHaveProperty("etcdserver");
    expect(await getHttp2(`https://${host}`)).toContain("etcdserver");
  });

  test("TL2: cleartext on a TLS port is refused and said once, and the server goes on", async () => {
    const { url, warned } = await startSecure();
    const http1 = await RawSocket.connect(portOf(url));
    await http1.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await http1.closed).toMatch(/^HTTP\/1\.0 400 .*\n\r\nClient sent an HTTP request to an HTTPS server\.\n$/s);
    const http2 = await RawSocket.connect(portOf(url));
    await http2.send(PREFACE);
    expect(await http2.closed).toBe("");
    expect(await warned(1)).toEqual([
      expect.stringMatching(/^a client spoke in cleartext.*connect by https:.*127\.0\.0\.1/),
    ]);
    expect(await getHttp2(url)).toContain("etcdserver");
  });

  test("TL2: https needs a certificate, and both halves of it", async () => {
    const https = { listenClientUrls: ["https://127.0.0.1:0"] };
    await expect(createServer(https)).rejects.toThrow("TLS needs a certificate and its key");
    await expect(createServer({ ...https, tls: { cert: serverPair.cert } })).rejects.toThrow("go together");
    await expect(startSecure({ tls: { key: alice.key } })).rejects.toThrow(/TLS cannot be served: .*mismatch/);
    await expect(startSecure({ tls: { cert: { file: "/no/such.pem" } } })).rejects.toThrow(
      /cannot be served: ENOENT.*such\.pem/,
    );
    await expect(startSecure({ tls: { cert: "garbage" } })).rejects.toMatchObject({ name: "ConfigError" });
  });

  test("TL2: metrics are served on https too, without HTTP/2", async () => {
    const { metricsUrls } = await startSecure({ listenMetricsUrls: ["https://127.0.0.1:0"] });
    const socket = await connectTls(metricsUrls[0] as string, { alpn: ["h2", "http/1.1"] });
    expect(socket.alpnProtocol).toBe("http/1.1");
    expect(await getHttp1(metricsUrls[0] as string, { path: "/health" })).toContain('"health":"true"');
  });
});

describe("client certificates", () => {
  const strict = { trustedCa: ca.cert };

  test("TL3: with a trusted CA each client needs one of it, as on etcd", async () => {
    const { url, warned } = await startSecure({ tls: strict });
    await expect(getHttp2(url)).rejects.toThrow();
    expect((await warned(1))[0]).toMatch(/it has no certificate, and needs one.*PEER_DID_NOT_RETURN/);
    expect(await getHttp2(url, { client: alice })).toContain("etcdserver");
  });

  test("TL3: who has none is told so in the handshake", async () => {
    const { url } = await startSecure({ tls: strict });
    const socket = await connectTls(url);
    const error = await new Promise<Error>((resolve) => socket.once("error", resolve));
    expect(error.message).toMatch(/alert certificate required/);
  });

  test.each([
    [
      "another CA's",
      async () => (await makeCa("stranger")).issue({ client: true }),
      "certificate is from an authority that is not trusted",
    ],
    ["one that has expired", () => ca.issue({ client: true, expired: true }), "certificate has expired"],
    ["a server's", () => ca.issue(), "certificate is not for clients"],
  ])("TL3: %s certificate is refused, the log says why, and the server goes on", async (_, issue, reason) => {
    const { url, warned } = await startSecure({ tls: strict });
    await expect(getHttp1(url, { client: await issue() })).rejects.toThrow();
    const told = RUNTIME === "deno-node" ? "certificate is not trusted, has expired, or is not for clients" : reason;
    expect((await warned(1))[0]).toMatch(new RegExp(`a TLS client was refused .*"from":"127.0.0.1:\\d+".*its ${told}`));
    expect(await getHttp1(url, { client: alice })).toContain("etcdserver");
  });

  test("TL3: only those for an allowed hostname", async () => {
    const { url, warned } = await startSecure({
      tls: { ...strict, clientCertAllowedHostnames: ["x", "*.example", ".example.org", "10.0.0.9"] },
    });
    for (const hosts of [["bob.example.org"], [], ["10.0.0.8"]]) {
      const client = await ca.issue({ client: true, commonName: "x", hosts });
      await expect(getHttp1(url, { client })).rejects.toThrow();
    }
    expect((await warned(3))[2]).toContain("for none of the allowed hostnames");
    for (const hosts of [["x"], ["10.0.0.9"]]) {
      expect(await getHttp1(url, { client: await ca.issue({ client: true, hosts }) })).toContain("etcdserver");
    }
  });

  test("TL3: only those with an allowed common name", async () => {
    const { url, warned } = await startSecure({ tls: { ...strict, clientCertAllowedCommonNames: ["alice"] } });
    await expect(getHttp1(url, { client: await ca.issue({ client: true, commonName: "bob" }) })).rejects.toThrow();
    expect((await warned(1))[0]).toContain("none of the allowed common names");
    expect(await getHttp1(url, { client: alice })).toContain("etcdserver");
  });

  test("TL3: none that is revoked, by the list as it is now", async () => {
    const { path, write } = files({ "crl.der": await ca.revoke() });
    const { url, warned } = await startSecure({ tls: { ...strict, clientCrlFile: path("crl.der") } });
    expect(await getHttp1(url, { client: alice })).toContain("etcdserver");
    write("crl.der", await ca.revoke(await ca.issue(), alice));
    await expect(getHttp1(url, { client: alice })).rejects.toThrow();
    expect((await warned(1))[0]).toMatch(/certificate [0-9A-F]+ is revoked/i);
    write("crl.der", "garbage");
    await expect(getHttp1(url, { client: alice })).rejects.toThrow();
    expect((await warned(2))[1]).toContain("the list of revoked certificates cannot be read");
    const broken = { ...strict, clientCrlFile: path("crl.der") };
    await expect(startSecure({ tls: broken })).rejects.toThrow("--client-crl-file cannot be read");
  });
});

test("TL4: a renewed certificate is shown from the next connection on; one half-written is not", async () => {
  const { path, write } = files({ "cert.pem": serverPair.cert, "key.pem": serverPair.key });
  const tls = { cert: { file: path("cert.pem") }, key: { file: path("key.pem") } };
  const { url, warned } = await startSecure({ tls });
  const serialNumber = async (): Promise<string | undefined> =>
    (await connectTls(url)).getPeerX509Certificate()?.serialNumber.toLowerCase();
  const before = await serialNumber();
  const renewed = await ca.issue({ hosts: ["127.0.0.1"] });
  write("cert.pem", renewed.cert);
  expect(await serialNumber()).toBe(before);
  expect((await warned(1))[0]).toContain("the TLS certificate from before stays in use");
  write("key.pem", renewed.key);
  expect(await serialNumber()).toBe(renewed.serialNumber.toLowerCase());
  renameSync(path("cert.pem"), path("gone.pem"));
  expect(await serialNumber()).toBe(renewed.serialNumber.toLowerCase());
});

describe("a certificate of the server's own", () => {
  test("TL6: is for where it listens and for this machine, and stays in memory", async () => {
    const server = await createServer({
      listenClientUrls: ["https://127.0.0.1:0"],
      tls: { autoTls: true, selfSignedCertValidityYears: 2 },
    });
    onTestFinished(() => server.close());
    const shown = await new Promise<string>((resolve) => {
      void insecure(server.url).then((socket) => resolve(socket.getPeerX509Certificate()?.toString() ?? ""));
    });
    const socket = await connectTls(server.url, { ca: shown });
    const certificate = socket.getPeerX509Certificate();
    expect(certificate?.subjectAltName?.split(", ").sort()).toEqual(
      ["DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1"].sort(),
    );
    const years = (Date.parse(certificate?.validTo ?? "") - Date.now()) / (365 * 24 * 60 * 60 * 1000);
    expect(years).toBeCloseTo(2, 2);
    expect(await getHttp2(server.url, { ca: shown })).toContain("etcdserver");
  });

  test("TL6: is kept in a folder, the key for its owner alone, and used again", async () => {
    const { path } = files({});
    const options = {
      listenClientUrls: ["https://127.0.0.1:0"],
      tls: { autoTls: true, autoTlsFolder: path("fixtures/client") },
    };
    const shown: (string | undefined)[] = [];
    for (let i = 0; i < 2; i++) {
      const server = await createServer(options);
      shown.push((await insecure(server.url)).getPeerX509Certificate()?.fingerprint256);
      await server.close();
    }
    expect(shown[0]).toBeDefined();
    expect(shown[1]).toBe(shown[0]);
    expect(statSync(path("fixtures/client/key.pem")).mode & 0o777).toBe(0o600);
  });

  test("TL6: is not made where there is one", async () => {
    const { url, warned } = await startSecure({ tls: { autoTls: true } });
    expect(await getHttp2(url)).toContain("etcdserver");
    expect((await warned(1))[0]).toContain("--auto-tls has no effect");
  });
});

describe("handshakes", () => {
  test("TL2: a handshake that does not go on is cut when the time for it is over", async () => {
    const { url } = await startSecure({ handshakeTimeoutMs: 50 });
    const half = await RawSocket.connect(portOf(url));
    await half.send(hex("16 03 01 00 c8 01 00 00 c4"));
    // However it is cut.
    await half.closed.catch(({ code }: NodeJS.ErrnoException) => expect(code).toBe("ECONNRESET"));
    expect(await getHttp2(url)).toContain("etcdserver");
  });

  test("TL2: so is a client that says nothing after it", async () => {
    const { url } = await startSecure({ handshakeTimeoutMs: 50 });
    const socket = await connectTls(url, { alpn: ["h2"] });
    await new Promise((resolve) => socket.resume().once("close", resolve));
  });

  test("TL2: garbage behind the first bytes is refused, and the server goes on", async () => {
    const { url, warned } = await startSecure();
    const client = await RawSocket.connect(portOf(url));
    await client.send(hex("16 03 01 00 04 ff ff ff ff"));
    await client.closed;
    expect((await warned(1))[0]).toContain("a TLS client was refused");
    expect(await getHttp2(url)).toContain("etcdserver");
  });

  test("TL2: close ends watches, waits for nobody in the midst of a handshake, and is prompt", async () => {
    const server = await startSecure({ closeGraceMs: 60_000 });
    const half = await RawSocket.connect(portOf(server.url));
    await half.send(hex("16 03 01 00 c8 01 00 00 c4"));
    const silent = await connectTls(server.url, { alpn: ["h2"] });
    const credentials = grpc.credentials.createSsl(Buffer.from(ca.cert));
    const client = new grpc.Client(server.url.slice("https://".length), credentials);
    onTestFinished(() => client.close());
    const same = (bytes: Buffer): Buffer => bytes;
    const call = client.makeBidiStreamRequest(WATCH, same, same, new grpc.Metadata());
    call.write(hex("0a03 0a016b"));
    await new Promise((resolve) => call.once("data", resolve));
    const ended = new Promise<grpc.ServiceError>((resolve) => call.once("error", resolve));
    const gone = new Promise((resolve) => silent.resume().once("close", resolve));
    await server.close();
    expect(await ended).toMatchObject({ code: grpc.status.UNAVAILABLE, details: "etcdserver: server stopped" });
    await Promise.all([gone, half.closed]);
  });
});

/** A connection of a client that believes anybody. */
async function insecure(url: string): Promise<import("node:tls").TLSSocket> {
  const { connect } = await import("node:tls");
  const socket = connect({ host: "127.0.0.1", port: portOf(url), rejectUnauthorized: false });
  onTestFinished(() => void socket.destroy());
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  return socket;
}
