/**
 * Everything that is not native gRPC, on HTTP/1.1 and HTTP/2 alike:
 *
 *     Host welcome?   ──► CORS ──► an RPC's path: gRPC-Web and Connect
 *       └ no: 421, 403     │       └ /v3/…: the JSON gateway
 *                          │       └ a monitor's path: /health, /metrics, …
 *                          │           └ a file of the page: GET, HEAD
 *                          │               └ 404
 *                          ├ OPTIONS: answered here
 *                          └ a page that may not call: 403
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Status } from "../../../errors.ts";
import { errorReply } from "../../../rpc/index.ts";
import type { Log } from "../log.ts";
import { clientCommonNameOf } from "../tls/peer.ts";
import type { ConnectRoutes } from "./connect.ts";
import type { Cors } from "./cors.ts";
import type { GatewayRoutes } from "./gateway.ts";
import type { GatewayWebSockets } from "./gateway-websocket.ts";
import { type HostWhitelist, hostOf } from "./host-whitelist.ts";
import type { Monitoring } from "./monitoring.ts";
import { SAFETY_HEAD, setHead, withHeaders } from "./reply.ts";
import type { StaticFiles } from "./static-files.ts";
import type { HeadList, HttpRequest, HttpResponse } from "./types.ts";

export interface HttpHandlerOptions {
  readonly hosts: HostWhitelist;
  readonly cors: Cors;
  readonly routes: ConnectRoutes;
  /** Undefined where the gateway is off. */
  readonly gateway?: GatewayRoutes | undefined;
  readonly webSockets?: GatewayWebSockets | undefined;
  readonly monitoring: Monitoring;
  readonly files: StaticFiles;
  readonly isAuthEnabled: () => boolean;
  readonly log: Log;
}

/** etcd's words: its gateway has a certificate of its own, and the client's says nothing there. */
const NAME_IGNORED =
  "CommonName of client sending a request against gateway will be ignored and not used as expected\n";

/** A page may send a POST of plain text wherever it likes, unasked, and the gateway takes one as well as any. */
const PAGE_REFUSED = errorReply({
  code: Status.PERMISSION_DENIED,
  message: "etcdlite: pages of this origin may not call, see --cors",
});

const NOT_FOUND = `404 page not found

etcdlite serves gRPC, gRPC-Web and Connect on paths such as /etcdserverpb.KV/Range; the page at / says more.
`;

const NOT_BUILT = `404 page not found

The web page has not been built: run \`npm run build\`. gRPC, gRPC-Web and Connect are served all the same.
`;

/** Of a name that a stranger has chosen, in the log. */
const MAX_SHOWN = 200;
const MAX_WARNINGS = 100;

export class HttpHandler {
  readonly #options: HttpHandlerOptions;
  readonly #warned = new Set<string>();
  /** Of all responses but those to pages. */
  readonly #plainHead: HeadList;

  constructor(options: HttpHandlerOptions) {
    this.#options = options;
    this.#plainHead = [...SAFETY_HEAD, ...options.cors.plainHead];
  }

  handle(request: HttpRequest, response: HttpResponse): void {
    const { hosts, cors, routes, gateway } = this.#options;
    response.on("error", this.#failed);
    const foreign = hosts.refusal(request);
    if (foreign !== undefined) {
      this.#warn("a request was refused for its Host, see --host-whitelist", { host: foreign.host });
      replyText(response, SAFETY_HEAD, foreign.status, foreign.text);
      return;
    }
    const head = this.#headOf(request);
    const urlPath = (request.url ?? "/").split("?", 1)[0] as string;
    if (request.method === "OPTIONS") {
      response.writeHead(204, [...head]);
      response.end();
    } else if (cors.refuses(request)) {
      this.#warn("a web page was refused, see --cors", { origin: request.headers.origin ?? "unknown" });
      replyBody(response, withHeaders(head, PAGE_REFUSED.headers), PAGE_REFUSED.status, PAGE_REFUSED.body);
    } else if (this.#ignoresName(request)) {
      replyText(response, head, 400, NAME_IGNORED);
    } else if (routes.has(urlPath)) {
      if (hostOf(request) === undefined) replyText(response, head, 400, "a Host header is required\n");
      else routes.serve(urlPath, request, response, head);
    } else if (gateway?.serve(request, response, head) !== true) {
      setHead(response, head);
      this.#serveOther(urlPath, request, response);
    }
  }

  readonly #failed = (error: Error): void => {
    this.#options.log.debug("a response failed", { error: error.message });
  };

  /** What every response to the request is to say. */
  #headOf(request: HttpRequest): HeadList {
    if (request.headers.origin === undefined) return this.#plainHead;
    return [...SAFETY_HEAD, ...this.#options.cors.head(request)];
  }

  /** What is no call. */
  #serveOther(urlPath: string, request: HttpRequest, response: HttpResponse): void {
    const { monitoring, files, log } = this.#options;
    if (monitoring.has(urlPath)) {
      monitoring.serve(urlPath, request, response);
    } else if (!files.has(urlPath)) {
      replyText(response, [], 404, urlPath === "/" ? NOT_BUILT : NOT_FOUND);
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      replyText(response, ["Allow", "GET, HEAD"], 405, "405 method not allowed\n");
    } else {
      files.serve(urlPath, request, response).catch((error: unknown) => {
        log.error("a file could not be read", { path: urlPath, error: String(error) });
        replyText(response, [], 500, "500 internal server error\n");
      });
    }
  }

  /** Whether the request becomes a WebSocket; what may not, or makes no sense, is answered as any other request. */
  upgrades(request: IncomingMessage): boolean {
    const { hosts, cors, webSockets } = this.#options;
    const isWelcome = hosts.refusal(request) === undefined && !cors.refuses(request);
    return webSockets?.wants(request) === true && isWelcome && !this.#ignoresName(request);
  }

  /** A page can try as often as it likes, and under many names: what was said is not said again, nor without end. */
  #warn(message: string, fields: Readonly<Record<string, string>>): void {
    const { log } = this.#options;
    const shown = Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, text.slice(0, MAX_SHOWN)]));
    const what = `${message} ${Object.values(shown)}`;
    if (this.#warned.has(what) || this.#warned.size >= MAX_WARNINGS) log.debug(message, shown);
    else log.warn(message, shown);
    if (this.#warned.size < MAX_WARNINGS) this.#warned.add(what);
  }

  /** Whether a client whose certificate is to be its user comes to the gateway, which does not look at it. */
  #ignoresName({ socket, url }: HttpRequest): boolean {
    const { gateway, isAuthEnabled } = this.#options;
    if (gateway === undefined || !clientCommonNameOf(socket) || !isAuthEnabled()) return false;
    return /^\/v3(?:beta)?\//.test(url ?? "");
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A Node that does not ask first: there is no way back to a request.
    if (this.upgrades(request)) this.#options.webSockets?.upgrade(request, socket, head);
    else socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  }
}

function replyText(response: HttpResponse, head: HeadList, status: number, text: string): void {
  replyBody(response, [...head, "Content-Type", "text/plain; charset=utf-8"], status, text);
}

function replyBody(response: HttpResponse, head: HeadList, status: number, body: string | Uint8Array): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What a refused client still sends is not read: on HTTP/1.1 that ends the connection.
  const isHttp1 = "req" in response && response.req.httpVersionMajor === 1;
  response.writeHead(status, [...head, ...(isHttp1 ? ["Connection", "close"] : [])]);
  response.end(body);
}
