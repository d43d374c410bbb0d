/**
 * The same services on Connect's router: gRPC-Web and Connect on both HTTP versions, and gRPC that the lean
 * mount leaves alone (JSON, compressed messages).
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, createConnectRouter, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerRequest } from "@connectrpc/connect/protocol";
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
      // JSON carries bytes in base64: a request of the largest size must fit in it too.
      readMaxBytes: Math.ceil((options.maxMessageBytes * 4) / 3),
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
    handler(universalRequest(request, response))
      .then((reply) => universalResponseToNodeResponse(reply, response))
      .catch((error: unknown) => {
        // Nearly always a client that has left; whatever it was, nobody is there to be told.
        this.#log.debug("a call's response could not be sent", { path: urlPath, error: String(error) });
        response.destroy();
      });
  }

  #withConnectErrors(method: DescMethod, run: AnyFunction): AnyFunction {
    const convert = (error: unknown, { signal }: HandlerContext): ConnectError => {
      // The reason that a signal was aborted for comes back from methods that wait for it.
      if (signal.aborted && error === signal.reason) return ConnectError.from(error, Code.Canceled);
      return this.#connectError(method, error);
    };
    switch (method.methodKind) {
      case "unary":
      case "client_streaming":
        return async (request, context) => {
          try {
            return await run(request, context);
          } catch (error) {
            throw convert(error, context);
          }
        };
      case "server_streaming":
      case "bidi_streaming":
        return async function* (request, context) {
          try {
            yield* run(request, context) as AsyncIterable<unknown>;
          } catch (error) {
            throw convert(error, context);
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

/**
 * What Connect would make of the request, but for two things on HTTP/1.1.
 *
 * It answers 505 to a bidi method, as such a client may wait for a response before it ends its request. A
 * browser's request has ended before, and gRPC-Web from a browser has no other: so that etcd's own Watch can be
 * called as a server stream, it is told of HTTP/2. What Node reads and writes is full duplex anyway.
 *
 * It destroys a request that it answers before it has read its end (one that is too large); the parser then
 * stops for good, and with it the connection, which the client holds to be alive.
 */
function universalRequest(request: HttpRequest, response: HttpResponse): UniversalServerRequest {
  const universal = universalRequestFromNodeRequest(request, response, undefined, undefined);
  if (request.httpVersionMajor !== 1) return universal;
  response.once("finish", () => skipRest(request));
  return { ...universal, httpVersion: "2.0", body: request.iterator({ destroyOnReturn: false }) };
}

/** The next request on the connection is behind what is left of this one. */
function skipRest(request: HttpRequest): void {
  const skip = (): void => {
    while (request.read() !== null);
  };
  request.on("readable", skip);
  skip();
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
