/**
 * What unary calls and streams have in common: one HTTP/2 stream, a deadline, and an end that happens once.
 *
 *     open ──► end(status)       the method or we ended it: trailers, unless the client is gone
 *          └─► closed            the client ended it: the method is told by its signal
 */
import type { IncomingHttpHeaders } from "node:http2";
import { create, type Message } from "@bufbuild/protobuf";
import { type CallStatus, expectedStatus, faultStatus } from "../../../rpc/index.ts";
import type { Log } from "../log.ts";
import type { Traffic } from "../metrics/traffic.ts";
import type { Buffers, ConnectionBuffer } from "./buffers.ts";
import { CallContext } from "./context.ts";
import type { FrameBatch } from "./frame-batch.ts";
import { PREFIX_BYTES } from "./frames.ts";
import type { Linked, LinkedList } from "./linked-list.ts";
import type { Method } from "./methods.ts";
import { OK, trailersOf } from "./status.ts";
import type { CallReceiver, CallSession, CallStream, ResponseHeaders } from "./stream.ts";

/** What a call knows of the server it is part of. */
export interface CallHost {
  readonly maxMessageBytes: number;
  readonly maxMessageDepth: number;
  readonly buffers: Buffers;
  /** Calls to be ended when the server stops. */
  readonly open: LinkedList<Call>;
  readonly traffic: Traffic;
  readonly log: Log;
  /** The client has ended a call before it had any answer. */
  left(call: Call): void;
}

export interface CallOptions {
  readonly host: CallHost;
  readonly method: Method;
  readonly stream: CallStream;
  readonly headers: IncomingHttpHeaders;
  /** By performance.now(). */
  readonly deadlineMs: number | undefined;
  readonly responseHeaders: ResponseHeaders;
}

const OK_TRAILERS = Object.freeze(trailersOf(OK));

export abstract class Call implements Linked<Call>, CallReceiver {
  /** Neighbours in the host's list. */
  previous: Call | undefined;
  next: Call | undefined;
  readonly host: CallHost;
  protected readonly method: Method;
  /** Undefined where it is gone already. */
  readonly session: CallSession | undefined;
  protected readonly stream: CallStream;
  /** What this call adds to it, it has to take away again. */
  protected readonly buffer: ConnectionBuffer;
  protected readonly context: CallContext;
  protected done = false;
  readonly #responseHeaders: ResponseHeaders;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #bufferedBytes = 0;
  /** How often the host has found it waiting for the same message. */
  #waits = 0;

  constructor(options: CallOptions) {
    this.host = options.host;
    this.method = options.method;
    this.stream = options.stream;
    // The stream forgets it before it closes.
    this.session = options.stream.session;
    this.buffer = options.host.buffers.of(this.session);
    this.context = new CallContext(options.method, options.stream, options.headers, options.deadlineMs);
    this.#responseHeaders = options.responseHeaders;
  }

  /** Begins to read; separate from the constructor, which must not call what subclasses define. */
  start(): void {
    this.host.open.add(this);
    this.stream.attach(this);
  }

  /** Ends the call with `status` after `delayMs`, if nothing else has. */
  endAfter(delayMs: number, status: CallStatus): void {
    this.#timer = setTimeout(() => this.end(status), delayMs);
  }

  abstract received(chunk: Uint8Array): void;
  abstract halfClosed(): void;
  abstract roomAgain(): void;
  /** Whether the method is still to be given what the client has begun to send. */
  isReading(): boolean {
    return this.awaitsRest();
  }

  /** Whether a request, or a message of a stream of them, has begun and is not whole. */
  protected abstract awaitsRest(): boolean;
  /** What a subclass lets go of when the call is over, whoever ended it. */
  protected abstract release(): void;

  /** The stream is gone; if the call was not over yet, the client (or the connection) ended it. */
  closed(): void {
    this.#isClosed = true;
    if (this.#over()) {
      this.release();
      if (!this.stream.headersSent) this.host.left(this);
    }
    this.holds(0);
  }

  /** How many bytes of this call wait for the client by now. */
  protected holds(bytes: number): void {
    this.buffer.change(bytes - this.#bufferedBytes);
    this.#bufferedBytes = bytes;
  }

  /** To be asked from time to time: whether at the last two times, too, it waited for the rest of the same message. */
  isOverdue(): boolean {
    this.#waits = this.awaitsRest() ? this.#waits + 1 : 0;
    return this.#waits > 2;
  }

  /** A message is whole. */
  protected messageEnded(): void {
    this.#waits = 0;
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
    if (!this.stream.isWritable) return;
    const extra = this.context.setResponseTrailer;
    this.stream.reply(this.#headers(), frame, extra === undefined ? OK_TRAILERS : trailersOf(OK, extra));
    // Nearly always it has gone out at once, and the stream is closed.
    if (!this.#isClosed) this.holds(frame.length);
  }

  protected encode(message: Message): Uint8Array {
    const frame = this.method.encoder.frame(this.#whole(message));
    this.#encoded(frame.length);
    return frame;
  }

  /** As `encode`, behind other messages. */
  protected append(message: Message, batch: FrameBatch): void {
    this.#encoded(this.method.encoder.append(this.#whole(message), batch));
  }

  #encoded(frameBytes: number): void {
    this.host.traffic.sentBytes += frameBytes - PREFIX_BYTES;
    this.buffer.replied(frameBytes);
  }

  #whole(message: Message): Message {
    return "$typeName" in message ? message : create(this.method.output, message);
  }

  /** Sends the headers, to be followed by messages and trailers. */
  protected respond(): void {
    this.stream.respond(this.#headers());
  }

  #headers(): ResponseHeaders {
    const extra = this.context.setResponseHeader;
    return extra === undefined ? this.#responseHeaders : { ...Object.fromEntries(extra), ...this.#responseHeaders };
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
    if (!this.stream.isWritable) return;
    const trailers = trailersOf(status, this.context.setResponseTrailer);
    // Headers that a method set go in a block of their own: of a block that ends a call all is taken for trailers.
    if (!this.stream.headersSent && this.context.setResponseHeader !== undefined) this.respond();
    if (this.stream.headersSent) this.stream.end(trailers);
    else this.stream.respondOnly({ ...this.#responseHeaders, ...trailers });
  }
}
