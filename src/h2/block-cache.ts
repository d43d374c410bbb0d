/**
 * Header blocks that were seen before. The calls of a client differ in little but their messages: a block with the same
 * bytes, read with the same dynamic table (RFC 7541, 2.3), is the same request line and headers, already checked.
 */
import type { RequestHead } from "./request-headers.ts";

const KEPT = 4;
const MAX_BLOCK_BYTES = 512;

interface Block {
  readonly bytes: Uint8Array;
  readonly version: number;
  readonly head: RequestHead;
}

export class BlockCache {
  readonly #blocks: (Block | undefined)[] = [];
  #next = 0;

  find(version: number, bytes: Uint8Array, start: number, end: number): RequestHead | undefined {
    for (const block of this.#blocks) {
      if (block?.version === version && areSame(block.bytes, bytes, start, end)) return block.head;
    }
    return undefined;
  }

  /** @param version of the table, which reading the block has not changed */
  keep(version: number, bytes: Uint8Array, start: number, end: number, head: RequestHead): void {
    if (end - start > MAX_BLOCK_BYTES) return;
    this.#blocks[this.#next] = { bytes: new Uint8Array(bytes.subarray(start, end)), version, head };
    this.#next = (this.#next + 1) % KEPT;
  }
}

function areSame(block: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (block.length !== end - start) return false;
  // From the end: what differs between calls, such as a deadline, comes last.
  for (let at = block.length - 1; at >= 0; at--) if (block[at] !== bytes[start + at]) return false;
  return true;
}
