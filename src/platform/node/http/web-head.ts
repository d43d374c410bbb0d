import { type ContextValues, createContextValues } from "@connectrpc/connect";
import { clientAddress, clientCommonName, type WebHead } from "../../../rpc/index.ts";
import { headersOf } from "../incoming-headers.ts";
import { addressOf } from "../listen/address.ts";
import { clientCommonNameOf, isEncrypted } from "../tls/peer.ts";
import { hostOf } from "./host-whitelist.ts";
import type { HttpRequest } from "./types.ts";

/** What the lean road of Connect and gRPC-Web asks of a request. */
export class NodeHead implements WebHead {
  readonly #request: HttpRequest;

  constructor(request: HttpRequest) {
    this.#request = request;
  }

  get httpMethod(): string {
    return this.#request.method ?? "";
  }

  get url(): string {
    const request = this.#request;
    return `${isEncrypted(request.socket) ? "https" : "http"}://${hostOf(request)}${request.url}`;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  headers(): Headers {
    return headersOf(this.#request.headers);
  }

  values(): ContextValues {
    return valuesOf(this.#request);
  }
}

/** What is known of a call beside its headers. */
export function valuesOf({ socket }: HttpRequest): ContextValues {
  return createContextValues().set(clientAddress, addressOf(socket)).set(clientCommonName, clientCommonNameOf(socket));
}
