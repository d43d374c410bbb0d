/** Unary gRPC calls on the lean mount, over methods of the test's own. */
import { create, fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { EtcdError, etcdError, Status } from "../../../src/errors.ts";
import { KV, PutResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { binding, startFront, type TestFront } from "./support/front.ts";
import { Later } from "./support/later.ts";
import { frame, hex, RawClient, type Reply } from "./support/raw.ts";

const PUT_K_V = frame(hex("0a016b 120176"));
const RESPONSE = create(PutResponseSchema, { header: { revision: 7n } });

type Put = ServiceImpl<typeof KV>["put"];

async function withPut(put: Put, options = {}): Promise<{ front: TestFront; client: RawClient }> {
  const front = await startFront({ bindings: [binding(KV, { put })], ...options });
  return { front, client: await RawClient.connect(front.url) };
}

async function callOf(put: Put): Promise<Reply & { logged: readonly string[] }> {
  const { front, client } = await withPut(put);
  return { ...(await client.call({ chunks: [PUT_K_V] })), logged: front.logged };
}

test("the request reaches the method, the response comes with headers, a message and trailers", async () => {
  let seen: unknown;
  const reply = await callOf((request) => {
    seen = { key: Buffer.from(request.key).toString(), value: Buffer.from(request.value).toString() };
    return RESPONSE;
  });
  expect(seen).toEqual({ key: "k", value: "v" });
  expect(Object.entries(reply.headers)).toEqual([
    [":status", 200],
    ["content-type", "application/grpc"],
  ]);
  expect(Object.entries(reply.trailers ?? {})).toEqual([["grpc-status", "0"]]);
  expect(fromBinary(PutResponseSchema, reply.body.subarray(5)).header?.revision).toBe(7n);
});

test("a response may be a promise, and an initializer instead of a message", async () => {
  const reply = await callOf(async () => ({ header: { revision: 8n } }));
  expect(fromBinary(PutResponseSchema, reply.body.subarray(5)).header?.revision).toBe(8n);
});

test("a message may arrive in any pieces", async () => {
  const { client } = await withPut((request) => ({ header: { revision: BigInt(request.value.length) } }));
  const whole = frame(Buffer.concat([hex("0a016b 12e807"), Buffer.alloc(1000, 0x61)]));
  for (const sizes of [[1], [4, 1], [5], [6, 500], [999]]) {
    const call = client.start({ end: false });
    for (let at = 0, i = 0; at < whole.length; i++) {
      const size = sizes[i % sizes.length] as number;
      // Flushed one by one: each is a DATA frame of its own.
      await new Promise((resolve) => call.stream.write(whole.subarray(at, at + size), resolve));
      at += size;
      if (sizes.length === 1 && size === 1 && at > 8) sizes.push(400);
    }
    call.stream.end();
    const reply = await call.reply;
    expect(fromBinary(PutResponseSchema, reply.body.subarray(5)).header?.revision).toBe(1000n);
  }
});

test("it is answered before the client has said that it has no more to send", async () => {
  const { client } = await withPut(() => RESPONSE);
  const call = client.start({ chunks: [PUT_K_V], end: false });
  expect(await call.reply).toMatchObject({ code: 0, resetCode: 0 });
});

test.each([
  ["etcd's errors", () => etcdError("leaseNotFound"), 5, "etcdserver: requested lease not found"],
  ["other texts", () => new EtcdError(Status.ABORTED, "50% über\n"), 10, "50%25 %C3%BCber%0A"],
  ["Connect's errors", () => new ConnectError("busy", Code.Unavailable, { "x-a": "1" }), 14, "busy"],
])("%s become a status", async (_name, error, code, message) => {
  for (const put of [() => Promise.reject(error()), throwing(error)]) {
    const reply = await callOf(put as Put);
    expect(reply).toMatchObject({ code, message, trailers: undefined });
    expect(reply.logged.filter((line) => line.startsWith("error"))).toEqual([]);
    if (code === 14) expect(reply.headers["x-a"]).toBe("1");
  }
});

function throwing(error: () => Error): () => never {
  return () => {
    throw error();
  };
}

test("a fault of ours is INTERNAL, and logged with its stack", async () => {
  const reply = await callOf(throwing(() => new TypeError("x is not a function")) as Put);
  expect(reply).toMatchObject({ code: 13, message: "etcdlite: internal error: TypeError: x is not a function" });
  expect(reply.logged.find((line) => line.startsWith("error a method failed"))).toContain("grpc-unary.test.ts");
});

test("a response that cannot be written is INTERNAL too", async () => {
  const reply = await callOf((() => ({ header: { revision: "seven" } })) as unknown as Put);
  expect(reply.code).toBe(13);
});

test("the context tells what there is to know, and carries headers and trailers back", async () => {
  let seen: Record<string, unknown> = {};
  const { client } = await withPut((_request, context) => {
    context.responseHeader.set("x-head", "h");
    context.responseTrailer.set("x-trail", "t");
    seen = {
      method: context.method.name,
      service: context.service.typeName,
      protocol: context.protocolName,
      verb: context.requestMethod,
      token: context.requestHeader.get("token"),
      path: new URL(context.url).pathname,
      timeout: Math.ceil((context.timeoutMs() ?? 0) / 60_000),
      aborted: context.signal.aborted,
    };
    return RESPONSE;
  });
  const reply = await client.call({ headers: { token: "abc", "grpc-timeout": "5M" }, chunks: [PUT_K_V] });
  expect(seen).toEqual({
    method: "Put",
    service: "etcdserverpb.KV",
    protocol: "grpc",
    verb: "POST",
    token: "abc",
    path: "/etcdserverpb.KV/Put",
    timeout: 5,
    aborted: false,
  });
  expect(reply.headers["x-head"]).toBe("h");
  expect(reply.trailers).toMatchObject({ "x-trail": "t", "grpc-status": "0" });
});

test("a deadline ends a call that takes longer, and aborts its signal", async () => {
  const aborted = new Later<unknown>();
  const { client } = await withPut((_request, context) => untilAborted(context, aborted));
  const reply = await client.call({ headers: { "grpc-timeout": "20m" }, chunks: [PUT_K_V] });
  expect(reply).toMatchObject({ code: 4, message: "context deadline exceeded" });
  expect(await aborted.promise).toMatchObject({ status: Status.CANCELLED });
});

test("a deadline ends a call whose request does not come", async () => {
  const { client } = await withPut(() => RESPONSE);
  const reply = await client.call({ headers: { "grpc-timeout": "20m" }, end: false });
  expect(reply).toMatchObject({ code: 4, message: "context deadline exceeded" });
});

test("a client that cancels aborts the signal, and what the method answers then goes nowhere", async () => {
  const started = new Later();
  const aborted = new Later<unknown>();
  const { client } = await withPut((_request, context) => {
    started.resolve();
    return untilAborted(context, aborted);
  });
  const call = client.start({ chunks: [PUT_K_V] });
  await started.promise;
  call.stream.close(8);
  expect(await aborted.promise).toMatchObject({ status: Status.CANCELLED });
  expect(await call.reply).toMatchObject({ code: undefined });
  // The connection has not suffered.
  await new Promise((resolve) => client.session.ping(resolve));
});

test("a signal asked for when the call is over is aborted", async () => {
  const answered = new Later<HandlerContext>();
  const { client } = await withPut(async (_request, context) => {
    answered.resolve(context);
    throw etcdError("stopped");
  });
  await client.call({ chunks: [PUT_K_V] });
  expect((await answered.promise).signal.aborted).toBe(true);
});

test("a stopped server refuses calls with UNAVAILABLE, and ends those that run", async () => {
  const { front, client } = await withPut(() => new Promise(() => {}));
  const running = client.start({ chunks: [PUT_K_V] });
  const waiting = client.start({ end: false });
  await new Promise((resolve) => client.session.ping(resolve));
  const closed = front.close();
  const expected = { code: 14, message: "etcdserver: server stopped" };
  expect(await running.reply).toMatchObject(expected);
  expect(await waiting.reply).toMatchObject(expected);
  await closed;
});

test("a message larger than the limit is refused by its prefix, whatever else is sent", async () => {
  const { client } = await withPut(() => RESPONSE, { maxMessageBytes: 100 });
  const expected = { code: 8, message: "grpc: received message larger than max (101 vs. 100)", resetCode: 0 };
  expect(await client.call({ chunks: [frame(Buffer.alloc(101))] })).toMatchObject(expected);
  expect(await client.call({ chunks: [hex("00 00000065")], end: false })).toMatchObject(expected);
  expect(await client.call({ chunks: [frame(Buffer.alloc(101)), Buffer.alloc(1 << 20)] })).toMatchObject(expected);
});

async function untilAborted(context: HandlerContext, aborted: Later<unknown>): Promise<never> {
  await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
  aborted.resolve(context.signal.reason);
  throw new EtcdError(Status.CANCELLED, "too late to be heard");
}
