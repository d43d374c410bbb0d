import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientFn, UniversalClientRequest, UniversalClientResponse } from "@connectrpc/connect/protocol";
import { BodyReceiver, BodySender } from "./body.ts";
import type { FromPage, FromWorker, HeaderList, Port } from "./messages.ts";

interface Exchange {
  readonly request: BodySender;
  readonly response: BodyReceiver;
  readonly trailer: Headers;
  readonly head: (response: UniversalClientResponse) => void;
  readonly fail: (error: unknown) => void;
}

/** The page's side of the bridge: HTTP requests by way of a port, for a Connect transport. */
export class BridgeClient {
  readonly fetch: UniversalClientFn = (request) => this.#fetch(request);
  readonly #port: Port;
  readonly #exchanges = new Map<number, Exchange>();
  readonly #listener = (event: { readonly data: unknown }): void => this.#receive(event.data as FromWorker);
  #lastId = 0;
  #closed: ConnectError | undefined;

  constructor(port: Port) {
    this.#port = port;
    port.addEventListener("message", this.#listener);
  }

  /** Ends every request under way, and those to come, as Unavailable. */
  close(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = new ConnectError(reason, Code.Unavailable);
    this.#port.removeEventListener("message", this.#listener);
    for (const exchange of this.#exchanges.values()) exchange.fail(this.#closed);
    this.#exchanges.clear();
  }

  #fetch(request: UniversalClientRequest): Promise<UniversalClientResponse> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const id = ++this.#lastId;
    const { signal, body } = request;
    return new Promise((resolve, reject) => {
      const cancel = (error: unknown): void => {
        if (!this.#exchanges.has(id)) return;
        this.#post({ type: "cancel", id });
        this.#end(id, error);
      };
      const sender = new BodySender((chunk) => this.#post({ type: "data", id, chunk }));
      const receiver = new BodyReceiver(
        (bytes) => this.#post({ type: "credit", id, bytes }),
        () => cancel(undefined),
      );
      const aborted = (): void => cancel(ConnectError.from(signal?.reason, Code.Canceled));
      this.#exchanges.set(id, {
        request: sender,
        response: receiver,
        trailer: new Headers(),
        head: resolve,
        fail: (error) => {
          signal?.removeEventListener("abort", aborted);
          sender.stop();
          receiver.end(error);
          reject(error);
        },
      });
      const header = [...request.header.entries()];
      this.#post({ type: "open", id, method: request.method, url: request.url, header, hasBody: body !== undefined });
      signal?.addEventListener("abort", aborted);
      if (signal?.aborted === true) aborted();
      else if (body !== undefined) this.#send(id, sender, body, cancel);
    });
  }

  #send(id: number, sender: BodySender, body: AsyncIterable<Uint8Array>, cancel: (error: unknown) => void): void {
    sender.send(body).then(
      (whole) => {
        if (whole) this.#post({ type: "end", id, trailer: [] });
      },
      (error: unknown) => cancel(error),
    );
  }

  #receive(message: FromWorker): void {
    const exchange = this.#exchanges.get(message.id);
    if (exchange === undefined) return;
    switch (message.type) {
      case "head": {
        const header = new Headers(message.header.map(([name, value]) => [name, value]));
        exchange.head({ status: message.status, header, body: exchange.response, trailer: exchange.trailer });
        break;
      }
      case "data":
        exchange.response.push(message.chunk);
        break;
      case "credit":
        exchange.request.credit(message.bytes);
        break;
      case "end":
        append(exchange.trailer, message.trailer);
        this.#end(message.id, undefined);
        break;
      case "fail":
        this.#end(message.id, new ConnectError(message.message, Code.Unavailable));
        break;
    }
  }

  #end(id: number, error: unknown): void {
    const exchange = this.#exchanges.get(id);
    this.#exchanges.delete(id);
    exchange?.fail(error);
  }

  #post(message: FromPage): void {
    if (this.#closed === undefined) this.#port.postMessage(message);
  }
}

function append(headers: Headers, list: HeaderList): void {
  for (const [name, value] of list) headers.append(name, value);
}
