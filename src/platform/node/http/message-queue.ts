import type { WebSocket } from "ws";

/** Messages that wait for a reader may take as much; then the client has to wait. */
const MAX_WAITING_BYTES = 64 * 1024;
const LINE_FEED = Buffer.from("\n");

/** A WebSocket's messages as a body: each ends a line. For one reader. */
export class MessageQueue implements AsyncIterable<Uint8Array> {
  readonly #client: Pick<WebSocket, "pause" | "resume">;
  readonly #messages: Buffer[] = [];
  #waitingBytes = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(client: Pick<WebSocket, "pause" | "resume">) {
    this.#client = client;
  }

  push(message: Buffer): void {
    this.#messages.push(message);
    this.#waitingBytes += message.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#client.pause();
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        if (this.#waitingBytes > MAX_WAITING_BYTES && this.#waitingBytes - message.length <= MAX_WAITING_BYTES) {
          this.#client.resume();
        }
        this.#waitingBytes -= message.length;
        yield Buffer.concat([message, LINE_FEED]);
      } else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
