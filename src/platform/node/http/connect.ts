/**
 * The same services for all but plain gRPC and the gateway: gRPC-Web and Connect on both HTTP versions, and gRPC that
 * the lean mount leaves alone (JSON, compressed messages). Unary calls of the first two go a lean road of their own
 * (`rpc/web`), the rest goes through Connect's router.
 */

import type { UniversalHandler, UniversalServerRequest } from "@connectrpc/connect/protocol";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import {
  type BinaryFormat,
  type ConnectHandlersOptions,
  canceled,
  connectHandlers,
  type ServiceBinding,
  type WebCall,
  WebCalls,
  type WebReply,
} from "../../../rpc/index.ts";
import { decodeMessage } from "../grpc/decoder.ts";
import { frameEncoder } from "../grpc/encoder.ts";
import { PREFIX_BYTES } from "../grpc/frames.ts";
import type { Log } from "../log.ts";
import { COMPRESSIONS } from "./compression.ts";
import type { FairShare } from "./fair-share.ts";
import { setHead } from "./reply.ts";
import { skipRest } from "./skip-rest.ts";
import type { HeadList, HttpRequest, HttpResponse } from "./types.ts";
import { NodeHead, valuesOf } from "./web-head.ts";

export interface ConnectRoutesOptions {
  readonly bindings: readonly ServiceBinding[];
  readonly maxMessageBytes: number;
  readonly maxMessageDepth?: number;
  /** Its reason is the error that open calls end with. */
  readonly shutdownSignal: AbortSignal;
  /** False leaves every call to Connect's router, which gives the same answers. Default true. */
  readonly fastPaths?: boolean | undefined;
  readonly share: FairShare;
  readonly log: Log;
}

/** A request, and what is known of its response. */
interface Exchange {
  readonly urlPath: string;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly head: HeadList;
}

export class ConnectRoutes {
  readonly #mount: ConnectHandlersOptions;
  readonly #paths: ReadonlySet<string>;
  #handlers: ReadonlyMap<string, UniversalHandler> | undefined;
  /** Undefined where it is off. */
  readonly #lean: WebCalls | undefined;
  readonly #share: FairShare;
  readonly #log: Log;

  constructor(options: ConnectRoutesOptions) {
    const { share, log, fastPaths = true, ...rest } = options;
    const mount = {
      ...rest,
      acceptCompression: COMPRESSIONS,
      onFault: (path: string, error: unknown) => {
        log.error("a method failed", { path, error: error instanceof Error ? error.stack : error });
      },
    };
    this.#share = share;
    this.#log = log;
    this.#mount = mount;
    this.#paths = new Set(
      options.bindings.flatMap(({ service }) => service.methods.map(({ name }) => `/${service.typeName}/${name}`)),
    );
    this.#lean = fastPaths ? new WebCalls({ ...mount, binary: BINARY }) : undefined;
  }

  has(urlPath: string): boolean {
    return this.#paths.has(urlPath);
  }

  /** @param head what the response is to say beside what the protocol does */
  serve(urlPath: string, request: HttpRequest, response: HttpResponse, head: HeadList): void {
    const lean = this.#lean;
    const call = lean?.begin(urlPath, new NodeHead(request));
    const exchange: Exchange = { urlPath, request, response, head };
    if (lean === undefined || call === undefined) {
      this.#route(exchange);
      return;
    }
    // A client that left while it sent; the response is closed then, too.
    request.on("error", this.#cutOff);
    this.#share.collect(request, response, lean.maxBodyBytes, {
      whole: (body) => {
        const reply = call.answer(body);
        if (reply === undefined) this.#route(exchange, [body]);
        else this.#reply(exchange, call, reply);
      },
      tooLarge: (pieces) => this.#route(exchange, pieces),
    });
  }

  readonly #cutOff = (error: Error): void => {
    this.#log.debug("a request was cut off", { error: error.message });
  };

  #reply(exchange: Exchange, call: WebCall, reply: WebReply | Promise<WebReply>): void {
    if ("status" in reply) {
      this.#send(exchange, reply);
      return;
    }
    exchange.response.once("close", () => call.abort(canceled()));
    reply.then((later) => this.#send(exchange, later)).catch((error: unknown) => this.#lost(exchange, error));
  }

  #send({ response, head }: Exchange, { status, header, body }: WebReply): void {
    const all = [...head];
    for (const [name, value] of header) all.push(name, value);
    this.#share.send(response, status, all, body);
  }

  /** @param pieces of the body that have been read */
  #route(exchange: Exchange, pieces?: readonly Uint8Array[]): void {
    const { urlPath, request, response, head } = exchange;
    setHead(response, head);
    // Made for the first call: a start has no use for them.
    this.#handlers ??= connectHandlers(this.#mount);
    const handler = this.#handlers.get(urlPath) as UniversalHandler;
    const universal = universalRequest(request, response, pieces);
    const { body } = universal;
    const isRead = typeof body === "object" && body !== null && Symbol.asyncIterator in body;
    handler(isRead ? { ...universal, body: this.#share.pieces(request, response, body) } : universal)
      .then((reply) => universalResponseToNodeResponse(reply, response))
      .catch((error: unknown) => this.#lost(exchange, error));
  }

  /** Nearly always a client that has left; whatever it was, nobody is there to be told. */
  #lost({ urlPath, response }: Exchange, error: unknown): void {
    this.#log.debug("a call's response could not be sent", { path: urlPath, error: String(error) });
    response.destroy();
  }
}

/** As native gRPC has it. */
const BINARY: BinaryFormat = {
  // There the outermost message does not count.
  decoder: (desc, maxDepth) => (bytes) => decodeMessage(desc, bytes, maxDepth - 1),
  encoder(desc) {
    const encoder = frameEncoder(desc);
    return (message) => encoder.frame(message).subarray(PREFIX_BYTES);
  },
};

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
function universalRequest(
  request: HttpRequest,
  response: HttpResponse,
  pieces: readonly Uint8Array[] | undefined,
): UniversalServerRequest {
  const universal = universalRequestFromNodeRequest(request, response, undefined, valuesOf(request));
  if (request.httpVersionMajor !== 1) {
    return pieces === undefined ? universal : { ...universal, body: withRest(pieces, request) };
  }
  response.once("finish", () => skipRest(request));
  const rest = request.iterator({ destroyOnReturn: false });
  return { ...universal, httpVersion: "2.0", body: pieces === undefined ? rest : withRest(pieces, rest) };
}

async function* withRest(pieces: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces;
  yield* rest;
}
