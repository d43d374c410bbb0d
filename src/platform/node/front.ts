/**
 * One port for everything:
 *
 *     socket ──► HTTP/2 ──► gRPC ─────────────────────► the lean mount
 *            │          └─► anything else ──┐
 *            └► HTTP/1.1 ───────────────────┴─► gRPC-Web, Connect, JSON, the page
 */
import http from "node:http";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectError } from "@connectrpc/connect";
import type { ServiceBinding } from "../../rpc/index.ts";
import type { Clock } from "../../server/index.ts";
import { Buffers } from "./grpc/buffers.ts";
import { MethodTable } from "./grpc/methods.ts";
import { GrpcMount } from "./grpc/mount.ts";
import { SERVER_STOPPED } from "./grpc/status.ts";
import { EngineFront } from "./h2/front.ts";
import { Turns } from "./h2/turns.ts";
import { ConnectRoutes } from "./http/connect.ts";
import { Cors } from "./http/cors.ts";
import { FairShare } from "./http/fair-share.ts";
import { GatewayRoutes } from "./http/gateway.ts";
import { GatewayWebSockets } from "./http/gateway-websocket.ts";
import { HttpHandler } from "./http/handler.ts";
import { HostWhitelist } from "./http/host-whitelist.ts";
import { serveHttp1 } from "./http/http1-connection.ts";
import { refuseClient } from "./http/http1-refusals.ts";
import type { Monitoring } from "./http/monitoring.ts";
import { PacedRequest } from "./http/paced-request.ts";
import { RequestTimer } from "./http/request-timer.ts";
import type { StaticFiles } from "./http/static-files.ts";
import type { HttpRequest, HttpResponse } from "./http/types.ts";
import type { Http2Connections } from "./http2/connections.ts";
import type { Http2Front } from "./http2/front.ts";
import type { KeepAliveTimes } from "./http2/keepalive.ts";
import type { Limits } from "./limits.ts";
import { originOf } from "./listen/address.ts";
import type { Listener } from "./listen/listener.ts";
import type { Log } from "./log.ts";
import type { Traffic } from "./metrics/traffic.ts";
import { RefusalLog } from "./refusal-log.ts";

export interface FrontOptions {
  readonly listener: Listener;
  readonly bindings: readonly ServiceBinding[];
  readonly traffic: Traffic;
  readonly monitoring: Monitoring;
  readonly maxMessageBytes: number;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Default: silent HTTP/2 connections are left alone, as with times of 0. */
  readonly keepAlive?: KeepAliveTimes;
  /** What speaks HTTP/2 by node:http2; default: the engine of src/h2 does. */
  readonly nodeHttp2?: typeof Http2Front | undefined;
  /** False takes every call the long way, by Connect's router where it is not the gateway's. Default true. */
  readonly fastPaths?: boolean | undefined;
  readonly cors: readonly string[];
  readonly hostWhitelist: readonly string[];
  readonly files: StaticFiles;
  /** Whether there is the JSON gateway; default true. */
  readonly enableGrpcGateway?: boolean | undefined;
  /** Default: never. */
  readonly isAuthEnabled?: () => boolean;
  readonly log: Log;
}

/** Node's 5 s closes connections under the hands of clients that poll. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** For a client to hear that the server stops. */
const GOODBYE_MS = 1000;
const POLL_MS = 5;

export class Front {
  readonly #options: FrontOptions;
  readonly #turns: Turns;
  readonly #buffers: Buffers;
  readonly #grpc: GrpcMount;
  readonly #http: HttpHandler;
  readonly #http1: http.Server;
  readonly #http2: Http2Connections;
  readonly #requestTimer: RequestTimer;
  readonly #refusals: RefusalLog;
  readonly #shutdown = new AbortController();

