/** Streams on the lean mount: order, back-pressure both ways, half-close, cancel, deadlines, errors midway. */
import { create, type DescService, fromBinary } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { etcdError, Status } from "../../../src/errors.ts";
import { KV, RangeStreamResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease, LeaseKeepAliveResponseSchema } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import type { ServiceBinding } from "../../../src/rpc/index.ts";
import { binding, startFront, type TestFront } from "./support/front.ts";
import { Later } from "./support/later.ts";
import { frame, hex, RANGE_STREAM, RawClient } from "./support/raw.ts";

const KEEP_ALIVE = "/etcdserverpb.Lease/LeaseKeepAlive";
const RANGE_K = frame(hex("0a016b"));

type KeepAlive = ServiceImpl<typeof Lease>["leaseKeepAlive"];
type RangeStream = ServiceImpl<typeof KV>["rangeStream"];

interface Fixture {
  readonly front: TestFront;
  readonly client: RawClient;
}

async function withKeepAlive(leaseKeepAlive: KeepAlive, settings = {}): Promise<Fixture> {
  const front = await startFront({ bindings: [binding(Lease, { leaseKeepAlive })] });
  return { front, client: await RawClient.connect(front.url, settings) };
}

async function withRangeStream(rangeStream: RangeStream, settings = {}): Promise<Fixture> {
  const front = await startFront({ bindings: [binding(KV, { rangeStream })] });
  return { front, client: await RawClient.connect(front.url, settings) };
}

/** A request of lease `id`, below 128. */
function keepAlive(id: number): Buffer {
  return frame(Buffer.from([0x08, id]));
}

function leaseIds(messages: readonly Uint8Array[]): number[] {
  return messages.map((message) => Number(fromBinary(LeaseKeepAliveResponseSchema, message).ID));
}

const echo: KeepAlive = async function* (requests) {
  for await (const request of requests) yield { ID: request.ID };
};

test("requests and responses take turns", async () => {
  const { client } = await withKeepAlive(echo);
  const call = client.start({ path: KEEP_ALIVE, end: false });
  for (const id of [1, 2, 3]) {
    call.stream.write(keepAlive(id));
    expect(leaseIds(await call.messages(id))).toHaveLength(id);
  }
  call.stream.end();
  expect(await call.reply).toMatchObject({ code: 0, httpStatus: 200 });
  expect(leaseIds(await call.messages(3))).toEqual([1, 2, 3]);
});

test("requests that come in one piece, or in pieces of a byte, are the same requests", async () => {
  const { client } = await withKeepAlive(echo);
  const bytes = Buffer.concat([1, 2, 3, 4, 5].map(keepAlive));
  const call = client.start({ path: KEEP_ALIVE, chunks: [bytes], end: false });
  expect(leaseIds(await call.messages(5))).toEqual([1, 2, 3, 4, 5]);
  for (const byte of bytes) await new Promise((resolve) => call.stream.write(Buffer.from([byte]), resolve));
  expect(leaseIds(await call.messages(10))).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
  call.stream.end();
  expect((await call.reply).code).toBe(0);
});

test("a half-closed stream goes on sending", async () => {
  const halfClosed = new Later();
  const goOn = new Later();
  const { client } = await withKeepAlive(async function* (requests) {
    for await (const request of requests) yield { ID: request.ID };
    halfClosed.resolve();
    await goOn.promise;
    yield { ID: 99n };
  });
  const call = client.start({ path: KEEP_ALIVE, chunks: [keepAlive(1)] });
  await halfClosed.promise;
  goOn.resolve();
  expect(await call.reply).toMatchObject({ code: 0 });
  expect(leaseIds(await call.messages(2))).toEqual([1, 99]);
});

test("headers wait for the first message, a stream of none has only a status", async () => {
  // biome-ignore lint/correctness/useYield: a stream of none
  const { client } = await withKeepAlive(async function* (_requests, context) {
    context.responseTrailer.set("x-trail", "t");
  });
  const reply = await client.call({ path: KEEP_ALIVE });
  expect(reply).toMatchObject({ code: 0, trailers: undefined, resetCode: 0 });
  expect(reply.headers).toMatchObject({ "x-trail": "t" });
});

test("headers that a method sets are not taken for trailers, though there is no message between the two", async () => {
  // biome-ignore lint/correctness/useYield: a stream of none
  const { client } = await withKeepAlive(async function* (_requests, context) {
    context.responseHeader.set("x-head", "h");
    context.responseTrailer.set("x-trail", "t");
  });
  const reply = await client.call({ path: KEEP_ALIVE });
  expect(reply).toMatchObject({ code: 0, trailers: { "x-trail": "t" }, resetCode: 0 });
  expect(reply.headers).toMatchObject({ "x-head": "h" });
});

