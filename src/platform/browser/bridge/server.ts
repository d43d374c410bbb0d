import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { BodyReceiver, BodySender } from "./body.ts";
import type { FromPage, FromWorker, HeaderList, Port } from "./messages.ts";

interface Exchange {
  readonly request: BodyReceiver;
  readonly response: BodySender;
  readonly abort: AbortController;
}

/** The worker's side of the bridge: serves what comes over a port by the handlers of Connect's router. */
export class BridgeServer {
  readonly #handlers: ReadonlyMap<string, UniversalHandler>;
  readonly #port: Port;
  readonly #exchanges = new Map<number, Exchange>();
  readonly #listener = (event: { readonly data: unknown }): void => this.#receive(event.data as FromPage);

  constructor(handlers: readonly UniversalHandler[], port: Port) {
    this.#handlers = new Map(handlers.map((handler) => [handler.requestPath, handler]));
    this.#port = port;
    port.addEventListener("message", this.#listener);
  }

  /** Ends every request under way; the port is no longer listened to. */
  close(reason: unknown): void {
    this.#port.removeEventListener("message", this.#listener);
    for (const id of [...this.#exchanges.keys()]) this.#abort(id, reason);
  }

  #receive(message: FromPage): void {
    if (message.type === "open") {
      void this.#serve(message);
      return;
    }
    const exchange = this.#exchanges.get(message.id);
    if (exchange === undefined) return;
    if (message.type === "data") exchange.request.push(message.chunk);
    else if (message.type === "end") exchange.request.end();
    else if (message.type === "credit") exchange.response.credit(message.bytes);
    else this.#abort(message.id, new DOMException("the page canceled the request", "AbortError"));
  }

  async #serve(open: Extract<FromPage, { type: "open" }>): Promise<void> {
    const { id } = open;
    const exchange: Exchange = {
      request: new BodyReceiver(
        (bytes) => this.#post({ type: "credit", id, bytes }),
        () => {},
      ),
      response: new BodySender((chunk) => this.#post({ type: "data", id, chunk })),
      abort: new AbortController(),
    };
    if (!open.hasBody) exchange.request.end();
    this.#exchanges.set(id, exchange);
    try {
      const response = await this.#handle(open, exchange);
      this.#post({ type: "head", id, status: response.status, header: listOf(response.header) });
      const whole = response.body === undefined || (await exchange.response.send(response.body));
      if (whole) this.#post({ type: "end", id, trailer: listOf(response.trailer) });
    } catch (error) {
      this.#post({ type: "fail", id, message: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#exchanges.delete(id);
    }
  }

  async #handle(open: Extract<FromPage, { type: "open" }>, exchange: Exchange): Promise<UniversalServerResponse> {
    const { pathname } = new URL(open.url, "http://worker");
    const handler = this.#handlers.get(pathname);
    if (handler === undefined) return { status: 404 };
    return await handler({
      // As far as a stream in both directions goes, the bridge is HTTP/2.
      httpVersion: "2.0",
      method: open.method,
      url: open.url,
      header: new Headers(open.header.map(([name, value]) => [name, value])),
      body: exchange.request,
      signal: exchange.abort.signal,
    });
  }

  #abort(id: number, reason: unknown): void {
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    this.#exchanges.delete(id);
    exchange.abort.abort(reason);
    exchange.request.end(reason);
    exchange.response.stop();
  }

  #post(message: FromWorker): void {
    if (message.type === "fail" || this.#exchanges.has(message.id)) this.#port.postMessage(message);
  }
}

function listOf(headers: Headers | undefined): HeaderList {
  return headers === undefined ? [] : [...headers.entries()];
}
