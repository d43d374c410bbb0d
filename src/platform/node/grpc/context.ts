/** A method's HandlerContext for a call straight on an HTTP/2 stream. */
import type { IncomingHttpHeaders } from "node:http2";
import type { DescMethod } from "@bufbuild/protobuf";
import type { ContextValues } from "@connectrpc/connect";
import { EtcdError, Status } from "../../../errors.ts";
import { clientAddress, clientCommonName, LeanContext } from "../../../rpc/index.ts";
import { headersOf } from "../incoming-headers.ts";
import { addressOf } from "../listen/address.ts";
import { clientCommonNameOf } from "../tls/peer.ts";
import type { Method } from "./methods.ts";
import type { CallStream } from "./stream.ts";

/** The reason of every abort: one for all, for building an error each time is what costs. */
export const ABORT_REASON = new EtcdError(Status.CANCELLED, "context canceled");

export class CallContext extends LeanContext {
  readonly #method: Method;
  readonly #stream: CallStream;
  readonly #headers: IncomingHttpHeaders;
  readonly #deadlineMs: number | undefined;
  #requestHeader: Headers | undefined;

  /** @param deadlineMs by performance.now() */
  constructor(method: Method, stream: CallStream, headers: IncomingHttpHeaders, deadlineMs: number | undefined) {
    super();
    this.#method = method;
    this.#stream = stream;
    this.#headers = headers;
    this.#deadlineMs = deadlineMs;
  }

  get method(): DescMethod {
    return this.#method.method;
  }

  get protocolName(): string {
    return "grpc";
  }

  get url(): string {
    const host = this.#headers[":authority"] ?? this.#headers.host ?? "localhost";
    return `${this.#headers[":scheme"] ?? "http"}://${host}${this.#headers[":path"]}`;
  }

  timeoutMs(): number | undefined {
    return this.#deadlineMs === undefined ? undefined : this.#deadlineMs - performance.now();
  }

  header(name: string): string | undefined {
    const value = this.#headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= headersOf(this.#headers);
    return this.#requestHeader;
  }

  protected override newValues(): ContextValues {
    const values = super.newValues();
    const socket = this.#stream.session?.socket;
    values.set(clientAddress, addressOf(socket));
    const commonName = clientCommonNameOf(socket);
    if (commonName !== undefined) values.set(clientCommonName, commonName);
    return values;
  }
}
