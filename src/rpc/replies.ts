import { type Readiness, type ReadyIterator, readinessOf } from "./readyiterator.ts";

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A reply to each request of a stream, in their order; it stands ready as soon as its request does, if it can be made at once. */
export class Replies<I, O> implements ReadyIterator<O> {
  readonly #requests: AsyncIterator<I>;
  readonly #readiness: Readiness<I>;
  readonly #reply: (request: I) => O | Promise<O>;
  /** The next one, of a request that was taken. */
  #pending: Promise<O> | undefined;

  /** @param reply an error of it ends the stream */
  constructor(requests: AsyncIterable<I>, reply: (request: I) => O | Promise<O>) {
    this.#requests = requests[Symbol.asyncIterator]();
    this.#readiness = readinessOf(this.#requests);
    this.#reply = reply;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  ready(): O | undefined {
    if (this.#pending !== undefined) return undefined;
    const request = this.#readiness.ready();
    if (request === undefined) return undefined;
    try {
      const reply = this.#reply(request);
      if (!(reply instanceof Promise)) return reply;
      this.#pending = reply;
      // Whoever asks for the next one is told.
      reply.catch(() => {});
      return undefined;
    } catch (error) {
      this.#stop();
      throw error;
    }
  }

  whenReady(callback: () => void): boolean {
    return this.#pending === undefined && this.#readiness.whenReady(callback);
  }

  async next(): Promise<IteratorResult<O, undefined>> {
    try {
      return (await this.#taken()) ?? (await this.#following());
    } catch (error) {
      this.#stop();
      throw error;
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#requests.return?.();
    return DONE;
  }

  async #taken(): Promise<IteratorYieldResult<O> | undefined> {
    const pending = this.#pending;
    if (pending === undefined) return undefined;
    this.#pending = undefined;
    return { done: false, value: await pending };
  }

  async #following(): Promise<IteratorResult<O, undefined>> {
    const next = await this.#requests.next();
    return next.done === true ? DONE : { done: false, value: await this.#reply(next.value) };
  }

  /** No more requests are taken; the error that counts is the reply's. */
  #stop(): void {
    this.#requests.return?.().catch(() => {});
  }
}
