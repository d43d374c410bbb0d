/**
 * Writes the messages of a stream, many small ones as one piece, and says when the client has no room:
 *
 *     write, write, write   ── one turn of the microtasks ──►   flush
 *
 * A message waits no longer than until the code that made it is done, so batches cost no latency.
 */
import type { CallStream } from "./stream.ts";

const BATCH_BYTES = 32 * 1024;

export class ResponseWriter {
  readonly #stream: CallStream;
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
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

  write(frame: Uint8Array): void {
    this.#batch.push(frame);
    this.#batchBytes += frame.length;
    if (this.#isFull) return;
    if (this.#batchBytes >= BATCH_BYTES) {
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
    if (this.#batchBytes === 0 || !this.#stream.isWritable) return;
    const [first] = this.#batch;
    const bytes = this.#batch.length === 1 ? (first as Uint8Array) : Buffer.concat(this.#batch);
    this.#batch = [];
    this.#batchBytes = 0;
    this.#isFull = !this.#stream.write(bytes);
    if (this.#isFull) this.#setStuck(bytes.length);
  }

  /** Lets go of who waits for room; nothing is written any more. */
  release(): void {
    this.#batch = [];
    this.#batchBytes = 0;
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
