/**
 * The connections of a server: from each address it listens on they come here, and each is handed to the HTTP
 * version it speaks.
 *
 *     bytes ──► a TLS hello?  ──► the gate ──► what ALPN agreed on ──► HTTP/2, HTTP/1.1
 *           └─► cleartext?    ──► what the first bytes say ───────────┘
 */
import type net from "node:net";
import type { TLSSocket } from "node:tls";
import type { Log } from "../log.ts";
import type { TlsGate } from "../tls/gate.ts";
import { originOf } from "./address.ts";
import { Binder, type UrlOf } from "./bind.ts";
import { Crowd } from "./crowd.ts";
import { type Protocol, sniff } from "./protocol-sniffer.ts";
import type { ListenAddress } from "./urls.ts";

export interface ListenerOptions {
  /** The same one may be there twice: once for TLS and once for cleartext. */
  readonly addresses: readonly ListenAddress[];
  /** Needed if one of the addresses is of TLS. */
  readonly gate?: TlsGate | undefined;
  /** Offer TLS clients no HTTP/2. Default false. */
  readonly http1Only?: boolean;
  /** Share ports with other servers that do. Default false. */
  readonly reusePort?: boolean | undefined;
  /** Open at once, on all addresses. Default: no limit. */
  readonly maxConnections?: number;
  readonly handshakeTimeoutMs: number;
  readonly log: Log;
}

type HttpVersion = Exclude<Protocol, "tls">;
type ConnectionHandler = (socket: net.Socket, protocol: HttpVersion) => void;

/** What may come to an address. */
interface Endpoint {
  readonly tls: boolean;
  readonly cleartext: boolean;
}

const NOT_TLS = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

export class Listener {
  /** Where it listens, ports filled in, in the order of the addresses. */
  readonly urls: string[] = [];
  readonly sockets = new Set<net.Socket>();
  readonly #binders: Binder[] = [];
  readonly #unknown = new Set<net.Socket>();
  readonly #waiting = new Map<net.Socket, Endpoint>();
  readonly #options: ListenerOptions;
  readonly #said = new Set<string>();
  readonly #crowd: Crowd;
  #handle: ConnectionHandler | undefined;
  #stopped = false;

  private constructor(options: ListenerOptions) {
    this.#options = options;
    this.#crowd = new Crowd(options.log);
  }

  /**
   * Binds all addresses or none. Connections wait until `start`.
   * @throws ListenError
   */
  static async bind(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    const bound = new Map<ListenAddress, UrlOf>();
    try {
      for (const address of options.addresses) {
        const same = options.addresses.filter((other) => areSame(address, other));
        const endpoint = { tls: same.some(({ tls }) => tls), cleartext: same.some(({ tls }) => !tls) };
        const [first = address] = same;
        const urlOf = bound.get(first) ?? (await listener.#bind(first, endpoint));
        bound.set(first, urlOf);
        listener.urls.push(urlOf(address.tls === true));
      }
    } catch (error) {
      listener.stop();
      throw error;
    }
    return listener;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  start(handle: ConnectionHandler): void {
    this.#handle = handle;
    for (const [socket, endpoint] of this.#waiting) this.#sniff(socket, endpoint);
    this.#waiting.clear();
  }

  /** No more connections; those that have not said what they speak are closed. */
  stop(): void {
    this.#stopped = true;
    for (const binder of this.#binders) binder.close();
    this.#crowd.close();
    for (const socket of this.#handle === undefined ? this.sockets : this.#unknown) socket.destroy();
  }

  /** Settles when the last connection is closed; those still open after `graceMs` are cut. */
  async drained(graceMs: number): Promise<void> {
    const timer = setTimeout(() => {
      for (const socket of this.sockets) socket.destroy();
    }, graceMs);
    await Promise.all([...this.sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    clearTimeout(timer);
  }

  #bind(address: ListenAddress, endpoint: Endpoint): Promise<UrlOf> {
    const { reusePort = false, log } = this.#options;
    const binder = new Binder({ reusePort, log, onConnection: (socket) => this.#accept(socket, endpoint) });
    this.#binders.push(binder);
    return binder.bind(address);
  }

  #accept(socket: net.Socket, endpoint: Endpoint): void {
    const { maxConnections = Number.POSITIVE_INFINITY } = this.#options;
    if (this.sockets.size >= maxConnections) {
      this.#crowd.refuse(socket, maxConnections);
      return;
    }
    this.sockets.add(socket);
    socket.on("close", () => {
      this.sockets.delete(socket);
      this.#waiting.delete(socket);
      this.#unknown.delete(socket);
    });
    // A reset is a client's right; "close" follows and is what counts.
    socket.on("error", (error) => this.#options.log.debug("a connection failed", { error: error.message }));
    if (this.#handle === undefined) this.#waiting.set(socket, endpoint);
    else this.#sniff(socket, endpoint);
  }

  #sniff(socket: net.Socket, endpoint: Endpoint): void {
    const { handshakeTimeoutMs, gate, http1Only } = this.#options;
    this.#unknown.add(socket);
    sniff(socket, handshakeTimeoutMs, (protocol) => {
      if (protocol !== "tls") {
        this.#unknown.delete(socket);
        if (endpoint.cleartext) this.#handle?.(socket, protocol);
        else this.#refuseCleartext(socket, protocol);
      } else if (endpoint.tls && gate !== undefined) {
        gate.enter(socket, {
          protocols: http1Only ? ["http/1.1"] : ["h2", "http/1.1"],
          entered: (secure) => this.#sniffSecure(socket, secure),
        });
      } else {
        this.#refuse(socket, "a client began a TLS handshake, and this port is cleartext: connect by http://");
      }
    });
  }

  /** What was agreed on counts; that the client keeps to it, and says anything at all, is seen by its first bytes. */
  #sniffSecure(socket: net.Socket, secure: TLSSocket): void {
    sniff(secure, this.#options.handshakeTimeoutMs, (protocol) => {
      this.#unknown.delete(socket);
      if (secure.alpnProtocol !== "h2") this.#handle?.(secure, "http1");
      else if (protocol === "http2") this.#handle?.(secure, "http2");
      else secure.destroy();
    });
  }

  #refuseCleartext(socket: net.Socket, protocol: HttpVersion): void {
    if (protocol === "http1") socket.write(NOT_TLS);
    this.#refuse(socket, "a client spoke in cleartext, and this port is of TLS: connect by https://");
  }

  #refuse(socket: net.Socket, message: string): void {
    const from = originOf(socket);
    // Such a client tries again and again; once is enough to find it.
    if (this.#said.has(message)) this.#options.log.debug(message, { from });
    else this.#options.log.warn(message, { from });
    this.#said.add(message);
    socket.destroySoon();
  }
}

/** Each port 0 is another one. */
function areSame(one: ListenAddress, other: ListenAddress): boolean {
  if (one === other) return true;
  if (one.path !== undefined || other.path !== undefined) return one.path === other.path;
  return one.port !== 0 && one.port === other.port && one.host === other.host;
}
