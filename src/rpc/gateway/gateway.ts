/**
 * etcd's JSON gateway (rules HT1 to HT4) as a function from an HTTP request to a response, whatever carries the
 * two. It runs the methods that every other way in runs. Who has the whole body at hand, or cares when a response
 * is asked for, takes the two steps of `handle` himself: where the request leads, and the call.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { EtcdError, Status } from "../../errors.ts";
import type { ServiceBinding } from "../binding.ts";
import { JsonScanner } from "../json/scanner.ts";
import { expectedStatus } from "../status.ts";
import { bodyLimits, chunksOf, concatenated, exactRequest, onlyRequest, tooLarge } from "./body.ts";
import { type CallHost, GatewayCall, type GatewayMethod, type GatewayStreamReply } from "./calls.ts";
import type { GatewayCallOptions } from "./context.ts";
import { destinationOf } from "./path.ts";
import { errorReply, type GatewayReply, NOT_FOUND, NOT_POST, redirect } from "./replies.ts";
import { ROUTES } from "./routes.ts";

export interface GatewayOptions {
  readonly bindings: readonly ServiceBinding[];
  /** The largest message that is read, in its binary form. */
  readonly maxMessageBytes: number;
  /** Its reason is the error that open calls end with. */
  readonly shutdownSignal: AbortSignal;
  /** False has every request read by all the rules; the answers are the same. Default true. */
  readonly fastPaths?: boolean | undefined;
  /** Told of faults of ours: errors that no method throws on purpose. */
  readonly onFault: (path: string, error: unknown) => void;
}

export interface GatewayRequest extends GatewayCallOptions {
  readonly method: string;
  readonly body: AsyncIterable<Uint8Array>;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

export class Gateway {
  readonly #host: CallHost;
  readonly #methods: ReadonlyMap<string, GatewayMethod>;

  constructor(options: GatewayOptions) {
    const { bindings, maxMessageBytes, shutdownSignal, fastPaths = true, onFault } = options;
    const requestOf = fastPaths ? onlyRequest : exactRequest;
    this.#host = { limits: bodyLimits(maxMessageBytes), requestOf, open: new Set(), shutdownSignal, onFault };
    this.#methods = new Map(Object.entries(ROUTES).map(([path, method]) => [path, methodOf(method, bindings)]));
    shutdownSignal.addEventListener("abort", () => {
      for (const call of this.#host.open) call.end(shutdownSignal.reason);
    });
  }

  /** The most bytes of a body that a call of one request needs to see. */
  get maxBodyBytes(): number {
    return this.#host.limits.maxJsonBytes;
  }

  /** The reply to a body of more than that. */
  tooLarge(sizeBytes: number): GatewayReply {
    return errorReply(statusOf(tooLarge(sizeBytes, this.#host.limits)));
  }

  /** Where a request leads: to a method, to a reply without one, or, if it is not the gateway's, to undefined. */
  find(httpMethod: string, target: string): GatewayMethod | GatewayReply | undefined {
    const found = httpMethod === "POST" ? this.#methods.get(target) : undefined;
    if (found !== undefined) return found;
    const destination = destinationOf(target);
    if (destination === undefined) return undefined;
    if ("redirect" in destination) return redirect(destination.redirect);
    const method = this.#methods.get(destination.path);
    if (method === undefined) return errorReply(NOT_FOUND);
    return httpMethod === "POST" ? method : errorReply(NOT_POST);
  }

  /** Begins a call, which is to be answered by its kind; a reply in its place if the headers make no sense. */
  call(method: GatewayMethod, options: GatewayCallOptions): GatewayCall | GatewayReply {
    try {
      return new GatewayCall(this.#host, method, options);
    } catch (error) {
      return errorReply(statusOf(error));
    }
  }

  /** Undefined for a request that is not the gateway's. */
  async handle(request: GatewayRequest): Promise<GatewayReply | GatewayStreamReply | undefined> {
    const { signal } = request;
    const found = this.find(request.method, request.target);
    if (found === undefined || "status" in found) return found;
    const call = this.call(found, request);
    if ("status" in call) return call;
    signal.addEventListener("abort", () => call.cancel(), { once: true });
    if (signal.aborted) call.cancel();
    if (found.kind === "bidi_streaming") return call.stream(request.body);
    const body = await this.#collect(request.body);
    if (!(body instanceof Uint8Array)) {
      call.cancel();
      return body;
    }
    return found.kind === "unary" ? call.answer(body) : call.stream(body);
  }

  /** As much of a body as the first value takes; or, of what is none, as much as shows it. */
  async #collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array | GatewayReply> {
    const scanner = new JsonScanner();
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const chunk of chunksOf(body)) {
        length += chunk.length;
        if (length > this.maxBodyBytes) return this.tooLarge(length);
        chunks.push(chunk);
        if (isWhole(scanner, chunk)) break;
      }
    } catch (error) {
      return errorReply(statusOf(error));
    }
    return concatenated(chunks, length);
  }
}

function isWhole(scanner: JsonScanner, chunk: Uint8Array): boolean {
  try {
    return scanner.scan(chunk, 0, chunk.length) !== undefined;
  } catch {
    return true;
  }
}

function methodOf(method: DescMethod, bindings: readonly ServiceBinding[]): GatewayMethod {
  const { methodKind: kind, parent } = method;
  if (kind === "client_streaming") throw new Error(`the gateway cannot carry ${method.toString()}`);
  const impl = bindings.find(({ service }) => service.typeName === parent.typeName)?.impl as
    | Record<string, unknown>
    | undefined;
  const run = impl?.[method.localName];
  if (typeof run === "function") return { kind, method, run: run.bind(impl) };
  const unimplemented = (): never => {
    const text = impl === undefined ? "unknown service" : `unknown method ${method.name} for service`;
    throw new EtcdError(Status.UNIMPLEMENTED, `${text} ${parent.typeName}`);
  };
  return { kind, method, run: unimplemented };
}

function statusOf(error: unknown): { code: number; message: string } {
  return expectedStatus(error) ?? { code: Status.INTERNAL, message: String(error) };
}
