/** What an HTTP/2 client may do beside its calls: pings as grpc-go counts them, settings, resets, silences. */
import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { KV, PutResponseSchema, RangeResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { HTTP2_PREFACE } from "../../../src/platform/node/listen/protocol-sniffer.ts";
import {
  END_HEADERS,
  END_STREAM,
  FrameType,
  frame,
  grpcHeaders,
  grpcMessage,
  headerBlock,
  RawConnection,
  settings,
  uint32,
} from "../../abuse/wire.ts";
import { VirtualClock } from "../../support/clock.ts";
import { binding, H2, startFront } from "./support/front.ts";
import { PUT, RANGE } from "./support/raw.ts";

const MIN_TIME_MS = 5000;
const LONG_MS = 10_000;
const PING = frame(FrameType.PING, 0, 0, Buffer.from("etcdlite"));
const OPEN_PUT = headerBlock(grpcHeaders(PUT));
const LARGE = create(RangeResponseSchema, { kvs: [{ value: Buffer.alloc(1_000_000) }] });
const bindings = [binding(KV, { put: () => create(PutResponseSchema), range: () => LARGE })];

async function connected(limits: object, h2: typeof H2 = H2) {
  const clock = new VirtualClock();
  const front = await startFront({
    clock,
    bindings,
    h2,
    limits: { requestTimeoutMs: 0, connectionIdleTimeoutMs: 0, ...limits },
  });
  const connection = await RawConnection.http2(front.port);
  await connection.until(() => connection.frames.length >= 2, LONG_MS);
  let answered = 0;
  /** A ping, and whether it was answered in the ordinary way. */
  const ping = async (): Promise<boolean> => {
    await connection.send(PING);
    const acks = (): number => connection.frames.filter(({ type }) => type === FrameType.PING).length;
    await connection.until(() => acks() > answered || connection.goaway() !== undefined, LONG_MS);
    const isAnswered = connection.goaway() === undefined;
    answered = acks();
    return isAnswered;
  };
  return { clock, ...front, connection, ping };
}

describe("pings", () => {
  const limits = { grpcKeepaliveMinTimeMs: MIN_TIME_MS };

  test("the third that comes too early, with a call open, ends the connection by too_many_pings", async () => {
    const { clock, connection, ping, logged } = await connected(limits);
    await connection.headers(1, grpcHeaders(PUT));
    // The stream is a sign of life, and the next one is the first of all to have one before it.
    expect(await ping()).toBe(true);
    for (let i = 0; i < 2; i++) {
      clock.advance(MIN_TIME_MS - 1);
      expect(await ping()).toBe(true);
    }
    clock.advance(MIN_TIME_MS - 1);
    expect(await ping()).toBe(false);
    expect(connection.goaway()).toEqual({ code: 11, text: "too_many_pings" });
    expect(await connection.until(() => connection.closed, LONG_MS)).toBe(true);
    expect(logged.join("\n")).toContain("warn a connection was ended, see --grpc-keepalive-min-time");
  });

  test("those that keep the time, with a call open, are welcome for ever", async () => {
    const { clock, connection, ping } = await connected(limits);
    await connection.headers(1, grpcHeaders(PUT));
    for (let i = 0; i < 10; i++) {
      clock.advance(MIN_TIME_MS);
      expect(await ping()).toBe(true);
    }
  });

  test("without a call they are too early for two hours", async () => {
    const { clock, connection, ping } = await connected(limits);
    expect(await ping()).toBe(true);
    for (let i = 0; i < 2; i++) {
      clock.advance(2 * 60 * 60_000 - 1);
      expect(await ping()).toBe(true);
    }
    clock.advance(2 * 60 * 60_000);
    expect(await ping()).toBe(true);
    expect(await ping()).toBe(false);
    expect(connection.goaway()?.text).toBe("too_many_pings");
  });

  test("a call forgives what was before it", async () => {
    const { connection, ping } = await connected(limits);
    for (let id = 1; id < 20; id += 2) {
      await connection.headers(id, grpcHeaders(PUT));
      await connection.send(frame(FrameType.DATA, END_STREAM, id, grpcMessage(Buffer.alloc(0))));
      const isOver = (): boolean =>
        connection.frames.some(({ streamId, flags }) => streamId === id && (flags & END_STREAM) !== 0);
      expect(await connection.until(isOver, LONG_MS)).toBe(true);
      for (let i = 0; i < 3; i++) expect(await ping()).toBe(true);
    }
    expect(await ping()).toBe(false);
  });

  test.each(["node", "engine"] as const)("one for each piece of a large reply is welcome (%s)", async (h2) => {
    const { connection, ping } = await connected(limits, h2);
    await connection.headers(1, grpcHeaders(RANGE));
    await connection.send(frame(FrameType.DATA, END_STREAM, 1, grpcMessage(Buffer.alloc(0))));
    const pieces = (): readonly Buffer[] =>
      connection.frames.filter(({ type }) => type === FrameType.DATA).map(({ payload }) => payload);
    let [seen, seenBytes] = [0, 0];
    const next = async (): Promise<void> => {
      expect(await connection.until(() => pieces().length > seen, LONG_MS)).toBe(true);
      const { length } = pieces()[seen++] as Buffer;
      seenBytes += length;
      expect(await ping()).toBe(true);
      const update = frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(length));
      await connection.send(Buffer.concat([update, frame(FrameType.WINDOW_UPDATE, 0, 1, uint32(length))]));
    };
    while (seenBytes < 500_000) await next();
    // When the client has all that its window lets through, they are strikes again.
    for (let pings = 0; pings < 4; pings++) await ping();
    expect(connection.goaway()?.text).toBe("too_many_pings");
  });

  test("with no time of its own the server takes grpc-go's 5 minutes, and below 0 any ping", async () => {
    const five = await connected({ grpcKeepaliveMinTimeMs: 0 });
    await five.connection.headers(1, grpcHeaders(PUT));
    for (let i = 0; i < 4; i++) {
      five.clock.advance(5 * 60_000 - 1);
      expect(await five.ping()).toBe(i < 3);
    }
    const any = await connected({ grpcKeepaliveMinTimeMs: -1 });
    for (let i = 0; i < 10; i++) expect(await any.ping()).toBe(true);
  });
});

