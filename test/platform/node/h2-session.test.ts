/** The engine on a socket: what it reads and writes when, and what it does not wait for. */
import http2 from "node:http2";
import net from "node:net";
import { Duplex } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import type { Stream } from "../../../src/h2/index.ts";
import { OutputBuffers } from "../../../src/platform/node/h2/buffers.ts";
import { EngineSession } from "../../../src/platform/node/h2/session.ts";
import { Turns } from "../../../src/platform/node/h2/turns.ts";
import { DEFAULT_LIMITS } from "../../../src/platform/node/limits.ts";
import {
  ACK,
  data,
  END_STREAM,
  FRAME,
  type Frame,
  frame,
  headers,
  POST,
  PREFACE,
  settings,
  split,
  uint32,
  windowUpdate,
} from "../../h2/support/frames.ts";
import { VirtualClock } from "../../support/clock.ts";
import { binding, startFront, type TestFront } from "./support/front.ts";
import { Later } from "./support/later.ts";
import { hex, frame as message, PUT } from "./support/raw.ts";

const CALL = [
  ...POST.filter(([name]) => name !== ":path"),
  [":path", PUT],
  ["content-type", "application/grpc"],
] as const;
const PUT_K_V = message(hex("0a016b 120176"));

class Client {
  readonly socket: net.Socket;
  readonly frames: Frame[] = [];
  /** How often something came. */
  pieces = 0;
  readonly closed: Promise<void>;
  #rest: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;

