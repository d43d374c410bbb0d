/** Bytes a sender may have under way before the reader has taken any. */
const INITIAL_CREDIT_BYTES = 256 * 1024;
/** Credit is given back in portions, not for each chunk: a unary call needs none. */
const CREDIT_PORTION_BYTES = 64 * 1024;

/** Sends one body, never more than the reader has room for: the last chunk may go over it. */
export class BodySender {
  readonly #post: (chunk: Uint8Array) => void;
  #creditBytes = INITIAL_CREDIT_BYTES;
  #resume: (() => void) | undefined;
  #stopped = false;

  constructor(post: (chunk: Uint8Array) => void) {
    this.#post = post;
  }

  credit(bytes: number): void {
    this.#creditBytes += bytes;
    if (this.#creditBytes > 0) this.#wake();
  }

  /** Nothing more is to be sent; `send` returns. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** Sends a body to its end; false where it was stopped before. A stopped body's source is told to return. */
  async send(body: AsyncIterable<Uint8Array>): Promise<boolean> {
    for await (const chunk of body) {
      if (this.#stopped) return false;
      this.#creditBytes -= chunk.length;
      this.#post(chunk);
      // Before the next chunk is asked for: nothing is to be made for a reader who has no room.
      while (this.#creditBytes <= 0 && !this.#stopped) {
        await new Promise<void>((resolve) => {
          this.#resume = resolve;
        });
      }
      if (this.#stopped) return false;
    }
    return !this.#stopped;
  }

  #wake(): void {
    this.#resume?.();
    this.#resume = undefined;
  }
}

type Result = IteratorResult<Uint8Array, undefined>;
const DONE: Result = Object.freeze({ done: true, value: undefined });

export interface BodyReceiverOptions {
  /** Told of bytes that were read, a portion at a time. */
  readonly taken: (bytes: number) => void;
  /** Told that the reader stopped before the end. */
  readonly abandoned: () => void;
}

/** Receives one body; what its one reader has taken is given back to the sender as credit. */
export class BodyReceiver implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #options: BodyReceiverOptions;
  #chunks: Uint8Array[] = [];
  #takenBytes = 0;
  #end: { readonly error: unknown } | undefined;
  #waiting: { resolve(result: Result): void; reject(error: unknown): void } | undefined;

  constructor(options: BodyReceiverOptions) {
    this.#options = options;
  }

  push(chunk: Uint8Array): void {
    if (this.#end !== undefined) return;
    this.#chunks.push(chunk);
    this.#serve();
  }

  /** @param error what the reader is to get after all that has come before; none for the body's proper end */
  end(error?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.#serve();
  }

  /** As `end`, but what has come and was not read is dropped. */
  abort(error: unknown): void {
    this.#chunks = [];
    this.end(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** For one reader, who does not ask again before it is answered. */
  next(): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#serve();
    });
  }

  return(): Promise<Result> {
    this.#abandon();
    return Promise.resolve(DONE);
  }

  /** As a generator that does not catch. */
  throw(error: unknown): Promise<Result> {
    this.#abandon();
    return Promise.reject(error);
  }

  #abandon(): void {
    if (this.#end !== undefined) return;
    this.abort(undefined);
    this.#options.abandoned();
  }

  #serve(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const chunk = this.#chunks.shift();
    if (chunk === undefined && this.#end === undefined) return;
    this.#waiting = undefined;
    if (chunk !== undefined) {
      this.#take(chunk.length);
      waiting.resolve({ done: false, value: chunk });
    } else if (this.#end?.error !== undefined) {
      waiting.reject(this.#end.error);
    } else {
      waiting.resolve(DONE);
    }
  }

  #take(bytes: number): void {
    this.#takenBytes += bytes;
    if (this.#takenBytes < CREDIT_PORTION_BYTES || this.#end !== undefined) return;
    this.#options.taken(this.#takenBytes);
    this.#takenBytes = 0;
  }
}
