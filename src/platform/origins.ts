/**
 * Which web pages may call, whatever carries the request. Without a list: pages of this machine and the store's own;
 * a public page must not reach into a developer's store.
 *
 * That pages of this machine may is the default since who can serve one can as well connect by himself, and
 * since it is what a front end in development needs. It is wrong where a port of this machine shows somebody
 * else's pages (a tunnel, a notebook); a list closes it, also one with nothing but the store's own origin.
 */
import { cors as connectCors } from "@connectrpc/connect";

/** What of a request is looked at, whatever carries it. */
export interface PageRequest {
  readonly method: string;
  /** The store's own host as the client knows it, with its port. */
  readonly host: string | undefined;
  header(name: string): string | undefined;
}

type HeaderPair = readonly [name: string, value: string];

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
const PREFLIGHT: readonly HeaderPair[] = [
  ["Access-Control-Allow-Methods", "POST, GET, HEAD, OPTIONS"],
  ["Access-Control-Allow-Headers", ALLOWED_HEADERS],
  // Chrome's limit for keeping the answer.
  ["Access-Control-Max-Age", "7200"],
];

export class Origins {
  readonly #any: boolean;
  /** Undefined without a list. */
  readonly #listed: ReadonlySet<string> | undefined;

  /** @param origins empty for the default, `*` among them for every page */
  constructor(origins: readonly string[]) {
    this.#any = origins.includes("*");
    this.#listed = origins.length === 0 ? undefined : new Set(origins.map(normalized));
  }

  /** What the response says of what the page may do. Browsers keep to it; other clients need not. */
  headers(request: PageRequest): HeaderPair[] {
    const headers: HeaderPair[] = this.#any ? [] : [["Vary", "Origin"]];
    const origin = request.header("origin");
    if (origin === undefined || !this.#allows(origin, request.host)) return headers;
    headers.push(["Access-Control-Allow-Origin", this.#any ? "*" : origin]);
    headers.push(["Access-Control-Expose-Headers", EXPOSED_HEADERS]);
    if (request.method !== "OPTIONS") return headers;
    headers.push(...PREFLIGHT);
    // Asked for where a public page calls this machine; whoever may call, may from there.
    if (request.header("access-control-request-private-network") === "true") {
      headers.push(["Access-Control-Allow-Private-Network", "true"]);
    }
    return headers;
  }

  /**
   * Whether the request comes from a page that may not call. CORS only keeps the answer from it: a request that
   * needs no leave beforehand (a form's, one of plain text, a WebSocket) must not be served at all.
   */
  refuses(request: PageRequest): boolean {
    if (this.#any) return false;
    const origin = request.header("origin");
    const site = request.header("sec-fetch-site");
    // No page can write this header. Behind a proxy, the store's own page has an origin that is unknown here.
    if (site === "same-origin") return false;
    if (origin !== undefined) return !this.#allows(origin, request.host);
    // Without an origin, what another page asks for is not for it to read; "none" is the address bar.
    return site !== undefined && site !== "none" && !isVisit(request);
  }

  #allows(origin: string, host: string | undefined): boolean {
    if (this.#any || origin === `http://${host}` || origin === `https://${host}`) return true;
    return this.#listed === undefined ? isLoopback(origin) : this.#listed.has(normalized(origin));
  }
}

/** Somebody followed a link: the answer is for him to see, in a window of its own. */
function isVisit(request: PageRequest): boolean {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const isPage = request.header("sec-fetch-mode") === "navigate" && request.header("sec-fetch-dest") === "document";
  return isRead && isPage;
}

function normalized(origin: string): string {
  return origin.trim().toLowerCase().replace(/\/$/, "");
}

function isLoopback(origin: string): boolean {
  const host = /^https?:\/\/(\[[\da-f:]+\]|[\w.-]+)(?::\d+)?$/i.exec(origin)?.[1]?.toLowerCase();
  if (host === undefined) return false;
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
