import { DEFAULT_OPTIONS, type EtcdOptions } from "../../server/index.ts";
import type { MemberOptions } from "../options.ts";

/** Those of a server in Node, but for these. */
export interface EtcdObjectOptions extends MemberOptions {
  /** Largest request, in bytes, up to 1.8 MB: a row of the object's database takes no more than 2 MB. Default 1.5 MiB. */
  readonly maxRequestBytes?: number;
  /**
   * Bytes stored before writes are refused with NOSPACE, 0 for the default. Default 8 MiB: an object has 128 MB of
   * memory, which it may share with others, and keys with small values take up to seven times what is counted here.
   */
  readonly quotaBackendBytes?: number;
  /** Between progress notifications of idle watches that asked for them, each of which wakes the object. Default 10 minutes. */
  readonly watchProgressNotifyIntervalMs?: number;
  /** What else the etcd behind it may be told. */
  readonly etcd?: Partial<Omit<EtcdOptions, "clock">>;
}

const MIB = 1024 * 1024;
const DEFAULT_QUOTA_BYTES = 8 * MIB;
const MAX_REQUEST_BYTES = 1_800_000;
const DEFAULT_TOKEN_TTL_SECONDS = 300;

/** What the etcd is told. Its auto-compaction is the object's: an etcd forgets when it sleeps what it has seen. */
export type ObjectEtcdOptions = Partial<Omit<EtcdOptions, "clock">>;

/** @throws RangeError for a request that could not be kept */
export function etcdOptionsOf(options: EtcdObjectOptions): ObjectEtcdOptions {
  const own = withoutUndefined({
    name: options.name,
    maxTxnOps: options.maxTxnOps,
    maxRequestBytes: options.maxRequestBytes,
    quotaBackendBytes: options.quotaBackendBytes,
    autoCompactionMode: options.autoCompactionMode,
    autoCompactionRetentionMs: options.autoCompactionRetentionMs,
    autoCompactionRetentionRevisions: options.autoCompactionRetentionRevisions,
    watchProgressNotifyIntervalMs: options.watchProgressNotifyIntervalMs,
    minLeaseTtlSeconds: options.minLeaseTtlSeconds,
  });
  const etcd = { ...DEFAULT_OPTIONS, ...own, ...options.etcd, recordRenewals: true } as Omit<EtcdOptions, "clock">;
  if (etcd.maxRequestBytes > MAX_REQUEST_BYTES) {
    throw new RangeError(`maxRequestBytes is ${etcd.maxRequestBytes}: an object keeps up to ${MAX_REQUEST_BYTES}`);
  }
  return { ...etcd, quotaBackendBytes: etcd.quotaBackendBytes || DEFAULT_QUOTA_BYTES };
}

export function tokenTtlMsOf({ authTokenTtlSeconds = DEFAULT_TOKEN_TTL_SECONDS }: EtcdObjectOptions): number {
  return authTokenTtlSeconds * 1000;
}

/** So that an option given as undefined is one not given. */
function withoutUndefined(options: Partial<EtcdOptions>): { [Name in keyof EtcdOptions]?: EtcdOptions[Name] } {
  return Object.fromEntries(Object.entries(options).filter(([, option]) => option !== undefined));
}
