/** Plays a script to a server, and tells what came of it. */
import { createHash } from "node:crypto";
import net from "node:net";
import { HpackDecoder } from "../../../src/h2/hpack-decoder.ts";
import { END_STREAM, FRAME, type Frame, frame, split, uint32 } from "./frames.ts";
import type { Script } from "./script.ts";

export interface Answer {
  readonly head: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

export interface Outcome {
  /** Of streams that were answered whole. */
  readonly answers: ReadonlyMap<number, Answer>;
  /** Streams that were reset, or answered by a status for what is wrong. */
  readonly refused: ReadonlySet<number>;
  readonly hasEnded: boolean;
}

const MARK = uint32(0x77, 0x77);
/** For a stream that is well; it takes milliseconds, but on a machine that is busy. */
const PATIENCE_MS = 20_000;

class Listener {
  readonly answers = new Map<number, Answer>();
  readonly refused = new Set<number>();
  hasEnded = false;
  isMarked = false;
  readonly #decoder = new HpackDecoder(1 << 20);
  readonly #open = new Map<number, { head: string[]; trailers: string[]; chunks: Buffer[] }>();
  #rest: Buffer = Buffer.alloc(0);

  read(bytes: Buffer): void {
    const { frames, rest } = split(Buffer.concat([this.#rest, bytes]));
    this.#rest = rest;
    for (const one of frames) this.#frame(one);
  }

  #frame({ type, flags, id, payload }: Frame): void {
    if (type === FRAME.GOAWAY && payload.readUInt32BE(4) !== 0) this.hasEnded = true;
    if (type === FRAME.RST_STREAM) this.refused.add(id);
    if (type === FRAME.PING && (flags & 1) !== 0 && payload.equals(MARK)) this.isMarked = true;
    if (type !== FRAME.HEADERS && type !== FRAME.DATA) return;
    const stream = this.#open.get(id) ?? { head: [], trailers: [], chunks: [] };
    this.#open.set(id, stream);
    if (type === FRAME.DATA) stream.chunks.push(payload);
    else {
      const fields = (this.#decoder.decode(new Uint8Array(payload), 0, payload.length) ?? [])
        .filter(({ name }) => name !== "date")
        .map(({ name, value }) => `${name}=${value}`)
        .sort();
      if (stream.head.length === 0) stream.head = fields;
      else stream.trailers = fields;
    }
    if ((flags & END_STREAM) === 0) return;
    const body = Buffer.concat(stream.chunks);
    const shown = body.length < 2000 ? body.toString() : createHash("sha256").update(body).digest("hex");
    this.answers.set(id, { head: stream.head, body: shown, trailers: stream.trailers });
    if (stream.head.some((field) => /^:status=4/.test(field))) this.refused.add(id);
  }
}

/** @param cuts how many pieces the script is sent in */
export async function talk(url: string, { bytes, good }: Script, cuts: number): Promise<Outcome> {
  const listener = new Listener();
  const socket = net.connect(Number(new URL(url).port), "127.0.0.1");
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer, and no end")), PATIENCE_MS);
    const check = (): void => {
      const isDone = listener.isMarked && good.every((id) => listener.answers.has(id) || listener.refused.has(id));
      if (!isDone && !listener.hasEnded) return;
      clearTimeout(timer);
      resolve();
    };
    socket.on("data", (chunk: Buffer) => {
      listener.read(chunk);
      check();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      listener.hasEnded ||= !listener.isMarked;
      check();
      clearTimeout(timer);
      resolve();
    });
    socket.on("connect", () => void send(socket, Buffer.concat([bytes, frame(FRAME.PING, 0, 0, MARK)]), cuts));
  });
  socket.destroy();
  return listener;
}

async function send(socket: net.Socket, bytes: Buffer, cuts: number): Promise<void> {
  const size = Math.ceil(bytes.length / cuts);
  for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
    socket.write(bytes.subarray(at, at + size));
    if (cuts > 1) await new Promise((resolve) => setImmediate(resolve));
  }
}
