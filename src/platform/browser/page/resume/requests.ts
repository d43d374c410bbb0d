/**
 * A client's requests, read once and sent on one stream after the other. A request is taken from the client when
 * the stream asks for it, so that a stream that does not hurry slows the client down.
 */
export class Requests<T> {
  readonly #iterator: AsyncIterator<T>;
  #next: Promise<IteratorResult<T>> | undefined;

  constructor(requests: AsyncIterable<T>) {
    this.#iterator = requests[Symbol.asyncIterator]();
  }

  /** For one stream, which ends when it is lost; a request that was not taken by then is the next stream's. */
  async *until(lost: Promise<undefined>): AsyncGenerator<T> {
    for (;;) {
      this.#next ??= this.#iterator.next();
      const result = await Promise.race([this.#next, lost]);
      if (result === undefined || result.done === true) return;
      this.#next = undefined;
      yield result.value;
    }
  }
}
