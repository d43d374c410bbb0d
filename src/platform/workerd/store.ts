/** A store in an object's database, while the object is awake. */
import { type OpenedEtcd, openEtcd } from "../../driver/index.ts";
import { MetaName, metaName } from "../../journal/index.ts";
import type { GatewayHeaders } from "../../rpc/index.ts";
import { AutoCompaction } from "./auto-compaction.ts";
import { AlarmClock } from "./clock.ts";
import { ObjectJournal } from "./journal.ts";
import { LeaseEnds } from "./lease-ends.ts";
import { type EtcdObjectOptions, etcdOptionsOf, tokenTtlMsOf } from "./options.ts";
import { KeptTokens } from "./tokens.ts";
import type { ObjectStorage } from "./types.ts";

export interface ObjectStore extends Pick<OpenedEtcd, "etcd" | "bindings" | "durable"> {
  readonly clock: AlarmClock;
  /** Whose the token is that comes with a call. */
  usernameOf(headers: GatewayHeaders): string | undefined;
}

export interface ObjectStoreListener {
  /** A write has failed: what is in memory is ahead of what is kept, and to be forgotten. */
  failed(error: unknown): void;
  /** There is a compaction. */
  compacted(): void;
}

/**
 * @throws JournalError, EtcdError UNAVAILABLE where nothing can be written
 */
export async function openObjectStore(
  storage: ObjectStorage,
  options: EtcdObjectOptions,
  listener: ObjectStoreListener,
): Promise<ObjectStore> {
  const { sql } = storage;
  const clock = await AlarmClock.open(storage);
  const leases = new LeaseEnds(sql, clock);
  const journal = new ObjectJournal(storage, {
    create: () => leases.create(),
    read: (bucket, row) => leases.read(bucket, row),
    written(change) {
      leases.written(change);
      const isCompaction = change.bucket === "meta" && metaName(change.key) === MetaName.scheduledCompaction;
      if (isCompaction) listener.compacted();
    },
  });
  const tokens = new KeptTokens({ sql, clock, ttlMs: tokenTtlMsOf(options) });
  const etcdOptions = etcdOptionsOf(options);
  const opened = await openEtcd({
    options: { ...etcdOptions, clock, autoCompactionRetentionMs: 0, autoCompactionRetentionRevisions: 0 },
    journal,
    services: {
      tokens,
      bcryptCost: options.bcryptCost,
    },
    onFailure: (error) => listener.failed(error),
  });
  new AutoCompaction({ etcd: opened.etcd, clock, sql }, etcdOptions).start();
  const { auth } = opened.etcd;
  const usernameOf = ({ authorization }: GatewayHeaders): string | undefined => {
    if (!auth.enabled || typeof authorization !== "string") return undefined;
    return tokens.find(authorization.replace(/^Bearer /, ""), auth.revision)?.username;
  };
  return { ...opened, clock, usernameOf };
}
