/**
 * Which web pages may call this server. Without a list: pages of this machine and the server's own; a public
 * page must not reach into a developer's store.
 */
import { cors as connectCors } from "@connectrpc/connect";
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
  }

  /**
   * Whether the request comes from a page that may not call. The browser only keeps the answer from it: a
   * request that needs no leave beforehand, and a WebSocket, must not be served at all.
   */
  refuses(request: HttpRequest): boolean {
    const { origin } = request.headers;
    return origin !== undefined && !this.#allows(origin, hostOf(request));
  }

  #allows(origin: string, host: string | undefined): boolean {
    if (this.#any) return true;
    if (origin === `http://${host}` || origin === `https://${host}`) return true;
    return this.#origins === undefined ? isLoopback(origin) : this.#origins.has(normalized(origin));
  }
}

function hostOf(request: HttpRequest): string | undefined {
  return "authority" in request ? request.authority : request.headers.host;
}

function normalized(origin: string): string {
  return origin.trim().toLowerCase().replace(/\/$/, "");
}

function isLoopback(origin: string): boolean {
  const host = /^https?:\/\/(\[[^\]]*\]|[^:/]+)(?::\d+)?$/i.exec(origin)?.[1]?.toLowerCase();
  if (host === undefined) return false;
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || isLoopbackIpv4(host);
}

export function isLoopbackIpv4(host: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(host);
}
