/**
 * Requests other than native gRPC must be there as a whole in time, headers and body; but for the methods that take
 * a stream of them, which may last as long as the client likes.
 */
import { ErrorCode } from "../../../h2/index.ts";
import type { ServiceBinding } from "../../../rpc/index.ts";
import type { Clock } from "../../../server/index.ts";
import type { Turns } from "../h2/turns.ts";
import { originOf } from "../listen/address.ts";
import type { RefusalLog } from "../refusal-log.ts";
import type { GatewayRoutes } from "./gateway.ts";
import { SAFETY_HEAD } from "./reply.ts";
import type { HttpRequest, HttpResponse } from "./types.ts";

export interface RequestTimerOptions {
  readonly bindings: readonly ServiceBinding[];
  readonly gateway: GatewayRoutes | undefined;
  /** 0 for no limit. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly refusals: RefusalLog;
}

export class RequestTimer {
  readonly #options: RequestTimerOptions;
  /** Of methods that take a stream of requests. */
  readonly #streams: ReadonlySet<string>;

  constructor(options: RequestTimerOptions) {
    this.#options = options;
    const methods = options.bindings.flatMap(({ service }) => service.methods);
    const streams = methods.filter(({ methodKind }) => /^(bidi|client)_streaming$/.test(methodKind));
    this.#streams = new Set(streams.map(({ parent, name }) => `/${parent.typeName}/${name}`));
  }

  start(request: HttpRequest, response: HttpResponse): void {
    // What has come with its head by then, as nearly all small ones have, needs none.
    if (this.#options.timeoutMs > 0 && !request.complete) process.nextTick(this.#startLate, request, response);
  }

  readonly #startLate = (request: HttpRequest, response: HttpResponse): void => {
    const { timeoutMs, clock, turns } = this.#options;
    const hasCome = request.complete || request.readableLength >= Number(request.headers["content-length"]);
    if (hasCome || request.destroyed || this.#takesStream(request)) return;
    // Those that came together end together.
    const cancel = clock.setTimer(timeoutMs, () => turns.next(() => this.#refuse(request, response)));
    request.once("end", cancel);
    request.once("close", cancel);
  };

  #takesStream({ method = "", url = "/" }: HttpRequest): boolean {
    if (this.#streams.has(url.split("?", 1)[0] as string)) return true;
    const found = this.#options.gateway?.gateway.find(method, url);
    return found !== undefined && "kind" in found && found.kind === "bidi_streaming";
  }

  #refuse(request: HttpRequest, response: HttpResponse): void {
    if (request.complete) return;
    const { timeoutMs, refusals } = this.#options;
    const fields = { from: originOf(request.socket), timeoutMs };
    refusals.add("request-timeout", "a request was cut off, as it did not arrive", fields);
    if ("stream" in request) {
      request.stream.close(ErrorCode.ENHANCE_YOUR_CALM);
      return;
    }
    if (!response.headersSent) {
      const type = ["Content-Type", "text/plain; charset=utf-8"];
      response.writeHead(408, [...SAFETY_HEAD, ...type, "Connection", "close"]);
      response.end(`etcdlite: no whole request within ${timeoutMs} ms, see --request-timeout\n`);
    }
    request.socket.destroySoon();
  }
}
