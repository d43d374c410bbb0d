/** Unary calls that come over the bridge as a whole, on the lean road of Connect: what nearly every call of a page is. */
import { type WebCall, WebCalls, type WebHead } from "../../../rpc/index.ts";
import { headersOf, type WholeRequest } from "../bridge/messages.ts";
import type { Route } from "../bridge/server.ts";

/** For each path; other calls are left to Connect's handler. */
export function wholeCalls(options: ConstructorParameters<typeof WebCalls>[0]): (path: string) => Route["whole"] {
  const calls = new WebCalls(options);
  return (path) => (request) => {
    const call = calls.begin(path, new WholeHead(request));
    const response = call?.answer(request.body);
    return response && { response, abort: (reason) => (call as WebCall).abort(reason) };
  };
}

class WholeHead implements WebHead {
  readonly httpMethod = "POST";
  readonly #request: WholeRequest;

  constructor(request: WholeRequest) {
    this.#request = request;
  }

  get url(): string {
    return this.#request.url;
  }

  header(name: string): string | undefined {
    return this.#request.header.find(([one]) => one === name)?.[1];
  }

  headers(): Headers {
    return headersOf(this.#request.header);
  }
}
