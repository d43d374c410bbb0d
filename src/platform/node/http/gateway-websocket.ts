/**
 * The gateway over WebSockets, on the same paths (rule HT3), as etcd has it from its WebSocket proxy: each message
 * of the client is a piece of the request's body, each line of the response a text message. Browsers cannot set
 * headers, so the token comes as a subprotocol, `Bearer, TOKEN`, or as the cookie `token`.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { RawData, WebSocket, WebSocketServer } from "ws";
import { type Gateway, webSocketCallHeaders, webSocketProtocol } from "../../../rpc/index.ts";
import { addressOf } from "../listen/address.ts";
import type { Log } from "../log.ts";
import { MessageQueue } from "./message-queue.ts";

const NORMAL = 1000;
const GOING_AWAY = 1001;

export interface GatewayWebSocketsOptions {
  readonly gateway: Gateway;
  /** Whether the server takes no more connections. */
  readonly isStopping: () => boolean;
  readonly log: Log;
}

export class GatewayWebSockets {
  readonly #options: GatewayWebSocketsOptions;
  #server: Promise<WebSocketServer> | undefined;

  constructor(options: GatewayWebSocketsOptions) {
    this.#options = options;
  }

  /** Whether the request asks for a WebSocket and leads to the gateway. */
  wants(request: IncomingMessage): boolean {
    const { headers, method, url } = request;
    if (method !== "GET" || headers.upgrade?.toLowerCase() !== "websocket") return false;
    const found = this.#options.gateway.find("POST", url ?? "/");
    return found !== undefined && !("status" in found && found.status === REDIRECT);
  }

  /** Takes the connection over, of which nothing is read in the meantime. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server ??= serverOf(this.#options.gateway);
    this.#server
      .then((server) => server.handleUpgrade(request, socket, head, (client) => this.#opened(client, request)))
      .catch((error: unknown) => {
        this.#options.log.error("a WebSocket could not be opened", { error: String(error) });
        socket.destroy();
      });
  }

  #opened(client: WebSocket, request: IncomingMessage): void {
    this.#serve(client, request).catch((error: unknown) => {
      this.#options.log.debug("a WebSocket failed", { error: String(error) });
      client.terminate();
    });
  }

  async #serve(client: WebSocket, { url, headers, socket }: IncomingMessage): Promise<void> {
    const { gateway, isStopping, log } = this.#options;
    const left = new AbortController();
    const body = new MessageQueue(client);
    client.on("message", (data: RawData) => body.push(data as Buffer));
    client.on("error", (error) => log.debug("a WebSocket failed", { error: error.message }));
    client.on("close", () => {
      body.end();
      left.abort();
    });
    const reply = await gateway.handle({
      method: "POST",
      target: url ?? "/",
      headers: webSocketCallHeaders({ host: headers.host, cookie: headers.cookie, protocols: protocolsOf(headers) }),
      from: () => addressOf(socket),
      body,
      signal: left.signal,
    });
    if (reply?.body instanceof Uint8Array) await send(client, reply.body);
    else for await (const line of reply?.body ?? []) await send(client, line);
    client.close(isStopping() ? GOING_AWAY : NORMAL);
  }
}

/** Few come by WebSocket, and the library for it is a part of a start that one sees. */
async function serverOf({ maxBodyBytes }: Gateway): Promise<WebSocketServer> {
  const { WebSocketServer } = await import("ws");
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: maxBodyBytes,
    handleProtocols: (_, { headers }) => webSocketProtocol(protocolsOf(headers)) ?? false,
  });
}

const REDIRECT = 307;
const LINE_FEED = 0x0a;

/** Resolves when the connection has taken the line; nothing is sent to a client that has left. */
function send(client: WebSocket, line: Uint8Array): Promise<void> {
  const text = line.at(-1) === LINE_FEED ? line.subarray(0, -1) : line;
  if (text.length === 0 || client.readyState !== client.OPEN) return Promise.resolve();
  return new Promise((resolve) => client.send(text, { binary: false }, () => resolve()));
}

function protocolsOf(headers: IncomingHttpHeaders): string | undefined {
  return headers["sec-websocket-protocol"];
}
