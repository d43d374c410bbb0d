/** The two ways that a request of Connect or gRPC-Web can go, side by side: lean where it can be, or Connect's alone. */
import type { Compression } from "@connectrpc/connect/protocol";
import { connectHandlers, type ServiceBinding, WebCalls, type WebHead } from "../../../../src/rpc/index.ts";

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface HttpReply {
  readonly status: number;
  /** But for those that say how long the body is. */
  readonly headers: readonly (readonly [string, string])[];
  /** A byte a character. */
  readonly body: string;
}

export interface RoadOptions {
  readonly bindings: readonly ServiceBinding[];
  readonly maxMessageBytes?: number;
  readonly maxMessageDepth?: number;
}

/** No real one: what it did is seen at a glance, and runs anywhere. */
const REVERSED: Compression = {
  name: "reversed",
  compress: async (bytes) => bytes.slice().reverse(),
  decompress: async (bytes) => bytes.slice().reverse(),
};

export interface Asked {
  readonly reply: HttpReply;
  readonly isLean: boolean;
}

export class Road {
  readonly faults: string[] = [];
  readonly shutdown = new AbortController();
  readonly #handlers: ReturnType<typeof connectHandlers>;
  readonly #calls: WebCalls | undefined;

  constructor(isLean: boolean, { bindings, maxMessageBytes = 64 * 1024, maxMessageDepth = 20 }: RoadOptions) {
    const options = {
      ...{ bindings, maxMessageBytes, maxMessageDepth, acceptCompression: [REVERSED] },
      shutdownSignal: this.shutdown.signal,
      onFault: (path: string, error: unknown) => void this.faults.push(`${path} ${String(error)}`),
    };
    this.#handlers = connectHandlers(options);
    this.#calls = isLean ? new WebCalls(options) : undefined;
  }

  /** @param signal aborted when the client leaves */
  async ask(request: HttpRequest, signal = new AbortController().signal): Promise<Asked> {
    const call = this.#calls?.begin(request.path, headOf(request));
    signal.addEventListener("abort", () => call?.abort(signal.reason));
    const reply = await call?.answer(request.body);
    if (reply === undefined) return { reply: await this.#route(request, signal), isLean: false };
    return { reply: replyOf(reply.status, new Headers(reply.header as [string, string][]), reply.body), isLean: true };
  }

  async #route({ method, path, headers, body }: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
    const handler = this.#handlers.get(path);
    if (handler === undefined) throw new Error(`no handler for ${path}`);
    const url = `http://localhost${path}`;
    const reply = await handler({
      ...{ httpVersion: "2.0", method, url, header: new Headers(headers), signal },
      body: (async function* () {
        yield body;
      })(),
    });
    const pieces: Uint8Array[] = [];
    for await (const piece of reply.body ?? []) pieces.push(piece as Uint8Array);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const whole = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return replyOf(reply.status, new Headers(reply.header), whole);
  }
}

function headOf({ method, path, headers }: HttpRequest): WebHead {
  const all = new Headers(headers);
  return {
    httpMethod: method,
    url: `http://localhost${path}`,
    header: (name) => all.get(name) ?? undefined,
    headers: () => new Headers(all),
  };
}

function replyOf(status: number, headers: Headers, body: Uint8Array): HttpReply {
  headers.delete("content-length");
  return { status, headers: [...headers], body: latin1(body) };
}

export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A message as gRPC-Web sends it. */
export function envelope(message: Uint8Array, flags = 0): Uint8Array {
  const bytes = new Uint8Array(5 + message.length);
  bytes[0] = flags;
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, 5);
  return bytes;
}
