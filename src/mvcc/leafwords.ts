/** Most IDs of a leaf. */
export const LEAF_KEYS = 64;
/** For each an ID and a head. */
const LEAF_WORDS = 2 * LEAF_KEYS;
export const LEAF_BYTES = LEAF_WORDS * Uint32Array.BYTES_PER_ELEMENT;
const LEAVES_PER_BLOCK = 32;
/** So many are kept for the next; what is beyond goes, and with the last of a block its memory. */
const MAX_SPARE = 1024;

/** Memory for the leaves of a tree, many in one buffer, as buffers cost much by themselves. */
export class LeafWords {
  readonly #spare: Uint32Array<ArrayBuffer>[] = [];
  take(): Uint32Array<ArrayBuffer> {
    const spare = this.#spare.pop();
    if (spare !== undefined) return spare;
    const block = new Uint32Array(LEAVES_PER_BLOCK * LEAF_WORDS);
    for (let at = LEAVES_PER_BLOCK - 1; at > 0; at--) {
      this.#spare.push(block.subarray(at * LEAF_WORDS, (at + 1) * LEAF_WORDS));
    }
    return block.subarray(0, LEAF_WORDS);
  }

  giveBack(words: Uint32Array<ArrayBuffer>): void {
    if (this.#spare.length < MAX_SPARE) this.#spare.push(words);
  }
}
