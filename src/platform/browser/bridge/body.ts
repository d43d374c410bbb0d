import { INITIAL_CREDIT_BYTES } from "./messages.ts";

/** Sends one body, never more than the reader has room for. */
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
    this.#wake();
  }

  /** Nothing more is to be sent; `send` returns. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** Sends a body to its end; false where it was stopped before. A stopped body's source is told to return. */
  async send(body: AsyncIterable<Uint8Array>): Promise<boolean> {
    for await (const chunk of body) {
      while (this.#creditBytes <= 0 && !this.#stopped) {
        await new Promise<void>((resolve) => {
          this.#resume = resolve;
        });
      }
      if (this.#stopped) return false;
      this.#creditBytes -= chunk.length;
      this.#post(chunk);
    }
    return !this.#stopped;
  }

  #wake(): void {
    this.#resume?.();
    this.#resume = undefined;
  }
}

/** Receives one body; what its one reader has taken is given back to the sender as credit. */
export class BodyReceiver implements AsyncIterable<Uint8Array> {
  readonly #taken: (bytes: number) => void;
  readonly #abandoned: () => void;
  readonly #chunks: Uint8Array[] = [];
  #end: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /**
   * @param taken told of bytes that were read
   * @param abandoned told that the reader stopped before the end
   */
  constructor(taken: (bytes: number) => void, abandoned: () => void) {
    this.#taken = taken;
    this.#abandoned = abandoned;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  /** @param error what the reader is to get after all that has come before; none for the body's proper end */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let finished = false;
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          this.#taken(chunk.length);
          yield chunk;
        } else if (this.#end !== undefined) {
          finished = true;
          if (this.#end.error !== undefined) throw this.#end.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      if (!finished) this.#abandoned();
    }
  }
}
