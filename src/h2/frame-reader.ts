/**
 * RFC 9113, 4.1: bytes to frames. A frame within one piece of input is read where it is; only one that is cut by the
 * end of a piece is put together in memory of its own.
 *
 *     piece │ frame │ frame │ fra        kept: fra
 *     piece │ me │ frame │ …             read: fra me
 *
 * A sink that has had enough for now gets the rest when it asks for it.
 */
import { ErrorCode, FRAME_HEADER_BYTES } from "./constants.ts";
import { ConnectionError } from "./errors.ts";

export interface FrameSink {
  /** The body is `bytes` from `start` to `end`: good until it returns, but as long as one likes for DATA. */
  frame(type: number, flags: number, id: number, bytes: Uint8Array, start: number, end: number): void;
  /** True if no more frames are wanted. */
  readonly isDeaf: boolean;
  /** Asked after each frame: whether the next ones are wanted later. */
  readonly isTired: boolean;
}

export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxFrameBytes: number;
  /** A frame that is not whole: its header first, then as large as the frame is. */
  #part: Uint8Array | undefined;
  #partBytes = 0;
  /** What the sink was too tired for, oldest first. */
  #unread: Uint8Array[] = [];

  constructor(sink: FrameSink, maxFrameBytes: number) {
    this.#sink = sink;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Whether a frame has begun and not ended. */
  get isWithin(): boolean {
    return this.#part !== undefined;
  }

  /** Whether there are bytes that `goOn` is wanted for. */
  get isBehind(): boolean {
    return this.#unread.length > 0;
  }

  /** @throws ConnectionError, its own or the sink's */
  read(bytes: Uint8Array, from: number): void {
    if (this.isBehind) {
      this.#unread.push(bytes);
      return;
    }
    const to = this.#read(bytes, from);
    if (to < bytes.length) this.#unread.push(bytes.subarray(to));
  }

  /** @throws ConnectionError, its own or the sink's */
  goOn(): void {
    for (;;) {
      const bytes = this.#unread.shift();
      if (bytes === undefined) return;
      const to = this.#read(bytes, 0);
      if (to === bytes.length) continue;
      this.#unread.unshift(bytes.subarray(to));
      return;
    }
  }

  /** Returns where it stopped: at the end, if the sink is not tired. */
  #read(bytes: Uint8Array, from: number): number {
    const end = bytes.length;
    let at = this.#part === undefined ? from : this.#complete(bytes, from);
    while (end - at >= FRAME_HEADER_BYTES) {
      const next = at + FRAME_HEADER_BYTES + this.#lengthOf(bytes, at);
      if (next > end) break;
      if (this.#sink.isDeaf) return end;
      this.#hand(bytes, at, next);
      at = next;
      if (this.#sink.isTired) return at;
    }
    if (at < end && !this.#sink.isDeaf) this.#begin(bytes, at);
    return end;
  }

  #hand(bytes: Uint8Array, at: number, end: number): void {
    const id =
      (((bytes[at + 5] as number) & 0x7f) << 24) |
      ((bytes[at + 6] as number) << 16) |
      ((bytes[at + 7] as number) << 8) |
      (bytes[at + 8] as number);
    this.#sink.frame(bytes[at + 3] as number, bytes[at + 4] as number, id, bytes, at + FRAME_HEADER_BYTES, end);
  }

  /** 4.2. */
  #lengthOf(bytes: Uint8Array, at: number): number {
    const length = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    if (length > this.#maxFrameBytes) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a frame is too large");
    return length;
  }

  #begin(bytes: Uint8Array, at: number): void {
    const rest = bytes.length - at;
    const size = FRAME_HEADER_BYTES + (rest < FRAME_HEADER_BYTES ? 0 : this.#lengthOf(bytes, at));
    this.#part = new Uint8Array(size);
    this.#part.set(bytes.subarray(at));
    this.#partBytes = rest;
  }

  /** Adds to the frame that is not whole; returns where the next begins. */
  #complete(bytes: Uint8Array, from: number): number {
    let at = this.#fill(bytes, from);
    let part = this.#part as Uint8Array;
    if (this.#partBytes < part.length) return at;
    if (part.length === FRAME_HEADER_BYTES) {
      const length = this.#lengthOf(part, 0);
      const whole = new Uint8Array(FRAME_HEADER_BYTES + length);
      whole.set(part);
      this.#part = part = whole;
      at = this.#fill(bytes, at);
      if (this.#partBytes < part.length) return at;
    }
    this.#part = undefined;
    if (!this.#sink.isDeaf) this.#hand(part, 0, part.length);
    return at;
  }

  #fill(bytes: Uint8Array, from: number): number {
    const part = this.#part as Uint8Array;
    const end = Math.min(bytes.length, from + part.length - this.#partBytes);
    part.set(bytes.subarray(from, end), this.#partBytes);
    this.#partBytes += end - from;
    return end;
  }
}
