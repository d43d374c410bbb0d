/** Frames that go out together, one behind the other in one buffer. */
import type { Scratch } from "./scratch.ts";

const NOTHING = Buffer.alloc(0);
const FIRST_BYTES = 256;
/** What a batch begins with at the most, however large the one before was. */
const MAX_FIRST_BYTES = 32 * 1024;

export class FrameBatch {
  #bytes = NOTHING;
  #length = 0;
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
    this.#firstBytes = Math.min(Math.max(this.#length, FIRST_BYTES), MAX_FIRST_BYTES);
    this.clear();
    return frames;
  }

  clear(): void {
    this.#bytes = NOTHING;
    this.#length = 0;
  }

  #grow(used: number): void {
    const grown = Buffer.allocUnsafe(Math.max(this.#length, used === 0 ? this.#firstBytes : used * 2));
    this.#bytes.copy(grown, 0, 0, used);
    this.#bytes = grown;
  }
}
