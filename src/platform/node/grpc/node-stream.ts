/** A CallStream on node:http2. */
import type { ServerHttp2Stream } from "node:http2";
import type { Log } from "../log.ts";
import { drain } from "./drain.ts";
import type { CallReceiver, CallSession, CallStream, ResponseHeaders } from "./stream.ts";

const OURS = Symbol("our side of the stream");
type OwnStream = ServerHttp2Stream & { [OURS]?: NodeStream };

// gRPC has no use for the date that Node would add.
const WITH_TRAILERS = Object.freeze({ waitForTrailers: true, sendDate: false });
const WITHOUT_BODY = Object.freeze({ endStream: true, sendDate: false });

// Every call shares these listeners: a closure for each event of each call is a tenth of a small Put.
function onData(this: OwnStream, piece: Uint8Array): void {
  this[OURS]?.receiver?.received(piece);
}
function onEnd(this: OwnStream): void {
  // A reset also ends the readable side; that is no half-close.
  if (!this.closed && !this.destroyed) this[OURS]?.receiver?.halfClosed();
}
function onClose(this: OwnStream): void {
  this[OURS]?.receiver?.closed();
}
function onDrain(this: OwnStream): void {
  this[OURS]?.receiver?.roomAgain();
}
function onError(this: OwnStream, error: Error): void {
  this[OURS]?.log.debug("a call's stream failed", { error: error.message });
}
function onWantTrailers(this: OwnStream): void {
  this[OURS]?.sendTrailers();
}

export class NodeStream implements CallStream {
  readonly log: Log;
  /** For all that is known of it. */
  readonly holdsBytes = true;
  receiver: CallReceiver | undefined;
  readonly #stream: OwnStream;
  readonly #maxDrainedBytes: number;
  #trailers: ResponseHeaders | undefined;

  /** @param maxDrainedBytes what is still read of a request that has its answer */
  constructor(stream: ServerHttp2Stream, maxDrainedBytes: number, log: Log) {
    this.#stream = stream;
    this.#maxDrainedBytes = maxDrainedBytes;
    this.log = log;
    this.#stream[OURS] = this;
    stream.on("error", onError);
  }

  get headersSent(): boolean {
    return this.#stream.headersSent;
  }

  get isWritable(): boolean {
    const { destroyed, closed, writableEnded } = this.#stream;
    return !destroyed && !closed && !writableEnded;
  }

  get session(): CallSession | undefined {
    return this.#stream.session;
  }

  attach(receiver: CallReceiver): void {
    this.receiver = receiver;
    this.#stream.on("close", onClose);
    this.#stream.on("end", onEnd);
    this.#stream.on("data", onData);
    this.#stream.on("drain", onDrain);
  }

  respond(headers: ResponseHeaders): void {
    this.#stream.on("wantTrailers", onWantTrailers);
    this.#stream.respond(headers, WITH_TRAILERS);
  }

  respondOnly(headers: ResponseHeaders): void {
    this.#stream.respond(headers, WITHOUT_BODY);
    drain(this.#stream, this.#maxDrainedBytes);
  }

  write(bytes: Uint8Array): boolean {
    return this.#stream.write(bytes);
  }

  end(trailers: ResponseHeaders): void {
    this.#trailers = trailers;
    this.#stream.end();
  }

  reply(headers: ResponseHeaders, body: Uint8Array, trailers: ResponseHeaders): void {
    this.respond(headers);
    this.#trailers = trailers;
    this.#stream.end(body);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  sendTrailers(): void {
    if (!this.#stream.destroyed && !this.#stream.closed) this.#stream.sendTrailers(this.#trailers ?? {});
    drain(this.#stream, this.#maxDrainedBytes);
  }
}
