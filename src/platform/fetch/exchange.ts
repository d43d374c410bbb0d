/**
 * One request and its response, as bytes: the request's body as an iterable, the response's as a stream that is
 * asked for as the client takes it, and one signal that says that the client has left, however it did so: by
 * the request's own signal, or by letting go of the response. Not every runtime does both.
 */
import { canceled } from "../../rpc/index.ts";

export class Exchange {
  readonly #request: Request;
  readonly #controller = new AbortController();
  readonly #onAbort = (): void => this.#cancel();
  #response: AsyncIterator<Uint8Array> | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(request: Request) {
    this.#request = request;
    if (request.signal.aborted) this.#onAbort();
    else request.signal.addEventListener("abort", this.#onAbort);
  }

  /** Aborted when the client leaves before the response is whole. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The request's body, for one reader. */
  async *body(): AsyncGenerator<Uint8Array> {
    this.#reader = this.#request.body?.getReader();
    for (;;) {
      const chunk = await this.#reader?.read();
      if (chunk === undefined || chunk.done) return;
      yield chunk.value;
    }
  }

  /** The response's body, made as it is read. */
  stream(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
    const chunks = body[Symbol.asyncIterator]();
    this.#response = chunks;
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      try {
        const chunk = await chunks.next();
        if (chunk.done !== true) {
          controller.enqueue(chunk.value);
          return;
        }
        controller.close();
        this.finish();
      } catch (error) {
        controller.error(error);
        this.#cancel();
      }
    };
    return new ReadableStream({ pull, cancel: () => this.#cancel() }, { highWaterMark: 0 });
  }

  /** The response is whole; what the client still sends is not read. */
  finish(): void {
    this.#request.signal.removeEventListener("abort", this.#onAbort);
    this.#reader?.cancel(canceled()).catch(() => {});
  }

  #cancel(): void {
    this.finish();
    this.#controller.abort(canceled());
    // For a call that nobody has asked to go on. Not awaited: one that waits ends with the signal.
    this.#response?.return?.().catch(() => {});
  }
}
