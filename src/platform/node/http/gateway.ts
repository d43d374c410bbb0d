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
import { skipRest } from "./skip-rest.ts";
import type { HttpRequest, HttpResponse } from "./types.ts";

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

  /** Answers the request; false if it is not the gateway's. */
  serve(request: HttpRequest, response: HttpResponse): boolean {
    const target = request.url ?? "/";
    const found = this.gateway.find(request.method ?? "", target);
    if (found === undefined) return false;
    const call =
      "status" in found
        ? found
        : this.gateway.call(found, { target, headers: request.headers, from: addressOf(request.socket) });
    if ("status" in call) {
      request.resume();
      this.#reply(response, call);
    } else this.#serveCall((found as GatewayMethod).kind, call, request, response);
    return true;
  }

  #serveCall(kind: GatewayMethod["kind"], call: GatewayCall, request: HttpRequest, response: HttpResponse): void {
    response.once("close", () => call.cancel());
    // A client that left while it sent; the response is closed then, too.
    request.on("error", (error: Error) => this.#log.debug("a request was cut off", { error: error.message }));
    if (kind === "bidi_streaming") {
      response.once("finish", () => skipRest(request));
      this.#stream(call, request.iterator({ destroyOnReturn: false }), response);
    } else {
      this.#share.collect(request, response, this.gateway.maxBodyBytes, {
        whole: (body) => {
          if (kind === "unary") this.#answer(call, body, response);
          else this.#stream(call, body, response);
        },
        tooLarge: (_, sizeBytes) => {
          request.resume();
          call.cancel();
          this.#reply(response, this.gateway.tooLarge(sizeBytes));
        },
      });
    }
  }

  #answer(call: GatewayCall, body: Uint8Array, response: HttpResponse): void {
    const answer = call.answer(body);
    if ("status" in answer) this.#reply(response, answer);
    else answer.then((later) => this.#reply(response, later));
  }

  #reply(response: HttpResponse, { status, headers, body }: GatewayReply): void {
    this.#share.send(response, status, headers, body);
  }

  #stream(call: GatewayCall, body: Uint8Array | AsyncIterable<Uint8Array>, response: HttpResponse): void {
    call
      .stream(body)
      .then((answer) => (isWhole(answer) ? this.#reply(response, answer) : send(response, answer)))
      .catch((error: unknown) => {
        this.#log.debug("a stream could not be sent", { error: String(error) });
        response.destroy();
      });
  }
}

function isWhole(answer: GatewayReply | GatewayStreamReply): answer is GatewayReply {
  return answer.body instanceof Uint8Array;
}

async function send(response: HttpResponse, { status, headers, body }: GatewayStreamReply): Promise<void> {
  response.writeHead(status, headers);
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
