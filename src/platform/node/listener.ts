/**
 * The sockets of a server: it binds its addresses, knows every open connection, and hands each to the HTTP
 * version it speaks.
 */
import net from "node:net";
import type { Log } from "./log.ts";
import { type Protocol, sniff } from "./protocol-sniffer.ts";
import { httpUrl, type ListenAddress } from "./urls.ts";

/** An address that cannot be listened on; the message is one line that says which and why. */
export class ListenError extends Error {
  /** Of the system's error, such as `EADDRINUSE`. */
  readonly code: string;

  constructor(url: string, code: string, reason: string) {
    super(`cannot listen on ${url}: ${reason}`);
    this.name = "ListenError";
    this.code = code;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "this machine does not have that address",
  EAFNOSUPPORT: "this machine does not speak that kind of IP",
};

export interface ListenerOptions {
  readonly addresses: readonly ListenAddress[];
  readonly handshakeTimeoutMs: number;
  readonly log: Log;
}

type ConnectionHandler = (socket: net.Socket, protocol: Exclude<Protocol, "tls">) => void;

export class Listener {
  /** Where it listens, ports filled in, in the order of the addresses. */
  readonly urls: string[] = [];
  readonly sockets = new Set<net.Socket>();
  readonly #servers: net.Server[] = [];
  readonly #unknown = new Set<net.Socket>();
  readonly #options: ListenerOptions;
  #handle: ConnectionHandler | undefined;
  #saidTls = false;

  private constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /**
   * Binds all addresses or none. Connections wait until `start`.
   * @throws ListenError
   */
  static async bind(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    try {
      for (const address of options.addresses) listener.urls.push(await listener.#bind(address));
    } catch (error) {
      listener.stop();
      throw error;
    }
    return listener;
  }

  start(handle: ConnectionHandler): void {
    this.#handle = handle;
    for (const socket of this.sockets) this.#sniff(socket);
  }

  /** No more connections; those that have not said what they speak are closed. */
  stop(): void {
    for (const server of this.#servers) server.close();
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

  async #bind({ host, port }: ListenAddress): Promise<string> {
    if (host === "localhost") return this.#bindLocalhost(port);
    if (host !== "") return httpUrl(host, (await this.#listen(host, port)).port);
    // Every interface: IPv6's any-address takes IPv4 too, where the machine has IPv6 at all.
    const bound = await this.#listen("::", port).catch((error: unknown) => {
      if (isMissingFamily(error)) return this.#listen("0.0.0.0", port);
      throw error;
    });
    return httpUrl("0.0.0.0", bound.port);
  }

  /** Clients turn `localhost` into either loopback address: both are served where both exist. */
  async #bindLocalhost(port: number): Promise<string> {
    let bound: net.AddressInfo;
    try {
      bound = await this.#listen("127.0.0.1", port);
    } catch (error) {
      if (!isMissingFamily(error)) throw error;
      return httpUrl("::1", (await this.#listen("::1", port)).port);
    }
    try {
      await this.#listen("::1", bound.port);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (isMissingFamily(error)) this.#options.log.debug("no IPv6 loopback", { reason });
      else this.#options.log.warn("clients that turn localhost into [::1] reach another server", { reason });
    }
    return httpUrl("127.0.0.1", bound.port);
  }

  #listen(host: string, port: number): Promise<net.AddressInfo> {
    // Half-open, as node's HTTP servers ask for: a client may close its side and still be answered.
    const server = net.createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
    return new Promise((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => {
        const code = error.code ?? "";
        reject(new ListenError(httpUrl(host, port), code, REASONS[code] ?? error.message));
      });
      server.listen(port, host, () => {
        server.removeAllListeners("error");
        server.on("error", (error) => this.#options.log.error("accept failed", { error: error.message }));
        server.on("connection", (socket) => this.#accept(socket));
        this.#servers.push(server);
        resolve(server.address() as net.AddressInfo);
      });
    });
  }

  #accept(socket: net.Socket): void {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    // A reset is a client's right; "close" follows and is what counts.
    socket.on("error", (error) => this.#options.log.debug("a connection failed", { error: error.message }));
    if (this.#handle !== undefined) this.#sniff(socket);
  }

  #sniff(socket: net.Socket): void {
    this.#unknown.add(socket);
    socket.once("close", () => this.#unknown.delete(socket));
    sniff(socket, this.#options.handshakeTimeoutMs, (protocol) => {
      this.#unknown.delete(socket);
      if (protocol === "tls") this.#refuseTls(socket);
      else this.#handle?.(socket, protocol);
    });
  }

  #refuseTls(socket: net.Socket): void {
    const from = `${socket.remoteAddress}:${socket.remotePort}`;
    const message = "a client began a TLS handshake, and this port is cleartext: connect by http://";
    // Such a client tries again and again; once is enough to find it.
    if (this.#saidTls) this.#options.log.debug(message, { from });
    else this.#options.log.warn(message, { from });
    this.#saidTls = true;
    socket.destroy();
  }
}

function isMissingFamily(error: unknown): boolean {
  return error instanceof ListenError && (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT");
}
