/**
 * What unary calls and streams have in common: one HTTP/2 stream, a deadline, and an end that happens once.
 *
 *     open ──► end(status)       the method or we ended it: trailers, unless the client is gone
 *          └─► stream "close"    the client ended it: the method is told by its signal
 */
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { create, type Message } from "@bufbuild/protobuf";
import { type CallStatus, expectedStatus, faultStatus } from "../../../rpc/index.ts";
import type { Log } from "../log.ts";
import type { Traffic } from "../metrics/traffic.ts";
import { CallContext } from "./context.ts";
import { drain } from "./drain.ts";
import { PREFIX_BYTES } from "./frames.ts";
import type { Linked, LinkedList } from "./linked-list.ts";
import type { Method } from "./methods.ts";
import { OK, trailersOf } from "./status.ts";

/** What a call knows of the server it is part of. */
export interface CallHost {
  readonly maxMessageBytes: number;
  /** Calls to be ended when the server stops. */
  readonly open: LinkedList<Call>;
  readonly traffic: Traffic;
  readonly log: Log;
}

export interface CallOptions {
  readonly host: CallHost;
  readonly method: Method;
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  /** By performance.now(). */
  readonly deadlineMs: number | undefined;
  readonly responseHeaders: Readonly<Record<string, string | number>>;
}

const CALL = Symbol("call");
type CallStream = ServerHttp2Stream & { [CALL]?: Call };

// gRPC has no use for the date that Node would add.
const WITH_TRAILERS = Object.freeze({ waitForTrailers: true, sendDate: false });
export const WITHOUT_BODY = Object.freeze({ endStream: true, sendDate: false });
const OK_TRAILERS = Object.freeze(trailersOf(OK));

// Every call shares these listeners: a closure for each event of each call is a tenth of a small Put.
function onData(this: CallStream, chunk: Uint8Array): void {
  this[CALL]?.received(chunk);
}
function onEnd(this: CallStream): void {
  // A reset also ends the readable side; that is no half-close.
  if (!this.closed && !this.destroyed) this[CALL]?.halfClosed();
}
function onClose(this: CallStream): void {
  this[CALL]?.closed();
}
function onError(this: CallStream, error: Error): void {
  this[CALL]?.host.log.debug("a call's stream failed", { error: error.message });
}
function onWantTrailers(this: CallStream): void {
  this[CALL]?.sendTrailers();
}

export abstract class Call implements Linked<Call> {
  /** Neighbours in the host's list. */
  previous: Call | undefined;
  next: Call | undefined;
  readonly host: CallHost;
  protected readonly method: Method;
  protected readonly stream: CallStream;
  protected readonly context: CallContext;
  protected done = false;
  readonly #responseHeaders: Readonly<Record<string, string | number>>;
  #trailers: Readonly<Record<string, string>> = OK_TRAILERS;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CallOptions) {
    this.host = options.host;
    this.method = options.method;
    this.stream = options.stream;
    this.context = new CallContext(options.method, options.stream, options.headers, options.deadlineMs);
    this.#responseHeaders = options.responseHeaders;
    this.stream[CALL] = this;
  }

  /** Begins to read; separate from the constructor, which must not call what subclasses define. */
  start(): void {
    this.host.open.add(this);
    this.stream.on("error", onError);
    this.stream.on("close", onClose);
    this.stream.on("end", onEnd);
    this.stream.on("data", onData);
  }

  /** Ends the call with `status` after `delayMs`, if nothing else has. */
  endAfter(delayMs: number, status: CallStatus): void {
    this.#timer = setTimeout(() => this.end(status), delayMs);
  }

  abstract received(chunk: Uint8Array): void;
  abstract halfClosed(): void;
  /** What a subclass lets go of when the call is over, whoever ended it. */
  protected abstract release(): void;

  /** The stream is gone; if the call was not over yet, the client (or the connection) ended it. */
  closed(): void {
    if (this.#over()) this.release();
  }

  /** Ends the call from our side; without effect once it is over. */
  end(status: CallStatus): void {
    if (!this.#over()) return;
    this.release();
    this.#sendStatus(status);
  }

  fail(error: unknown): void {
    const status = expectedStatus(error);
    if (status === undefined && !this.done) {
      const path = `/${this.method.service.typeName}/${this.method.method.name}`;
      this.host.log.error("a method failed", { path, error: error instanceof Error ? error.stack : error });
    }
    this.end(status ?? faultStatus(error));
  }

  /** Ends a unary call well. */
  protected endWith(message: Message): void {
    if (this.done) return;
    let frame: Uint8Array;
    try {
      frame = this.encode(message);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#over();
    if (!this.#writable()) return;
    this.respond();
    const extra = this.context.setResponseTrailer;
    if (extra !== undefined) this.#trailers = trailersOf(OK, extra);
    this.stream.end(frame);
  }

  protected encode(message: Message): Uint8Array {
    const { encode, output } = this.method;
    const frame = encode("$typeName" in message ? message : create(output, message));
    this.host.traffic.sentBytes += frame.length - PREFIX_BYTES;
    return frame;
  }

  /** Sends the headers, to be followed by messages and trailers. */
  protected respond(): void {
    const extra = this.context.setResponseHeader;
    this.stream.on("wantTrailers", onWantTrailers);
    this.stream.respond(
      extra === undefined ? this.#responseHeaders : { ...Object.fromEntries(extra), ...this.#responseHeaders },
      WITH_TRAILERS,
    );
  }

  sendTrailers(): void {
    if (this.#writable()) this.stream.sendTrailers(this.#trailers);
    drain(this.stream, this.host.maxMessageBytes);
  }

  /** True for the one caller that gets to end the call. */
  #over(): boolean {
    if (this.done) return false;
    this.done = true;
    this.host.open.delete(this);
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    return true;
  }

  #sendStatus(status: CallStatus): void {
    if (!this.#writable()) return;
    const trailers = trailersOf(status, this.context.setResponseTrailer);
    if (this.stream.headersSent) {
      this.#trailers = trailers;
      this.stream.end();
      return;
    }
    const extra = this.context.setResponseHeader;
    const headers = extra === undefined ? undefined : Object.fromEntries(extra);
    this.stream.respond({ ...headers, ...this.#responseHeaders, ...trailers }, WITHOUT_BODY);
    drain(this.stream, this.host.maxMessageBytes);
  }

  #writable(): boolean {
    return !this.stream.destroyed && !this.stream.closed;
  }
}
