/**
 * gRPC-Web and Connect as functions from a Request to a Response: unary calls that say how long they are on the lean
 * road (`rpc/web`), the rest through Connect's router.
 */
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { canceled, connectHandlers, type WebCall, WebCalls, type WebHead, type WebReply } from "../../rpc/index.ts";
import { Exchange } from "./exchange.ts";

export class RpcRoutes {
  readonly #handlers: ReadonlyMap<string, UniversalHandler>;
  readonly #lean: WebCalls | undefined;

  /** @param fastPaths false leaves every call to Connect's router, which gives the same answers */
  constructor(options: Parameters<typeof connectHandlers>[0], fastPaths: boolean) {
    this.#handlers = connectHandlers(options);
    this.#lean = fastPaths ? new WebCalls(options) : undefined;
  }

  /** Undefined for a path that is none of an RPC. */
  serve(path: string, request: Request): Promise<Response> | undefined {
    const handler = this.#handlers.get(path);
    if (handler === undefined) return undefined;
    const lean = this.#lean;
    const isBounded = Number(request.headers.get("content-length") ?? Number.NaN) <= (lean?.maxBodyBytes ?? 0);
    const call = isBounded ? lean?.begin(path, new FetchHead(request)) : undefined;
    return call === undefined ? route(handler, request) : answer(call, handler, request);
  }
}

class FetchHead implements WebHead {
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  get httpMethod(): string {
    return this.#request.method;
  }

  get url(): string {
    return this.#request.url;
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  headers(): Headers {
    return new Headers(this.#request.headers);
  }
}

async function answer(call: WebCall, handler: UniversalHandler, request: Request): Promise<Response> {
  let body: Uint8Array;
  try {
    body = new Uint8Array(await request.arrayBuffer());
  } catch (error) {
    return route(handler, request, failed(error));
  }
  const reply = call.answer(body);
  if (reply === undefined) return route(handler, request, only(body));
  if ("status" in reply) return responseOf(reply);
  const left = (): void => call.abort(canceled());
  request.signal.addEventListener("abort", left);
  try {
    return responseOf(await reply);
  } finally {
    request.signal.removeEventListener("abort", left);
  }
}

function responseOf({ status, header, body }: WebReply): Response {
  return new Response(body as BodyInit, { status, headers: header as [string, string][] });
}

async function* only(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body;
}

/** A body that broke off. */
// biome-ignore lint/correctness/useYield: it has nothing but its error
async function* failed(error: unknown): AsyncGenerator<Uint8Array> {
  throw error;
}

/** As far as a stream in both directions goes, fetch is HTTP/2: what a runtime gives and takes is full duplex. */
async function route(handler: UniversalHandler, request: Request, read?: AsyncIterable<Uint8Array>): Promise<Response> {
  const exchange = new Exchange(request);
  const { method, url, headers: header } = request;
  const { signal } = exchange;
  const {
    status,
    header: headers,
    body,
  } = await handler({ httpVersion: "2.0", method, url, header, body: read ?? exchange.body(), signal });
  if (body !== undefined) return new Response(exchange.stream(body), { status, headers });
  exchange.finish();
  return new Response(null, { status, headers });
}
