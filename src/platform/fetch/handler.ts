/**
 * A store as a function from a Request to a Response:
 *
 *     a page that may? ──► native gRPC: refused, and told why
 *       │     └ no: 403        └ an RPC's path: gRPC-Web and Connect
 *       │                          └ /v3/…: the JSON gateway
 *       │                              └ a monitor's path: /health, /livez, /readyz, /version
 *       │                                  └ a file of the page, by the user's function
 *       │                                      └ 404
 *       └ OPTIONS: answered here
 */
import type { OpenedEtcd } from "../../driver/index.ts";
import { Status } from "../../errors.ts";
import { errorReply, Gateway, type GatewayReply, Probes } from "../../rpc/index.ts";
import { REQUEST_OVERHEAD_BYTES } from "../../server/index.ts";
import { Hosts } from "../hosts.ts";
import { Origins, type PageRequest } from "../origins.ts";
import { Exchange } from "./exchange.ts";
import { isNativeGrpc, nativeGrpcRefused } from "./grpc.ts";
import { RpcRoutes } from "./rpc.ts";

export type FetchStore = Pick<OpenedEtcd, "etcd" | "bindings">;

export interface FetchHandlerOptions {
  readonly store: FetchStore;
  /** The path that everything is under, as `/stores/a`. Default: the root. */
  readonly prefix?: string | undefined;
  /** Origins of web pages that may call; `["*"]` for all. Default: pages of this machine and the store's own. */
  readonly cors?: readonly string[] | undefined;
  /**
   * Names of hosts that may be asked for, `["*"]` for all; none for what nobody can have pointed at this machine:
   * addresses, `localhost` and names without a dot. Default: none for a server on a loopback address; elsewhere names
   * are not looked at.
   */
  readonly hostWhitelist?: readonly string[] | undefined;
  /** Whether there is the JSON gateway at `/v3/`. Default true. */
  readonly enableGrpcGateway?: boolean | undefined;
  /** False leaves unary calls of gRPC-Web and Connect to Connect's router, too; the answers are the same. Default true. */
  readonly fastPaths?: boolean | undefined;
  /** The files of a page, by their paths without the prefix; undefined for what is none. Default: none. */
  readonly files?: ((path: string, request: Request) => FileResponse | Promise<FileResponse>) | undefined;
  /** Its reason is the error that open calls end with. Default: they end with the store. */
  readonly shutdownSignal?: AbortSignal | undefined;
  /** Told of faults of etcdlite's own. Default: the console. */
  readonly onFault?: ((path: string, error: unknown) => void) | undefined;
}

type FileResponse = Response | undefined;

export type FetchHandler = (request: Request) => Promise<Response>;

/** The answer rejects only with what `files` throws. A client that leaves cancels its call. */
export function createFetchHandler(options: FetchHandlerOptions): FetchHandler {
  const handler = new Handler(options);
  return (request) => handler.handle(request);
}

/** What a request asks for, behind the prefix. */
interface Target {
  readonly path: string;
  /** With its question mark; empty without. */
  readonly query: string;
  readonly host: string;
}

class Handler {
  readonly #options: FetchHandlerOptions;
  readonly #prefix: string;
  readonly #origins: Origins;
  /** Undefined where names are not looked at. */
  readonly #hosts: Hosts | undefined;
  readonly #routes: RpcRoutes;
  readonly #gateway: Gateway | undefined;
  readonly #probes: Probes;

  constructor(options: FetchHandlerOptions) {
    const { store, prefix = "", cors = [], hostWhitelist, enableGrpcGateway = true, fastPaths = true } = options;
    const { shutdownSignal = new AbortController().signal, onFault = logFault } = options;
    const { etcd, bindings } = store;
    const maxMessageBytes = etcd.options.maxRequestBytes + REQUEST_OVERHEAD_BYTES;
    const mount = { bindings, maxMessageBytes, shutdownSignal, onFault };
    this.#options = options;
    this.#prefix = prefix.replace(/\/+$/, "");
    this.#origins = new Origins(cors);
    this.#hosts = hostWhitelist && new Hosts(hostWhitelist, (host) => `hostWhitelist: [${JSON.stringify(host)}]`);
    this.#routes = new RpcRoutes(mount, fastPaths);
    this.#gateway = enableGrpcGateway ? new Gateway({ ...mount, fastPaths }) : undefined;
    this.#probes = new Probes(etcd);
  }

