/** Which web pages may call this server: `Origins`, on Node's requests and responses. */
import { Origins, type PageRequest } from "../../origins.ts";
import { hostOf } from "./host-whitelist.ts";
import type { HeadList, HttpRequest } from "./types.ts";

export class Cors {
  readonly #origins: Origins;
  /** `head` of a request that comes from no page. */
  readonly plainHead: HeadList;

  /** @param origins empty for the default, `*` among them for every page */
  constructor(origins: readonly string[]) {
    this.#origins = new Origins(origins);
    this.plainHead = this.#origins.headers({ method: "", host: undefined, header: () => undefined }).flat();
  }

  /** What the response is to say of what the page may do. Browsers keep to it; other clients need not. */
  head(request: HttpRequest): HeadList {
    return this.#origins.headers(pageRequest(request)).flat();
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
