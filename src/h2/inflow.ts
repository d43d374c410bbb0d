/**
 * RFC 9113, 5.2 and 6.9, the client's side: what it may still send. It is allowed as many bytes again when half a window
 * has been used up, and none as long as too much waits for readers that have paused.
 */
import { DEFAULT_WINDOW_BYTES, ErrorCode } from "./constants.ts";
import { ConnectionError } from "./errors.ts";
import type { Output } from "./output.ts";
import { State } from "./states.ts";
import type { Stream } from "./stream.ts";

/** So that clients on a fast network do not wait for it, however many streams they have. */
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
const MAX_HELD_BYTES = 16 * 1024 * 1024;

export class Inflow {
  readonly #output: Output;
  readonly #streamWindowBytes: number;
  #windowBytes = DEFAULT_WINDOW_BYTES;
  #toReturnBytes = CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES;
  #heldBytes = 0;

  constructor(output: Output, streamWindowBytes: number) {
    this.#output = output;
    this.#streamWindowBytes = streamWindowBytes;
  }

  /** A frame has come. @throws ConnectionError */
  take(bytes: number): void {
    this.#windowBytes -= bytes;
    if (this.#windowBytes < 0) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "more was sent than the connection's window allows");
    }
    this.#toReturnBytes += bytes;
  }

  /** Lets the client send more, if it is time. */
  update(): void {
    if (this.#toReturnBytes < CONNECTION_WINDOW_BYTES / 2 || this.#heldBytes >= MAX_HELD_BYTES) return;
    this.#output.windowUpdate(0, this.#toReturnBytes);
    this.#windowBytes += this.#toReturnBytes;
    this.#toReturnBytes = 0;
  }

  holds(bytes: number): void {
    this.#heldBytes += bytes;
    if (bytes < 0) this.update();
  }

  consumed(stream: Stream, bytes: number): void {
    stream.toReturnBytes += bytes;
    // Whoever was answered early may finish, in the time it has: nothing of it is kept.
    const mayCome = stream.state === State.OPEN || stream.state === State.HALF_CLOSED_LOCAL;
    if (stream.toReturnBytes < this.#streamWindowBytes / 2 || !mayCome) return;
    this.#output.windowUpdate(stream.id, stream.toReturnBytes);
    stream.receiveWindowBytes += stream.toReturnBytes;
    stream.toReturnBytes = 0;
  }
}
