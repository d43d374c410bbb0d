/**
 * Frames that go out together, one behind the other in one buffer. Large buffers are used again: to be given new ones for
 * each 32 KiB of a busy watch would have V8 collect its whole heap again and again.
 */
import type { Scratch } from "./scratch.ts";

const NOTHING = Buffer.alloc(0);
const FIRST_BYTES = 256;
/** More than this is put into a large buffer. */
const SMALL_BYTES = 2 * 1024;
const LARGE_BYTES = 64 * 1024;
const MAX_SPARE = 16;

/** Of all batches: large buffers that are free. */
const spare: Buffer<ArrayBuffer>[] = [];

export class FrameBatch {
  #bytes = NOTHING;
  #length = 0;
  #taken = NOTHING;
  /** What the last one was is what the next one will be, most likely. */
  #firstBytes = FIRST_BYTES;

  get length(): number {
    return this.#length;
  }

  /** Adds the message that has been written, as a frame. */
  add(message: Scratch): void {
    const start = this.#length;
    this.#length += message.frameBytes;
    if (this.#length > this.#bytes.length) this.#grow(start);
    message.copyFrame(this.#bytes, start);
  }

  /** The frames; the next begin anew. */
  take(): Uint8Array {
    const frames = this.#bytes.subarray(0, this.#length);
    this.#taken = this.#bytes;
    this.#firstBytes = Math.max(this.#length, FIRST_BYTES);
    this.clear();
    return frames;
  }

  /** The memory of the frames that were taken last is nobody's any more. */
  release(): void {
    if (this.#taken.length === LARGE_BYTES && spare.length < MAX_SPARE) spare.push(this.#taken);
    this.#taken = NOTHING;
  }

  clear(): void {
    this.#bytes = NOTHING;
    this.#length = 0;
  }

  #grow(used: number): void {
    const wanted = Math.max(this.#length, used === 0 ? this.#firstBytes : used * 2);
    const isLarge = wanted > SMALL_BYTES && this.#length <= LARGE_BYTES;
    const grown = isLarge ? (spare.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES)) : Buffer.allocUnsafe(wanted);
    this.#bytes.copy(grown, 0, 0, used);
    this.#bytes = grown;
  }
}
