/**
 * RFC 9113, 5.2 and 6.9, our side: what the client lets us send, shared by its streams.
 *
 * A piece goes out at once if both windows and the socket have room for it. Else it waits with its stream, and streams
 * that could send, were it not for the others, take turns of a frame each:
 *
 *     ready   5 ─► 9 ─► 3          a stream without a window of its own is in no queue: its update puts it there
 */
import { DEFAULT_MAX_FRAME_BYTES, DEFAULT_WINDOW_BYTES, ErrorCode, FrameType, MAX_WINDOW_BYTES } from "./constants.ts";
import { ConnectionError } from "./errors.ts";
import type { FloodGuard } from "./limits.ts";
import type { Output } from "./output.ts";
import type { Stream } from "./stream.ts";

/** What may wait for the socket before bodies wait where they are. */
const MAX_UNSENT_BYTES = 256 * 1024;
/** What a stream may have waiting before its writer is told to wait. */
const STREAM_HIGH_BYTES = 64 * 1024;

export class Sender {
  /** Of all streams. */
  queuedBytes = 0;
  /** What the socket has been given and has not sent. */
  backlogBytes = 0;
  /** Counts what has gone out, so that one can see whether anything does. */
  sentBytes = 0;
  readonly #output: Output;
  readonly #guard: FloodGuard;
  readonly #whenDone: (stream: Stream) => void;
  #windowBytes = DEFAULT_WINDOW_BYTES;
  #firstReady: Stream | undefined;
  #lastReady: Stream | undefined;
  #isPumping = false;

  /** @param whenDone called for a stream that has sent all it had, and had an end coming */
  constructor(output: Output, guard: FloodGuard, whenDone: (stream: Stream) => void) {
    this.#output = output;
    this.#guard = guard;
    this.#whenDone = whenDone;
  }

  /** @returns false if the writer should wait */
  send(stream: Stream, bytes: Uint8Array): boolean {
    const { length } = bytes;
    if (length === 0) return !stream.isWaitedFor;
    if (stream.queuedBytes === 0 && length <= DEFAULT_MAX_FRAME_BYTES && this.#room(stream) >= length) {
      this.#frame(stream, bytes, 0, length);
      return true;
    }
    stream.queue ??= [];
    stream.queue.push(bytes);
    stream.queuedBytes += length;
    this.queuedBytes += length;
    this.#makeReady(stream);
    this.pump();
    if (stream.queuedBytes < STREAM_HIGH_BYTES) return true;
    stream.isWaitedFor = true;
    return false;
  }

  /** Sends what may be sent. */
  pump(): void {
    // Writers that are told of room write at once.
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (;;) {
      const stream = this.#firstReady;
      if (stream === undefined || this.#windowBytes <= 0 || this.#isFull()) break;
      this.#takeReady(stream);
      if (stream.queuedBytes > 0 && stream.sendWindowBytes > 0) this.#sendNext(stream);
    }
    this.#isPumping = false;
  }

  /** Lets go of what a stream still had to send. */
  drop(stream: Stream): void {
    this.queuedBytes -= stream.queuedBytes;
    stream.queuedBytes = 0;
    stream.queue = undefined;
    if (stream.isReady) this.#takeReady(stream);
  }

  /** 6.9. @returns false for a stream whose window is too large now */
  updateStream(stream: Stream, bytes: number): boolean {
    stream.sendWindowBytes += bytes;
    if (stream.sendWindowBytes > MAX_WINDOW_BYTES) return false;
    this.#makeReady(stream);
    this.pump();
    return true;
  }

  /** @throws ConnectionError */
  updateConnection(bytes: number): void {
    this.#windowBytes += bytes;
    if (this.#windowBytes > MAX_WINDOW_BYTES) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "the connection's window is too large");
    }
    this.pump();
  }

  #isFull(): boolean {
    return this.backlogBytes + this.#output.bytes >= MAX_UNSENT_BYTES;
  }

  #room(stream: Stream): number {
    return this.#isFull() ? 0 : Math.min(stream.sendWindowBytes, this.#windowBytes);
  }

  #frame(stream: Stream, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#output.frameHeader(length, FrameType.DATA, 0, stream.id);
    this.#output.payload(bytes, start, end);
    stream.sendWindowBytes -= length;
    this.#windowBytes -= length;
    this.sentBytes += length;
    this.#guard.saidData();
  }

  /** One frame of what a stream has waiting. */
  #sendNext(stream: Stream): void {
    const queue = stream.queue as Uint8Array[];
    const [first] = queue as [Uint8Array];
    const start = stream.queueOffset;
    const length = Math.min(first.length - start, DEFAULT_MAX_FRAME_BYTES, stream.sendWindowBytes, this.#windowBytes);
    this.#frame(stream, first, start, start + length);
    stream.queueOffset += length;
    stream.queuedBytes -= length;
    this.queuedBytes -= length;
    if (stream.queueOffset === first.length) {
      queue.shift();
      stream.queueOffset = 0;
    }
    if (stream.queuedBytes > 0) {
      if (stream.sendWindowBytes > 0) this.#makeReady(stream);
      return;
    }
    if (stream.isEnding) this.#whenDone(stream);
    else if (stream.isWaitedFor) stream.deliverRoom();
  }

  #makeReady(stream: Stream): void {
    if (stream.isReady || stream.queuedBytes === 0 || stream.sendWindowBytes <= 0) return;
    stream.isReady = true;
    stream.previousReady = this.#lastReady;
    if (this.#lastReady === undefined) this.#firstReady = stream;
    else this.#lastReady.nextReady = stream;
    this.#lastReady = stream;
  }

  #takeReady(stream: Stream): void {
    const { previousReady, nextReady } = stream;
    if (previousReady === undefined) this.#firstReady = nextReady;
    else previousReady.nextReady = nextReady;
    if (nextReady === undefined) this.#lastReady = previousReady;
    else nextReady.previousReady = previousReady;
    stream.previousReady = undefined;
    stream.nextReady = undefined;
    stream.isReady = false;
  }
}