  constructor(options: FrontOptions) {
    this.#options = options;
    const { bindings, maxMessageBytes, limits, clock, log } = options;
    this.#refusals = new RefusalLog(log);
    this.#turns = new Turns(clock);
    this.#buffers = new Buffers({
      maxConnectionBytes: limits.maxConnectionBufferBytes,
      maxBytes: limits.maxBufferBytes,
      turns: this.#turns,
      evict: (connection, bytes) => this.#evict(connection, bytes),
    });
    this.#grpc = this.#createMount();
    const mount = {
      bindings,
      maxMessageBytes,
      maxMessageDepth: limits.maxMessageDepth,
      shutdownSignal: this.#shutdown.signal,
      fastPaths: options.fastPaths,
      share: new FairShare(this.#buffers),
      log,
    };
    const gateway = options.enableGrpcGateway === false ? undefined : new GatewayRoutes(mount);
    this.#http = new HttpHandler({
      hosts: new HostWhitelist(options.hostWhitelist),
      cors: new Cors(options.cors),
      routes: new ConnectRoutes(mount),
      gateway,
      webSockets:
        gateway && new GatewayWebSockets({ gateway: gateway.gateway, isStopping: () => options.listener.stopped, log }),
      monitoring: options.monitoring,
      files: options.files,
      isAuthEnabled: options.isAuthEnabled ?? (() => false),
      log,
    });
    this.#http1 = this.#createHttp1();
    this.#http2 = this.#createHttp2();
    const timeoutMs = limits.requestTimeoutMs;
    const timing = { timeoutMs, clock, turns: this.#turns, refusals: this.#refusals };
    this.#requestTimer = new RequestTimer({ bindings, gateway, ...timing });
  }

  start(): void {
    this.#options.listener.start((socket, protocol) => {
      if (protocol === "http1") serveHttp1(this.#http1, socket);
      else this.#http2.connect(socket);
    });
  }

  /**
   * Clients are told to call no more: settles when they know, and what they had sent by then is with the services, or
   * after `graceMs`.
   */
  async leave(graceMs: number): Promise<void> {
    const untilMs = performance.now() + graceMs;
    await this.#http2.leave(Math.min(graceMs, GOODBYE_MS));
    while (this.#grpc.isReading() && performance.now() < untilMs) await sleep(POLL_MS);
  }

  /** Ends open calls with UNAVAILABLE and closes every connection, the last of them after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const { listener } = this.#options;
    listener.stop();
    this.#grpc.stop();
    this.#shutdown.abort(new ConnectError(SERVER_STOPPED.message, SERVER_STOPPED.code));
    this.#http2.close();
    this.#http1.close();
    await listener.drained(graceMs);
  }

  #createHttp1(): http.Server {
    const { handshakeTimeoutMs, maxHeaderBytes } = this.#options.limits;
    const server = http.createServer({
      IncomingMessage: PacedRequest,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      headersTimeout: handshakeTimeoutMs,
      connectionsCheckingInterval: handshakeTimeoutMs,
      maxHeaderSize: maxHeaderBytes,
      // Streams of requests stay open as long as their clients want them; for the others there is the timer.
      requestTimeout: 0,
      shouldUpgradeCallback: (request) => this.#http.upgrades(request),
    });
    server.on("upgrade", (request, socket, head) => this.#http.upgrade(request, socket, head));
    server.on("request", (request: HttpRequest, response: HttpResponse) => {
      response.on("close", () => {
        if (this.#shutdown.signal.aborted) request.socket.destroySoon();
      });
      // Of a socket that was handed to it Deno reads one request.
      if ("deno" in process.versions) response.setHeader("Connection", "close");
      this.#requestTimer.start(request, response);
      this.#http.handle(request, response);
    });
    server.on("clientError", (error, socket) => {
      refuseClient(error, socket as Socket, this.#options.limits, this.#refusals);
    });
    // Its watch over clients that are slow with their headers begins with this event, and it never listens.
    server.emit("listening");
    return server;
  }

  /** @param connection a socket for what is not native gRPC */
  #evict(connection: object, bytes: number): void {
    if (!(connection instanceof Socket)) {
      this.#http2.evict(connection, bytes);
      return;
    }
    const fields = { from: originOf(connection), bytes };
    this.#refusals.add("max-buffer-bytes", "a connection was ended whose client keeps too much waiting", fields);
    connection.destroy();
  }

  #createMount(): GrpcMount {
    const { bindings, maxMessageBytes, limits, clock, traffic, log } = this.#options;
    return new GrpcMount({
      methods: new MethodTable(bindings),
      maxMessageBytes,
      maxMessageDepth: limits.maxMessageDepth,
      maxOpenCalls: limits.maxOpenCalls,
      requestTimeoutMs: limits.requestTimeoutMs,
      buffers: this.#buffers,
      clock,
      left: (session) => this.#http2.left(session),
      refusals: this.#refusals,
      traffic,
      log,
    });
  }

  #createHttp2(): Http2Connections {
    const { limits, clock, keepAlive, maxMessageBytes, nodeHttp2: Http2 = EngineFront, log } = this.#options;
    const { fastPaths = true } = this.#options;
    return new Http2({
      limits,
      clock,
      turns: this.#turns,
      keepAlive,
      refusals: this.#refusals,
      log,
      maxMessageBytes,
      hasCalls: (session) => this.#grpc.hasCalls(session),
      onCall: (stream, headers) => fastPaths && this.#grpc.serve(stream, headers),
      onRequest: (request, response) => {
        this.#requestTimer.start(request, response);
        this.#http.handle(request, response);
      },
    });
  }
}
