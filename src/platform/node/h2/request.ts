import { Readable } from "node:stream";
import type { ErrorCode, IncomingHeaders, Stream } from "../../../h2/index.ts";

/** What of node:http2's Http2ServerRequest is in use, on a stream of the engine. */
export class EngineRequest extends Readable {
  readonly httpVersion = "2.0";
  readonly httpVersionMajor = 2;
  readonly httpVersionMinor = 0;
  readonly headers: IncomingHeaders;
  readonly method: string;
  readonly url: string;
  readonly authority: string | undefined;
  readonly socket: object;
  /** As much of the stream as those look at who know that there is one. */
  readonly stream: { readonly rstCode: number; close(code?: ErrorCode): void };
  complete = false;
  readonly #stream: Stream;
  #rstCode = 0;
  #hasEnded = false;

  constructor(stream: Stream, headers: IncomingHeaders) {
    // It closes with its stream, not with its last byte: a client may leave after that, too.
    super({ autoDestroy: false, emitClose: false });
    this.#stream = stream;
    // Its own: the engine's may be those of other requests, too.
    this.headers = { ...headers };
    const { ":method": method, ":path": path, ":authority": authority, host } = headers;
    this.method = String(method);
    this.url = String(path);
    this.authority = (authority ?? host) as string | undefined;
    this.socket = stream.session.socket;
    const rstCode = (): number => this.#rstCode;
    this.stream = {
      get rstCode() {
        return rstCode();
      },
      close: (code) => stream.reset(code),
    };
  }

  override _read(): void {
    this.#stream.resume();
  }

  received(piece: Uint8Array): void {
    if (!this.#hasEnded && !this.push(piece)) this.#stream.pause();
  }

  ended(): void {
    this.complete = true;
    this.#finish();
  }

  /** The stream is over; who reads sees an end, who listens that it was none. */
  streamClosed(code: number): void {
    this.#rstCode = code;
    const wasCut = !this.complete;
    this.complete = true;
    this.#finish();
    if (wasCut) this.emit("aborted");
    this.emit("close");
  }

  #finish(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.push(null);
  }
}
