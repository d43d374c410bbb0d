/** Too many of what is welcome in small numbers: connections, streams, watches, and replies that nobody reads. */
import { create, toBinary } from "@bufbuild/protobuf";
import { PutRequestSchema, RangeRequestSchema } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { WatchRequestSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { type Attack, demand, MIN_DURATION_MS, pause, type Target } from "./attack.ts";
import {
  END_HEADERS,
  END_STREAM,
  FrameType,
  frame,
  grpcHeaders,
  grpcMessage,
  type Header,
  headerBlock,
  INITIAL_WINDOW,
  RawConnection,
  uint32,
} from "./wire.ts";

const PUT = "/etcdserverpb.KV/Put";
const RANGE = "/etcdserverpb.KV/Range";
const WATCH = "/etcdserverpb.Watch/Watch";
const LARGE_VALUE_BYTES = 1_000_000;
const MAX_CONNECTIONS = 500;

function open(path: string, streamId: number): Buffer {
  return frame(FrameType.HEADERS, END_HEADERS, streamId, headerBlock(grpcHeaders(path)));
}

const create1 = toBinary(
  WatchRequestSchema,
  create(WatchRequestSchema, { requestUnion: { case: "createRequest", value: { key: Buffer.from("watched") } } }),
);
const createWatch = grpcMessage(create1);

async function putLarge(port: number): Promise<void> {
  const connection = await RawConnection.http2(port);
  const request = create(PutRequestSchema, { key: Buffer.from("large"), value: Buffer.alloc(LARGE_VALUE_BYTES) });
  const bytes = grpcMessage(toBinary(PutRequestSchema, request));
  await connection.send(open(PUT, 1));
  await pause(100);
  for (let at = 0; at < bytes.length; at += 16_000)
    await connection.send(frame(FrameType.DATA, 0, 1, bytes.subarray(at, at + 16_000)));
  await connection.send(frame(FrameType.DATA, END_STREAM, 1));
  demand(
    await connection.until(() => connection.frames.some(({ type }) => type === FrameType.DATA), 5000),
    "the large value was not put",
  );
  connection.socket.destroy();
}

/** Asks for large replies with a window of nothing, and waits for what becomes of it. */
async function askAndNeverRead({ port, durationMs }: Target): Promise<string> {
  await putLarge(port);
  const range = grpcMessage(toBinary(RangeRequestSchema, create(RangeRequestSchema, { key: Buffer.from("large") })));
  const connections = await Promise.all(
    Array.from({ length: 10 }, () => RawConnection.http2(port, [INITIAL_WINDOW, 0])),
  );
  const end = performance.now() + durationMs;
  let asked = 0;
  for (let id = 1; id < 400 && performance.now() < end; id += 2) {
    for (const connection of connections) {
      await connection.send(Buffer.concat([open(RANGE, id), frame(FrameType.DATA, END_STREAM, id, range)]));
      asked++;
    }
  }
  await pause(Math.max(0, end - performance.now()));
  const ended = connections.filter(({ closed }) => closed).length;
  for (const connection of connections) connection.socket.destroy();
  return `${asked} replies of 1 MB asked for and not read, ${ended} of ${connections.length} connections ended`;
}

async function watchAndNeverRead({ port, durationMs }: Target): Promise<string> {
  const connection = await RawConnection.http2(port, [INITIAL_WINDOW, 0]);
  const request = create(WatchRequestSchema, {
    requestUnion: { case: "createRequest", value: { key: Buffer.from("large") } },
  });
  const message = grpcMessage(toBinary(WatchRequestSchema, request));
  for (let id = 1; id < 4000; id += 2)
    await connection.send(Buffer.concat([open(WATCH, id), frame(FrameType.DATA, 0, id, message)]));
  const end = performance.now() + durationMs;
  let puts = 0;
  for (; performance.now() < end; puts++) await putLarge(port);
  connection.socket.destroy();
  return `2000 watches that nobody reads, and ${puts} values of 1 MB`;
}

const MOST_OF_A_MESSAGE = 900_000;

/** Messages of gRPC that never come to their ends, as many as the connection's window lets through. */
function halfMessages(name: string, extra: readonly Header[]): Attack {
  return {
    name,
    flags: ["--max-buffer-bytes=64000000"],
    maxRssMb: 500,
    run: async ({ port, durationMs }) => {
      const connection = await RawConnection.http2(port);
      const end = performance.now() + Math.max(durationMs, MIN_DURATION_MS);
      const headers = headerBlock(grpcHeaders(PUT, extra));
      const piece = frame(FrameType.DATA, 0, 0, Buffer.alloc(16_000));
      const isOver = (): boolean => connection.closed || connection.goaway() !== undefined;
      let [streams, sentBytes] = [0, 0];
      for (let id = 1; performance.now() < end && !isOver(); id += 2) {
        streams++;
        const prefix = Buffer.concat([Buffer.from([0]), uint32(1_000_000)]);
        await connection.send(frame(FrameType.HEADERS, END_HEADERS, id, headers));
        await connection.send(frame(FrameType.DATA, 0, id, prefix));
        for (let bytes = 0; bytes < MOST_OF_A_MESSAGE && !isOver(); bytes += 16_000) {
          // The window of the connection is the only thing that is waited for.
          const room = (): boolean => isOver() || connection.windowBytes() > sentBytes + 20_000;
          if (!(await connection.until(room, 2000))) break;
          piece.writeUInt32BE(id, 5);
          await connection.send(Buffer.from(piece));
          sentBytes += 16_000;
        }
      }
      const text = connection.goaway()?.text ?? "closed";
      connection.socket.destroy();
      const what = `${streams} messages without an end, ${Math.round(sentBytes / 1e6)} MB`;
      demand(isOver(), `${what} are waited for`);
      return `${what}: ${text}`;
    },
  };
}

const HALF_BODIES = 60;

/** Bodies of HTTP/1.1 that all but come to their ends. */
function halfBodies(name: string, path: string, bodyBytes: number): Attack {
  return {
    name,
    flags: ["--max-buffer-bytes=64000000"],
    maxRssMb: 500,
    run: async ({ port, durationMs }) => {
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
      const body = Buffer.from(`${head}Content-Length: ${bodyBytes}\r\n\r\n${" ".repeat(bodyBytes - 1)}`);
      const connections = await Promise.all(Array.from({ length: HALF_BODIES }, () => RawConnection.open(port)));
      for (const { socket } of connections) socket.write(body);
      const isOver = (): boolean => connections.some(({ closed }) => closed);
      const wasEnded = await connections[0]?.until(isOver, Math.max(durationMs, MIN_DURATION_MS));
      await pause(durationMs);
      const ended = connections.filter(({ closed }) => closed).length;
      for (const { socket } of connections) socket.destroy();
      demand(wasEnded === true, `${HALF_BODIES} bodies of ${bodyBytes} bytes are waited for`);
      return `${ended} of ${HALF_BODIES} connections with most of ${bodyBytes / 1e6} MB ended`;
    },
  };
}

export const CROWDS: readonly Attack[] = [
  {
    name: "connections",
    flags: [`--max-connections=${MAX_CONNECTIONS}`],
    run: async ({ port, durationMs }) => {
      const connections: RawConnection[] = [];
      const end = performance.now() + Math.max(durationMs, MIN_DURATION_MS);
      while (performance.now() < end && connections.length < 3 * MAX_CONNECTIONS)
        connections.push(await RawConnection.http2(port));
      await pause(500);
      const open = connections.filter(({ closed }) => !closed).length;
      const told = connections.find((connection) => connection.goaway() !== undefined)?.goaway();
      for (const { socket } of connections) socket.destroy();
      demand(open <= MAX_CONNECTIONS, `${open} connections were let in`);
      demand(told?.text.includes("--max-connections") === true, "nobody was told why");
      return `${open} of ${connections.length} let in; GOAWAY ${told?.code} ${told?.text}`;
    },
  },
  {
    name: "streams",
    maxRssMb: 700,
    run: async ({ port, durationMs }) => {
      const connection = await RawConnection.http2(port);
      const end = performance.now() + Math.max(durationMs, MIN_DURATION_MS);
      const refused = (): boolean => connection.frames.some(({ type }) => type === FrameType.RST_STREAM);
      let opened = 0;
      for (; performance.now() < end && opened < 30_000 && !refused(); opened += 100) {
        const many = Array.from({ length: 100 }, (_, index) => open(PUT, 2 * (opened + index) + 1));
        if (!(await connection.send(Buffer.concat(many)))) break;
      }
      const isOver = (): boolean => refused() || connection.goaway() !== undefined || connection.closed;
      demand(await connection.until(isOver, 5000), `${opened} streams were taken`);
      connection.socket.destroy();
      return `refused after ${opened} streams`;
    },
  },
  {
    name: "watches-of-a-stream",
    flags: ["--max-watches-per-stream=5000"],
    run: async ({ port, durationMs }) => {
      const connection = await RawConnection.reading(port);
      await connection.send(open(WATCH, 1));
      const many = frame(FrameType.DATA, 0, 1, Buffer.concat(Array.from({ length: 100 }, () => createWatch)));
      const end = performance.now() + Math.max(durationMs, MIN_DURATION_MS);
      const refused = (): boolean => connection.last.includes("--max-watches-per-stream");
      for (let round = 0; performance.now() < end && round < 100 && !refused(); round++) await connection.send(many);
      demand(await connection.until(refused, 2000), "no watch was refused");
      connection.socket.destroy();
      return "refused: see --max-watches-per-stream";
    },
  },
  {
    name: "watches-of-all",
    flags: ["--max-watches=5000"],
    run: async ({ port, durationMs }) => {
      const many = Buffer.concat(Array.from({ length: 100 }, () => createWatch));
      const connections: RawConnection[] = [];
      const refused = (): boolean => connections.some(({ last }) => last.includes("--max-watches"));
      const end = performance.now() + Math.max(durationMs, MIN_DURATION_MS);
      while (performance.now() < end && connections.length < 100 && !refused()) {
        const connection = await RawConnection.reading(port);
        connections.push(connection);
        await connection.send(Buffer.concat([open(WATCH, 1), frame(FrameType.DATA, 0, 1, many)]));
        await pause(10);
      }
      await pause(200);
      for (const { socket } of connections) socket.destroy();
      demand(refused(), "no watch was refused");
      return `refused with ${connections.length} connections: see --max-watches`;
    },
  },
  { name: "replies-not-read", flags: ["--max-connection-buffer-bytes=8000000"], run: askAndNeverRead, maxRssMb: 500 },
  {
    name: "replies-not-read-of-all",
    flags: ["--max-buffer-bytes=64000000", "--max-connection-buffer-bytes=16000000"],
    maxRssMb: 500,
    run: async (target) => {
      const outcome = await askAndNeverRead(target);
      demand(!outcome.includes(" 0 of "), outcome);
      return outcome;
    },
  },
  { name: "events-not-read", flags: ["--max-connection-buffer-bytes=8000000"], run: watchAndNeverRead, maxRssMb: 500 },
  halfBodies("half-bodies-gateway", "/v3/kv/put", 6_000_000),
  halfBodies("half-bodies-connect", PUT, 1_800_000),
  halfMessages("half-messages", []),
  halfMessages("half-messages-compressed", [["grpc-encoding", "gzip"]]),
];