test("messages made in one go arrive whole, in order, whatever their number and size", async () => {
  const sizes = [0, 1, 100, 40_000, 5, 200_000, ...Array.from({ length: 5000 }, (_, i) => i % 97)];
  const { client } = await withRangeStream(async function* () {
    for (const size of sizes) {
      yield create(RangeStreamResponseSchema, { rangeResponse: { kvs: [{ value: new Uint8Array(size) }] } });
    }
  });
  const call = client.start({ path: RANGE_STREAM, chunks: [RANGE_K] });
  const reply = await call.reply;
  expect(reply.code).toBe(0);
  const received = (await call.messages(sizes.length)).map(
    (message) => fromBinary(RangeStreamResponseSchema, message).rangeResponse?.kvs[0]?.value.length,
  );
  expect(received).toEqual(sizes);
});

test("a client that does not read is not written for: the next message waits for room", async () => {
  let made = 0;
  const finished = new Later();
  const chunk = create(RangeStreamResponseSchema, { rangeResponse: { kvs: [{ value: new Uint8Array(10_000) }] } });
  const { client } = await withRangeStream(
    async function* () {
      try {
        for (; made < 200; made++) yield chunk;
      } finally {
        finished.resolve();
      }
    },
    { initialWindowSize: 20_000 },
  );
  const call = client.start({ path: RANGE_STREAM, chunks: [RANGE_K] });
  call.stream.pause();
  await new Promise((resolve) => call.stream.once("response", resolve));
  // Round trips are all the time that a server without brakes would need.
  for (let i = 0; i < 20; i++) await new Promise((resolve) => client.session.ping(resolve));
  expect(made).toBeLessThan(40);
  call.stream.resume();
  await finished.promise;
  expect(await call.reply).toMatchObject({ code: 0 });
  expect(await call.messages(200)).toHaveLength(200);
});

test("a method that does not take requests stops the client from sending them", async () => {
  const goOn = new Later();
  const { client } = await withKeepAlive(async function* (requests) {
    await goOn.promise;
    let count = 0n;
    for await (const _request of requests) count++;
    yield { ID: count };
  });
  // Each request carries padding in a field that no one knows.
  const request = frame(Buffer.concat([hex("0801 12 80 7d"), Buffer.alloc(16_000)]));
  const TOTAL = 2000;
  const call = client.start({ path: KEEP_ALIVE, end: false });
  let sent = 0;
  let blocked = false;
  while (sent < TOTAL && !blocked) {
    sent++;
    blocked = !call.stream.write(request);
    // While there is room the write is drained within a few round trips.
    for (let i = 0; blocked && i < 20; i++) {
      await new Promise((resolve) => client.session.ping(resolve));
      blocked = call.stream.writableNeedDrain;
    }
  }
  expect(blocked).toBe(true);
  // 256 KiB are queued and a window of 1 MiB is on its way: a small part of the 32 MB there are to send.
  expect(sent * request.length).toBeLessThan(4_000_000);
  goOn.resolve();
  while (sent < TOTAL) {
    sent++;
    if (!call.stream.write(request)) await new Promise((resolve) => call.stream.once("drain", resolve));
  }
  call.stream.end();
  expect((await call.reply).code).toBe(0);
  expect(leaseIds(await call.messages(1))).toEqual([TOTAL]);
});

test("an error midway comes behind the messages before it", async () => {
  const { client } = await withKeepAlive(async function* () {
    yield { ID: 1n };
    yield { ID: 2n };
    throw etcdError("compacted");
  });
  const call = client.start({ path: KEEP_ALIVE, end: false });
  expect(await call.reply).toMatchObject({
    code: 11,
    message: "etcdserver: mvcc: required revision has been compacted",
    resetCode: 0,
  });
  expect(leaseIds(await call.messages(2))).toEqual([1, 2]);
});

test("a method that fails before its first message, or when called, answers with a status alone", async () => {
  const failing: KeepAlive[] = [
    // biome-ignore lint/correctness/useYield: it fails first
    async function* () {
      throw etcdError("leaseNotFound");
    },
    () => {
      throw etcdError("leaseNotFound");
    },
  ];
  for (const method of failing) {
    const { client } = await withKeepAlive(method);
    const reply = await client.call({ path: KEEP_ALIVE, end: false });
    expect(reply).toMatchObject({ code: 5, trailers: undefined, resetCode: 0 });
  }
});

test("a request that makes no sense ends the stream, behind the answers to those before it", async () => {
  const { client } = await withKeepAlive(echo);
  const call = client.start({ path: KEEP_ALIVE, chunks: [keepAlive(1), keepAlive(2), frame(hex("0f"))], end: false });
  expect((await call.reply).code).toBe(13);
  expect(leaseIds(await call.messages(2))).toEqual([1, 2]);
});

test("it ends the stream also of a method that passes the error over", async () => {
  const { client } = await withKeepAlive(async function* (requests) {
    const failed = new Later();
    void (async () => {
      try {
        for await (const _request of requests);
      } catch {
        failed.resolve();
      }
    })();
    await failed.promise;
    await new Promise(() => {});
    yield {};
  });
  const call = client.start({ path: KEEP_ALIVE, chunks: [frame(hex("0f"))], end: false });
  expect((await call.reply).code).toBe(13);
});

