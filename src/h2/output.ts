/**
 * What is to be sent, frame behind frame in few large buffers (RFC 9113, 4.1): whoever owns the socket takes it when
 * everything that had to be said by then has been said. A connection that says nothing holds no buffer.
 */
import { type ErrorCode, FRAME_HEADER_BYTES, FrameType } from "./constants.ts";
import { byteOf } from "./latin1.ts";

/** Where buffers come from and go to. */
export interface BufferPool {
  /** At least large enough for the smallest frames: a frame may be spread over several. */
  take(): Uint8Array;
}

/** Copying by hand is quicker for fewer bytes than this. */
const SHORT_BYTES = 48;
const MAX_DEBUG_BYTES = 200;
const NOTHING = new Uint8Array(0);

export class Output {
  readonly #pool: BufferPool;
  readonly #full: Uint8Array[] = [];
  #fullBytes = 0;
  #buffer: Uint8Array = NOTHING;
  #length = 0;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  get bytes(): number {
    return this.#fullBytes + this.#length;
  }

  /** The oldest piece, undefined for none; its buffer is the caller's, who gives it back to the pool or not. */
  take(): Uint8Array | undefined {
    const full = this.#full.shift();
    if (full !== undefined) {
      this.#fullBytes -= full.length;
      return full;
    }
    if (this.#length === 0) return undefined;
    const piece = this.#buffer.subarray(0, this.#length);
    this.#buffer = NOTHING;
    this.#length = 0;
    return piece;
  }

  frameHeader(length: number, type: number, flags: number, id: number): void {
    if (this.#buffer.length - this.#length < FRAME_HEADER_BYTES) this.#next();
    const buffer = this.#buffer;
    const at = this.#length;
    buffer[at] = length >>> 16;
    buffer[at + 1] = length >>> 8;
    buffer[at + 2] = length;
    buffer[at + 3] = type;
    buffer[at + 4] = flags;
    buffer[at + 5] = id >>> 24;
    buffer[at + 6] = id >>> 16;
    buffer[at + 7] = id >>> 8;
    buffer[at + 8] = id;
    this.#length = at + FRAME_HEADER_BYTES;
  }

  payload(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length <= SHORT_BYTES && this.#buffer.length - this.#length >= length) {
      const buffer = this.#buffer;
      let to = this.#length;
      for (let at = start; at < end; at++) buffer[to++] = bytes[at] as number;
      this.#length = to;
      return;
    }
    for (let at = start; at < end; ) {
      if (this.#length === this.#buffer.length) this.#next();
      const part = Math.min(end - at, this.#buffer.length - this.#length);
      this.#buffer.set(bytes.subarray(at, at + part), this.#length);
      this.#length += part;
      at += part;
    }
  }

  #uint32(value: number): void {
    for (let shift = 24; shift >= 0; shift -= 8) this.#byte(value >>> shift);
  }

  #byte(value: number): void {
    if (this.#length === this.#buffer.length) this.#next();
    this.#buffer[this.#length++] = value;
  }

  /** 6.4. */
  rstStream(id: number, code: ErrorCode): void {
    this.frameHeader(4, FrameType.RST_STREAM, 0, id);
    this.#uint32(code);
  }

  /** 6.9. */
  windowUpdate(id: number, bytes: number): void {
    this.frameHeader(4, FrameType.WINDOW_UPDATE, 0, id);
    this.#uint32(bytes);
  }

  /** 6.8. */
  goaway(lastStreamId: number, code: ErrorCode, debug: string): void {
    const text = debug.slice(0, MAX_DEBUG_BYTES);
    this.frameHeader(8 + text.length, FrameType.GOAWAY, 0, 0);
    this.#uint32(lastStreamId);
    this.#uint32(code);
    for (let at = 0; at < text.length; at++) this.#byte(byteOf(text, at));
  }

  #next(): void {
    if (this.#length > 0) {
      this.#full.push(this.#buffer.subarray(0, this.#length));
      this.#fullBytes += this.#length;
    }
    this.#buffer = this.#pool.take();
    this.#length = 0;
  }
}
