/**
 * Which web pages may call this server. Without a list: pages of this machine and the server's own; a public
 * page must not reach into a developer's store.
 *
 * That pages of this machine may is the default since who can serve one can as well connect by himself, and
 * since it is what a front end in development needs. It is wrong where a port of this machine shows somebody
 * else's pages (a tunnel, a notebook); a list closes it, also one with nothing but the server's own origin.
 */
import { cors as connectCors } from "@connectrpc/connect";
import { hostOf, isLoopbackIpv4 } from "./host-whitelist.ts";
import type { HttpRequest, HttpResponse } from "./types.ts";

/** Besides those of Connect and gRPC-Web: what etcd's clients send as metadata. */
const ALLOWED_HEADERS = [
  ...connectCors.allowedHeaders,
  "Accept",
  "Authorization",
  "Token",
  "Hasleader",
  "Client-Api-Version",
].join(", ");
const EXPOSED_HEADERS = connectCors.exposedHeaders.join(", ");
const ALLOWED_METHODS = "POST, GET, HEAD, OPTIONS";
/** Chrome's limit for keeping a preflight's answer. */
const MAX_AGE_SECONDS = 7200;

export class Cors {
  readonly #any: boolean;
  /** Undefined without a list. */
  readonly #origins: ReadonlySet<string> | undefined;

  /** @param origins empty for the default, `*` among them for every page */
  constructor(origins: readonly string[]) {
    this.#any = origins.includes("*");
    this.#origins = origins.length === 0 ? undefined : new Set(origins.map(normalized));
  }

  /** Says on the response what the page may do. Browsers keep to it; other clients need not. */
  apply(request: HttpRequest, response: HttpResponse): void {
    if (!this.#any) response.setHeader("Vary", "Origin");
    const { origin } = request.headers;
    if (origin === undefined || !this.#allows(origin, hostOf(request))) return;
    response.setHeader("Access-Control-Allow-Origin", this.#any ? "*" : origin);
    response.setHeader("Access-Control-Expose-Headers", EXPOSED_HEADERS);
    if (request.method !== "OPTIONS") return;
    response.setHeader("Access-Control-Allow-Methods", ALLOWED_METHODS);
    response.setHeader("Access-Control-Allow-Headers", ALLOWED_HEADERS);
    response.setHeader("Access-Control-Max-Age", MAX_AGE_SECONDS);
    // Asked for where a public page calls this machine; whoever may call, may from there.
    if (request.headers["access-control-request-private-network"] === "true") {
      response.setHeader("Access-Control-Allow-Private-Network", "true");
    }
  }

  /**
   * Whether the request comes from a page that may not call. CORS only keeps the answer from it: a request that
   * needs no leave beforehand (a form's, one of plain text, a WebSocket) must not be served at all.
   */
  refuses(request: HttpRequest): boolean {
    if (this.#any) return false;
    const { origin, "sec-fetch-site": site } = request.headers;
    // No page can write this header. Behind a proxy, the server's own page has an origin that is unknown here.
    if (site === "same-origin") return false;
    if (origin !== undefined) return !this.#allows(origin, hostOf(request));
    // Without an origin, what another page asks for is not for it to read; "none" is the address bar.
    return site !== undefined && site !== "none" && !isVisit(request);
  }

  #allows(origin: string, host: string | undefined): boolean {
    if (this.#any) return true;
    if (origin === `http://${host}` || origin === `https://${host}`) return true;
    return this.#origins === undefined ? isLoopback(origin) : this.#origins.has(normalized(origin));
  }
}

/** Somebody followed a link: the answer is for him to see, in a window of its own. */
function isVisit({ method, headers }: HttpRequest): boolean {
  const isRead = method === "GET" || method === "HEAD";
  return isRead && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
}

function normalized(origin: string): string {
  return origin.trim().toLowerCase().replace(/\/$/, "");
}

function isLoopback(origin: string): boolean {
  const host = /^https?:\/\/(\[[\da-f:]+\]|[\w.-]+)(?::\d+)?$/i.exec(origin)?.[1]?.toLowerCase();
  if (host === undefined) return false;
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || isLoopbackIpv4(host);
}
