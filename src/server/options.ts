import type { HashSeed } from "../mvcc/index.ts";
import type { Clock } from "./clock.ts";

/** What an etcd is told at its start; the names and defaults of etcd's flags where there is one. */
export interface EtcdOptions {
  readonly clock: Clock;
  /** Human-readable name of the one member. */
  readonly name: string;
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly clientUrls: readonly string[];
  readonly peerUrls: readonly string[];
  /** Most members without a vote. */
  readonly maxLearners: number;
  /** Refuses changes of the members by which the majority would be lost. */
  readonly strictReconfigCheck: boolean;
  /** Most operations in one branch of a txn, and most compares. */
  readonly maxTxnOps: number;
  /** Largest request that may change the store, in bytes of its wire form. */
  readonly maxRequestBytes: number;
  /** Most watches of one stream of a client. */
  readonly maxWatchesPerStream: number;
  /** Most watches of all clients. */
  readonly maxWatches: number;
  /** Bytes stored before NOSPACE is raised; 0 for etcd's 2 GiB, negative for no limit. */
  readonly quotaBackendBytes: number;
  /** Bytes of memory that the index of keys may take before NOSPACE is raised, at most what its numbers for keys reach for. */
  readonly maxIndexBytes: number;
  /** Of the keys' hashes: from outside, as it has to be random where clients are not trusted. A fixed one by default. */
  readonly hashSeed: HashSeed | undefined;
  /** By time or by number of revisions; a retention of 0 switches auto-compaction off. */
  readonly autoCompactionMode: "periodic" | "revision";
  readonly autoCompactionRetentionMs: number;
  readonly autoCompactionRetentionRevisions: number;
  /** Time between progress notifications of an idle watch, at least 100 ms. */
  readonly watchProgressNotifyIntervalMs: number;
  /** Shorter TTLs are raised to it. */
  readonly minLeaseTtlSeconds: number;
  /**
   * For who keeps the etcd where the time of leases goes on while it does not run: every renewal is an effect, and
   * how much time is left is not written down.
   */
  readonly recordRenewals: boolean;
}

export const DEFAULT_QUOTA_BYTES = 2 * 1024 * 1024 * 1024;

/** A request may be this much over `maxRequestBytes` on the wire before it is not even read. */
export const REQUEST_OVERHEAD_BYTES = 512 * 1024;

/** Numbers of keys have 31 bits, and a key takes more than 32 bytes. */
export const MAX_INDEX_BYTES = 2 ** 36;

export const DEFAULT_OPTIONS: Omit<EtcdOptions, "clock"> = {
  name: "default",
  clusterId: 0xcdf818194e3a8c32n,
  memberId: 0x8e9e05c52164694dn,
  clientUrls: ["http://localhost:2379"],
  peerUrls: ["http://localhost:2380"],
  maxLearners: 1,
  strictReconfigCheck: true,
  maxTxnOps: 128,
  maxRequestBytes: 1.5 * 1024 * 1024,
  // A controller has one for each thing it looks after; a watch takes about 1 KB.
  maxWatchesPerStream: 100_000,
  maxWatches: 500_000,
  quotaBackendBytes: 0,
  maxIndexBytes: MAX_INDEX_BYTES,
  hashSeed: undefined,
  autoCompactionMode: "periodic",
  autoCompactionRetentionMs: 0,
  autoCompactionRetentionRevisions: 0,
  watchProgressNotifyIntervalMs: 10 * 60 * 1000,
  minLeaseTtlSeconds: 2,
  recordRenewals: false,
};
