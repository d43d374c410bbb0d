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

/** Of all streams, those that have something to flush: one tick is for all of them. */
let unflushed: ResponseWriter[] = [];

function flushAll(): void {
  const writers = unflushed;
  unflushed = [];
  for (const writer of writers) writer.flush();
}

export class ResponseWriter {
  readonly #stream: CallStream;
  /** Where messages are put, to be followed by `added`. */
  readonly batch = new FrameBatch();
  #isFlushComing = false;
  #isFull = false;
  #whenRoom: (() => void) | undefined;
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
    if (this.batch.length >= BATCH_BYTES) {
      this.flush();
    } else if (!this.#isFlushComing) {
      this.#isFlushComing = true;
      if (unflushed.push(this) === 1) process.nextTick(flushAll);
    }
  }

  /** Where there is none, calls back once there is some again, if the call goes on for so long. */
  hasRoom(callback: () => void): boolean {
    if (this.#isFull) this.#whenRoom = callback;
    return !this.#isFull;
  }

  flush(): void {
    this.#isFlushComing = false;
    if (this.#isFull || this.batch.length === 0 || !this.#stream.isWritable) return;
    this.#write();
  }

  /** The last of it, whether there is room or not; nothing is written any more. */
  close(): void {
    if (this.batch.length > 0 && this.#stream.isWritable) this.#write();
    this.batch.clear();
    this.#whenRoom = undefined;
  }

  /** The client has room again. */
  drained(): void {
    this.#isFull = false;
    this.#setStuck(0);
    this.flush();
    if (this.#isFull) return;
    const callback = this.#whenRoom;
    this.#whenRoom = undefined;
    callback?.();
  }

  #write(): void {
    const bytes = this.batch.take();
    this.#isFull = !this.#stream.write(bytes);
    if (!this.#stream.holdsBytes) this.batch.release();
    if (this.#isFull) this.#setStuck(bytes.length);
  }

  #setStuck(bytes: number): void {
    this.#stuckBytes = bytes;
    this.#stuckChanged();
  }
}
