/** What a call of Connect or gRPC-Web may count on, whichever road it goes. */
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { EtcdError, etcdError, Status } from "../../../src/errors.ts";
import { KV, RangeRequestSchema, RangeResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import type { ServiceBinding } from "../../../src/rpc/index.ts";
import { type Asked, envelope, latin1, Road } from "./support/roads.ts";

type Range = ServiceImpl<typeof KV>["range"];

const RANGE = "/etcdserverpb.KV/Range";
const EMPTY = new Uint8Array(0);
const REPLY = latin1(envelope(toBinary(RangeResponseSchema, create(RangeResponseSchema, { count: 3n }))));
/** A message of trailers. */
const trailers = (text: string): string => latin1(envelope(new TextEncoder().encode(text), 0x80));

function roadOf(isLean: boolean, range: Range): Road {
  return new Road(isLean, { bindings: [{ service: KV, impl: { range } } as unknown as ServiceBinding] });
}

function connect(road: Road, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Asked> {
  const all = { "content-type": "application/json", ...headers };
  return road.ask({ method: "POST", path: RANGE, headers: all, body: new TextEncoder().encode("{}") }, signal);
}

function grpcWeb(road: Road, headers: Record<string, string> = {}): Promise<Asked> {
  const all = { "content-type": "application/grpc-web", ...headers };
  return road.ask({ method: "POST", path: RANGE, headers: all, body: envelope(EMPTY) });
}

/** Waits for its end; its reason is the error. */
const endless = (_: unknown, { signal }: HandlerContext): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });

