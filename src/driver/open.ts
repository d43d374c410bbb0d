import { BUCKETS, type Journal, type Row } from "../journal/index.ts";
import { etcdServices, type ServiceBinding, type ServiceOptions } from "../rpc/index.ts";
import {
  type Effect,
  Etcd,
  type EtcdOptions,
  type HashSeed,
  Recorder,
  Restoration,
  type Restored,
} from "../server/index.ts";
import { GroupCommit } from "./groupcommit.ts";
import { randomSeed } from "./random-seed.ts";
import { durableServices } from "./services.ts";

export interface OpenEtcdOptions {
  /** Member and cluster ID count for a new etcd only: it keeps those that it began with. */
  readonly options: Pick<EtcdOptions, "clock"> & Partial<EtcdOptions>;
  /** Closed with the etcd, and where opening fails. */
  readonly journal: Journal;
  /** Of users and their tokens. */
  readonly services?: ServiceOptions;
  /** Told of the rows as they are read at the start: of how far that is. */
  readonly onRows?: ((rows: readonly Row[]) => void) | undefined;
  /** Told once, when a write has failed: from then on every call fails as UNAVAILABLE. */
  readonly onFailure?: (error: unknown) => void;
}

export interface OpenedEtcd {
  /** To read from. What changes it without the services, or by time, is durable when `durable` says so. */
  readonly etcd: Etcd;
  /** The services, to be mounted: no call is answered before all that was applied until then is durable. */
  readonly bindings: readonly ServiceBinding[];
  /** Settles when all that was applied until now is durable. @throws EtcdError UNAVAILABLE after a failed write */
  durable(): Promise<void>;
  /**
   * Stops timers and keeps how much time leases have left; nothing is written any more. What was applied becomes
   * durable and is answered, and streams of watches end with their last events. `close` does it too.
   */
  stop(): void;
  /**
   * Stops, makes durable what was applied, ends what is still open, closes the journal; again: the same promise.
   * @throws EtcdError UNAVAILABLE where the last of it could not be written
   */
  close(): Promise<void>;
}

/**
 * Opens an etcd on what a journal holds; on an empty one it is new. It has written to the journal once by then.
 *
 * @throws JournalError for rows that make no sense, EtcdError UNAVAILABLE where nothing can be written,
 *   and whatever the journal throws as it is read
 */
export async function openEtcd({
  options,
  journal,
  services,
  onRows,
  onFailure,
}: OpenEtcdOptions): Promise<OpenedEtcd> {
  try {
    const hashSeed = options.hashSeed ?? randomSeed();
    const restored = await load(journal, hashSeed, onRows);
    return await start({ ...options, hashSeed }, journal, restored, services, onFailure);
  } catch (error) {
    // What failed first is what counts.
    await journal.close().catch(() => {});
    throw error;
  }
}

async function load(journal: Journal, seed: HashSeed, onRows: OpenEtcdOptions["onRows"]): Promise<Restored> {
  const restoration = new Restoration(seed);
  for (const bucket of BUCKETS) {
    for await (const rows of journal.rows(bucket)) {
      restoration.add(bucket, rows);
      onRows?.(rows);
    }
  }
  return restoration.finish();
}

async function start(
  options: OpenEtcdOptions["options"],
  journal: Journal,
  { state, ids, unfinished }: Restored,
  services: ServiceOptions | undefined,
  onFailure: OpenEtcdOptions["onFailure"],
): Promise<OpenedEtcd> {
  const recorder = new Recorder();
  const sink = (effect: Effect): void => {
    recorder.record(effect);
    if (effect.kind !== "staged") commit.applied();
  };
  const etcd = new Etcd({ ...options, ...ids }, { state, sink, needsConfirmation: true });
  const source = {
    get hasChanges() {
      return recorder.hasChanges;
    },
    take() {
      const { revision } = etcd.store;
      return { changes: recorder.take(etcd.raftIndex), written: () => etcd.confirm(revision) };
    },
  };
  const commit = new GroupCommit(journal, source, (error, end) => {
    etcd.close(end.message);
    onFailure?.(error);
  });
  const durable = async (): Promise<void> => commit.pending();
  recorder.start(etcd, unfinished);
  commit.applied();
  await durable();
  const stop = (): void => {
    if (etcd.stopReason !== undefined) return;
    etcd.checkpointLeases();
    etcd.close();
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      stop();
      await commit.close().finally(() => journal.close());
    })();
    return closing;
  };
  return { etcd, bindings: durableServices(etcdServices(etcd, services), commit), durable, stop, close };
}
