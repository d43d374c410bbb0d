import type { WatchRequest } from "../../gen/etcdserverpb/watch_pb.ts";

interface Item {
  readonly request: WatchRequest;
  /** Called as it is taken; undefined for a client's request. */
  readonly taken: (() => void) | undefined;
}

/**
 * Requests on their way to a stream of watches, which handles each as it takes it. One that creates a watch holds up
 * the next until it is answered (`resume`), as only then it is known what IDs are taken.
 */
export class WatchQueue implements AsyncIterable<WatchRequest> {
  /** What a client's request is to be when it is its turn; undefined for nothing. */
  whenTaken: (request: WatchRequest) => WatchRequest | undefined = (request) => request;
  readonly #items: Item[] = [];
  #isHeld = false;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  push(request: WatchRequest, taken?: () => void): void {
    this.#items.push({ request, taken });
    this.#wake?.();
  }

  resume(): void {
    this.#isHeld = false;
    this.#wake?.();
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchRequest> {
    for (;;) {
      const item = this.#isHeld ? undefined : this.#items.shift();
      if (item !== undefined) {
        item.taken?.();
        const request = item.taken === undefined ? this.whenTaken(item.request) : item.request;
        if (request === undefined) continue;
        this.#isHeld = request.requestUnion.case === "createRequest";
        yield request;
      } else if (this.#hasEnded) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