test("SETTINGS frames past the most of ten seconds end the connection, and are forgotten after them", async () => {
  const { clock, connection, ping } = await connected({ grpcKeepaliveMinTimeMs: -1, maxSettingsFrames: 5 });
  for (let i = 0; i < 3; i++) {
    // The one of the start is the first of the first ten seconds.
    for (let frames = i === 0 ? 1 : 0; frames < 5; frames++) await connection.send(settings([[3, 100]]));
    expect(await ping()).toBe(true);
    clock.advance(10_001);
  }
  for (let frames = 0; frames < 6; frames++) await connection.send(settings([[3, 100]]));
  await connection.until(() => connection.goaway() !== undefined, LONG_MS);
  expect(connection.goaway()).toEqual({ code: 11, text: "too_many_settings" });
});

describe("resets", () => {
  const hasty = (id: number): Buffer =>
    Buffer.concat([frame(FrameType.HEADERS, END_HEADERS, id, OPEN_PUT), frame(FrameType.RST_STREAM, 0, id, uint32(8))]);

  test("of calls without an answer more than the most end the connection", async () => {
    const { connection, ping } = await connected({ grpcKeepaliveMinTimeMs: -1, maxStreamResets: 10 });
    for (let id = 1; id < 21; id += 2) await connection.send(hasty(id));
    expect(await ping()).toBe(true);
    await connection.send(hasty(21));
    await connection.until(() => connection.goaway() !== undefined, LONG_MS);
    expect(connection.goaway()).toEqual({ code: 11, text: "too_many_resets" });
  });

  test("a tenth of the most comes back each second", async () => {
    const { clock, connection, ping } = await connected({ grpcKeepaliveMinTimeMs: -1, maxStreamResets: 10 });
    for (let id = 1; id < 101; id += 2) {
      await connection.send(hasty(id));
      expect(await ping()).toBe(true);
      clock.advance(1000);
    }
  });
});

describe("silence", () => {
  const TIMEOUT_MS = 1000;

  test("in the midst of a frame ends the connection, in the midst of nothing does not", async () => {
    const clock = new VirtualClock();
    const limits = { requestTimeoutMs: TIMEOUT_MS, connectionIdleTimeoutMs: 0 };
    // The engine knows by itself what it is in the midst of.
    const { port } = await startFront({ clock, bindings, limits, h2: "node" });
    const well = await RawConnection.http2(port);
    const half = await RawConnection.open(port);
    const noEnd = await RawConnection.open(port);
    const bytes = frame(FrameType.HEADERS, 0, 1, OPEN_PUT);
    half.socket.write(Buffer.concat([HTTP2_PREFACE, settings(), bytes.subarray(0, 20)]));
    noEnd.socket.write(Buffer.concat([HTTP2_PREFACE, settings(), bytes]));
    const isAsked = (connection: RawConnection): boolean =>
      connection.frames.some(({ type }) => type === FrameType.PING);
    for (const connection of [well, half, noEnd]) {
      await connection.until(() => connection.frames.length >= 2, LONG_MS);
    }
    // Their last bytes are seen, then their silence is.
    for (let i = 0; i < 2; i++) clock.advance(TIMEOUT_MS);
    for (const connection of [well, half, noEnd])
      expect(await connection.until(() => isAsked(connection), LONG_MS)).toBe(true);
    const [question] = well.frames.filter(({ type }) => type === FrameType.PING);
    await well.send(frame(FrameType.PING, 1, 0, question?.payload));
    await well.send(PING);
    expect(
      await well.until(() => well.frames.filter(({ type }) => type === FrameType.PING).length === 2, LONG_MS),
    ).toBe(true);
    clock.advance(TIMEOUT_MS);
    for (const connection of [half, noEnd]) {
      expect(await connection.until(() => connection.closed, LONG_MS)).toBe(true);
      expect(connection.goaway()?.text).toBe("frame_not_finished");
    }
    for (let i = 0; i < 10; i++) clock.advance(TIMEOUT_MS);
    expect(well.closed).toBe(false);
  });

  test("without a call for the idle time ends the connection without an error, with one it does not", async () => {
    const clock = new VirtualClock();
    const limits = { requestTimeoutMs: 0, connectionIdleTimeoutMs: TIMEOUT_MS };
    const { port } = await startFront({ clock, bindings, limits });
    const [idle, busy] = [await RawConnection.http2(port), await RawConnection.http2(port)];
    await busy.headers(1, grpcHeaders(PUT));
    await busy.send(PING);
    await busy.until(() => busy.frames.some(({ type }) => type === FrameType.PING), LONG_MS);
    await idle.until(() => idle.frames.length >= 3, LONG_MS);
    for (let i = 0; i < 3; i++) clock.advance(TIMEOUT_MS);
    expect(await idle.until(() => idle.closed, LONG_MS)).toBe(true);
    expect(idle.goaway()?.code).toBe(0);
    expect(busy.goaway()).toBeUndefined();
  });
});
