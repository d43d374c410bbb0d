/**
 * From a method's responses to its client, one after the other:
 *
 *     ready ─► room ─► send ─► ready …     in one go, as long as nothing has to be waited for
 *       │        └ none: called back
 *       └ nothing: called back, and else what `next` says
 *
 * So the next response is asked for when there is room for it.
 */
import type { Message } from "@bufbuild/protobuf";
import { type Readiness, readinessOf } from "../../../rpc/index.ts";

export interface ResponseSink {
  /** Nothing is wanted any more. */
  readonly isOver: boolean;
  /** Where there is no room, calls back when there is some again. */
  hasRoom(callback: () => void): boolean;
  send(response: Message): void;
  /** There are no more. */
  ended(): void;
  failed(error: unknown): void;
}

export class ResponsePump {
  readonly #sink: ResponseSink;
  readonly #responses: AsyncIterator<Message>;
  readonly #readiness: Readiness<Message>;
  /** It waits for room. */
  #held: Message | undefined;
  #wasCalled = false;
  readonly #goOn = (): void => this.run();
  readonly #mayBeReady = (): void => {
    this.#wasCalled = true;
    this.run();
  };

  constructor(sink: ResponseSink, responses: AsyncIterator<Message>) {
    this.#sink = sink;
    this.#responses = responses;
    this.#readiness = readinessOf(responses);
  }

  run(): void {
    const sink = this.#sink;
    try {
      while (!sink.isOver) {
        this.#held ??= this.#readiness.ready();
        if (this.#held === undefined) {
          this.#wait();
          return;
        }
        this.#wasCalled = false;
        if (!sink.hasRoom(this.#goOn)) return;
        const response = this.#held;
        this.#held = undefined;
        sink.send(response);
      }
    } catch (error) {
      sink.failed(error);
    }
  }

  /** The method is told that nothing more is wanted. */
  stop(): void {
    this.#held = undefined;
    // Not awaited: it may be anywhere, and its last word is of no use any more.
    this.#responses.return?.().catch(() => {});
  }

  #wait(): void {
    if (!this.#wasCalled && this.#readiness.whenReady(this.#mayBeReady)) return;
    this.#wasCalled = false;
    this.#responses.next().then(
      (next) => this.#came(next),
      (error: unknown) => this.#sink.failed(error),
    );
  }

  #came(next: IteratorResult<Message>): void {
    if (this.#sink.isOver) return;
    if (next.done === true) {
      this.#sink.ended();
      return;
    }
    this.#held = next.value;
    this.run();
  }
}
