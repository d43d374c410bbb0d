/**
 * Writes the messages of a stream, many small ones as one piece, and says when the client has no room:
 *
 *     added, added, added   ── one turn of the microtasks ──►   flush
 *
 * A message waits no longer than until the code that made it is done, so batches cost no latency.
 */
import { FrameBatch } from "./frame-batch.ts";
import type { CallStream } from "./stream.ts";

const BATCH_BYTES = 32 * 1024;

export class ResponseWriter {
  readonly #stream: CallStream;
  /** Where messages are put, to be followed by `added`. */
  readonly batch = new FrameBatch();
  #flushScheduled = false;
  #isFull = false;
  #wake: (() => void) | undefined;
  readonly #stuckChanged: () => void;
  #stuckBytes = 0;

  /** @param stuckChanged called when `stuckBytes` has changed */
  constructor(stream: CallStream, stuckChanged: () => void) {
    this.#stream = stream;
    this.#stuckChanged = stuckChanged;
  }

  /** What was written last, as long as the client has no room for it. */
  get stuckBytes(): number {
    return this.#stuckBytes;
  }

  added(): void {
    if (this.#isFull) return;
    if (this.batch.length >= BATCH_BYTES) {
      this.flush();
    } else if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      process.nextTick(() => {
        this.#flushScheduled = false;
        if (!this.#isFull) this.flush();
      });
    }
  }

  /** Undefined while there is room, else settled once there is some again, or the call is over. */
  room(): Promise<void> | undefined {
    if (!this.#isFull) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  flush(): void {
    if (this.batch.length === 0 || !this.#stream.isWritable) return;
    const bytes = this.batch.take();
    this.#isFull = !this.#stream.write(bytes);
    if (this.#isFull) this.#setStuck(bytes.length);
  }

  /** Lets go of who waits for room; nothing is written any more. */
  release(): void {
    this.batch.clear();
    this.#wake?.();
    this.#wake = undefined;
  }

  #setStuck(bytes: number): void {
    this.#stuckBytes = bytes;
    this.#stuckChanged();
  }

  /** The client has room again. */
  drained(): void {
    this.#isFull = false;
    this.#setStuck(0);
    this.flush();
    if (this.#isFull) return;
    this.#wake?.();
    this.#wake = undefined;
  }
}
