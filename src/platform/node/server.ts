/**
 * An etcd in this process, for tests and tools:
 *
 *     const server = await createServer();
 *     const client = new Etcd3({ hosts: server.url });
 *     …
 *     await server.close();
 *
 * Nothing is shared between servers, and without a data dir nothing is kept after `close`.
 */
import type { HandlerContext } from "@connectrpc/connect";
import { Access, type ServiceBinding, type TokenProvider } from "../../rpc/index.ts";
import type { Etcd } from "../../server/index.ts";
import { tokensFor } from "./auth/auth-token.ts";
import { ThreadPasswords } from "./auth/passwords.ts";
import { realClock } from "./clock.ts";
import { frontsOf } from "./fronts.ts";
import { listen } from "./listen/listeners.ts";
import { parseAdvertisedUrl, reachableUrl } from "./listen/urls.ts";
import { SILENT } from "./log.ts";
import { abortable, NO_PROGRESS } from "./progress.ts";
import { loggedServices } from "./requests/index.ts";
import { etcdOptionsOf, type ServerOptions } from "./server-options.ts";
import { type OpenStore, openStore } from "./store.ts";

export interface EtcdliteServer extends AsyncDisposable {
  /** The first of `urls`. */
  readonly url: string;
  /** Where it listens, ports filled in. */
  readonly urls: readonly string[];
  /** Of `listenMetricsUrls`, ports filled in. */
  readonly metricsUrls: readonly string[];
  /** The store behind it. */
  readonly etcd: Etcd;
  /**
   * Takes no more connections, and no more calls than clients have sent by the time they hear of it. These are answered,
   * watches get their last events; then they and all other open calls end with UNAVAILABLE, and every connection is
   * closed. Again without effect.
   * @throws EtcdError UNAVAILABLE where the last that was accepted could not be written to the data dir
   */
  close(): Promise<void>;
}

const DEFAULT_CLOSE_GRACE_MS = 500;
/** etcd's. */
const DEFAULT_SLOW_MS = 300;

/**
 * Starts a server; it answers when the promise settles.
 * @throws ConfigError for a URL that is none, ListenError for an address that is taken, SnapshotError, and
 *   JournalError for a data dir that cannot be used; what `startSignal` says
 */
export async function createServer(options: ServerOptions = {}): Promise<EtcdliteServer> {
  const { log = SILENT, closeGraceMs = DEFAULT_CLOSE_GRACE_MS } = options;
  const advertised = options.advertiseClientUrls?.map(parseAdvertisedUrl);
  const tokens = await tokensOf(options);
  const listeners = await listen(options);
  const passwords = new ThreadPasswords();
  const { urls } = listeners.clients;
  try {
    const store = await openStore({
      dataDir: options.dataDir,
      unsafeNoFsync: options.unsafeNoFsync ?? false,
      fromSnapshot: options.fromSnapshot,
      etcd: etcdOptionsOf(options, advertised ?? urls.map(reachableUrl)),
      services: { tokens, passwords, bcryptCost: options.bcryptCost },
      log,
      progress: abortable(options.progress ?? NO_PROGRESS, options.startSignal),
    });
    const bindings = loggedBindings(options, store, tokens);
    const fronts = await frontsOf(options, listeners, { ...store, bindings });
    fronts.start();
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closing ??= (async () => {
        try {
          listeners.stop();
          await fronts.leave(closeGraceMs);
          store.stop();
          await fronts.settled(closeGraceMs);
          await store.close();
        } finally {
          await fronts.close(closeGraceMs);
          await passwords.close();
        }
      })();
      return closing;
    };
    const metricsUrls = listeners.metrics.urls;
    return { url: urls[0] as string, urls, metricsUrls, etcd: store.etcd, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    listeners.stop();
    await passwords.close();
    throw error;
  }
}

/** With a clock of one's own, tokens that say when they end go by it too, from now on. */
function tokensOf({ authToken = "simple", authTokenTtlSeconds, clock }: ServerOptions): Promise<TokenProvider> {
  const startMs = clock === undefined ? 0 : Date.now() - clock.now();
  const wallClockMs = clock === undefined ? Date.now : (): number => startMs + clock.now();
  return tokensFor(authToken, { ttlSeconds: authTokenTtlSeconds, clock: clock ?? realClock, wallClockMs });
}

/** Who is silent pays nothing. */
function loggedBindings(
  { log = SILENT, logRequests = false, warningUnaryRequestDurationMs: slowMs = DEFAULT_SLOW_MS }: ServerOptions,
  { etcd, bindings }: OpenStore,
  tokens: TokenProvider,
): readonly ServiceBinding[] {
  if (log === SILENT) return bindings;
  const access = new Access(etcd, tokens);
  const userOf = (context: HandlerContext): string | undefined => {
    try {
      return access.caller(context)?.username;
    } catch {
      return undefined;
    }
  };
  return loggedServices(bindings, { log, all: logRequests, slowMs, userOf });
}
