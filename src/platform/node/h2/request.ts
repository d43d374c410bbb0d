import { Readable } from "node:stream";
import type { ErrorCode, IncomingHeaders, Stream } from "../../../h2/index.ts";

class RequestStream {
  rstCode = 0;
  readonly #stream: Stream;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  close(code?: ErrorCode): void {
    this.#stream.reset(code);
  }
}

/** What of node:http2's Http2ServerRequest is in use, on a stream of the engine. */
export class EngineRequest extends Readable {
  readonly httpVersion = "2.0";
  readonly httpVersionMajor = 2;
  readonly httpVersionMinor = 0;
  /** Those of other requests, too, that said the same. */
  readonly headers: IncomingHeaders;
  readonly method: string;
  readonly url: string;
  readonly authority: string | undefined;
  readonly socket: object;
  /** As much of the stream as those look at who know that there is one. */
  readonly stream: RequestStream;
  complete = false;
  readonly #stream: Stream;
  #hasEnded = false;
  #whenWhole: ((body: Uint8Array) => void) | undefined;
  /** For who waits for all of them. */
  #pieces: Uint8Array[] = [];
  #wasWhole = false;

  constructor(stream: Stream, headers: IncomingHeaders) {
    // It closes with its stream, not with its last byte: a client may leave after that, too.
    super({ autoDestroy: false, emitClose: false });
    this.#stream = stream;
    this.headers = headers;
    const { ":method": method, ":path": path, ":authority": authority, host } = headers;
    this.method = String(method);
    this.url = String(path);
    this.authority = (authority ?? host) as string | undefined;
    this.socket = stream.session.socket;
    this.stream = new RequestStream(stream);
  }

  /** See HttpRequest. */
  whenWhole(callback: (body: Uint8Array) => void): boolean {
    this.#whenWhole = callback;
    return true;
  }

  override _read(): void {
    // Of what was handed on whole the end is left.
    if (this.#wasWhole) this.#finish();
    else this.#stream.resume();
  }

  received(piece: Uint8Array): void {
    if (this.#hasEnded) return;
    if (this.#whenWhole !== undefined) this.#pieces.push(piece);
    else if (!this.push(piece)) this.#stream.pause();
  }

  ended(): void {
    this.complete = true;
    const callback = this.#whenWhole;
    if (callback === undefined) {
      this.#finish();
      return;
    }
    const pieces = this.#pieces;
    this.#whenWhole = undefined;
    this.#pieces = [];
    this.#wasWhole = true;
    callback(pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces));
  }

  /** The stream is over; who reads sees an end, who listens that it was none. */
  streamClosed(code: number): void {
    this.stream.rstCode = code;
    const wasCut = !this.complete;
    this.complete = true;
    if (!this.#wasWhole) this.#finish();
    if (wasCut) this.emit("aborted");
    this.emit("close");
  }

  #finish(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.push(null);
  }
}
