/**
 * Connect's router behind the same port: gRPC-Web and Connect on both HTTP versions, and gRPC that is not plain
 * (compressed, JSON). The clients are Connect's own, for browsers (fetch) and for Node.
 */

import { gunzipSync, gzipSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  compressionGzip,
  createConnectTransport as nodeConnect,
  createGrpcTransport as nodeGrpc,
  createGrpcWebTransport as nodeGrpcWeb,
} from "@connectrpc/connect-node";
import { createConnectTransport as webConnect, createGrpcWebTransport as webGrpcWeb } from "@connectrpc/connect-web";
import { describe, expect, onTestFinished, test } from "vitest";
import { EtcdError, Status } from "../../../src/errors.ts";
import { Lease as BrowserLease } from "../../../src/gen/etcdlite/v1/lease_pb.ts";
import { Watch as BrowserWatch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import { KV, PutRequestSchema, RangeRequestSchema, RangeResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import type { EtcdliteServer } from "../../../src/platform/node/index.ts";
import { binding, startFront } from "./support/front.ts";
import { Later } from "./support/later.ts";
import { frame, PUT, RANGE, RawClient } from "./support/raw.ts";
import { createServer } from "./support/server.ts";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function serverForTest(options = {}): Promise<EtcdliteServer> {
  const server = await createServer(options);
  onTestFinished(() => server.close());
  return server;
}

interface Row {
  readonly name: string;
  readonly transport: (baseUrl: string) => Transport;
  /** Bidirectional streams need HTTP/2 and a client that can send them. */
  readonly bidi?: boolean;
}

const ROWS: readonly Row[] = [
  { name: "Connect in a browser, JSON", transport: (baseUrl) => webConnect({ baseUrl }) },
  { name: "Connect in a browser, binary", transport: (baseUrl) => webConnect({ baseUrl, useBinaryFormat: true }) },
  { name: "gRPC-Web in a browser", transport: (baseUrl) => webGrpcWeb({ baseUrl }) },
  { name: "gRPC-Web in a browser, JSON", transport: (baseUrl) => webGrpcWeb({ baseUrl, useBinaryFormat: false }) },
  { name: "Connect over HTTP/1.1", transport: (baseUrl) => nodeConnect({ baseUrl, httpVersion: "1.1" }) },
  { name: "Connect over HTTP/2", transport: (baseUrl) => nodeConnect({ baseUrl, httpVersion: "2" }), bidi: true },
  { name: "gRPC-Web over HTTP/1.1", transport: (baseUrl) => nodeGrpcWeb({ baseUrl, httpVersion: "1.1" }) },
  { name: "gRPC-Web over HTTP/2", transport: (baseUrl) => nodeGrpcWeb({ baseUrl, httpVersion: "2" }), bidi: true },
  { name: "gRPC", transport: (baseUrl) => nodeGrpc({ baseUrl }), bidi: true },
  { name: "gRPC, JSON", transport: (baseUrl) => nodeGrpc({ baseUrl, useBinaryFormat: false }), bidi: true },
  {
    name: "gRPC, compressed",
    transport: (baseUrl) => nodeGrpc({ baseUrl, sendCompression: compressionGzip, compressMinBytes: 0 }),
    bidi: true,
  },
];

describe.each(ROWS)("$name", ({ transport }) => {
  test("unary calls, and errors with etcd's code and text", async () => {
    const { url } = await serverForTest();
    const kv = createClient(KV, transport(url));
    await kv.put({ key: bytes("k"), value: bytes("v") });
    const { kvs, header } = await kv.range({ key: bytes("k") });
    expect(kvs.map(({ value }) => Buffer.from(value).toString())).toEqual(["v"]);
    expect(header).toMatchObject({ revision: 2n, memberId: 0x8e9e05c52164694dn });
    const lease = createClient(Lease, transport(url));
    await expect(lease.leaseRevoke({ ID: 1n })).rejects.toMatchObject({
      code: Code.NotFound,
      rawMessage: "etcdserver: requested lease not found",
    });
    await expect(kv.put({})).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: "etcdserver: key is not provided",
    });
  });

  test("a method that is not there yet is unimplemented", async () => {
    const { url } = await startFront({ bindings: [binding(Maintenance, {})] });
    await expect(createClient(Maintenance, transport(url)).moveLeader({})).rejects.toMatchObject({
      code: Code.Unimplemented,
      rawMessage: "unknown method MoveLeader for service etcdserverpb.Maintenance",
    });
  });

  test("a message that is too large is refused, and the server goes on", async () => {
    const { url } = await serverForTest({ maxRequestBytes: 1000 });
    const kv = createClient(KV, transport(url));
    // Random, or compression would make it small.
    const value = crypto.getRandomValues(new Uint8Array(60_000));
    const large = Uint8Array.from({ length: 15 * value.length }, (_, i) => value[i % value.length] as number);
    await expect(kv.put({ key: bytes("k"), value: large })).rejects.toMatchObject({ code: Code.ResourceExhausted });
    await expect(kv.put({ key: bytes("k"), value: large.subarray(0, 5000) })).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: "etcdserver: request is too large",
    });
    await kv.put({ key: bytes("k"), value: bytes("v") });
  });

  test("a browser's watch delivers events as they come and ends with its caller", async () => {
    const { url, etcd } = await serverForTest();
    const kv = createClient(KV, transport(url));
    const watch = createClient(BrowserWatch, transport(url));
    const abort = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const response of watch.watch({ key: bytes("k") }, { signal: abort.signal })) {
        if (response.created) seen.push("created");
        for (const { kv: pair } of response.events) seen.push(Buffer.from(pair?.value ?? []).toString());
        if (seen.length < 4) await kv.put({ key: bytes("k"), value: bytes(`v${seen.length}`) });
        else abort.abort();
      }
    })();
    await expect(watching).rejects.toMatchObject({ code: Code.Canceled });
    expect(seen).toEqual(["created", "v1", "v2", "v3"]);
    await expect.poll(() => etcd.watchers).toBe(0);
  });

  test("a watch ends as unavailable when the server stops", async () => {
    const server = await serverForTest();
    const watch = createClient(BrowserWatch, transport(server.url));
    const watching = (async () => {
      for await (const response of watch.watch({ key: bytes("k") })) if (response.created) void server.close();
    })();
    await expect(watching).rejects.toMatchObject({
      code: Code.Unavailable,
      rawMessage: "etcdserver: server stopped",
    });
  });

  test("a browser's keep-alive is one call", async () => {
    const { url } = await serverForTest();
    const { ID } = await createClient(Lease, transport(url)).leaseGrant({ TTL: 60n });
    expect(await createClient(BrowserLease, transport(url)).leaseKeepAlive({ ID })).toMatchObject({ ID, TTL: 60n });
  });
});

