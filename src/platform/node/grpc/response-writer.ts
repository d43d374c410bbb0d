/**
 * Writes the messages of a stream, many small ones as one piece, and says when the client has no room:
 *
 *     write, write, write   ── one turn of the microtasks ──►   flush
 *
 * A message waits no longer than until the code that made it is done, so batches cost no latency.
 */
import type { ServerHttp2Stream } from "node:http2";

const BATCH_BYTES = 32 * 1024;

export class ResponseWriter {
  readonly #stream: ServerHttp2Stream;
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
  #flushScheduled = false;
  #isFull = false;
  #wake: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
    stream.on("drain", () => this.#drained());
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
    if (this.#batchBytes === 0 || this.#stream.destroyed || this.#stream.writableEnded) return;
    const [first] = this.#batch;
    const bytes = this.#batch.length === 1 ? (first as Uint8Array) : Buffer.concat(this.#batch);
    this.#batch = [];
    this.#batchBytes = 0;
    this.#isFull = !this.#stream.write(bytes);
  }

  /** Lets go of who waits for room; nothing is written any more. */
  release(): void {
    this.#batch = [];
    this.#batchBytes = 0;
    this.#wake?.();
    this.#wake = undefined;
  }

  #drained(): void {
    this.#isFull = false;
    this.flush();
    if (this.#isFull) return;
    this.#wake?.();
    this.#wake = undefined;
  }
}
