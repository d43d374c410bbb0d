/** Buffers for output, used again as soon as the system has taken what was in them. */
import type { BufferPool } from "../../../h2/index.ts";

const BUFFER_BYTES = 64 * 1024;
const MAX_KEPT = 8;

export class OutputBuffers implements BufferPool {
  readonly #kept: ArrayBuffer[] = [];

  take(): Uint8Array {
    return Buffer.from(this.#kept.pop() ?? new ArrayBuffer(BUFFER_BYTES));
  }

  give(piece: Uint8Array): void {
    if (this.#kept.length < MAX_KEPT) this.#kept.push(piece.buffer as ArrayBuffer);
  }
}
