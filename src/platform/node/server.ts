/**
 * An etcd in this process, for tests and tools:
 *
 *     const server = await createServer();
 *     const client = new Etcd3({ hosts: server.url });
 *     …
 *     await server.close();
 *
 * Nothing is shared between servers, and nothing is kept after `close`.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { etcdServices } from "../../rpc/index.ts";
import { type Clock, Etcd, type EtcdOptions, REQUEST_OVERHEAD_BYTES } from "../../server/index.ts";
import { realClock } from "./clock.ts";
import { Front } from "./front.ts";
import { StaticFiles } from "./http/static-files.ts";
import { memberIds } from "./ids.ts";
import { Listener } from "./listener.ts";
import { type Log, SILENT } from "./log.ts";
import { parseAdvertisedUrl, parseListenUrl, reachableUrl } from "./urls.ts";

/** All optional; the names are those of etcd's flags. */
export interface ServerOptions {
  /** Human-readable name of the member. Default `default`. */
  readonly name?: string;
  /** Where to listen, `http://IP:PORT` or `http://localhost:PORT`; port 0 takes a free one. Default `http://127.0.0.1:0`. */
  readonly listenClientUrls?: readonly string[];
  /** What clients are told to connect to, by MemberList. Default: where it listens. */
  readonly advertiseClientUrls?: readonly string[];
  /** Names the member to its cluster, and so decides its ID. Default `http://localhost:2380`; nothing listens there. */
  readonly initialAdvertisePeerUrls?: readonly string[];
  /** The other thing that decides the cluster's ID. Default `etcd-cluster`. */
  readonly initialClusterToken?: string;
  /** Most operations in a txn. Default 128. */
  readonly maxTxnOps?: number;
  /** Largest request, in bytes. Default 1.5 MiB. */
  readonly maxRequestBytes?: number;
  /** Most HTTP/2 streams at once on a connection. Default: no limit. */
  readonly maxConcurrentStreams?: number;
  /** Bytes stored before writes are refused with NOSPACE; 0 for 2 GiB, negative for no limit. Default 0. */
  readonly quotaBackendBytes?: number;
  /** Default `periodic`. */
  readonly autoCompactionMode?: "periodic" | "revision";
  /** What periodic auto-compaction keeps; 0 for everything. Default 0. */
  readonly autoCompactionRetentionMs?: number;
  /** What auto-compaction by revision keeps; 0 for everything. Default 0. */
  readonly autoCompactionRetentionRevisions?: number;
  /** Between progress notifications of idle watches that asked for them. Default 10 minutes. */
  readonly watchProgressNotifyIntervalMs?: number;
  /** Least TTL of a lease: shorter ones are raised to it. Default 2, as in etcd. */
  readonly minLeaseTtlSeconds?: number;
  /** Origins of web pages that may call; `["*"]` for all. Default: pages of this machine and the server's own. */
  readonly cors?: readonly string[];
  /** Hosts that HTTP requests other than native gRPC may name. Default: all. */
  readonly hostWhitelist?: readonly string[];
  /** Folder of the web page served at `/`. Default: the one that comes with etcdlite. */
  readonly webRoot?: string;
  /** The time of leases, compaction and progress. Default: the machine's. */
  readonly clock?: Clock;
  /** Default: silence. */
  readonly log?: Log;
  /** For clients to say what protocol they speak, and over HTTP/1.1 what they want. Default 30 s. */
  readonly handshakeTimeoutMs?: number;
  /** How long `close` lets clients take their last answers. Default 500 ms. */
  readonly closeGraceMs?: number;
}

export interface EtcdliteServer extends AsyncDisposable {
  /** The first of `urls`. */
  readonly url: string;
  /** Where it listens, ports filled in. */
  readonly urls: readonly string[];
  /** The store behind it. */
  readonly etcd: Etcd;
  /** Ends watches and other open calls with UNAVAILABLE, then closes every connection; again without effect. */
  close(): Promise<void>;
}

const DEFAULT_HANDSHAKE_TIMEOUT_MS = 30_000;
const DEFAULT_CLOSE_GRACE_MS = 500;
/** What etcd announces, and means: no limit. */
const NO_STREAM_LIMIT = 2 ** 32 - 1;
const THIS_FILE = fileURLToPath(import.meta.url);
/** The build's dist/web, seen from the sources and from dist/src beside it. */
const DEFAULT_WEB_ROOT = path.join(THIS_FILE, "../../../..", THIS_FILE.endsWith(".ts") ? "dist/web" : "web");

/**
 * Starts a server; it answers when the promise settles.
 * @throws ConfigError for a URL that is none, ListenError for an address that is taken
 */
export async function createServer(options: ServerOptions = {}): Promise<EtcdliteServer> {
  const log = options.log ?? SILENT;
  const addresses = (options.listenClientUrls ?? ["http://127.0.0.1:0"]).map(parseListenUrl);
  const advertised = options.advertiseClientUrls?.map(parseAdvertisedUrl);
  const files = await StaticFiles.of(options.webRoot ?? DEFAULT_WEB_ROOT);
  const handshakeTimeoutMs = options.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
  const listener = await Listener.bind({ addresses, handshakeTimeoutMs, log });
  const etcd = new Etcd(etcdOptions(options, advertised ?? listener.urls.map(reachableUrl)));
  const front = new Front({
    listener,
    bindings: etcdServices(etcd),
    maxMessageBytes: etcd.options.maxRequestBytes + REQUEST_OVERHEAD_BYTES,
    maxConcurrentStreams: options.maxConcurrentStreams ?? NO_STREAM_LIMIT,
    headersTimeoutMs: handshakeTimeoutMs,
    cors: options.cors ?? [],
    hostWhitelist: options.hostWhitelist ?? [],
    files,
    log,
  });
  front.start();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      etcd.close();
      await front.close(options.closeGraceMs ?? DEFAULT_CLOSE_GRACE_MS);
    })();
    return closing;
  };
  return {
    url: listener.urls[0] as string,
    urls: listener.urls,
    etcd,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function etcdOptions(
  options: ServerOptions,
  clientUrls: readonly string[],
): Pick<EtcdOptions, "clock"> & Partial<EtcdOptions> {
  const peerUrls = options.initialAdvertisePeerUrls ?? ["http://localhost:2380"];
  const { memberId, clusterId } = memberIds(peerUrls, options.initialClusterToken ?? "etcd-cluster");
  return withoutUndefined({
    clock: options.clock ?? realClock,
    name: options.name,
    clusterId,
    memberId,
    clientUrls,
    peerUrls,
    maxTxnOps: options.maxTxnOps,
    maxRequestBytes: options.maxRequestBytes,
    quotaBackendBytes: options.quotaBackendBytes,
    autoCompactionMode: options.autoCompactionMode,
    autoCompactionRetentionMs: options.autoCompactionRetentionMs,
    autoCompactionRetentionRevisions: options.autoCompactionRetentionRevisions,
    watchProgressNotifyIntervalMs: options.watchProgressNotifyIntervalMs,
    minLeaseTtlSeconds: options.minLeaseTtlSeconds,
  });
}

/** So that an option given as undefined is one not given. */
function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
