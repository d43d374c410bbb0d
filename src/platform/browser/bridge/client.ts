import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientFn, UniversalClientRequest, UniversalClientResponse } from "@connectrpc/connect/protocol";
import { BodyReceiver, BodySender } from "./body.ts";
import {
  type FromClient,
  type FromServer,
  headerList,
  headersOf,
  type Port,
  type WholeRequest,
  type WholeResponse,
} from "./messages.ts";
import { Outbox } from "./outbox.ts";

/** One request under way. */
interface Exchange {
  readonly request: BodySender;
  readonly response: BodyReceiver;
  readonly trailer: Headers;
  readonly resolve: (response: UniversalClientResponse) => void;
  readonly reject: (error: unknown) => void;
  /** Lets go of what the exchange holds on to. */
  readonly release: () => void;
}

/** A request that went whole. */
interface Call {
  readonly resolve: (response: WholeResponse) => void;
  readonly reject: (error: unknown) => void;
  readonly release: () => void;
}

const notAccepted = new WeakSet<object>();

/** Whether a request failed because its server had gone before it began: it may be made again elsewhere. */
export function isNotAccepted(error: unknown): boolean {
  return typeof error === "object" && error !== null && notAccepted.has(error);
}

function notAcceptedError(): ConnectError {
  const error = unavailable("the store was handed over before the request began");
  notAccepted.add(error);
  return error;
}

/** The page's side of the bridge: HTTP requests by way of a port, for a Connect transport. */
export class BridgeClient {
  readonly fetch: UniversalClientFn = (request) => this.#fetch(request);
  readonly #port: Port;
  readonly #outbox: Outbox<FromClient>;
  readonly #exchanges = new Map<number, Exchange>();
  readonly #calls = new Map<number, Call>();
  readonly #listener = (event: { readonly data: unknown }): void => {
    if (!Array.isArray(event.data)) return;
    for (const message of event.data as FromServer[]) this.#receive(message);
  };
  #lastId = 0;
  #closed: unknown;
  /** What requests to come fail with, once the server has taken its leave. */
  #refusal: unknown;

  constructor(port: Port) {
    this.#port = port;
    this.#outbox = new Outbox(port);
    port.addEventListener("message", this.#listener);
  }

  /** Ends every request under way, and those to come, with the error; the server is not told. */
  close(error: ConnectError): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    this.#outbox.drop();
    this.#port.removeEventListener("message", this.#listener);
    for (const id of [...this.#exchanges.keys()]) this.#end(id, error);
    for (const [id, call] of [...this.#calls]) this.#settle(id, () => call.reject(error));
  }

  /** A POST whose body is at hand, for a response that is wanted whole. */
  call(request: WholeRequest, signal: AbortSignal | undefined): Promise<WholeResponse> {
    const refusal = this.#closed ?? this.#refusal;
    if (refusal !== undefined) return Promise.reject(refusal);
    if (signal?.aborted === true) return Promise.reject(canceled(signal));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const aborted = (): void => {
        this.#post({ type: "cancel", id });
        this.#settle(id, () => reject(canceled(signal)));
      };
      const release = (): void => signal?.removeEventListener("abort", aborted);
      this.#calls.set(id, { resolve, reject, release });
      signal?.addEventListener("abort", aborted);
      this.#post({ type: "call", id, ...request });
    });
  }

  #fetch(request: UniversalClientRequest): Promise<UniversalClientResponse> {
    const { signal, body } = request;
    const refusal = this.#closed ?? this.#refusal;
    if (refusal !== undefined) return Promise.reject(refusal);
    if (signal?.aborted === true) return Promise.reject(canceled(signal));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const sender = new BodySender((chunk) => this.#post({ type: "data", id, body: chunk }));
      const response = new BodyReceiver({
        taken: (bytes) => this.#post({ type: "credit", id, bytes }),
        abandoned: () => this.#cancel(id, undefined),
      });
      const aborted = (): void => this.#cancel(id, canceled(signal));
      const release = (): void => signal?.removeEventListener("abort", aborted);
      this.#exchanges.set(id, { request: sender, response, trailer: new Headers(), resolve, reject, release });
      const { method, url } = request;
      this.#post({ type: "open", id, method, url, header: headerList(request.header), hasBody: body !== undefined });
      signal?.addEventListener("abort", aborted);
      if (body !== undefined) this.#send(id, sender, body);
    });
  }

  #send(id: number, sender: BodySender, body: AsyncIterable<Uint8Array>): void {
    sender.send(body).then(
      (whole) => {
        if (whole && this.#exchanges.has(id)) this.#post({ type: "end", id, trailer: [] });
      },
      (error: unknown) => this.#cancel(id, error),
    );
  }

  #receive(message: FromServer): void {
    if (message.type === "farewell") {
      this.#left(new Set(message.accepted));
      return;
    }
    const call = this.#calls.get(message.id);
    if (call !== undefined) {
      if (message.type === "reply") this.#settle(message.id, () => call.resolve(message));
      else if (message.type === "fail") this.#settle(message.id, () => call.reject(unavailable(message.message)));
      return;
    }
    const exchange = this.#exchanges.get(message.id);
    if (exchange === undefined) return;
    switch (message.type) {
      case "head": {
        const { response, trailer } = exchange;
        exchange.resolve({ status: message.status, header: headersOf(message.header), body: response, trailer });
        break;
      }
      case "data":
        exchange.response.push(message.body);
        break;
      case "credit":
        exchange.request.credit(message.bytes);
        break;
      case "end":
        for (const [name, value] of message.trailer) exchange.trailer.append(name, value);
        this.#end(message.id, undefined);
        break;
      case "fail":
        this.#end(message.id, unavailable(message.message));
        break;
    }
  }

  /** What was begun is left to fail with the port. */
  #left(accepted: ReadonlySet<number>): void {
    const error = notAcceptedError();
    for (const [id, call] of [...this.#calls]) if (!accepted.has(id)) this.#settle(id, () => call.reject(error));
    this.#refusal = error;
  }

  /** The page's own doing: what has come so far is of no interest any more. */
  #cancel(id: number, error: unknown): void {
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    this.#post({ type: "cancel", id });
    exchange.response.abort(error);
    this.#end(id, error);
  }

  #end(id: number, error: unknown): void {
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    this.#exchanges.delete(id);
    exchange.release();
    exchange.request.stop();
    exchange.response.end(error);
    exchange.reject(error);
  }

  #settle(id: number, finish: () => void): void {
    this.#calls.get(id)?.release();
    this.#calls.delete(id);
    finish();
  }

  #post(message: FromClient): void {
    if (this.#closed === undefined) this.#outbox.post(message);
  }
}

function unavailable(message: string): ConnectError {
  return new ConnectError(message, Code.Unavailable);
}

function canceled(signal: AbortSignal | undefined): ConnectError {
  return ConnectError.from(signal?.reason, Code.Canceled);
}