  constructor(port: number) {
    this.socket = net.connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    this.closed = new Promise((resolve) => this.socket.on("close", () => resolve()));
    this.socket.on("data", (bytes: Buffer) => {
      this.pieces++;
      const { frames, rest } = split(Buffer.concat([this.#rest, bytes]));
      this.#rest = rest;
      this.frames.push(...frames);
      this.#wake?.();
    });
    onTestFinished(() => void this.socket.destroy());
  }

  async until(isThere: (frames: readonly Frame[]) => boolean): Promise<void> {
    while (!isThere(this.frames)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  has(type: number, id = 0, flags = 0): Promise<void> {
    return this.until((frames) =>
      frames.some((one) => one.type === type && one.id === id && (one.flags & flags) === flags),
    );
  }

  /** The code of the GOAWAY. */
  async goaway(): Promise<number> {
    await this.has(FRAME.GOAWAY);
    return this.frames.find(({ type }) => type === FRAME.GOAWAY)?.payload.readUInt32BE(4) as number;
  }
}

async function connect(front: TestFront): Promise<Client> {
  const client = new Client(front.port);
  client.socket.write(Buffer.concat([PREFACE, settings(), frame(FRAME.SETTINGS, ACK, 0)]));
  await client.has(FRAME.SETTINGS, 0, ACK);
  return client;
}

function put(): Parameters<typeof binding<typeof KV>>[1] {
  return { put: () => ({}) };
}

test("the replies to all that came at once are one write", async () => {
  const front = await startFront({ h2: "engine", bindings: [binding(KV, put())] });
  const client = await connect(front);
  client.pieces = 0;
  const calls = Array.from({ length: 50 }, (_, i) => [
    headers(2 * i + 1, 4, CALL),
    data(2 * i + 1, PUT_K_V, END_STREAM),
  ]);
  client.socket.write(Buffer.concat(calls.flat()));
  await client.has(FRAME.HEADERS, 99, END_STREAM);
  expect(client.pieces).toBe(1);
});

test("and so are those that methods make later, in one turn", async () => {
  const go = new Later();
  const front = await startFront({
    h2: "engine",
    bindings: [binding(KV, { put: async () => go.promise.then(() => ({})) })],
  });
  const client = await connect(front);
  const calls = Array.from({ length: 50 }, (_, i) => [
    headers(2 * i + 1, 4, CALL),
    data(2 * i + 1, PUT_K_V, END_STREAM),
  ]);
  client.socket.write(Buffer.concat([...calls.flat(), frame(FRAME.PING, 0, 0, uint32(0, 0))]));
  await client.has(FRAME.PING, 0, ACK);
  client.pieces = 0;
  go.resolve();
  await client.has(FRAME.HEADERS, 99, END_STREAM);
  expect(client.pieces).toBe(1);
});

/** A socket whose other side takes nothing until `drain`. */
class StuckSocket extends Duplex {
  readonly bytesRead = 0;
  #waiting: (() => void)[] = [];

  setNoDelay(): void {}
  override _read(): void {}
  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#waiting.push(done);
  }

  /** Takes everything, and what comes of it. */
  drain(): void {
    while (this.#waiting.length > 0) this.#waiting.shift()?.();
  }
}

/** A client that may ping as often as it likes. */
function openSession(socket: StuckSocket, clock: VirtualClock, turns: Turns, answer: (stream: Stream) => void): void {
  const session = new EngineSession({
    socket: socket as unknown as net.Socket,
    buffers: new OutputBuffers(),
    turns,
    limits: { ...DEFAULT_LIMITS, pingMinTimeMs: -1 },
    handshakeTimeoutMs: 1000,
    clock,
    request: (_, stream) => answer(stream),
    failed: () => {},
    closed: () => {},
  });
  onTestFinished(() => session.destroy());
}

test("a client that does not read is not read from, until it does", async () => {
  const clock = new VirtualClock();
  const socket = new StuckSocket();
  let requests = 0;
  openSession(socket, clock, new Turns(clock), (stream) => {
    requests++;
    stream.respondOnly({ ":status": 200 });
  });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  socket.push(Buffer.concat([PREFACE, settings()]));
  // Each is answered by as much again.
  const pings = Buffer.concat(Array.from({ length: 4000 }, () => frame(FRAME.PING, 0, 0, uint32(0, 0))));
  let pushed = 0;
  while (!socket.isPaused() && pushed < 1000) {
    socket.push(pings);
    pushed++;
    await turn();
  }
  expect(pushed).toBeLessThan(30);
  expect(socket.writableLength).toBeLessThan(2 * 1024 * 1024);
  socket.push(headers(1, 5));
  await turn();
  expect(requests).toBe(0);
  socket.drain();
  for (let i = 0; i < 10; i++) await turn();
  expect(socket.isPaused()).toBe(false);
  expect(requests).toBe(1);
});

test("a client that sends a lot at once is read a little at a time, and not read from meanwhile", async () => {
  const socket = new StuckSocket();
  const clock = new VirtualClock();
  // By it each turn is over as soon as it has begun.
  const ahead = { now: () => clock.now() + 1000, setTimer: () => () => {} };
  let requests = 0;
  openSession(socket, clock, new Turns(ahead), (stream) => {
    requests++;
    stream.respondOnly({ ":status": 200 });
  });
  const many = Array.from({ length: 100 }, (_, i) => headers(2 * i + 1, 5));
  socket.push(Buffer.concat([PREFACE, settings(), ...many]));
  await new Promise((resolve) => socket.once("pause", resolve));
  expect(requests).toBeGreaterThan(0);
  expect(requests).toBeLessThan(100);
  await new Promise((resolve) => socket.once("resume", resolve));
  expect(requests).toBe(100);
});

test("of a long reply, a socket that takes nothing has a part", async () => {
  const clock = new VirtualClock();
  const socket = new StuckSocket();
  openSession(socket, clock, new Turns(clock), (stream) => {
    stream.respond({ ":status": 200 });
    while (stream.write(Buffer.alloc(32 * 1024)));
  });
  socket.push(Buffer.concat([PREFACE, settings([4, 2 ** 30]), windowUpdate(0, 2 ** 30), headers(1, 5)]));
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(socket.writableLength).toBeLessThan(300 * 1024);
});

test("a client that does not introduce itself in time is told so", async () => {
  const clock = new VirtualClock();
  const front = await startFront({ h2: "engine", clock });
  const client = new Client(front.port);
  client.socket.write(PREFACE);
  await client.has(FRAME.SETTINGS);
  clock.advance(60_000);
  expect(await client.goaway()).toBe(4);
  await client.closed;
});

test("the rest of a frame has its time, too; a frame that comes slowly but comes is in order", async () => {
  const clock = new VirtualClock();
  const front = await startFront({ h2: "engine", clock });
  const client = await connect(front);
  const ping = frame(FRAME.PING, 0, 0, uint32(0, 0));
  client.socket.write(Buffer.concat([ping, ping.subarray(0, 5)]));
  await client.has(FRAME.PING, 0, ACK);
  client.frames.length = 0;
  client.socket.write(Buffer.concat([ping.subarray(5), ping.subarray(0, 5)]));
  await client.has(FRAME.PING, 0, ACK);
  clock.advance(60_000);
  client.frames.length = 0;
  client.socket.write(ping.subarray(5));
  await client.has(FRAME.PING, 0, ACK);
  client.frames.length = 0;
  client.socket.write(Buffer.concat([ping, headers(1, 0, CALL)]));
  await client.has(FRAME.PING, 0, ACK);
  // It is found within twice the time.
  clock.advance(120_000);
  expect(await client.goaway()).toBe(11);
  await client.closed;
});

test("a client that takes none of the replies that wait for it is ended, pings or not", async () => {
  const clock = new VirtualClock();
  const front = await startFront({ h2: "engine", clock, limits: { maxConnectionBufferBytes: 100 } });
  const client = await connect(front);
  client.socket.write(Buffer.concat([settings([4, 0]), headers(1, 5), headers(3, 5)]));
  await client.has(FRAME.HEADERS, 1);
  for (let i = 0; i < 2; i++) {
    client.socket.write(frame(FRAME.PING, 0, 0, uint32(0, i)));
    await client.until((frames) => frames.filter(({ type }) => type === FRAME.PING).length > i);
    clock.advance(15_000);
  }
  expect(await client.goaway()).toBe(11);
});

test("a stop says goodbye, lets what is open end, and closes", async () => {
  const front = await startFront({ h2: "engine" });
  const client = await connect(front);
  client.socket.write(headers(1, 4, [...POST]));
  await client.has(FRAME.HEADERS, 1);
  const closing = front.close(60_000);
  expect(await client.goaway()).toBe(0);
  client.socket.write(data(1, "", END_STREAM));
  await client.closed;
  await closing;
});

test("before a stop the client is heard to its end, its unfinished calls included", async () => {
  const front = await startFront({ h2: "engine", bindings: [binding(KV, put())] });
  const client = await connect(front);
  let hasLeft = false;
  const left = front.leave(60_000).then(() => {
    hasLeft = true;
  });
  await client.has(FRAME.PING);
  const ping = client.frames.find(({ type }) => type === FRAME.PING)?.payload as Buffer;
  client.socket.write(Buffer.concat([headers(1, 4, CALL), data(1, PUT_K_V, END_STREAM), headers(3, 4, CALL)]));
  client.socket.write(Buffer.concat([frame(FRAME.PING, ACK, 0, ping), headers(5, 4, CALL)]));
  await client.until((frames) => frames.filter(({ type }) => type === FRAME.GOAWAY).length === 2);
  expect(
    client.frames.filter(({ type }) => type === FRAME.GOAWAY).map(({ payload }) => payload.readUInt32BE(0)),
  ).toEqual([2 ** 31 - 1, 3]);
  await client.has(FRAME.HEADERS, 1, END_STREAM);
  expect(hasLeft).toBe(false);
  client.socket.write(data(3, PUT_K_V, END_STREAM));
  await left;
  await client.has(FRAME.HEADERS, 3, END_STREAM);
  await client.closed;
});

test("who does not answer is not waited for", async () => {
  const front = await startFront({ h2: "engine" });
  const client = await connect(front);
  await front.leave(1);
  await client.closed;
  expect(client.frames.filter(({ type }) => type === FRAME.GOAWAY)).toHaveLength(2);
});

test("a bug of ours ends the connection it was met on, and no other", async () => {
  const front = await startFront({ h2: "engine", bindings: [binding(KV, put())] });
  const [broken, other] = [await connect(front), await connect(front)];
  const [server] = [...front.listener.sockets] as [net.Socket];
  server.emit("data", null);
  expect(await broken.goaway()).toBe(2);
  expect(front.logged.join("\n")).toContain("error the HTTP/2 engine failed");
  other.socket.write(Buffer.concat([headers(1, 4, CALL), data(1, PUT_K_V, END_STREAM)]));
  await other.has(FRAME.HEADERS, 1, END_STREAM);
});

test("100-continue is answered before the body, CONNECT is not served", async () => {
  const front = await startFront({ h2: "engine" });
  const session = http2.connect(front.url);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": "/none", expect: "100-continue" });
  await new Promise((resolve) => stream.once("continue", resolve));
  stream.end();
  const status = await new Promise((resolve) => stream.once("response", (head) => resolve(head[":status"])));
  expect(status).toBe(404);
  const tunnel = session.request({ ":method": "CONNECT", ":authority": "a:1" });
  expect(await new Promise((resolve) => tunnel.once("response", (head) => resolve(head[":status"])))).toBe(405);
});
