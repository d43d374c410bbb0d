import { EMPTY_BYTES } from "./bytes.ts";

const CHUNK_BYTES = 32 * 1024;
/** Past this a value has a buffer of its own, so that little of a chunk is left over at its end. */
const MAX_SHARED_BYTES = CHUNK_BYTES / 8;
/** Up to this, copying byte by byte is faster than a view to copy from. */
const MAX_LOOPED_BYTES = 256;

/**
 * Copies of values, many to a buffer. A buffer of its own for each small value costs the garbage collector
 * several times what the write itself costs. The price: a chunk lives as long as any value in it.
 */
export class Arena {
  #chunk: Uint8Array = EMPTY_BYTES;
  #used = 0;

  /** A copy that nobody else writes to. */
  copy(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (length === 0) return EMPTY_BYTES;
    if (length > MAX_SHARED_BYTES) return bytes.slice();
    const copy = this.#take(length);
    copy.set(bytes);
    return copy;
  }

  /** As `copy`, of a part of `bytes`: short ones cost no view of it. */
  copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    if (length === 0 || length > MAX_LOOPED_BYTES) return this.copy(bytes.subarray(start, end));
    const copy = this.#take(length);
    for (let at = 0; at < length; at++) copy[at] = bytes[start + at] as number;
    return copy;
  }

  #take(length: number): Uint8Array {
    if (this.#used + length > this.#chunk.length) {
      this.#chunk = new Uint8Array(CHUNK_BYTES);
      this.#used = 0;
    }
    const part = this.#chunk.subarray(this.#used, this.#used + length);
    this.#used += length;
    return part;
  }
}
