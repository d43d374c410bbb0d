import type { FromClient, FromServer, Port } from "./messages.ts";

/**
 * Turns of the microtask queue that a batch waits for more: enough for Connect's pipelines to bring a unary
 * call's head, body and end one after the other. Nothing depends on it but the number of posts.
 */
const PATIENCE_TURNS = 24;
/** A batch of this size is posted at once. */
const MAX_BATCH_BYTES = 256 * 1024;
/** What is smaller is copied faster than its buffer changes hands. */
const MIN_TRANSFER_BYTES = 64 * 1024;

type WithBody = Extract<FromClient | FromServer, { body: Uint8Array }>;

/** Posts messages in batches: what is said in one turn of the event loop goes as one post, in order. */
export class Outbox<M extends FromClient | FromServer> {
  readonly #port: Port;
  /** A BroadcastChannel copies for each that listens. */
  readonly #canTransfer: boolean;
  #batch: M[] = [];
  #transfer: Transferable[] = [];
  #bytes = 0;

  constructor(port: Port) {
    this.#port = port;
    this.#canTransfer = !(port instanceof BroadcastChannel);
  }

  post(message: M): void {
    this.#batch.push("body" in message ? (this.#measured(message) as M) : message);
    if (this.#bytes >= MAX_BATCH_BYTES) this.flush();
    else if (this.#batch.length === 1) void this.#flushSoon(this.#batch);
  }

  flush(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    const transfer = this.#transfer;
    this.#batch = [];
    this.#transfer = [];
    this.#bytes = 0;
    if (transfer.length === 0) this.#port.postMessage(batch);
    else this.#port.postMessage(batch, transfer);
  }

  /** What has not gone will not go: the port is about to be closed. */
  drop(): void {
    this.#batch = [];
    this.#transfer = [];
    this.#bytes = 0;
  }

  /** A part of a larger buffer would be posted with the whole of it. */
  #measured(message: WithBody): WithBody {
    const { body } = message;
    this.#bytes += body.length;
    if (body.length !== body.buffer.byteLength) return { ...message, body: body.slice() };
    if (this.#canTransfer && body.length >= MIN_TRANSFER_BYTES) this.#transfer.push(body.buffer as ArrayBuffer);
    return message;
  }

  async #flushSoon(batch: M[]): Promise<void> {
    for (let turn = 0; turn < PATIENCE_TURNS; turn++) await undefined;
    if (this.#batch === batch) this.flush();
  }
}
