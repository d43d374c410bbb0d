import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { type ContextValues, createContextValues, type HandlerContext } from "@connectrpc/connect";

/**
 * A method's HandlerContext of which nothing is built before the method asks for it: most ask for nothing, and
 * Headers and an AbortController cost more than a whole Put. What carries the calls adds where its headers are.
 */
export abstract class LeanContext implements HandlerContext {
  abstract readonly method: DescMethod;
  abstract readonly protocolName: string;
  abstract readonly url: string;
  abstract readonly requestHeader: Headers;
  #controller: AbortController | undefined;
  #aborted = false;
  #reason: unknown;
  #responseHeader: Headers | undefined;
  #responseTrailer: Headers | undefined;
  #values: ContextValues | undefined;

  /** One header by its name in lower case: what is asked of every call where auth is on, and must cost little. */
  abstract header(name: string): string | undefined;
  abstract timeoutMs(): number | undefined;

  get service(): DescService {
    return this.method.parent;
  }

  get requestMethod(): string {
    return "POST";
  }

  /** Aborted when the call ends before the method has ended it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  /** The first reason is the one that counts. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  get values(): ContextValues {
    this.#values ??= this.newValues();
    return this.#values;
  }

  get responseHeader(): Headers {
    this.#responseHeader ??= new Headers();
    return this.#responseHeader;
  }

  get responseTrailer(): Headers {
    this.#responseTrailer ??= new Headers();
    return this.#responseTrailer;
  }

  /** What the method set, if it set any. */
  get setResponseHeader(): Headers | undefined {
    return this.#responseHeader;
  }

  get setResponseTrailer(): Headers | undefined {
    return this.#responseTrailer;
  }

  /** What is known of the call beside its headers. */
  protected newValues(): ContextValues {
    return createContextValues();
  }
}
