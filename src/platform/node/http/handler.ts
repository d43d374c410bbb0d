/**
 * Everything that is not native gRPC, on HTTP/1.1 and HTTP/2 alike:
 *
 *     Host welcome? ──► CORS ──► an RPC's path: Connect's router
 *       └ no: 421        │       └ a file of the page: GET, HEAD
 *                        │           └ 404
 *                        └ OPTIONS: answered here
 */
import type { Log } from "../log.ts";
import type { ConnectRoutes } from "./connect.ts";
import type { Cors } from "./cors.ts";
import { type HostWhitelist, hostname, unknownHostText } from "./host-whitelist.ts";
import type { StaticFiles } from "./static-files.ts";
import type { HttpRequest, HttpResponse } from "./types.ts";

export interface HttpHandlerOptions {
  readonly hosts: HostWhitelist;
  readonly cors: Cors;
  readonly routes: ConnectRoutes;
  readonly files: StaticFiles;
  readonly log: Log;
}

const NOT_FOUND = `404 page not found

etcdlite serves gRPC, gRPC-Web and Connect on paths such as /etcdserverpb.KV/Range; the page at / says more.
`;

const NOT_BUILT = `404 page not found

The web page has not been built: run \`npm run build\`. gRPC, gRPC-Web and Connect are served all the same.
`;

export class HttpHandler {
  readonly #options: HttpHandlerOptions;

  constructor(options: HttpHandlerOptions) {
    this.#options = options;
  }

  handle(request: HttpRequest, response: HttpResponse): void {
    const { hosts, cors, routes, files, log } = this.#options;
    response.on("error", (error: Error) => log.debug("a response failed", { error: error.message }));
    const host = "authority" in request ? request.authority : request.headers.host;
    if (!hosts.allows(host)) {
      log.warn("a request was refused for its Host, see --host-whitelist", { host });
      replyText(response, 421, unknownHostText(hostname(host ?? "")));
      return;
    }
    cors.apply(request, response);
    if (request.method === "OPTIONS") {
      response.writeHead(204);
      response.end();
      return;
    }
    const urlPath = (request.url ?? "/").split("?", 1)[0] as string;
    if (routes.has(urlPath)) {
      if (host === undefined) replyText(response, 400, "a Host header is required\n");
      else routes.serve(urlPath, request, response);
    } else if (!files.has(urlPath)) {
      replyText(response, 404, urlPath === "/" ? NOT_BUILT : NOT_FOUND);
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      replyText(response, 405, "405 method not allowed\n");
    } else {
      files.serve(urlPath, request, response).catch((error: unknown) => {
        log.error("a file could not be read", { path: urlPath, error: String(error) });
        replyText(response, 500, "500 internal server error\n");
      });
    }
  }
}

function replyText(response: HttpResponse, status: number, text: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What a refused client still sends is not read: on HTTP/1.1 that ends the connection.
  if ("req" in response && response.req.httpVersionMajor === 1) response.setHeader("Connection", "close");
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}
