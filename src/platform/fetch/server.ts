/** A store served by a runtime's own HTTP server, in whatever way that is told to listen, and kept in a data dir. */
import { Code, ConnectError } from "@connectrpc/connect";
import type { Etcd } from "../../server/index.ts";
import { isLoopbackAddress } from "../hosts.ts";
import { SqliteJournal } from "../node/journal/sqlite.ts";
import { createFetchHandler, type FetchHandler, type FetchHandlerOptions } from "./handler.ts";
import { type OpenStoreOptions, openStore } from "./store.ts";

/** All optional. */
export interface FetchServerOptions
  extends Omit<FetchHandlerOptions, "store" | "shutdownSignal">,
    Omit<OpenStoreOptions, "journal"> {
  /** An address or a name of this machine. Default `127.0.0.1`. */
  readonly hostname?: string | undefined;
  /** 0 takes a free one. Default 0. */
  readonly port?: number | undefined;
  /** In PEM; serves `https:`. Default: `http:`. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Folder in which everything is kept; made where there is none. Default: in memory, until `close`. */
  readonly dataDir?: string | undefined;
  /** Do not wait for the disk: a crash of the machine may then lose or damage everything. Default false. */
  readonly unsafeNoFsync?: boolean | undefined;
  /** How long `close` lets clients take their last answers. Default 500 ms. */
  readonly closeGraceMs?: number | undefined;
}

export interface FetchServer extends AsyncDisposable {
  /** Where it listens, the port filled in, with the prefix. */
  readonly url: string;
  /** The store behind it. */
  readonly etcd: Etcd;
  /**
   * Ends watches and other open calls with UNAVAILABLE, then closes every connection; again without effect.
   * @throws EtcdError UNAVAILABLE where the last that was accepted could not be written to the data dir
   */
  close(): Promise<void>;
}

/** A runtime's server. */
export interface Listening {
  readonly port: number;
  /** Settles when the last connection is closed, each at the latest when the time is up. */
  stop(graceMs: number): Promise<void>;
}

export type Listen = (options: ListenOptions, handler: FetchHandler) => Listening;

export interface ListenOptions extends Pick<FetchServerOptions, "tls"> {
  readonly hostname: string;
  readonly port: number;
}

const DEFAULT_CLOSE_GRACE_MS = 500;
const SERVER_STOPPED = new ConnectError("etcdserver: server stopped", Code.Unavailable);

/**
 * Listens, opens the store, and answers when the promise settles.
 * @throws JournalError for a data dir that cannot be used, and what `listen` throws for an address that is taken
 */
export async function openServer(options: FetchServerOptions, listen: Listen): Promise<FetchServer> {
  const { hostname = "127.0.0.1", port = 0, tls, prefix = "", closeGraceMs = DEFAULT_CLOSE_GRACE_MS } = options;
  let started: (handler: FetchHandler) => void = () => {};
  const starting = new Promise<FetchHandler>((resolve) => {
    started = resolve;
  });
  let handler: FetchHandler = async (request) => (await starting)(request);
  // First, as the store tells its members' URLs.
  const listening = listen({ hostname, port, tls }, (request) => handler(request));
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const url = `http${tls === undefined ? "" : "s"}://${host}:${listening.port}${prefix}`;
  try {
    const { dataDir: directory, unsafeNoFsync = false } = options;
    const journal = directory === undefined ? undefined : await SqliteJournal.open({ directory, unsafeNoFsync });
    const store = await openStore({ ...options, etcd: { clientUrls: [url], ...options.etcd }, journal });
    const shutdown = new AbortController();
    const isOnLoopback = hostname === "localhost" || isLoopbackAddress(hostname);
    const { hostWhitelist = isOnLoopback ? [] : undefined } = options;
    handler = createFetchHandler({ ...options, hostWhitelist, store, shutdownSignal: shutdown.signal });
    started(handler);
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closing ??= (async () => {
        try {
          await store.close();
        } finally {
          shutdown.abort(SERVER_STOPPED);
          await listening.stop(closeGraceMs);
        }
      })();
      return closing;
    };
    return { url, etcd: store.etcd, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await listening.stop(0);
    throw error;
  }
}