describe.each([
  { road: "the lean road", isLean: true },
  { road: "Connect's router", isLean: false },
])("on $road", ({ isLean }) => {
  test("a reply is its message, and says what it is", async () => {
    const road = roadOf(isLean, () => create(RangeResponseSchema, { count: 3n }));
    expect(await connect(road)).toEqual({
      reply: { status: 200, headers: [["content-type", "application/json"]], body: '{"count":"3"}' },
      isLean,
    });
    expect(await grpcWeb(road)).toEqual({
      reply: {
        status: 200,
        headers: [["content-type", "application/grpc-web+proto"]],
        body: REPLY + trailers("grpc-status: 0\r\n"),
      },
      isLean,
    });
  });

  test("an error has its code, text and details", async () => {
    const detail = { desc: RangeRequestSchema, value: { limit: 1n } };
    const road = roadOf(isLean, () => {
      throw new ConnectError("on purpose: 100 %", Code.NotFound, { "x-of-error": "1" }, [detail]);
    });
    const { reply } = await connect(road);
    expect(reply).toEqual({
      status: 404,
      headers: [
        ["content-type", "application/json"],
        ["x-of-error", "1"],
      ],
      body: expect.stringContaining('{"code":"not_found","message":"on purpose: 100 %","details":[{'),
    });
    const { reply: web } = await grpcWeb(road);
    expect(web.status).toBe(200);
    expect(web.body).toMatch(/grpc-message: on%20purpose%3A%20100%20%25\r\ngrpc-status: 5\r\n/);
    expect(web.body).toMatch(/grpc-status-details-bin: \S+\r\nx-of-error: 1\r\n$/);
  });

  test("an error of etcd's has etcd's code and text, and a fault of ours is told of", async () => {
    const refused = roadOf(isLean, () => {
      throw etcdError("emptyKey");
    });
    expect((await connect(refused)).reply).toMatchObject({
      status: 400,
      body: '{"code":"invalid_argument","message":"etcdserver: key is not provided"}',
    });
    expect(refused.faults).toEqual([]);
    const broken = roadOf(isLean, async () => {
      throw new TypeError("on purpose");
    });
    const message = "etcdlite: internal error: TypeError: on purpose";
    expect((await connect(broken)).reply).toMatchObject({
      status: 500,
      body: JSON.stringify({ code: "internal", message }),
    });
    expect(broken.faults).toEqual([`${RANGE} TypeError: on purpose`]);
  });

  test("headers and trailers of the method's own go out with the reply, and with an error", async () => {
    const road = roadOf(isLean, (_, context) => {
      context.responseHeader.set("x-head", "a");
      context.responseTrailer.append("x-tail", "b");
      context.responseTrailer.append("x-tail", "c");
      if (context.requestHeader.has("x-fail")) throw new EtcdError(Status.ABORTED, "on purpose");
      return create(RangeResponseSchema, { count: 3n });
    });
    const own = [
      ["trailer-x-tail", "b, c"],
      ["x-head", "a"],
    ];
    const [done, failed] = [await connect(road), await connect(road, { "x-fail": "1" })];
    expect(done.reply).toMatchObject({ status: 200, headers: [["content-type", "application/json"], ...own] });
    expect(failed.reply).toMatchObject({ status: 409, headers: [["content-type", "application/json"], ...own] });
    const web = await grpcWeb(road);
    expect(web.reply.headers).toContainEqual(["x-head", "a"]);
    expect(web.reply.body).toBe(REPLY + trailers("grpc-status: 0\r\nx-tail: b, c\r\n"));
    const { body } = (await grpcWeb(road, { "x-fail": "1" })).reply;
    expect(body).toBe(trailers("grpc-message: on%20purpose\r\ngrpc-status: 10\r\nx-tail: b, c\r\n"));
  });

  test("a method is told who calls it, and how", async () => {
    let seen: unknown;
    const road = roadOf(isLean, (_, context) => {
      const { url, requestMethod, protocolName, service, method, requestHeader } = context;
      seen = [url, requestMethod, protocolName, service.typeName, method.name, requestHeader.get("token")];
      return create(RangeResponseSchema);
    });
    await connect(road, { token: "t" });
    expect(seen).toEqual([`http://localhost${RANGE}`, "POST", "connect", "etcdserverpb.KV", "Range", "t"]);
    await grpcWeb(road);
    expect(seen).toMatchObject({ 2: "grpc-web" });
  });

  test("a method that takes its time is ended by its deadline", async () => {
    vi.useFakeTimers();
    try {
      let leftMs: number | undefined;
      const road = roadOf(isLean, (request, context) => {
        leftMs = context.timeoutMs();
        return endless(request, context);
      });
      const ended = [connect(road, { "connect-timeout-ms": "100" }), grpcWeb(road, { "grpc-timeout": "100m" })];
      await vi.advanceTimersByTimeAsync(101);
      const [first, second] = (await Promise.all(ended)) as [Asked, Asked];
      expect(first.reply).toMatchObject({ status: 504, body: expect.stringContaining("deadline_exceeded") });
      expect(second.reply.body).toContain("grpc-status: 4");
      expect(leftMs).toBeGreaterThan(0);
      expect((await connect(road, { "connect-timeout-ms": "0" })).reply.status).toBe(504);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a method is ended when the server stops, or its client leaves", async () => {
    const road = roadOf(isLean, endless);
    const stopped = connect(road);
    await Promise.resolve();
    road.shutdown.abort(new ConnectError("server stopped", Code.Unavailable));
    expect((await stopped).reply).toMatchObject({ status: 503, body: expect.stringContaining("server stopped") });
    expect((await connect(road)).reply.status).toBe(503);
    const left = new AbortController();
    const alone = connect(roadOf(isLean, endless), {}, left.signal);
    await Promise.resolve();
    left.abort(new ConnectError("the client left", Code.Canceled));
    expect((await alone).reply.status).toBe(499);
  });

  test("a large reply of Connect is compressed for who takes that", async () => {
    const road = roadOf(isLean, () => create(RangeResponseSchema, { kvs: [{ value: new Uint8Array(1024) }] }));
    const { reply } = await connect(road, { "accept-encoding": "br, reversed" });
    expect(reply.headers).toContainEqual(["content-encoding", "reversed"]);
    expect(reply.body).toMatch(/^\}\]\}"/);
    expect((await connect(road)).reply.body).toMatch(/^\{"kvs":/);
  });
});

test("what is odd is left to Connect's router", async () => {
  const road = roadOf(true, () => create(RangeResponseSchema));
  const odd: Record<string, string>[] = [
    { "content-type": "text/plain" },
    { "content-encoding": "reversed" },
    { "connect-timeout-ms": "soon" },
    { "content-length": "7" },
  ];
  for (const headers of odd) expect((await connect(road, headers)).isLean).toBe(false);
  expect((await grpcWeb(road, { "grpc-accept-encoding": "reversed" })).isLean).toBe(false);
});
