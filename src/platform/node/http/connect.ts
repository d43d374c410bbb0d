/**
 * The same services on Connect's router: gRPC-Web and Connect on both HTTP versions, and gRPC that the lean
 * mount leaves alone (JSON, compressed messages).
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, createConnectRouter, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { ServiceBinding } from "../../../rpc/index.ts";
import { expectedStatus, faultStatus } from "../grpc/status.ts";
import type { Log } from "../log.ts";
import type { HttpRequest, HttpResponse } from "./types.ts";

export interface ConnectRoutesOptions {
  readonly bindings: readonly ServiceBinding[];
  readonly maxMessageBytes: number;
  /** Its reason is the error that open calls end with. */
  readonly shutdownSignal: AbortSignal;
  readonly log: Log;
}

export class ConnectRoutes {
  readonly #handlers = new Map<string, UniversalHandler>();
  readonly #log: Log;

  constructor(options: ConnectRoutesOptions) {
    this.#log = options.log;
    const router = createConnectRouter({
      acceptCompression: [compressionGzip, compressionBrotli],
      readMaxBytes: options.maxMessageBytes,
      shutdownSignal: options.shutdownSignal,
    });
    for (const { service, impl } of options.bindings) {
      const methods = impl as Record<string, AnyFunction | undefined>;
      const wrapped: Record<string, AnyFunction> = {};
      for (const method of service.methods) {
        const run = methods[method.localName]?.bind(impl) ?? unimplemented(service.typeName, method);
        wrapped[method.localName] = this.#withConnectErrors(method, run);
      }
      router.service(service, wrapped as unknown as Partial<ServiceImpl<typeof service>>);
    }
    for (const handler of router.handlers) this.#handlers.set(handler.requestPath, handler);
  }

  has(urlPath: string): boolean {
    return this.#handlers.has(urlPath);
  }

  serve(urlPath: string, request: HttpRequest, response: HttpResponse): void {
    const handler = this.#handlers.get(urlPath) as UniversalHandler;
    handler(universalRequestFromNodeRequest(request, response, undefined, undefined))
      .then((reply) => universalResponseToNodeResponse(reply, response))
      .catch((error: unknown) => {
        // Nearly always a client that has left; whatever it was, nobody is there to be told.
        this.#log.debug("a call's response could not be sent", { path: urlPath, error: String(error) });
        response.destroy();
      });
  }

  #withConnectErrors(method: DescMethod, run: AnyFunction): AnyFunction {
    const convert = (error: unknown): ConnectError => this.#connectError(method, error);
    switch (method.methodKind) {
      case "unary":
      case "client_streaming":
        return async (request, context) => {
          try {
            return await run(request, context);
          } catch (error) {
            throw convert(error);
          }
        };
      case "server_streaming":
      case "bidi_streaming":
        return async function* (request, context) {
          try {
            yield* run(request, context) as AsyncIterable<unknown>;
          } catch (error) {
            throw convert(error);
          }
        };
    }
  }

  #connectError(method: DescMethod, error: unknown): ConnectError {
    if (error instanceof ConnectError) return error;
    let status = expectedStatus(error);
    if (status === undefined) {
      status = faultStatus(error);
      this.#log.error("a method failed", {
        path: `/${method.parent.typeName}/${method.name}`,
        error: error instanceof Error ? error.stack : error,
      });
    }
    return new ConnectError(status.message, status.code as Code);
  }
}

type AnyFunction = (request: unknown, context: HandlerContext) => unknown;

function unimplemented(service: string, method: DescMethod): AnyFunction {
  const error = new ConnectError(`unknown method ${method.name} for service ${service}`, Code.Unimplemented);
  if (method.methodKind === "unary" || method.methodKind === "client_streaming") {
    return () => {
      throw error;
    };
  }
  // biome-ignore lint/correctness/useYield: it has nothing to say but the error
  return async function* () {
    throw error;
  };
}
