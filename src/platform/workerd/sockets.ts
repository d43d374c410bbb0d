/**
 * WebSockets of an object (rule HT3). A watch is one that lets the object sleep; any other call is short, or is kept
 * going by its client, and its socket is an ordinary one.
 */
import { Status } from "../../errors.ts";
import { Watch } from "../../gen/etcdserverpb/watch_pb.ts";
import {
  errorReply,
  Gateway,
  type GatewayHeaders,
  type ServiceBinding,
  webSocketCallHeaders,
  webSocketProtocol,
} from "../../rpc/index.ts";
import { REQUEST_OVERHEAD_BYTES } from "../../server/index.ts";
import { Origins } from "../origins.ts";
import type { ObjectStore } from "./store.ts";
import type { HibernatableSocket, ObjectState, PlainSocket, UpgradeInit, WorkerGlobals } from "./types.ts";
import { newAttachment, type WatchAttachment } from "./watch-attachment.ts";
import { WatchSocket, type WatchSocketHost } from "./watch-socket.ts";

export interface SocketsOptions {
  readonly state: ObjectState;
  readonly store: ObjectStore;
  readonly cors: readonly string[];
}

export class Sockets {
  readonly #options: SocketsOptions;
  readonly #gateway: Gateway;
  readonly #host: WatchSocketHost;
  readonly #origins: Origins;
  readonly #watches = new Map<HibernatableSocket, WatchSocket>();

  constructor(options: SocketsOptions) {
    const { store, cors } = options;
    const { etcd, bindings, clock } = store;
    const maxMessageBytes = etcd.options.maxRequestBytes + REQUEST_OVERHEAD_BYTES;
    this.#options = options;
    this.#origins = new Origins(cors);
    this.#gateway = new Gateway({
      bindings,
      maxMessageBytes,
      shutdownSignal: new AbortController().signal,
      onFault: (path, error) => console.error("etcdlite: a method failed", path, error),
    });
    this.#host = { etcd, clock, watch: watchOf(bindings), maxMessageBytes };
  }

  /** Begins watches again that are from before a sleep; settles when all are there. */
  async restore(): Promise<void> {
    for (const socket of this.#options.state.getWebSockets()) {
      const attachment = socket.deserializeAttachment() as WatchAttachment | null;
      if (attachment !== null) this.#watches.set(socket, new WatchSocket(socket, this.#host, attachment));
    }
    await Promise.all([...this.#watches.values()].map(({ restored }) => restored));
  }

  /** Answers a request for a WebSocket. */
  accept(request: Request): Response {
    const { pathname, search, host } = new URL(request.url);
    const found = this.#gateway.find("POST", pathname + search);
    const hasMethod = found !== undefined && !("status" in found);
    if (!hasMethod) return new Response("404 page not found\n", { status: 404 });
    const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
    if (this.#origins.refuses({ method: request.method, host, header })) {
      const message = "etcdlite: pages of this origin may not call";
      return new Response(errorReply({ code: Status.PERMISSION_DENIED, message }).body as BodyInit, { status: 403 });
    }
    const protocols = header("sec-websocket-protocol");
    const headers = webSocketCallHeaders({ host, cookie: header("cookie"), protocols });
    const { WebSocketPair } = globalThis as unknown as WorkerGlobals;
    const { 0: client, 1: server } = new WebSocketPair();
    if (found.method === Watch.method.watch) this.#watch(server, headers);
    else this.#serve(server, pathname + search, headers);
    const protocol = webSocketProtocol(protocols);
    const agreed = protocol === undefined ? undefined : { "sec-websocket-protocol": protocol };
    const init: UpgradeInit = { status: 101, webSocket: client, headers: agreed };
    return new Response(null, init);
  }

  receive(socket: HibernatableSocket, message: string | ArrayBuffer): void {
    this.#watches.get(socket)?.receive(message);
  }

  left(socket: HibernatableSocket): void {
    this.#watches.get(socket)?.close();
    this.#watches.delete(socket);
    try {
      socket.close();
    } catch {
      // The runtime may have done so.
    }
  }

  compacted(): void {
    for (const watch of this.#watches.values()) watch.compacted();
  }

  #watch(socket: HibernatableSocket, headers: GatewayHeaders): void {
    const { state, store } = this.#options;
    state.acceptWebSocket(socket);
    const username = store.usernameOf(headers);
    this.#watches.set(socket, new WatchSocket(socket, this.#host, newAttachment(headers, username)));
  }

  #serve(socket: PlainSocket, target: string, headers: GatewayHeaders): void {
    const left = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        socket.addEventListener("message", ({ data }) => controller.enqueue(bytesOf(data)));
        socket.addEventListener("close", () => {
          if (!left.signal.aborted) controller.close();
          left.abort();
        });
      },
    });
    socket.accept();
    const { signal } = left;
    void (async () => {
      const reply = await this.#gateway.handle({ method: "POST", target, headers, body, signal });
      const lines = reply?.body instanceof Uint8Array ? [reply.body] : (reply?.body ?? []);
      for await (const line of lines) if (!signal.aborted) socket.send(textOf(line));
      if (!signal.aborted) socket.close(NORMAL);
    })();
  }
}

const NORMAL = 1000;

/** As etcd's proxy has it, each message ends a line. */
function bytesOf(data: string | ArrayBuffer): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(`${data}\n`) : new Uint8Array(data);
}

function textOf(line: Uint8Array): string {
  return new TextDecoder().decode(line).trimEnd();
}

function watchOf(bindings: readonly ServiceBinding[]): WatchSocketHost["watch"] {
  const binding = bindings.find(({ service }) => service === Watch) as ServiceBinding;
  return (binding.impl as unknown as Pick<WatchSocketHost, "watch">).watch;
}