test.each(ROWS.filter(({ bidi }) => bidi))("$name: etcd's own watch works as it is", async ({ transport }) => {
  const { url, etcd } = await serverForTest();
  const watch = createClient(Watch, transport(url));
  const abort = new AbortController();
  const half = new Later();
  async function* requests() {
    yield { requestUnion: { case: "createRequest" as const, value: { key: bytes("k") } } };
    await half.promise;
  }
  let events = 0;
  const watching = (async () => {
    for await (const response of watch.watch(requests(), { signal: abort.signal })) {
      events += response.events.length;
      // The first event comes while requests may still be sent, the second after the last one.
      if (events === 1) half.resolve();
      if (events === 2) abort.abort();
      else await createClient(KV, transport(url)).put({ key: bytes("k") });
    }
  })();
  await expect(watching).rejects.toMatchObject({ code: Code.Canceled });
  expect(events).toBe(2);
  await expect.poll(() => etcd.watchers).toBe(0);
});

test("etcd's own watch is a stream of replies for a browser that has sent all its requests", async () => {
  const { url, etcd } = await serverForTest();
  const method = { ...Watch.method.watch, methodKind: "server_streaming" as const };
  const service = { ...Watch, methods: [method], method: { watch: method } };
  const watch = createClient(service, webGrpcWeb({ baseUrl: url }));
  const abort = new AbortController();
  const request = { requestUnion: { case: "createRequest" as const, value: { key: bytes("k") } } };
  let events = 0;
  const watching = (async () => {
    for await (const response of watch.watch(request, { signal: abort.signal })) {
      events += response.events.length;
      if (events === 2) abort.abort();
      else await createClient(KV, webConnect({ baseUrl: url })).put({ key: bytes("k") });
    }
  })();
  await expect(watching).rejects.toMatchObject({ code: Code.Canceled });
  expect(events).toBe(2);
  await expect.poll(() => etcd.watchers).toBe(0);
});

