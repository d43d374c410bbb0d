import { EMPTY_BYTES } from "./bytes.ts";

/** Larger than what C libraries keep to themselves when it is freed: this goes back to the system. */
const SLAB_BYTES = 33 * 2 ** 20;
const ALIGNMENT_BYTES = 8;
/** As much as V8 takes for a reason to look. */
const HINT_BYTES = 64 * 2 ** 20;

/** Memory for the segments of a large store, one behind the other in buffers of which each is freed as a whole. */
export class Slabs {
  #slab: Uint8Array<ArrayBuffer> = EMPTY_BYTES;
  #used = 0;

  /** Memory that begins where any column of numbers may. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    this.#used = Math.ceil(this.#used / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    if (this.#used + bytes > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    this.#used += bytes;
    return this.#slab.subarray(this.#used - bytes, this.#used);
  }

  /** The end of what was taken last is not needed. */
  giveBack(bytes: number): void {
    this.#used -= bytes;
  }
}

/**
 * Has the garbage collector look soon, where much has become free: it goes by how much is allocated, and a store
 * that has just been compacted may be idle. What is allocated for that is never touched, so it is no memory.
 */
export function askForCollection(): void {
  new Uint8Array(HINT_BYTES);
}
