import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import { type Clock, type EtcdOptions, MAX_INDEX_BYTES } from "../../server/index.ts";
import type { MemberOptions } from "../options.ts";
import { realClock } from "./clock.ts";
import { memberIds } from "./ids.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { Progress } from "./progress.ts";
import type { TlsOptions } from "./tls/options.ts";

/** All optional; the names are those of etcd's flags. */
export interface ServerOptions extends MemberOptions, Partial<Limits> {
  /**
   * Where to listen: `http://IP:PORT`, `http://localhost:PORT`, `unix:///PATH`, and with `tls` also `https:` and
   * `unixs:`; port 0 takes a free one. Default `http://127.0.0.1:0`.
   */
  readonly listenClientUrls?: readonly string[];
  /** The certificate for `https:` and `unixs:`, and what clients must show there. */
  readonly tls?: TlsOptions;
  /** Where only metrics and health are served, beside the client URLs. Default: nowhere else. */
  readonly listenMetricsUrls?: readonly string[];
  /** `extensive` measures how long each call takes, too. Default `basic`. */
  readonly metrics?: "basic" | "extensive";
  /** What clients are told to connect to, by MemberList. Default: where it listens. */
  readonly advertiseClientUrls?: readonly string[];
  /** Names the member to its cluster, and so decides its ID. Default `http://localhost:2380`; nothing listens there. */
  readonly initialAdvertisePeerUrls?: readonly string[];
  /** The other thing that decides the cluster's ID. Default `etcd-cluster`. */
  readonly initialClusterToken?: string;
  /** Most members without a vote. Default 1. */
  readonly maxLearners?: number;
  /** Whether changes of the members are refused by which the majority would be lost. Default true. */
  readonly strictReconfigCheck?: boolean;
  /** Most watches of one stream. Default 100,000. */
  readonly maxWatchesPerStream?: number;
  /** Most watches in all. Default 500,000. */
  readonly maxWatches?: number;
  /** Silence of an HTTP/2 connection that is worth a ping; 0 for none. Default 2 hours. */
  readonly grpcKeepaliveIntervalMs?: number;
  /** For the answer to a ping; 0 for no pings. Default 20 s. */
  readonly grpcKeepaliveTimeoutMs?: number;
  /** Who speaks HTTP/2: the engine of src/h2, or node:http2. Default `engine`, and `node` without fast paths. */
  readonly h2?: "engine" | "node";
  /**
   * False has every call go the plain road, by Connect's router and protobuf-es: native gRPC goes past `grpc/`, with its
   * limits and its own codecs, and unary calls of Connect and gRPC-Web past `rpc/web`. The answers are the same; to find
   * out whether a fault is a fast path's. Default true.
   */
  readonly fastPaths?: boolean;
  /** Share ports with other servers that do. Default false. */
  readonly socketReusePort?: boolean;
  /** Bytes stored before writes are refused with NOSPACE; 0 for 2 GiB, negative for no limit. Default 0. */
  readonly quotaBackendBytes?: number;
  /** How users are known once they have shown a password, as etcd's flag has it: `simple`, `jwt,…`. Default `simple`. */
  readonly authToken?: string;
  /**
   * Hosts that HTTP requests other than native gRPC may name, `["*"]` for all. Default: all, but on a loopback address
   * only addresses, localhost, and names without a dot.
   */
  readonly hostWhitelist?: readonly string[];
  /** Folder of the web page served at `/`. Default: the one that comes with etcdlite. */
  readonly webRoot?: string;
  /** Folder in which everything is kept; made where there is none. Default: in memory, until `close`. */
  readonly dataDir?: string;
  /** Do not wait for the disk: a crash of the machine may then lose or damage everything. Default false. */
  readonly unsafeNoFsync?: boolean;
  /**
   * A file to begin with: what `etcdctl snapshot save` has saved, or the `member/snap/db` of an etcd that is stopped. With
   * a data dir only as long as that is empty.
   */
  readonly fromSnapshot?: string;
  /** The time of leases, compaction and progress. Default: the machine's. */
  readonly clock?: Clock;
  /** Default: silence. */
  readonly log?: Log;
  /** Told how far the start is. Default: nobody is. */
  readonly progress?: Progress;
  /** Cuts a long start short, which then fails with its reason; once there is a server it says nothing more. */
  readonly startSignal?: AbortSignal;
  /** A line in the log for each call, not only while the log is verbose. Default false. */
  readonly logRequests?: boolean;
  /** A unary call that takes longer is worth a warning. Default 300 ms. */
  readonly warningUnaryRequestDurationMs?: number;
  /** How long `close` lets clients take their last answers. Default 500 ms. */
  readonly closeGraceMs?: number;
}

/** Of the memory that there is for the process: the rest is for what the keys have for values, and for requests. */
const INDEX_MEMORY_SHARE = 0.5;
/** Of the index about a seventh is on V8's heap: with so many times the heap's limit that has room for it, and others. */
const INDEX_PER_HEAP = 4;

/** What the etcd behind a server is told. */
export function etcdOptionsOf(
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
    maxLearners: options.maxLearners,
    strictReconfigCheck: options.strictReconfigCheck,
    maxRequestBytes: options.maxRequestBytes,
    maxWatchesPerStream: options.maxWatchesPerStream,
    maxWatches: options.maxWatches,
    quotaBackendBytes: options.quotaBackendBytes,
    maxIndexBytes: maxIndexBytes(),
    autoCompactionMode: options.autoCompactionMode,
    autoCompactionRetentionMs: options.autoCompactionRetentionMs,
    autoCompactionRetentionRevisions: options.autoCompactionRetentionRevisions,
    watchProgressNotifyIntervalMs: options.watchProgressNotifyIntervalMs,
    minLeaseTtlSeconds: options.minLeaseTtlSeconds,
  });
}

function maxIndexBytes(): number {
  // Of the machine, or what a container may take.
  const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const heapBytes = getHeapStatistics().heap_size_limit;
  return Math.min(MAX_INDEX_BYTES, memoryBytes * INDEX_MEMORY_SHARE, heapBytes * INDEX_PER_HEAP);
}

/** So that an option given as undefined is one not given. */
function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
