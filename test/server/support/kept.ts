/** An etcd that is kept in memory, step by step and without a driver: what was durable at any time can be restored. */
import { BUCKETS, type Change, MemoryStorage } from "../../../src/journal/index.ts";
import type { Entry } from "../../../src/mvcc/index.ts";
import { Etcd, type EtcdOptions, Recorder, Restoration, type Restored } from "../../../src/server/index.ts";
import { rangeRequest, watchRequest } from "../../mvcc/support/requests.ts";
import { VirtualClock } from "../../support/clock.ts";

export class KeptEtcd {
  readonly clock = new VirtualClock(1_000);
  readonly storage: MemoryStorage;
  readonly recorder: Recorder;
  readonly restored: Restored;
  readonly etcd: Etcd;
  writes = 0;

  /** Opens on what the storage holds. */
  constructor(storage = new MemoryStorage(), options: Partial<EtcdOptions> = {}, maxDeletesPerWrite = 3) {
    this.storage = storage;
    this.recorder = new Recorder(maxDeletesPerWrite);
    this.restored = restore(storage);
    const { state, ids, unfinished } = this.restored;
    const sink = (effect: Parameters<Recorder["record"]>[0]) => this.recorder.record(effect);
    this.etcd = new Etcd({ clock: this.clock, ...options, ...ids }, { state, sink });
    this.recorder.start(this.etcd, unfinished);
  }

  /** Makes one write durable; false where there was none to make. */
  write(): boolean {
    if (!this.recorder.hasChanges) return false;
    this.writes++;
    this.storage.apply(this.recorder.take(this.etcd.raftIndex));
    return true;
  }

  writeAll(): void {
    while (this.write());
  }
}

function restore(storage: MemoryStorage): Restored {
  const restoration = new Restoration();
  for (const bucket of BUCKETS) {
    const rows = [...(storage.buckets.get(bucket) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    restoration.add(
      bucket,
      rows.map(([, row]) => row),
    );
  }
  return restoration.finish();
}

/** A copy that goes its own way. */
export function copyOf(storage: MemoryStorage): MemoryStorage {
  const copy = new MemoryStorage();
  const changes: Change[] = [];
  for (const [bucket, rows] of storage.buckets) for (const row of rows.values()) changes.push({ bucket, ...row });
  copy.apply(changes);
  return copy;
}

/** All that clients can see of an etcd, but for what each start changes. */
export function everythingOf(etcd: Etcd) {
  const { store } = etcd;
  const from = Math.max(1, store.compactRevision);
  const revisions = Array.from({ length: store.revision - from + 1 }, (_, at) => from + at);
  return {
    ids: [etcd.options.memberId, etcd.options.clusterId],
    revision: store.revision,
    compactRevision: store.compactRevision,
    keys: revisions.map((revision) => etcd.range(rangeRequest("", "\0", { revision })).entries.map(shown)),
    hashes: revisions.map((revision) => etcd.hash(revision)),
    hash: etcd.hash(0),
    events: eventsOf(etcd, from),
    leases: etcd
      .leases()
      .map(({ id, ttlSeconds }) => ({ id, ttlSeconds, keys: etcd.leaseTimeToLive(id)?.keys }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    alarms: etcd
      .alarms()
      .map(({ memberId, type }) => `${memberId}/${type}`)
      .sort(),
    size: etcd.databaseSize,
  };
}

/** What a watch of every key delivers from a revision on, previous pairs included. */
function eventsOf(etcd: Etcd, startRevision: number): string[] {
  const stream = etcd.watchStream(() => {});
  stream.create(watchRequest("", "\0", { startRevision, prevKv: true }));
  const events: string[] = [];
  while (stream.hasMore) {
    for (const { entry, prevKv } of stream.pull()?.events ?? []) {
      events.push(prevKv === undefined ? shown(entry) : `${shown(entry)} [${shown(prevKv)}]`);
    }
  }
  stream.close();
  return events;
}

function shown(entry: Entry): string {
  const { key, value, createRevision, modRevision, subRevision, version, lease, tombstone } = entry;
  const numbers = [createRevision, modRevision, subRevision, version, lease].join("/");
  return `${tombstone ? "-" : ""}${key}=${[...value].join(",")} ${numbers}`;
}
