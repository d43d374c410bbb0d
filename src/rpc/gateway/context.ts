/**
 * A method's HandlerContext for a call through the gateway. Of the HTTP headers only those are the call's that
 * etcd's gateway hands on: `Grpc-Metadata-X` as `x`, Authorization, and what is HTTP's own as `grpcgateway-x`.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import type { ContextValues } from "@connectrpc/connect";
import { clientAddress } from "../caller.ts";
import { LeanContext } from "../context.ts";
import { MAX_TIMER_MS } from "../timeout.ts";

/** Names in lower case. */
export type GatewayHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What is known of a call before its body. */
export interface GatewayCallOptions {
  /** Path and query, as in the request's first line. */
  readonly target: string;
  readonly headers: GatewayHeaders;
  /** Where the client is, for the log. */
  readonly from?: (() => string | undefined) | undefined;
}

const METADATA = "grpc-metadata-";
const OWN = "grpcgateway-";
const AUTHORIZATION = "authorization";
const TEXT = /^[\x20-\x7e]*$/;
/** HTTP's own. */
const PERMANENT = new Set(
  (
    "accept accept-charset accept-language accept-ranges authorization cache-control content-type cookie date expect " +
    "from host if-match if-modified-since if-none-match if-schedule-tag-match if-unmodified-since max-forwards origin " +
    "pragma referer user-agent via warning"
  ).split(" "),
);

export class GatewayContext extends LeanContext {
  readonly method: DescMethod;
  readonly protocolName = "gateway";
  readonly #target: string;
  readonly #headers: GatewayHeaders;
  readonly #deadlineMs: number | undefined;
  readonly #from: (() => string | undefined) | undefined;
  #requestHeader: Headers | undefined;

  /** @param timeoutMs undefined for none */
  constructor(method: DescMethod, { target, headers, from }: GatewayCallOptions, timeoutMs: number | undefined) {
    super();
    this.#from = from;
    this.method = method;
    this.#target = target;
    this.#headers = headers;
    this.#deadlineMs = timeoutMs === undefined ? undefined : performance.now() + Math.min(timeoutMs, MAX_TIMER_MS);
  }

  get url(): string {
    return `http://${first(this.#headers.host) ?? "localhost"}${this.#target}`;
  }

  timeoutMs(): number | undefined {
    return this.#deadlineMs === undefined ? undefined : this.#deadlineMs - performance.now();
  }

  /** One header of the call, by its name in lower case. */
  header(name: string): string | undefined {
    if (name.startsWith(OWN)) {
      const own = name.slice(OWN.length);
      return PERMANENT.has(own) ? text(first(this.#headers[own])) : undefined;
    }
    if (name === AUTHORIZATION) return first(this.#headers[name]) ?? text(first(this.#headers[METADATA + name]));
    return text(first(this.#headers[METADATA + name]));
  }

  get requestHeader(): Headers {
    if (this.#requestHeader === undefined) {
      this.#requestHeader = new Headers();
      for (const name of Object.keys(this.#headers)) {
        if (name === AUTHORIZATION) this.#handOn(name);
        if (name.startsWith(METADATA)) this.#handOn(name.slice(METADATA.length));
        else this.#handOn(OWN + name);
      }
    }
    return this.#requestHeader;
  }

  protected override newValues(): ContextValues {
    return super.newValues().set(clientAddress, this.#from?.());
  }

  #handOn(name: string): void {
    const value = this.header(name);
    if (value === undefined || name === "") return;
    try {
      this.#requestHeader?.set(name, value);
    } catch {
      // A name that is none for Headers: no method reads such a one.
    }
  }
}

function first(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}

/** gRPC's metadata is ASCII; etcd's gateway leaves out what is not. */
function text(value: string | undefined): string | undefined {
  return value === undefined || !TEXT.test(value) ? undefined : value;
}
