/** What a server serves: an etcd in memory, or one that is kept in a data dir. */
import { statSync } from "node:fs";
import { openEtcd, randomSeed } from "../../driver/index.ts";
import { EtcdError } from "../../errors.ts";
import { BUCKETS, type Journal, JournalError, type Row } from "../../journal/index.ts";
import { etcdServices, type ServiceBinding, type ServiceOptions } from "../../rpc/index.ts";
import { Etcd, type EtcdOptions } from "../../server/index.ts";
import { databaseFile } from "./journal/files.ts";
import { SqliteJournal } from "./journal/sqlite.ts";
import type { Log } from "./log.ts";
import type { Progress } from "./progress.ts";
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
  readonly progress: Progress;
}

export interface OpenStore {
  readonly etcd: Etcd;
  readonly bindings: readonly ServiceBinding[];
  /** Nothing is written any more, and streams of watches end with their last events. */
  stop(): void;
  /** Stops; settles when all that was accepted is kept. */
  close(): Promise<void>;
}

/** @throws JournalError for a data dir that cannot be used, SnapshotError */
export function openStore(options: StoreOptions): Promise<OpenStore> {
  const { dataDir } = options;
  return dataDir === undefined ? storeInMemory(options) : storeInDataDir(dataDir, options);
}

async function storeInMemory({ fromSnapshot, etcd: options, services, progress }: StoreOptions): Promise<OpenStore> {
  const hashSeed = options.hashSeed ?? randomSeed();
  const state = fromSnapshot === undefined ? undefined : await stateOfSnapshot(fromSnapshot, progress, hashSeed);
  const etcd = new Etcd({ ...options, hashSeed }, { state });
  return { etcd, bindings: etcdServices(etcd, services), stop: () => etcd.close(), close: async () => etcd.close() };
}

async function storeInDataDir(directory: string, options: StoreOptions): Promise<OpenStore> {
  const { unsafeNoFsync, fromSnapshot, etcd, services, log, progress } = options;
  const journal = await SqliteJournal.open({ directory, unsafeNoFsync });
  try {
    if (fromSnapshot !== undefined) await begin(journal, directory, fromSnapshot, progress);
    const reading = progress.begin(`reading ${directory}`, sizeOf(directory));
    const opened = await openEtcd({
      options: etcd,
      journal,
      services,
      onRows: (rows) => reading.advance(bytesOf(rows)),
      onFailure: (error) => {
        const reason = error instanceof Error ? error.message : String(error);
        log.error("the data dir failed: nothing more is accepted until the next start", { directory, reason });
      },
    });
    reading.end();
    return opened;
  } catch (error) {
    await journal.close();
    throw error instanceof EtcdError ? new JournalError(`${directory} cannot be written: ${error.message}`) : error;
  }
}

/** In one write: half a snapshot would be taken for all of it at the next start. */
async function begin(journal: Journal, directory: string, snapshot: string, progress: Progress): Promise<void> {
  for (const bucket of BUCKETS) {
    for await (const _ of journal.rows(bucket)) {
      throw new JournalError(
        `${directory} holds data already, which a snapshot would replace: ` +
          "start without --from-snapshot, or with an empty data dir",
      );
    }
  }
  const changes = await changesOfSnapshot(snapshot, progress);
  const writing = progress.begin(`writing ${directory}`);
  await journal.write(changes);
  writing.end();
}

/** Of its file, which is a little more than what is in it. */
function sizeOf(directory: string): number {
  return statSync(databaseFile(directory), { throwIfNoEntry: false })?.size ?? 0;
}

function bytesOf(rows: readonly Row[]): number {
  return rows.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
}
