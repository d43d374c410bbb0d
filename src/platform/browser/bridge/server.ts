import {
  createAsyncIterable,
  readAllBytes,
  type UniversalHandlerFn,
  type UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { canceled } from "../../../rpc/index.ts";
import { BodyReceiver, BodySender } from "./body.ts";
import {
  type CallMessage,
  type FromClient,
  type FromServer,
  headerList,
  headersOf,
  type OpenMessage,
  type Port,
  type WholeRequest,
  type WholeResponse,
} from "./messages.ts";
import { Outbox } from "./outbox.ts";

/** What answers the requests of a path. */
export interface Route {
  /** Any request. */
  readonly handler: UniversalHandlerFn;
  /** Requests that come whole, where that can be done with less ado; undefined for one that it leaves to `handler`. */
  readonly whole?: (request: WholeRequest) => WholeCall | undefined;
}

export interface WholeCall {
  readonly response: WholeResponse | Promise<WholeResponse>;
  /** The client has lost interest. */
  abort(reason: unknown): void;
}

/** One request under way. */
interface Exchange {
  readonly request: BodyReceiver;
  readonly response: BodySender;
  readonly abort: AbortController;
}

/** The worker's side of the bridge: serves what comes over a port by the handlers of Connect's router. */
export class BridgeServer {
  readonly #route: (path: string) => Route | undefined;
  readonly #port: Port;
  readonly #outbox: Outbox<FromServer>;
  readonly #exchanges = new Map<number, Exchange>();
  readonly #calls = new Map<number, WholeCall>();
  #leaving = false;
  readonly #listener = (event: { readonly data: unknown }): void => {
    if (!Array.isArray(event.data)) return;
    for (const message of event.data as FromClient[]) this.#receive(message);
  };

  /** @param route undefined for a path that is not there */
  constructor(route: (path: string) => Route | undefined, port: Port) {
    this.#route = route;
    this.#port = port;
    this.#outbox = new Outbox(port);
    port.addEventListener("message", this.#listener);
  }

  /** Requests under way. */
  get open(): number {
    return this.#exchanges.size + this.#calls.size;
  }

  /**
   * Takes no more requests, answers those that came whole, for which there is as much time, and takes its leave.
   * The client knows by that which requests were not even begun.
   */
  async leave(maxMs: number): Promise<void> {
    this.#leaving = true;
    const timeout = new Promise((resolve) => setTimeout(resolve, maxMs));
    await Promise.race([Promise.allSettled([...this.#calls.values()].map(({ response }) => response)), timeout]);
    // What has settled is put into the outbox a turn later.
    await Promise.resolve();
    this.#outbox.post({ type: "farewell", accepted: [...this.#calls.keys(), ...this.#exchanges.keys()] });
    this.#outbox.flush();
    this.close();
  }

  /** Ends every request under way, as the client's cancel would; the port is no longer listened to. */
  close(): void {
    this.#port.removeEventListener("message", this.#listener);
    for (const id of [...this.#exchanges.keys(), ...this.#calls.keys()]) this.#abort(id);
  }

  #receive(message: FromClient): void {
    if (this.#leaving && (message.type === "open" || message.type === "call")) return;
    if (message.type === "open") {
      void this.#serve(message);
      return;
    }
    if (message.type === "call") {
      this.#call(message);
      return;
    }
    if (message.type === "cancel") {
      this.#abort(message.id);
      return;
    }
    const exchange = this.#exchanges.get(message.id);
    if (exchange === undefined) return;
    switch (message.type) {
      case "data":
        exchange.request.push(message.body);
        break;
      case "end":
        exchange.request.end();
        break;
      case "credit":
        exchange.response.credit(message.bytes);
        break;
    }
  }

  #call(message: CallMessage): void {
    const { id, url } = message;
    const call = this.#route(pathOf(url))?.whole?.(message);
    if (call === undefined) {
      void this.#serveWhole(message);
    } else if (!(call.response instanceof Promise)) {
      this.#outbox.post({ type: "reply", id, ...call.response });
    } else {
      this.#calls.set(id, call);
      call.response.then(
        (response) => this.#reply(id, response),
        (error: unknown) => this.#reply(id, error instanceof Error ? error : new Error(String(error))),
      );
    }
  }

  #reply(id: number, outcome: WholeResponse | Error): void {
    if (!this.#calls.delete(id)) return;
    if (outcome instanceof Error) this.#outbox.post({ type: "fail", id, message: outcome.message });
    else this.#outbox.post({ type: "reply", id, ...outcome });
  }

  /** By the handler for any request; the response is collected. */
  async #serveWhole(message: CallMessage): Promise<void> {
    const { id, url, header } = message;
    const abort = new AbortController();
    const response = (async (): Promise<WholeResponse> => {
      const {
        status,
        header: responseHeader,
        body,
      } = await this.#handle({ method: "POST", url, header }, createAsyncIterable([message.body]), abort.signal);
      const whole = body === undefined ? new Uint8Array() : await readAllBytes(body, Number.MAX_SAFE_INTEGER);
      return { status, header: headerList(responseHeader), body: whole };
    })();
    this.#calls.set(id, { response, abort: (reason) => abort.abort(reason) });
    await response.then(
      (whole) => this.#reply(id, whole),
      (error: unknown) => this.#reply(id, error instanceof Error ? error : new Error(String(error))),
    );
  }

  async #serve(open: OpenMessage): Promise<void> {
    const { id } = open;
    const exchange: Exchange = {
      request: new BodyReceiver({
        taken: (bytes) => this.#post({ type: "credit", id, bytes }),
        // The response goes on: what else the client sends is dropped, and its credit with it.
        abandoned: () => {},
      }),
      response: new BodySender((chunk) => this.#post({ type: "data", id, body: chunk })),
      abort: new AbortController(),
    };
    if (!open.hasBody) exchange.request.end();
    this.#exchanges.set(id, exchange);
    try {
      const response = await this.#handle(open, exchange.request, exchange.abort.signal);
      this.#post({ type: "head", id, status: response.status, header: headerList(response.header) });
      const whole = response.body === undefined || (await exchange.response.send(response.body));
      if (whole) this.#post({ type: "end", id, trailer: headerList(response.trailer) });
    } catch (error) {
      this.#post({ type: "fail", id, message: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#exchanges.delete(id);
    }
  }

  async #handle(
    head: Pick<OpenMessage, "method" | "url" | "header">,
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<UniversalServerResponse> {
    const { method, url } = head;
    const handler = this.#route(pathOf(url))?.handler;
    if (handler === undefined) return { status: 404 };
    // As far as a stream in both directions goes, the bridge is HTTP/2.
    return await handler({ httpVersion: "2.0", method, url, header: headersOf(head.header), body, signal });
  }

  #abort(id: number): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.abort(canceled());
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    this.#exchanges.delete(id);
    exchange.abort.abort(canceled());
    exchange.request.abort(canceled());
    exchange.response.stop();
  }

  /** Nobody is told of a request that was canceled. */
  #post(message: Exclude<FromServer, { type: "farewell" }>): void {
    if (this.#exchanges.has(message.id)) this.#outbox.post(message);
  }
}

/** `/etcdserverpb.KV/Range` of `http://host/etcdserverpb.KV/Range?…` */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const query = url.indexOf("?", start);
  return query < 0 ? url.slice(start) : url.slice(start, query);
}
