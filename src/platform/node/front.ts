/**
 * One port for everything:
 *
 *     socket ──► HTTP/2 ──► gRPC ─────────────────────► the lean mount
 *            │          └─► anything else ──┐
 *            └► HTTP/1.1 ───────────────────┴─► gRPC-Web, Connect, JSON, the page
 */
import http from "node:http";
import http2 from "node:http2";
import { ConnectError } from "@connectrpc/connect";
import type { ServiceBinding } from "../../rpc/index.ts";
import { MethodTable } from "./grpc/methods.ts";
import { GrpcMount } from "./grpc/mount.ts";
import { SERVER_STOPPED } from "./grpc/status.ts";
import { ConnectRoutes } from "./http/connect.ts";
import { Cors } from "./http/cors.ts";
import { GatewayRoutes } from "./http/gateway.ts";
import { GatewayWebSockets } from "./http/gateway-websocket.ts";
import { HttpHandler } from "./http/handler.ts";
import { HostWhitelist } from "./http/host-whitelist.ts";
import type { Monitoring } from "./http/monitoring.ts";
import type { StaticFiles } from "./http/static-files.ts";
import type { HttpRequest, HttpResponse } from "./http/types.ts";
import { type KeepAliveOptions, keepAlive } from "./keepalive.ts";
import type { Listener } from "./listener.ts";
import type { Log } from "./log.ts";
import type { Traffic } from "./metrics/traffic.ts";

export interface FrontOptions {
  readonly listener: Listener;
  readonly bindings: readonly ServiceBinding[];
  readonly traffic: Traffic;
  readonly monitoring: Monitoring;
  readonly maxMessageBytes: number;
  readonly maxConcurrentStreams: number;
  /** For the headers of an HTTP/1.1 request to arrive. */
  readonly headersTimeoutMs: number;
  /** Default: silent HTTP/2 connections are left alone, as with times of 0. */
  readonly keepAlive?: Omit<KeepAliveOptions, "log">;
  readonly cors: readonly string[];
  readonly hostWhitelist: readonly string[];
  readonly files: StaticFiles;
  /** Whether there is the JSON gateway; default true. */
  readonly enableGrpcGateway?: boolean | undefined;
  /** Default: never. */
  readonly isAuthEnabled?: () => boolean;
  readonly log: Log;
}

/** Windows that a client does not have to wait for on a fast network; a stream's method slows it by pausing. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
/** Thousands of watches on one connection are in order, and so is cancelling them all at once. */
const MAX_SESSION_MEMORY_MB = 1024;
const STREAM_RESET_BURST = 100_000;
const STREAM_RESETS_PER_SECOND = 10_000;
/** Node's 5 s closes connections under the hands of clients that poll. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

export class Front {
  readonly #options: FrontOptions;
  readonly #grpc: GrpcMount;
  readonly #http: HttpHandler;
  readonly #http1: http.Server;
  readonly #http2: http2.Http2Server;
  /** Turns streams into requests and responses; it never sees a socket. */
  readonly #compatibility = http2.createServer();
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  readonly #shutdown = new AbortController();

  constructor(options: FrontOptions) {
    this.#options = options;
    const { bindings, maxMessageBytes, traffic, log } = options;
    this.#grpc = new GrpcMount({ methods: new MethodTable(bindings), maxMessageBytes, traffic, log });
    const mount = { bindings, maxMessageBytes, shutdownSignal: this.#shutdown.signal, log };
    const cors = new Cors(options.cors);
    const gateway = options.enableGrpcGateway === false ? undefined : new GatewayRoutes({ ...mount, cors });
    this.#http = new HttpHandler({
      hosts: new HostWhitelist(options.hostWhitelist),
      cors,
      routes: new ConnectRoutes(mount),
      gateway,
      webSockets: gateway && new GatewayWebSockets({ ...mount, gateway: gateway.gateway }),
      monitoring: options.monitoring,
      files: options.files,
      isAuthEnabled: options.isAuthEnabled ?? (() => false),
      log,
    });
    this.#http1 = this.#createHttp1();
    this.#http2 = this.#createHttp2();
    this.#compatibility.on("request", (request, response) => this.#http.handle(request, response));
  }

  start(): void {
    this.#options.listener.start((socket, protocol) => {
      if (protocol === "http1") {
        this.#http1.emit("connection", socket);
        return;
      }
      // Left half-open, a client that goes away in the midst of a stream would never be noticed.
      socket.allowHalfOpen = false;
      this.#http2.emit("connection", socket);
    });
  }

  /** Ends open calls with UNAVAILABLE and closes every connection, the last of them after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const { listener } = this.#options;
    listener.stop();
    this.#grpc.stop();
    this.#shutdown.abort(new ConnectError(SERVER_STOPPED.message, SERVER_STOPPED.code));
    for (const session of this.#sessions) session.close();
    this.#http1.close();
    await listener.drained(graceMs);
  }

  #createHttp1(): http.Server {
    const { headersTimeoutMs } = this.#options;
    const server = http.createServer({
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: headersTimeoutMs,
      // Streams stay open as long as their clients want them.
      requestTimeout: 0,
      shouldUpgradeCallback: (request) => this.#http.upgrades(request),
    });
    server.on("upgrade", (request, socket, head) => this.#http.upgrade(request, socket, head));
    server.on("request", (request: HttpRequest, response: HttpResponse) => {
      response.on("close", () => {
        if (this.#shutdown.signal.aborted) request.socket.destroySoon();
      });
      this.#http.handle(request, response);
    });
    // Its watch over clients that are slow with their headers begins with this event, and it never listens.
    server.emit("listening");
    return server;
  }

  #createHttp2(): http2.Http2Server {
    const { maxConcurrentStreams, keepAlive: ping, log } = this.#options;
    const server = http2.createServer({
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, maxConcurrentStreams },
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
      streamResetBurst: STREAM_RESET_BURST,
      streamResetRate: STREAM_RESETS_PER_SECOND,
    });
    server.on("session", (session) => {
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
      session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      if (ping !== undefined && ping.intervalMs > 0 && ping.timeoutMs > 0) keepAlive(session, { ...ping, log });
    });
    server.on("sessionError", (error) => log.debug("an HTTP/2 connection failed", { error: error.message }));
    server.on("stream", (stream, headers, flags, rawHeaders) => {
      if (!this.#grpc.serve(stream, headers)) {
        this.#compatibility.emit("stream", stream, headers, flags, rawHeaders);
      }
    });
    return server;
  }
}