/** A method that waits for its end and tells how it came. */
function endless(ended: Later<{ reason: unknown; requests: string }>): KeepAlive {
  return async function* (requests, context: HandlerContext) {
    const aborted = new Promise((resolve) => context.signal.addEventListener("abort", resolve));
    let seen = "open";
    const reading = (async () => {
      try {
        for await (const _request of requests) seen = "request";
        seen = "ended";
      } catch (error) {
        seen = (error as Error).message;
      }
    })();
    try {
      yield { ID: 1n };
      await aborted;
    } finally {
      await reading;
      ended.resolve({ reason: context.signal.reason, requests: seen });
    }
  };
}

test("a client that cancels ends the method, its requests and its signal", async () => {
  const ended = new Later<{ reason: unknown; requests: string }>();
  const { client } = await withKeepAlive(endless(ended));
  const call = client.start({ path: KEEP_ALIVE, end: false });
  await call.messages(1);
  call.stream.close(8);
  // Node's client half-closes before it cancels.
  expect(await ended.promise).toMatchObject({ reason: { status: Status.CANCELLED }, requests: "ended" });
});

test.each(["destroyed", "ended"])("a connection that is %s ends the method as well", async (how) => {
  const ended = new Later<{ reason: unknown; requests: string }>();
  const { client, front } = await withKeepAlive(endless(ended));
  const call = client.start({ path: KEEP_ALIVE, end: false });
  await call.messages(1);
  // `destroyed` is a reset; `ended` is what the kernel sends for a process that has died.
  const [serverSide] = [...front.listener.sockets];
  if (how === "destroyed") serverSide?.resetAndDestroy();
  else client.session.destroy();
  expect(await ended.promise).toMatchObject({ requests: "context canceled" });
});

test("a method suspended at a yield is returned from", async () => {
  const returned = new Later();
  const chunk = create(RangeStreamResponseSchema, { rangeResponse: { kvs: [{ value: new Uint8Array(100_000) }] } });
  const { client } = await withRangeStream(
    async function* () {
      try {
        for (;;) yield chunk;
      } finally {
        returned.resolve();
      }
    },
    { initialWindowSize: 1000 },
  );
  const call = client.start({ path: RANGE_STREAM, chunks: [RANGE_K] });
  call.stream.pause();
  await new Promise((resolve) => call.stream.once("response", resolve));
  call.stream.close(8);
  await returned.promise;
});

test("a deadline ends a stream with its status in the trailers", async () => {
  const ended = new Later<{ reason: unknown; requests: string }>();
  const { client } = await withKeepAlive(endless(ended));
  const call = client.start({ path: KEEP_ALIVE, headers: { "grpc-timeout": "30m" }, end: false });
  expect(await call.reply).toMatchObject({ code: 4, message: "context deadline exceeded", resetCode: 0 });
  expect(leaseIds(await call.messages(1))).toEqual([1]);
  await ended.promise;
});

test("a stopped server ends streams with UNAVAILABLE, behind the messages that were made", async () => {
  const ended = new Later<{ reason: unknown; requests: string }>();
  const { client, front } = await withKeepAlive(endless(ended));
  const call = client.start({ path: KEEP_ALIVE, end: false });
  await call.messages(1);
  const closed = front.close();
  expect(await call.reply).toMatchObject({ code: 14, message: "etcdserver: server stopped", resetCode: 0 });
  await closed;
  await ended.promise;
});

test("a stream of requests with one response", async () => {
  const sum = async (requests: AsyncIterable<{ ID: bigint }>): Promise<{ ID: bigint }> => {
    let total = 0n;
    for await (const { ID } of requests) total += ID;
    if (total === 0n) throw etcdError("leaseNotFound");
    return { ID: total };
  };
  const front = await startFront({ bindings: [clientStreaming(sum)] });
  const client = await RawClient.connect(front.url);
  const call = client.start({ path: KEEP_ALIVE, chunks: [keepAlive(3), keepAlive(4)] });
  expect((await call.reply).code).toBe(0);
  expect(leaseIds(await call.messages(1))).toEqual([7]);
  expect((await client.call({ path: KEEP_ALIVE })).code).toBe(5);
});

/** No service of etcd has such a method: LeaseKeepAlive is made one. */
function clientStreaming(leaseKeepAlive: unknown): ServiceBinding {
  const methods = Lease.methods
    .filter(({ name }) => name === "LeaseKeepAlive")
    .map((method) => ({ ...method, methodKind: "client_streaming", parent: Lease }));
  const service = { ...Lease, typeName: Lease.typeName, methods } as unknown as DescService;
  return { service, impl: { leaseKeepAlive } } as unknown as ServiceBinding;
}
