/**
 * Buffers for output, used again as soon as the system has taken what was in them: a few large ones, for long replies,
 * and when these are all in use small ones. A group commit lets hundreds of connections say a little at once, and were
 * each given much memory anew, collecting that would cost more than the replies.
 */
import type { BufferPool } from "../../../h2/index.ts";

const LARGE_BYTES = 64 * 1024;
const LARGE = 8;
const SMALL_BYTES = 16 * 1024;
const MAX_KEPT_SMALL = 256;

export class OutputBuffers implements BufferPool {
  readonly #large = Array.from({ length: LARGE }, () => new ArrayBuffer(LARGE_BYTES));
  readonly #small: ArrayBuffer[] = [];

  take(): Uint8Array {
    const kept = this.#large.pop() ?? this.#small.pop();
    // Alone in its buffer, and not filled with zeros.
    return kept === undefined ? Buffer.allocUnsafeSlow(SMALL_BYTES) : Buffer.from(kept);
  }

  give({ buffer }: Uint8Array): void {
    if (buffer.byteLength === LARGE_BYTES) this.#large.push(buffer as ArrayBuffer);
    else if (this.#small.length < MAX_KEPT_SMALL) this.#small.push(buffer as ArrayBuffer);
  }
}