test("gzip is taken and given, with trailers as gRPC has them", async () => {
  const { url } = await serverForTest();
  const client = await RawClient.connect(url);
  const headers = { "grpc-encoding": "gzip", "grpc-accept-encoding": "gzip" };
  const value = new Uint8Array(5000).fill(0x61);
  const put = toBinary(PutRequestSchema, create(PutRequestSchema, { key: bytes("k"), value }));
  const putReply = await client.call({ path: PUT, headers, chunks: [frame(gzipSync(put), 1)] });
  expect(putReply).toMatchObject({ code: 0, resetCode: 0 });
  const range = toBinary(RangeRequestSchema, create(RangeRequestSchema, { key: bytes("k") }));
  const reply = await client.call({ path: RANGE, headers, chunks: [frame(gzipSync(range), 1)] });
  expect(reply.headers["grpc-encoding"]).toBe("gzip");
  expect(reply.trailers?.["grpc-status"]).toBe("0");
  const [response] = [fromBinary(RangeResponseSchema, gunzipSync(reply.body.subarray(5)))];
  expect(response.kvs[0]?.value.length).toBe(5000);
});

test("a fault of ours is INTERNAL and logged, for Connect's callers too", async () => {
  const range = (): never => {
    throw new TypeError("x is not a function");
  };
  const { url, logged } = await startFront({ bindings: [binding(KV, { range })] });
  const call = createClient(KV, webConnect({ baseUrl: url })).range({ key: bytes("k") });
  await expect(call).rejects.toMatchObject({
    code: Code.Internal,
    rawMessage: "etcdlite: internal error: TypeError: x is not a function",
  });
  expect(logged.find((line) => line.startsWith("error a method failed"))).toContain("connect.test.ts");
});

test("errors of both kinds keep their code and text", async () => {
  for (const error of [new EtcdError(Status.ABORTED, "no"), new ConnectError("no", Code.Aborted)]) {
    const range = (): never => {
      throw error;
    };
    const { url } = await startFront({ bindings: [binding(KV, { range })] });
    const call = createClient(KV, webGrpcWeb({ baseUrl: url })).range({});
    await expect(call).rejects.toMatchObject({ code: Code.Aborted, rawMessage: "no" });
  }
});

test("a client that leaves in the middle of a reply ends the method", async () => {
  for (const httpVersion of ["1.1", "2"] as const) {
    const returned = new Later();
    const { url } = await startFront({
      bindings: [
        binding(KV, {
          async *rangeStream() {
            try {
              for (;;) yield { rangeResponse: { kvs: [{ value: new Uint8Array(100_000) }] } };
            } finally {
              returned.resolve();
            }
          },
        }),
      ],
    });
    const kv = createClient(KV, nodeConnect({ baseUrl: url, httpVersion }));
    const abort = new AbortController();
    const reading = (async () => {
      for await (const _response of kv.rangeStream({}, { signal: abort.signal })) abort.abort();
    })();
    await expect(reading).rejects.toMatchObject({ code: Code.Canceled });
    await returned.promise;
  }
});
