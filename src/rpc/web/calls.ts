/**
 * Unary calls of Connect and gRPC-Web straight from a body to the method and back, with nothing built that is not asked
 * for; Connect's router, which takes every kind of call, costs several times the method. What is odd about a call is the
 * router's, before its body and after it, and so are the words for what is wrong with a request:
 *
 *     head ──► begin ──► answer(body) ──► a reply, or a promise of one
 *               └ undefined    └ undefined: nothing has been done, and the router is to be asked
 */
import { create, type DescMethod, type Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { compressionNegotiate } from "@connectrpc/connect/protocol";
import { type ConnectHandlersOptions, DEFAULT_MAX_DEPTH, maxReadBytes } from "../connect.ts";
import { connectErrorOf } from "../status.ts";
import { MAX_TIMER_MS } from "../timeout.ts";
import { type BinaryFormat, binaryCodec, type Codec, jsonCodec } from "./codec.ts";
import { WebContext, type WebHead } from "./context.ts";
import { CONNECT, type Form, leanFormOf, timeoutMsOf, type WebReply } from "./protocols.ts";

type UnaryFunction = (request: Message, context: HandlerContext) => Message | Promise<Message>;

export interface WebCallsOptions extends ConnectHandlersOptions {
  /** Default: protobuf-es. */
  readonly binary?: BinaryFormat;
}

/** More than the prefix of a message is not read with it. */
const PREFIX_BYTES = 5;
/** Connect's own. */
const MIN_COMPRESSED_BYTES = 1024;

/** A unary method that is there, for all its calls. */
interface UnaryMethod {
  readonly method: DescMethod;
  readonly run: UnaryFunction;
  readonly binary: Codec;
  readonly json: Codec;
}

/** What all calls share. */
interface CallHost {
  readonly options: WebCallsOptions;
  /** Calls whose methods take their time, to be told when the server stops. */
  readonly open: Set<WebCall>;
}

export class WebCalls {
  /** The longest body that is worth being read as a whole. */
  readonly maxBodyBytes: number;
  readonly #host: CallHost;
  readonly #methods = new Map<string, UnaryMethod>();

  constructor(options: WebCallsOptions) {
    const { bindings, shutdownSignal, maxMessageDepth = DEFAULT_MAX_DEPTH } = options;
    const limits = { maxReadBytes: maxReadBytes(options), maxMessageDepth };
    this.maxBodyBytes = limits.maxReadBytes + PREFIX_BYTES;
    this.#host = { options, open: new Set() };
    for (const { service, impl } of bindings) {
      for (const method of service.methods) {
        const run = (impl as Record<string, unknown>)[method.localName];
        if (method.methodKind !== "unary" || typeof run !== "function") continue;
        this.#methods.set(`/${service.typeName}/${method.name}`, {
          method,
          run: run.bind(impl) as UnaryFunction,
          binary: binaryCodec(method, limits, options.binary),
          json: jsonCodec(method, limits),
        });
      }
    }
    shutdownSignal.addEventListener("abort", () => {
      for (const call of this.#host.open) call.abort(shutdownSignal.reason);
    });
  }

  /** Undefined for a call that is left to the router. */
  begin(path: string, head: WebHead): WebCall | undefined {
    const method = this.#methods.get(path);
    const form = method && leanFormOf(head);
    return method && form && new WebCall(this.#host, method, form, head);
  }
}

/** One call, until it is answered. */
export class WebCall {
  readonly #host: CallHost;
  readonly #method: UnaryMethod;
  readonly #form: Form;
  readonly #head: WebHead;
  readonly #context: WebContext;

  constructor(host: CallHost, method: UnaryMethod, form: Form, head: WebHead) {
    this.#host = host;
    this.#method = method;
    this.#form = form;
    this.#head = head;
    const timeout = head.header(form.timeoutHeader);
    const timeoutMs = timeout === undefined ? undefined : timeoutMsOf(form, timeout);
    this.#context = new WebContext(method.method, form.protocol.name, head, timeoutMs);
  }

  /** The client has left, or nobody waits any more; @param reason the error that a method ends with that waits */
  abort(reason: unknown): void {
    this.#context.abort(reason);
  }

  /** @returns undefined for a body that is left to the router; nothing has been done with it */
  answer(body: Uint8Array): WebReply | Promise<WebReply> | undefined {
    const bytes = this.#form.protocol.message(body, this.#head);
    const request = bytes && this.#codec.read(bytes);
    if (request === undefined) return undefined;
    const { shutdownSignal } = this.#host.options;
    if (shutdownSignal.aborted) this.abort(shutdownSignal.reason);
    const leftMs = this.#context.timeoutMs();
    if (leftMs !== undefined && leftMs <= 0) this.abort(timedOut());
    let response: Message | Promise<Message>;
    try {
      response = this.#method.run(request, this.#context);
    } catch (error) {
      return this.#failed(error);
    }
    return "then" in response ? this.#later(response, leftMs) : this.#succeeded(response);
  }

  get #codec(): Codec {
    return this.#form.isJson ? this.#method.json : this.#method.binary;
  }

  /** A method that takes its time is told of the deadline and of the server's end. */
  async #later(response: Promise<Message>, leftMs: number | undefined): Promise<WebReply> {
    const timer =
      leftMs === undefined ? undefined : setTimeout(() => this.abort(timedOut()), Math.min(leftMs, MAX_TIMER_MS));
    this.#host.open.add(this);
    try {
      return await this.#succeeded(await response);
    } catch (error) {
      return await this.#failed(error);
    } finally {
      clearTimeout(timer);
      this.#host.open.delete(this);
    }
  }

  #succeeded(message: Message): WebReply | Promise<WebReply> {
    const { output } = this.#method.method;
    let bytes: Uint8Array;
    try {
      bytes = this.#codec.write("$typeName" in message ? message : create(output, message));
    } catch (error) {
      return this.#failed(error);
    }
    return this.#compressed(this.#form.protocol.success(this.#form.replyType, bytes, this.#context));
  }

  #failed(error: unknown): WebReply | Promise<WebReply> {
    const connectError = connectErrorOf(error, this.#context.signal, this.#method.method, this.#host.options.onFault);
    return this.#compressed(this.#form.protocol.failure(this.#form.replyType, connectError, this.#context));
  }

  /** Only bodies of Connect: calls that ask for envelopes to be compressed do not come here. */
  #compressed(reply: WebReply): WebReply | Promise<WebReply> {
    const { acceptCompression = [] } = this.#host.options;
    if (reply.body.length < MIN_COMPRESSED_BYTES || this.#form.protocol !== CONNECT) return reply;
    const accepted = this.#head.header("accept-encoding") ?? null;
    const { response } = compressionNegotiate(acceptCompression, null, accepted, "accept-encoding");
    if (response === null) return reply;
    const header = [...reply.header, ["content-encoding", response.name] as const];
    return response.compress(reply.body).then((body) => ({ ...reply, header, body }));
  }
}

function timedOut(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}
