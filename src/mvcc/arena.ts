import { EMPTY_BYTES } from "./bytes.ts";

const CHUNK_BYTES = 32 * 1024;
/** Past this a value has a buffer of its own, so that little of a chunk is left over at its end. */
const MAX_SHARED_BYTES = CHUNK_BYTES / 8;

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
    if (this.#used + length > this.#chunk.length) {
      this.#chunk = new Uint8Array(CHUNK_BYTES);
      this.#used = 0;
    }
    const copy = this.#chunk.subarray(this.#used, this.#used + length);
    copy.set(bytes);
    this.#used += length;
    return copy;
  }
}
