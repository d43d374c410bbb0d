/** What a server serves: an etcd in memory, or one that is kept in a data dir. */
import { openEtcd } from "../../driver/index.ts";
import { EtcdError } from "../../errors.ts";
import { BUCKETS, type Journal, JournalError } from "../../journal/index.ts";
import { etcdServices, type ServiceBinding, type ServiceOptions } from "../../rpc/index.ts";
import { Etcd, type EtcdOptions } from "../../server/index.ts";
import { SqliteJournal } from "./journal/sqlite.ts";
import type { Log } from "./log.ts";
import { changesOfSnapshot, stateOfSnapshot } from "./snapshot.ts";

export interface StoreOptions {
  /** Undefined for memory. */
  readonly dataDir: string | undefined;
  readonly unsafeNoFsync: boolean;
  /** What it begins with. */
  readonly fromSnapshot: string | undefined;
  readonly etcd: Pick<EtcdOptions, "clock"> & Partial<EtcdOptions>;
  readonly services: ServiceOptions;
  readonly log: Log;
}

export interface OpenStore {
  readonly etcd: Etcd;
  readonly bindings: readonly ServiceBinding[];
  /** Nothing is written any more; settles when all that was accepted is kept. */
  close(): Promise<void>;
}

/** @throws JournalError for a data dir that cannot be used, SnapshotError */
export function openStore(options: StoreOptions): Promise<OpenStore> {
  const { dataDir } = options;
  return dataDir === undefined ? storeInMemory(options) : storeInDataDir(dataDir, options);
}

async function storeInMemory({ fromSnapshot, etcd: options, services }: StoreOptions): Promise<OpenStore> {
  const state = fromSnapshot === undefined ? undefined : await stateOfSnapshot(fromSnapshot);
  const etcd = new Etcd(options, { state });
  return { etcd, bindings: etcdServices(etcd, services), close: async () => etcd.close() };
}

async function storeInDataDir(directory: string, options: StoreOptions): Promise<OpenStore> {
  const { unsafeNoFsync, fromSnapshot, etcd, services, log } = options;
  const journal = await SqliteJournal.open({ directory, unsafeNoFsync });
  try {
    if (fromSnapshot !== undefined) await begin(journal, directory, fromSnapshot);
    return await openEtcd({
      options: etcd,
      journal,
      services,
      onFailure: (error) => {
        const reason = error instanceof Error ? error.message : String(error);
        log.error("the data dir failed: nothing more is accepted until the next start", { directory, reason });
      },
    });
  } catch (error) {
    await journal.close();
    throw error instanceof EtcdError ? new JournalError(`${directory} cannot be written: ${error.message}`) : error;
  }
}

/** In one write: half a snapshot would be taken for all of it at the next start. */
async function begin(journal: Journal, directory: string, snapshot: string): Promise<void> {
  for (const bucket of BUCKETS) {
    for await (const _ of journal.rows(bucket)) {
      throw new JournalError(
        `${directory} holds data already, which a snapshot would replace: ` +
          "start without --from-snapshot, or with an empty data dir",
      );
    }
  }
  await journal.write(await changesOfSnapshot(snapshot));
}
