/**
 * Calls through the gateway, whatever carries them: a body goes in, a reply comes out. A unary call is answered in
 * the same step if its method is; a stream's next line is asked for when the last one was taken.
 */
import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { EtcdError, Status } from "../../errors.ts";
import { encodeErrorLine, encodeJson, encodeResultLine } from "../json/encoder.ts";
import { type CallStatus, expectedStatus, faultStatus } from "../status.ts";
import { MAX_TIMER_MS } from "../timeout.ts";
import { type BodyLimits, type onlyRequest, requestStream } from "./body.ts";
import { type GatewayCallOptions, GatewayContext } from "./context.ts";
import { errorReply, type GatewayReply, httpStatus, JSON_TYPE, SUCCESS_HEADERS } from "./replies.ts";
import { timeoutOf } from "./timeout.ts";

/** A method and what runs it, unary or a stream of responses, and perhaps of requests. */
export interface GatewayMethod {
  readonly kind: "unary" | "server_streaming" | "bidi_streaming";
  readonly method: DescMethod;
  readonly run: (request: never, context: HandlerContext) => unknown;
}

/** What all calls share. */
export interface CallHost {
  readonly limits: BodyLimits;
  /** How a body of one request is read. */
  readonly requestOf: typeof onlyRequest;
  /** Calls whose methods take their time, to be ended when the server stops. */
  readonly open: Set<GatewayCall>;
  /** Its reason is the error that they end with. */
  readonly shutdownSignal: AbortSignal;
  readonly onFault: (path: string, error: unknown) => void;
}

/** A reply whose lines come as they are asked for. */
export interface GatewayStreamReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncGenerator<Uint8Array>;
}

const CANCELED = new EtcdError(Status.CANCELLED, "context canceled");
const DEADLINE_EXCEEDED = new EtcdError(Status.DEADLINE_EXCEEDED, "context deadline exceeded");

type UnaryFunction = (request: Message, context: HandlerContext) => Message | Promise<Message>;
type StreamFunction = (requests: Message | AsyncIterable<Message>, context: HandlerContext) => AsyncIterable<Message>;

/** One call, until it is answered or ended. */
export class GatewayCall {
  readonly #host: CallHost;
  readonly #method: GatewayMethod;
  readonly #context: GatewayContext;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  /** Why the call was ended before its method had done so. */
  #end: { readonly reason: unknown } | undefined;
  #onEnd: ((reason: unknown) => void) | undefined;

  /** @throws EtcdError for headers that make no sense */
  constructor(host: CallHost, method: GatewayMethod, options: GatewayCallOptions) {
    const timeout = options.headers["grpc-timeout"];
    const timeoutMs = timeoutOf(typeof timeout === "object" ? timeout[0] : timeout);
    this.#host = host;
    this.#method = method;
    this.#context = new GatewayContext(method.method, options, timeoutMs);
    if (timeoutMs !== undefined) {
      this.#timer = setTimeout(() => this.end(DEADLINE_EXCEEDED), Math.min(Math.max(timeoutMs, 0), MAX_TIMER_MS));
    }
  }

  /** The client has left. */
  cancel(): void {
    this.end(CANCELED);
  }

  /** @param reason the error that the call ends with */
  end(reason: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    this.#context.abort(reason);
    this.#onEnd?.(reason);
  }

  /** Answers a unary call. */
  answer(body: Uint8Array): GatewayReply | Promise<GatewayReply> {
    let response: Message | Promise<Message>;
    try {
      this.#checkDeadline();
      const { requestOf, limits } = this.#host;
      const request = requestOf(this.#method.method.input, body, limits);
      response = (this.#method.run as UnaryFunction)(request, this.#context);
    } catch (error) {
      return this.#failed(error);
    }
    if (!("then" in response)) return this.#succeeded(response);
    return this.#orEnd(response).then(
      (message) => this.#succeeded(message),
      (error: unknown) => this.#failed(error),
    );
  }

  /** Answers a call whose responses are a stream: with its first line, or with what came in place of one. */
  async stream(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<GatewayReply | GatewayStreamReply> {
    const { input } = this.#method.method;
    const { requestOf, limits } = this.#host;
    let requests: Message | AsyncIterable<Message>;
    try {
      requests = body instanceof Uint8Array ? requestOf(input, body, limits) : requestStream(input, body, limits);
    } catch (error) {
      return this.#failed(error);
    }
    let responses: AsyncIterator<Message> | undefined;
    try {
      responses = (this.#method.run as StreamFunction)(requests, this.#context)[Symbol.asyncIterator]();
      const first = await this.#orEnd(responses.next());
      if (first.done !== true) {
        return { status: 200, headers: SUCCESS_HEADERS, body: this.#lines(first.value, responses) };
      }
      this.#finish(responses);
      return { status: 200, headers: {}, body: new Uint8Array(0) };
    } catch (error) {
      const status = this.#statusOf(error);
      this.#finish(responses);
      const line = encodeErrorLine(status.code, status.message);
      return { status: httpStatus(status.code), headers: JSON_TYPE, body: line };
    }
  }

  async *#lines(first: Message, responses: AsyncIterator<Message>): AsyncGenerator<Uint8Array> {
    const { output } = this.#method.method;
    try {
      yield encodeResultLine(output, first);
      for (;;) {
        const next = await this.#orEnd(responses.next());
        if (next.done === true) return;
        yield encodeResultLine(output, next.value);
      }
    } catch (error) {
      const { code, message } = this.#statusOf(error);
      yield encodeErrorLine(code, message);
    } finally {
      this.#finish(responses);
    }
  }

  /** Rejects with the reason if the call is ended first. */
  #orEnd<T>(result: Promise<T>): Promise<T> {
    const { open, shutdownSignal } = this.#host;
    open.add(this);
    if (shutdownSignal.aborted) this.end(shutdownSignal.reason);
    return new Promise((resolve, reject) => {
      this.#onEnd = reject;
      if (this.#end !== undefined) reject(this.#end.reason);
      result.then(resolve, reject);
    });
  }

  /** A deadline that has passed is not left to a timer, which comes too late for a method that answers at once. */
  #checkDeadline(): void {
    const leftMs = this.#context.timeoutMs();
    if (leftMs !== undefined && leftMs <= 0) throw DEADLINE_EXCEEDED;
  }

  #succeeded(message: Message): GatewayReply {
    this.#finish();
    return { status: 200, headers: SUCCESS_HEADERS, body: encodeJson(this.#method.method.output, message) };
  }

  #failed(error: unknown): GatewayReply {
    this.#finish();
    return errorReply(this.#statusOf(error));
  }

  #statusOf(error: unknown): CallStatus {
    const expected = expectedStatus(error);
    if (expected !== undefined) return expected;
    const { method } = this.#method;
    this.#host.onFault(`/${method.parent.typeName}/${method.name}`, error);
    return faultStatus(error);
  }

  #finish(responses?: AsyncIterator<Message>): void {
    clearTimeout(this.#timer);
    this.#host.open.delete(this);
    this.#onEnd = undefined;
    this.end(CANCELED);
    // Not awaited: a method may be anywhere, and its last word is of no use any more.
    responses?.return?.().catch(() => {});
  }
}
