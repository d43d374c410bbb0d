import type { OutgoingHttpHeaders } from "node:http";
import { Writable } from "node:stream";
import { ErrorCode, type OutgoingHeaders, type Stream } from "../../../h2/index.ts";
import { setHead } from "../http/reply.ts";
import type { HeadList } from "../http/types.ts";
import type { EngineRequest } from "./request.ts";

type HeaderValue = string | number | readonly string[];

/** HTTP/2 has none of them (RFC 9113, 8.2.2). */
const OF_CONNECTION = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);
const WITHOUT_BODY = new Set([204, 205, 304]);

/** What of node:http2's Http2ServerResponse is in use, on a stream of the engine. */
export class EngineResponse extends Writable {
  readonly req: EngineRequest;
  readonly socket: object;
  statusCode = 200;
  readonly #stream: Stream;
  readonly #headers: Record<string, HeaderValue> = {};
  #trailers: Record<string, HeaderValue> | undefined;
  #isClosed = false;
  #isWhole = false;
  #whenRoom: ((error?: Error | null) => void) | undefined;

  constructor(stream: Stream, request: EngineRequest) {
    super({ autoDestroy: false, emitClose: false });
    this.#stream = stream;
    this.req = request;
    this.socket = request.socket;
  }

  get headersSent(): boolean {
    return this.#stream.headersSent;
  }

  setHeader(name: string, value: HeaderValue): this {
    this.#headers[name.toLowerCase()] = value;
    return this;
  }

  getHeader(name: string): HeaderValue | undefined {
    return this.#headers[name.toLowerCase()];
  }

  removeHeader(name: string): void {
    delete this.#headers[name.toLowerCase()];
  }

  writeHead(status: number, headers: OutgoingHttpHeaders | HeadList = {}): this {
    this.statusCode = status;
    if (Array.isArray(headers)) setHead(this, headers);
    else for (const [name, value] of Object.entries(headers)) if (value !== undefined) this.setHeader(name, value);
    if (!this.headersSent) this.#stream.respond(this.#head());
    return this;
  }

  addTrailers(trailers: OutgoingHttpHeaders): void {
    this.#trailers ??= {};
    for (const [name, value] of Object.entries(trailers)) {
      if (value !== undefined) this.#trailers[name.toLowerCase()] = value;
    }
  }

  /** See HttpResponse. */
  respondWhole(status: number, head: HeadList, body: Uint8Array): void {
    this.statusCode = status;
    setHead(this, head);
    this.#isWhole = true;
    if (!this.#hasBody()) {
      this.#stream.respondOnly(this.#head());
      return;
    }
    this.#stream.respond(this.#head());
    this.#stream.write(body);
    this.#stream.end(this.#trailers);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (!this.headersSent) this.#stream.respond(this.#head());
    if (!this.#hasBody() || this.#stream.write(chunk)) done();
    else this.#whenRoom = done;
  }

  override _final(done: () => void): void {
    if (this.headersSent || this.#trailers !== undefined) {
      if (!this.headersSent) this.#stream.respond(this.#head());
      this.#stream.end(this.#trailers);
    } else {
      this.#stream.respondOnly(this.#head());
    }
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isClosed) this.#stream.reset(error === null ? ErrorCode.CANCEL : ErrorCode.INTERNAL_ERROR);
    done(error);
  }

  roomAgain(): void {
    const done = this.#whenRoom;
    this.#whenRoom = undefined;
    done?.();
  }

  /** The stream is over. */
  streamClosed(): void {
    this.#isClosed = true;
    this.#whenRoom = undefined;
    // Of what ended by itself "finish" comes first.
    process.nextTick(() => {
      if (!this.#isWhole && !this.writableFinished) this.destroy();
      this.emit("close");
    });
  }

  #hasBody(): boolean {
    return this.req.method !== "HEAD" && !WITHOUT_BODY.has(this.statusCode);
  }

  #head(): OutgoingHeaders {
    const head: Record<string, HeaderValue> = { ":status": this.statusCode };
    for (const name in this.#headers) {
      if (!OF_CONNECTION.has(name)) head[name] = this.#headers[name] as HeaderValue;
    }
    head.date ??= httpDate();
    return head;
  }
}

let date = "";
let dateMs = 0;

/** As node:http's: made once a second. */
function httpDate(): string {
  const nowMs = Date.now();
  if (Math.abs(nowMs - dateMs) >= 1000) {
    dateMs = nowMs - (nowMs % 1000);
    date = new Date(nowMs).toUTCString();
  }
  return date;
}
