/**
 * A method's HandlerContext, of which nothing is built before the method asks for it: most ask for nothing,
 * and Headers and an AbortController cost more than a whole Put.
 */
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { type ContextValues, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { EtcdError, Status } from "../../../errors.ts";
import { clientCommonName } from "../../../rpc/index.ts";
import { clientCommonNameOf } from "../tls/peer.ts";
import type { Method } from "./methods.ts";

/** The reason of every abort: one for all, for building an error each time is what costs. */
export const ABORT_REASON = new EtcdError(Status.CANCELLED, "context canceled");

export class CallContext implements HandlerContext {
  readonly #method: Method;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #deadlineMs: number | undefined;
  #controller: AbortController | undefined;
  #aborted = false;
  #requestHeader: Headers | undefined;
  #responseHeader: Headers | undefined;
  #responseTrailer: Headers | undefined;
  #values: ContextValues | undefined;

  /** @param deadlineMs by performance.now() */
  constructor(method: Method, stream: ServerHttp2Stream, headers: IncomingHttpHeaders, deadlineMs: number | undefined) {
    this.#method = method;
    this.#stream = stream;
    this.#headers = headers;
    this.#deadlineMs = deadlineMs;
  }

  get method(): DescMethod {
    return this.#method.method;
  }

  get service(): DescService {
    return this.#method.service;
  }

  get protocolName(): string {
    return "grpc";
  }

  get requestMethod(): string {
    return "POST";
  }

  get url(): string {
    const host = this.#headers[":authority"] ?? this.#headers.host ?? "localhost";
    return `${this.#headers[":scheme"] ?? "http"}://${host}${this.#headers[":path"]}`;
  }

  timeoutMs(): number | undefined {
    return this.#deadlineMs === undefined ? undefined : this.#deadlineMs - performance.now();
  }

  /** Aborted when the call ends before the method has ended it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(ABORT_REASON);
    }
    return this.#controller.signal;
  }

  /** One header by its name in lower case: what is asked of every call where auth is on, and must cost little. */
  header(name: string): string | undefined {
    const value = this.#headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  get requestHeader(): Headers {
    if (this.#requestHeader === undefined) {
      this.#requestHeader = new Headers();
      for (const [name, value] of Object.entries(this.#headers)) {
        if (name.startsWith(":") || value === undefined) continue;
        for (const one of Array.isArray(value) ? value : [value]) append(this.#requestHeader, name, one);
      }
    }
    return this.#requestHeader;
  }

  get responseHeader(): Headers {
    this.#responseHeader ??= new Headers();
    return this.#responseHeader;
  }

  get responseTrailer(): Headers {
    this.#responseTrailer ??= new Headers();
    return this.#responseTrailer;
  }

  get values(): ContextValues {
    if (this.#values === undefined) {
      const commonName = clientCommonNameOf(this.#stream.session?.socket);
      this.#values = createContextValues();
      if (commonName !== undefined) this.#values.set(clientCommonName, commonName);
    }
    return this.#values;
  }

  /** What the method set, if it set any. */
  get setResponseHeader(): Headers | undefined {
    return this.#responseHeader;
  }

  get setResponseTrailer(): Headers | undefined {
    return this.#responseTrailer;
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort(ABORT_REASON);
  }
}

/** A header that is fine in HTTP/2 and not for Headers is left out: no method reads such a one. */
function append(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    // Left out.
  }
}
