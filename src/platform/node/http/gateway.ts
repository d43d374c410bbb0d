/**
 * etcd's JSON gateway on both HTTP versions. A unary call is answered in one write, a stream's next line is asked
 * for when the connection has room.
 */
import {
  Gateway,
  type GatewayCall,
  type GatewayMethod,
  type GatewayOptions,
  type GatewayReply,
  type GatewayStreamReply,
} from "../../../rpc/index.ts";
import { addressOf } from "../listen/address.ts";
import type { Log } from "../log.ts";
import type { FairShare } from "./fair-share.ts";
import { withHeaders } from "./reply.ts";
import { skipRest } from "./skip-rest.ts";
import type { HeadList, HttpRequest, HttpResponse } from "./types.ts";

export interface GatewayRoutesOptions extends Omit<GatewayOptions, "onFault"> {
  readonly share: FairShare;
  readonly log: Log;
}

export class GatewayRoutes {
  readonly gateway: Gateway;
  readonly #share: FairShare;
  readonly #log: Log;

  constructor(options: GatewayRoutesOptions) {
    const { share, log, ...rest } = options;
    this.#share = share;
    this.#log = log;
    this.gateway = new Gateway({
      ...rest,
      onFault: (path, error) => {
        log.error("a method failed", { path, error: error instanceof Error ? error.stack : error });
      },
    });
  }

  /**
   * Answers the request; false if it is not the gateway's.
   * @param head what the response is to say beside what the gateway does
   */
  serve(request: HttpRequest, response: HttpResponse, head: HeadList): boolean {
    const target = request.url ?? "/";
    const found = this.gateway.find(request.method ?? "", target);
    if (found === undefined) return false;
    const call =
      "status" in found
        ? found
        : this.gateway.call(found, { target, headers: request.headers, from: () => addressOf(request.socket) });
    const exchange: Exchange = { request, response, head };
    if ("status" in call) {
      request.resume();
      this.#reply(exchange, call);
    } else {
      // A client that left while it sent; the response is closed then, too.
      request.on("error", this.#cutOff);
      if ((found as GatewayMethod).kind === "unary") this.#serveUnary(call, exchange);
      else this.#serveStream((found as GatewayMethod).kind, call, exchange);
    }
    return true;
  }

  readonly #cutOff = (error: Error): void => {
    this.#log.debug("a request was cut off", { error: error.message });
  };

  #serveUnary(call: GatewayCall, exchange: Exchange): void {
    this.#collect(call, exchange, (body) => {
      const answer = call.answer(body);
      if ("status" in answer) {
        this.#reply(exchange, answer);
        return;
      }
      exchange.response.once("close", () => call.cancel());
      answer.then((later) => this.#reply(exchange, later));
    });
  }

  #serveStream(kind: GatewayMethod["kind"], call: GatewayCall, exchange: Exchange): void {
    const { request, response } = exchange;
    response.once("close", () => call.cancel());
    if (kind === "bidi_streaming") {
      response.once("finish", () => skipRest(request));
      this.#stream(call, request.iterator({ destroyOnReturn: false }), exchange);
    } else this.#collect(call, exchange, (body) => this.#stream(call, body, exchange));
  }

  #collect(call: GatewayCall, exchange: Exchange, whole: (body: Uint8Array) => void): void {
    const { request, response } = exchange;
    this.#share.collect(request, response, this.gateway.maxBodyBytes, {
      whole,
      tooLarge: (_, sizeBytes) => {
        request.resume();
        call.cancel();
        this.#reply(exchange, this.gateway.tooLarge(sizeBytes));
      },
    });
  }

  #reply({ response, head }: Exchange, { status, headers, body }: GatewayReply): void {
    this.#share.send(response, status, withHeaders(head, headers), body);
  }

  #stream(call: GatewayCall, body: Uint8Array | AsyncIterable<Uint8Array>, exchange: Exchange): void {
    call
      .stream(body)
      .then((answer) => (isWhole(answer) ? this.#reply(exchange, answer) : send(exchange, answer)))
      .catch((error: unknown) => {
        this.#log.debug("a stream could not be sent", { error: String(error) });
        exchange.response.destroy();
      });
  }
}

/** A request, and what is known of its response. */
interface Exchange {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly head: HeadList;
}

function isWhole(answer: GatewayReply | GatewayStreamReply): answer is GatewayReply {
  return answer.body instanceof Uint8Array;
}

async function send({ response, head }: Exchange, { status, headers, body }: GatewayStreamReply): Promise<void> {
  response.writeHead(status, withHeaders(head, headers));
  for await (const line of body) {
    if (response.destroyed) return;
    if (!response.write(line)) await drained(response);
  }
  response.end();
}

function drained(response: HttpResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}
