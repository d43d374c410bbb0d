/** From an address to sockets of the system that listen there. */
import { lstatSync, unlinkSync } from "node:fs";
import net from "node:net";
import type { Log } from "../log.ts";
import { httpUrl, type ListenAddress, unixUrl } from "./urls.ts";

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
  ENOENT: "there is no such folder",
  ENOTSUP: "this machine lets no two servers share a port",
};

export interface BindOptions {
  /** Share a port with other servers that do. */
  readonly reusePort: boolean;
  readonly log: Log;
  readonly onConnection: (socket: net.Socket) => void;
}

/** Where something listens, for TLS and for cleartext. */
export type UrlOf = (tls: boolean) => string;

export class Binder {
  readonly #servers: net.Server[] = [];
  readonly #options: BindOptions;

  constructor(options: BindOptions) {
    this.#options = options;
  }

  /** @throws ListenError */
  async bind({ host, port, path }: ListenAddress): Promise<UrlOf> {
    if (path !== undefined) return this.#bindUnix(path);
    if (host === "localhost") return this.#bindLocalhost(port);
    if (host !== "") return at(host, (await this.#listen(host, port)).port);
    // Every interface: IPv6's any-address takes IPv4 too, where the machine has IPv6 at all.
    const bound = await this.#listen("::", port).catch((error: unknown) => {
      if (isMissingFamily(error)) return this.#listen("0.0.0.0", port);
      throw error;
    });
    return at("0.0.0.0", bound.port);
  }

  /** No more connections; files of unix sockets are gone. */
  close(): void {
    for (const server of this.#servers) server.close();
  }

  /** Clients turn `localhost` into either loopback address: both are served where both exist. */
  async #bindLocalhost(port: number): Promise<UrlOf> {
    let bound: net.AddressInfo;
    try {
      bound = await this.#listen("127.0.0.1", port);
    } catch (error) {
      if (!isMissingFamily(error)) throw error;
      return at("::1", (await this.#listen("::1", port)).port);
    }
    try {
      await this.#listen("::1", bound.port);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (isMissingFamily(error)) this.#options.log.debug("no IPv6 loopback", { reason });
      else this.#options.log.warn("clients that turn localhost into [::1] reach another server", { reason });
    }
    return at("127.0.0.1", bound.port);
  }

  /** A socket that a server which is gone has left behind is taken over; no other file is touched. */
  async #bindUnix(path: string): Promise<UrlOf> {
    const url = unixUrl(path);
    try {
      await this.#serve(url, { path });
    } catch (error) {
      if (!(error instanceof ListenError) || error.code !== "EADDRINUSE") throw error;
      if (!lstatSync(path).isSocket()) throw new ListenError(url, "EADDRINUSE", "the file there is not a socket");
      if (await isAnswered(path)) throw error;
      this.#options.log.info("a unix socket of a server that is gone was removed", { path });
      unlinkSync(path);
      await this.#serve(url, { path });
    }
    return (tls) => unixUrl(path, tls);
  }

  async #listen(host: string, port: number): Promise<net.AddressInfo> {
    const server = await this.#serve(httpUrl(host, port), { host, port, reusePort: this.#options.reusePort });
    return server.address() as net.AddressInfo;
  }

  #serve(url: string, where: net.ListenOptions): Promise<net.Server> {
    // Half-open, as node's HTTP servers ask for: a client may close its side and still be answered.
    const server = net.createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
    return new Promise((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => {
        const code = error.code ?? "";
        reject(new ListenError(url, code, REASONS[code] ?? error.message));
      });
      server.listen(where, () => {
        server.removeAllListeners("error");
        server.on("error", (error) => this.#options.log.error("accept failed", { error: error.message }));
        server.on("connection", this.#options.onConnection);
        this.#servers.push(server);
        resolve(server);
      });
    });
  }
}

function at(host: string, port: number): UrlOf {
  return (tls) => httpUrl(host, port, tls);
}

function isMissingFamily(error: unknown): boolean {
  return error instanceof ListenError && (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT");
}

/** Whether somebody listens at a unix socket. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED"));
  });
}
