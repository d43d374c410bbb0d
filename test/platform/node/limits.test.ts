/** Limits on connections, headers, whole requests, calls and what is buffered: refused, by their names. */
import { readFileSync } from "node:fs";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { KV, PutResponseSchema, RangeResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { WatchRequestSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { readCommandLine } from "../../../src/platform/node/cli/command-line.ts";
import { LIMIT_FLAGS } from "../../../src/platform/node/cli/limit-flags.ts";
import { settingsOf } from "../../../src/platform/node/cli/settings.ts";
import { parseDuration } from "../../../src/platform/node/duration.ts";
import { DEFAULT_LIMITS } from "../../../src/platform/node/limits.ts";
import { createServer } from "../../../src/platform/node/server.ts";
import {
  END_HEADERS,
  END_STREAM,
  FrameType,
  frame,
  grpcHeaders,
  grpcMessage,
  headerBlock,
  INITIAL_WINDOW,
  RawConnection,
} from "../../abuse/wire.ts";
import { VirtualClock } from "../../support/clock.ts";
import { binding, startFront } from "./support/front.ts";
import { frame as message, PUT, RANGE, RawClient, RawSocket, WATCH } from "./support/raw.ts";

const LONG_MS = 10_000;
const SECURITY = readFileSync(new URL("../../../SECURITY.md", import.meta.url), "utf8");
const bindings = [binding(KV, { put: () => create(PutResponseSchema) })];

describe("connections", () => {
  test("past the most are told so by the protocol they speak, and one that goes makes room", async () => {
    const { port, logged, listener } = await startFront({ maxConnections: 2 });
    const first = await RawConnection.http2(port);
    await RawConnection.http2(port);
    await first.until(() => first.frames.length > 0, LONG_MS);
    const why = "etcdlite: 2 connections are open, the most that --max-connections allows";
    const third = await RawConnection.http2(port);
    expect(await third.until(() => third.closed, LONG_MS)).toBe(true);
    expect(third.goaway()).toEqual({ code: 11, text: why });
    const fourth = await RawSocket.connect(port);
    await fourth.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await fourth.closed).toMatch(new RegExp(`^HTTP/1.1 503 [\\s\\S]*${why}\n$`));
    first.socket.destroy();
    await first.until(() => listener.sockets.size < 2, LONG_MS);
    const fifth = await RawConnection.http2(port);
    expect(await fifth.until(() => fifth.frames.length > 1, LONG_MS)).toBe(true);
    expect(fifth.goaway()).toBeUndefined();
    expect(logged.filter((line) => line.includes("--max-connections")).map((line) => line.split(" ")[0])).toEqual([
      "warn",
      "debug",
    ]);
  });
});

describe("requests", () => {
  test("headers of HTTP/1.1 that are too long are 431, and the limit is named", async () => {
    const { port } = await startFront({ limits: { maxHeaderBytes: 2000 } });
    const client = await RawSocket.connect(port);
    await client.send(`GET / HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(3000)}\r\n\r\n`);
    expect(await client.closed).toMatch(
      /^HTTP\/1.1 431 [\s\S]*headers of more than 2000 bytes, see --max-header-bytes\n$/,
    );
  });

  test("headers of HTTP/2 that are too long are refused", async () => {
    const { url } = await startFront({ bindings, limits: { maxHeaderBytes: 2000 } });
    const client = await RawClient.connect(url);
    expect((await client.call({ headers: { x: "a".repeat(1000) }, chunks: [message(Buffer.alloc(0))] })).code).toBe(0);
    const reply = await client.call({ headers: { x: "a".repeat(3000) }, chunks: [message(Buffer.alloc(0))] });
    expect(reply.code).toBeUndefined();
  });

  test.each([PUT, "/v3/kv/put", "/no/such/path"])(
    "a body of HTTP/1.1 for %s that does not come is cut off",
    async (path) => {
      const clock = new VirtualClock();
      const { port } = await startFront({ bindings, clock, limits: { requestTimeoutMs: 1000 } });
      const client = await RawSocket.connect(port);
      await client.send(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n{`,
      );
      await client.received((text) => text !== "");
      clock.advance(1000);
      await client.closed;
    },
  );

  test("a call whose message does not come ends within half the time again, by the name of the limit", async () => {
    const clock = new VirtualClock();
    const { url } = await startFront({ bindings, clock, limits: { requestTimeoutMs: 1000 } });
    const client = await RawClient.connect(url);
    const call = client.start({ chunks: [message(Buffer.alloc(100)).subarray(0, 50)], end: false });
    await new Promise((resolve) => client.session.ping(resolve));
    for (let i = 0; i < 3; i++) clock.advance(500);
    const reply = await call.reply;
    expect(reply).toMatchObject({
      code: 4,
      message: "etcdlite: no whole request within 1000 ms, see --request-timeout",
    });
  });

  test("a stream of requests may be silent between them, and not within one", async () => {
    const clock = new VirtualClock();
    const keepAlive = async function* (requests: AsyncIterable<unknown>) {
      for await (const _ of requests) yield {};
    };
    const services = [binding(Lease, { leaseKeepAlive: keepAlive as never })];
    const { url } = await startFront({ bindings: services, clock, limits: { requestTimeoutMs: 1000 } });
    const client = await RawClient.connect(url);
    const call = client.start({
      path: "/etcdserverpb.Lease/LeaseKeepAlive",
      chunks: [message(Buffer.alloc(0))],
      end: false,
    });
    await call.messages(1);
    for (let i = 0; i < 10; i++) {
      clock.advance(500);
      // The server asks whether the client is in the midst of something; its answer is there before that to us.
      await new Promise((resolve) => client.session.ping(resolve));
    }
    call.stream.write(message(Buffer.alloc(0)));
    await call.messages(2);
    call.stream.write(message(Buffer.alloc(9)).subarray(0, 7));
    await new Promise((resolve) => client.session.ping(resolve));
    for (let i = 0; i < 3; i++) clock.advance(500);
    expect((await call.reply).message).toContain("--request-timeout");
  });

  test("calls past the most of all are refused, and one that ends makes room", async () => {
    const { url } = await startFront({ bindings, limits: { maxOpenCalls: 2 } });
    const client = await RawClient.connect(url);
    const open = [1, 2].map(() => client.start({ end: false }));
    const request = { chunks: [message(Buffer.alloc(0))] };
    expect(await client.call(request)).toMatchObject({
      code: 8,
      message: "etcdlite: 2 calls are open, the most that --max-open-calls allows",
    });
    open[0]?.stream.end(request.chunks[0]);
    await open[0]?.reply;
    expect((await client.call(request)).code).toBe(0);
  });

  test("a message that is nested deeper than the most is refused by the name of the limit", async () => {
    const { url } = await startFront({
      bindings: [binding(KV, { txn: () => ({}) as never })],
      limits: { maxMessageDepth: 4 },
    });
    const client = await RawClient.connect(url);
    // A txn in an operation of a txn, twice and three times.
    const nested = (levels: number): Buffer =>
      levels === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x12, 0]), nested(levels - 1)]);
    const wrap = (bytes: Buffer, tag: number): Buffer => Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
    let bytes: Buffer = nested(0);
    for (let i = 0; i < 3; i++) bytes = wrap(wrap(bytes, 0x22), 0x12);
    const reply = await client.call({ path: "/etcdserverpb.KV/Txn", chunks: [message(bytes)] });
    expect(reply.message).toContain("nested too deep, see --max-message-depth");
  });
});

describe("buffers", () => {
  const REPLY_BYTES = 100_000;
  const range = () => create(RangeResponseSchema, { kvs: [{ value: new Uint8Array(REPLY_BYTES) }] });

  function ask(connection: RawConnection, id: number): Promise<boolean> {
    const head = frame(FrameType.HEADERS, END_HEADERS, id, headerBlock(grpcHeaders(RANGE)));
    return connection.send(Buffer.concat([head, frame(FrameType.DATA, END_STREAM, id, grpcMessage(Buffer.alloc(0)))]));
  }

  test("calls of a connection whose client does not read wait; those of others do not", async () => {
    let calls = 0;
    const counted = binding(KV, {
      range: () => {
        calls++;
        return range();
      },
    });
    const { port } = await startFront({ bindings: [counted], limits: { maxConnectionBufferBytes: 3 * REPLY_BYTES } });
    const deaf = await RawConnection.http2(port, [INITIAL_WINDOW, 0]);
    for (let id = 1; id < 41; id += 2) await ask(deaf, id);
    await deaf.send(frame(FrameType.PING, 0, 0, Buffer.from("etcdlite")));
    await deaf.until(() => deaf.frames.some(({ type }) => type === FrameType.PING), LONG_MS);
    expect(calls).toBe(3);
    const other = await RawConnection.reading(port);
    await ask(other, 1);
    await other.until(() => calls === 4, LONG_MS);
    // It reads after all.
    deaf.socket.write(frame(FrameType.SETTINGS, 0, 0, Buffer.from("0004000f4240", "hex")));
    deaf.socket.write(frame(FrameType.WINDOW_UPDATE, 0, 0, Buffer.from("10000000", "hex")));
    expect(await deaf.until(() => calls === 21, LONG_MS)).toBe(true);
  });

  test("when all together hold too much, the connection that holds the most is ended, and only that", async () => {
    const { port, logged } = await startFront({
      bindings: [binding(KV, { range })],
      limits: { maxBufferBytes: 10 * REPLY_BYTES },
    });
    const [greedy, modest] = [
      await RawConnection.http2(port, [INITIAL_WINDOW, 0]),
      await RawConnection.http2(port, [INITIAL_WINDOW, 0]),
    ];
    await ask(modest, 1);
    await modest.until(() => modest.text.includes("application/grpc") || modest.frames.length > 2, LONG_MS);
    for (let id = 1; id < 41; id += 2) await ask(greedy, id);
    expect(await greedy.until(() => greedy.closed, LONG_MS)).toBe(true);
    expect(greedy.goaway()).toEqual({ code: 11, text: "too_many_bytes_buffered" });
    expect(modest.closed).toBe(false);
    expect(logged.join("\n")).toContain("see --max-buffer-bytes");
  });
});

test("watches past the most of a stream, and of all, are refused by the name of the limit", async () => {
  await using server = await createServer({ maxWatchesPerStream: 3, maxWatches: 5 });
  const createRequest = { case: "createRequest" as const, value: { key: Buffer.from("a") } };
  const request = message(toBinary(WatchRequestSchema, create(WatchRequestSchema, { requestUnion: createRequest })));
  const client = await RawClient.connect(server.url);
  const open = async (): Promise<string> => {
    const call = client.start({ path: WATCH, chunks: Array.from({ length: 4 }, () => request), end: false });
    return (await call.messages(4)).map((reply) => /--[a-z-]+/.exec(reply.toString("latin1"))?.[0] ?? "ok").join(" ");
  };
  expect(await open()).toBe("ok ok ok --max-watches-per-stream");
  expect(await open()).toBe("ok ok --max-watches --max-watches");
});

describe("flags", () => {
  const options = (...args: string[]) => {
    const line = readCommandLine(args, {});
    return line.kind === "run" ? settingsOf(line.values, line.address).server : undefined;
  };

  test("there is one for each limit", () => {
    const named = LIMIT_FLAGS.map(({ option }) => option);
    expect(Object.keys(DEFAULT_LIMITS).filter((name) => !(named as string[]).includes(name))).toEqual([]);
  });

  test.each(LIMIT_FLAGS)("--$name has in SECURITY.md the default that it has", ({ name, option, help }) => {
    const said = new RegExp(`^\\| \`--${name}\` \\| \`([^\`]+)\` \\|`, "m").exec(SECURITY)?.[1];
    expect(said).toBe(/default (\S+?)(?:,|$)/.exec(help)?.[1]);
    const byDefault = option in DEFAULT_LIMITS ? DEFAULT_LIMITS[option as keyof typeof DEFAULT_LIMITS] : undefined;
    const number = said === undefined || /^\d+$/.test(said) ? Number(said) : parseDuration(said);
    if (byDefault !== undefined) expect(number).toBe(byDefault);
  });

  test.each(LIMIT_FLAGS)("--$name sets $option", ({ name, type, option }) => {
    const value = type === "duration" ? "7s" : "17000";
    expect(options(`--${name}=${name === "max-message-depth" ? "7" : value}`)?.[option]).toBe(
      type === "duration" ? 7000 : name === "max-message-depth" ? 7 : 17_000,
    );
  });

  test("what makes no sense is refused, and 0 streams are no limit, as in etcd", () => {
    expect(() => options("--max-connections=0")).toThrow('invalid value "0" for --max-connections: it must be from 1');
    expect(() => options("--max-header-bytes=65537")).toThrow("it must be from 1 to 65536");
    expect(() => options("--request-timeout=-1s")).toThrow("it must not be below 0");
    expect(options("--max-concurrent-streams=0")?.maxConcurrentStreams).toBe(2 ** 32 - 1);
    expect(options("--grpc-keepalive-min-time=-1s")?.grpcKeepaliveMinTimeMs).toBe(0);
  });
});