  async handle(request: Request): Promise<Response> {
    const { protocol, pathname, search, host } = new URL(request.url);
    // With TLS a name needs a certificate.
    const foreign = protocol === "https:" ? undefined : this.#hosts?.refusal(host, true);
    if (foreign !== undefined) return text(foreign.status, foreign.text);
    const { method, headers } = request;
    const page: PageRequest = { method, host, header: (name) => headers.get(name) ?? undefined };
    const response = await this.#respond(request, page, { path: pathname, query: search, host });
    for (const [name, value] of SAFETY_HEADERS) response.headers.set(name, value);
    for (const [name, value] of this.#origins.headers(page)) {
      if (name === "Vary") response.headers.append(name, value);
      else response.headers.set(name, value);
    }
    return response;
  }

  async #respond(request: Request, page: PageRequest, { path, ...rest }: Target): Promise<Response> {
    if (request.method === "OPTIONS") return new Response(null, { status: 204 });
    if (this.#origins.refuses(page)) return gatewayResponse(PAGE_REFUSED, this.#prefix);
    if (!path.startsWith(`${this.#prefix}/`)) return text(404, NOT_FOUND);
    return this.#answer(request, { path: path.slice(this.#prefix.length), ...rest });
  }

  async #answer(request: Request, target: Target): Promise<Response> {
    if (isNativeGrpc(request)) return nativeGrpcRefused();
    return (
      this.#routes.serve(target.path, request) ??
      (await this.#serveGateway(request, target)) ??
      this.#serveProbe(request, target) ??
      this.#serveFile(request, target)
    );
  }

  async #serveGateway(request: Request, { path, query, host }: Target): Promise<Response | undefined> {
    const gateway = this.#gateway;
    if (gateway?.find(request.method, path + query) === undefined) return undefined;
    const exchange = new Exchange(request);
    const headers = { host, ...Object.fromEntries(request.headers) };
    const { signal } = exchange;
    const reply = await gateway.handle({
      method: request.method,
      target: path + query,
      headers,
      body: exchange.body(),
      signal,
    });
    if (reply === undefined) return undefined;
    if (!(reply.body instanceof Uint8Array)) return new Response(exchange.stream(reply.body), reply);
    exchange.finish();
    return gatewayResponse(reply as GatewayReply, this.#prefix);
  }

  #serveProbe(request: Request, { path, query }: Target): Response | undefined {
    if (!this.#probes.has(path)) return undefined;
    const { body, ...init } = this.#probes.answer(request.method, path, new URLSearchParams(query));
    return new Response(body, init);
  }

  async #serveFile(request: Request, { path }: Target): Promise<Response> {
    const isRead = request.method === "GET" || request.method === "HEAD";
    const file = isRead ? await this.#options.files?.(path, request) : undefined;
    // What comes from elsewhere may be frozen.
    return file === undefined ? text(404, NOT_FOUND) : new Response(file.body, file);
  }
}

/** No reply is guessed to be a page or a script, nor put into another page as a picture or a frame's document. */
const SAFETY_HEADERS = [
  ["X-Content-Type-Options", "nosniff"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
] as const;

/** A page may send a POST of plain text wherever it likes, unasked, and the gateway takes one as well as any. */
const PAGE_REFUSED = errorReply({
  code: Status.PERMISSION_DENIED,
  message: "etcdlite: pages of this origin may not call, see the option cors",
});

/** A path that is not clean leads to where it is, under the prefix. */
function gatewayResponse({ status, headers, body }: GatewayReply, prefix: string): Response {
  const { Location: location } = headers;
  const own = location === undefined ? headers : { ...headers, Location: prefix + location };
  return new Response(body as BodyInit, { status, headers: own });
}

const NOT_FOUND = `404 page not found

etcdlite serves gRPC-Web and Connect on paths such as /etcdserverpb.KV/Range, and etcd's JSON gateway at /v3/.
`;

function text(status: number, body: string): Response {
  return new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

function logFault(path: string, error: unknown): void {
  console.error("etcdlite: a method failed", path, error);
}
