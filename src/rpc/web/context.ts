/** A method's HandlerContext for a call on the lean road. */
import type { DescMethod } from "@bufbuild/protobuf";
import type { ContextValues } from "@connectrpc/connect";
import { LeanContext } from "../context.ts";

/** What is known of a request before its body; whatever carries it makes what is asked for. */
export interface WebHead {
  readonly httpMethod: string;
  readonly url: string;
  /** By its name in lower case; several of one name are joined. */
  header(name: string): string | undefined;
  /** All of them. */
  headers(): Headers;
  /** What is known of the call beside them. */
  values?(): ContextValues;
}

export class WebContext extends LeanContext {
  readonly method: DescMethod;
  readonly protocolName: string;
  readonly #head: WebHead;
  readonly #deadlineMs: number | undefined;
  #requestHeader: Headers | undefined;

  constructor(method: DescMethod, protocolName: string, head: WebHead, timeoutMs: number | undefined) {
    super();
    this.method = method;
    this.protocolName = protocolName;
    this.#head = head;
    this.#deadlineMs = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
  }

  get url(): string {
    return this.#head.url;
  }

  timeoutMs(): number | undefined {
    return this.#deadlineMs === undefined ? undefined : this.#deadlineMs - performance.now();
  }

  header(name: string): string | undefined {
    return this.#head.header(name);
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= this.#head.headers();
    return this.#requestHeader;
  }

  protected override newValues(): ContextValues {
    return this.#head.values?.() ?? super.newValues();
  }
}
