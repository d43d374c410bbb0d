/** Which web pages may call this server: `Origins`, on Node's requests and responses. */
import { Origins, type PageRequest } from "../../origins.ts";
import { hostOf } from "./host-whitelist.ts";
import type { HttpRequest, HttpResponse } from "./types.ts";

export class Cors {
  readonly #origins: Origins;

  /** @param origins empty for the default, `*` among them for every page */
  constructor(origins: readonly string[]) {
    this.#origins = new Origins(origins);
  }

  /** Says on the response what the page may do. Browsers keep to it; other clients need not. */
  apply(request: HttpRequest, response: HttpResponse): void {
    for (const [name, value] of this.#origins.headers(pageRequest(request))) response.setHeader(name, value);
  }

  /** Whether the request comes from a page that may not call, and must not be served at all. */
  refuses(request: HttpRequest): boolean {
    return this.#origins.refuses(pageRequest(request));
  }
}

function pageRequest(request: HttpRequest): PageRequest {
  const { method = "", headers } = request;
  return { method, host: hostOf(request), header: (name) => headers[name] as string | undefined };
}
