/**
 * The same services on Connect's router: gRPC-Web and Connect on both HTTP versions, and gRPC that the lean
 * mount leaves alone (JSON, compressed messages).
 */

import { type ContextValues, createContextValues } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerRequest } from "@connectrpc/connect/protocol";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { clientAddress, clientCommonName, connectHandlers, type ServiceBinding } from "../../../rpc/index.ts";
import { addressOf } from "../listen/address.ts";
import type { Log } from "../log.ts";
import { clientCommonNameOf } from "../tls/peer.ts";
import { skipRest } from "./skip-rest.ts";
import type { HttpRequest, HttpResponse } from "./types.ts";

export interface ConnectRoutesOptions {
  readonly bindings: readonly ServiceBinding[];
  readonly maxMessageBytes: number;
  readonly maxMessageDepth?: number;
  /** Its reason is the error that open calls end with. */
  readonly shutdownSignal: AbortSignal;
  readonly log: Log;
}

export class ConnectRoutes {
  readonly #handlers: ReadonlyMap<string, UniversalHandler>;
  readonly #log: Log;

  constructor(options: ConnectRoutesOptions) {
    const { log, ...rest } = options;
    this.#log = log;
    this.#handlers = connectHandlers({
      ...rest,
      acceptCompression: [compressionGzip, compressionBrotli],
      onFault: (path, error) => {
        log.error("a method failed", { path, error: error instanceof Error ? error.stack : error });
      },
    });
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
  const universal = universalRequestFromNodeRequest(request, response, undefined, contextValues(request));
  if (request.httpVersionMajor !== 1) return universal;
  response.once("finish", () => skipRest(request));
  return { ...universal, httpVersion: "2.0", body: request.iterator({ destroyOnReturn: false }) };
}

function contextValues({ socket }: HttpRequest): ContextValues {
  return createContextValues().set(clientAddress, addressOf(socket)).set(clientCommonName, clientCommonNameOf(socket));
}
