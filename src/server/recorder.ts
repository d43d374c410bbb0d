import {
  type Bucket,
  ChangeBatch,
  encodeAlarm,
  encodeLease,
  encodeNumbers,
  encodeRevision,
  MetaName,
  metaKey,
  SCHEMA,
} from "../journal/index.ts";
import { type DroppedRows, type Entry, keyValueSize, rowKeySize, writeRecord } from "../mvcc/index.ts";
import type { Compaction, Effect } from "./effects.ts";
import type { Etcd } from "./etcd.ts";
import type { UnfinishedCompaction } from "./restoration.ts";

/** How many rows of a compaction are deleted in one write, so that those who wait for it do not wait for long. */
const MAX_DELETES_PER_WRITE = 1000;

const EMPTY = new Uint8Array(0);

/** Rows to be deleted, from the oldest on; with the last of a compaction it is finished. */
interface Deletion {
  readonly rows: DroppedRows | undefined;
  readonly finished: Compaction | undefined;
  done: number;
}

/**
 * Turns effects into the changes of rows that keep them, ready to be taken as one atomic write after the other.
 *
 * A compaction is scheduled with the write that it happened in; its rows are deleted by this write and, where
 * they are many, by later ones, and with the last of them it is finished. In between they are no harm: the
 * oldest are deleted first, so what is left of a key ends as it did, and compacting it again gives the same.
 */
export class Recorder {
  readonly #maxDeletes: number;
  #changes = new ChangeBatch();
  /** Of a revision that is still to come. */
  #staged: ChangeBatch | undefined;
  #deletions: Deletion[] = [];

  constructor(maxDeletesPerWrite = MAX_DELETES_PER_WRITE) {
    this.#maxDeletes = maxDeletesPerWrite;
  }

  /** Whether there is something that nobody has taken. */
  get hasChanges(): boolean {
    return this.#changes.length > 0 || this.#deletions.length > 0;
  }

  /** That an etcd begins, or begins again: who it is, and the rows that its restoration found to be compacted. */
  start(etcd: Etcd, unfinished: UnfinishedCompaction | undefined): void {
    this.#meta(MetaName.schema, encodeNumbers(SCHEMA));
    this.#meta(MetaName.ids, encodeNumbers(etcd.options.memberId, etcd.options.clusterId));
    this.#meta(MetaName.raftTerm, encodeNumbers(etcd.raftTerm));
    for (const { bucket, key, value } of [...etcd.members.rows(), ...etcd.versions.rows()]) {
      this.#change(bucket, key, value);
    }
    if (unfinished === undefined) return;
    for (const rows of unfinished.dropped) this.record({ kind: "dropped", rows });
    const { compactionHashes: hashes } = etcd.store;
    const compaction = { revision: unfinished.revision, hashes, peakBytes: etcd.peakBytes };
    this.record({ kind: "compactionFinished", compaction });
  }

  record(effect: Effect): void {
    switch (effect.kind) {
      case "staged":
        this.#staged ??= new ChangeBatch();
        for (const entry of effect.entries) writeEntry(this.#staged, entry);
        break;
      case "revision":
        if (this.#staged !== undefined) this.#changes.append(this.#staged);
        this.#staged = undefined;
        for (const entry of effect.entries) writeEntry(this.#changes, entry);
        break;
      case "leaseGranted":
      case "leaseCheckpointed":
        this.#change("lease", encodeNumbers(effect.lease.id), encodeLease(effect.lease));
        break;
      case "leaseRevoked":
        this.#change("lease", encodeNumbers(effect.id), undefined);
        break;
      case "alarmRaised":
        this.#change("alarm", encodeAlarm(effect.alarm), EMPTY);
        break;
      case "alarmDisarmed":
        this.#change("alarm", encodeAlarm(effect.alarm), undefined);
        break;
      case "defragmented":
        this.#meta(MetaName.peakBytes, encodeNumbers(effect.peakBytes));
        break;
      case "compacted":
        this.#meta(MetaName.scheduledCompaction, encodeRevision(effect.compaction.revision));
        this.#keepHashes(effect.compaction);
        break;
      case "dropped":
        this.#deletions.push({ rows: effect.rows, finished: undefined, done: 0 });
        break;
      case "compactionFinished":
        this.#keepHashes(effect.compaction);
        this.#deletions.push({ rows: undefined, finished: effect.compaction, done: 0 });
        break;
      case "row":
        this.#change(effect.change.bucket, effect.change.key, effect.change.value);
        break;
    }
  }

  /** The next write: all that was recorded, and some of what compaction has yet to delete. */
  take(raftIndex: number): ChangeBatch {
    this.#meta(MetaName.raftIndex, encodeNumbers(raftIndex));
    this.#delete();
    const changes = this.#changes;
    this.#changes = new ChangeBatch();
    return changes;
  }

  #keepHashes({ hashes, peakBytes }: Compaction): void {
    const numbers = hashes.flatMap((hash) => [hash.hash, hash.compactRevision, hash.revision]);
    this.#meta(MetaName.compactionHashes, encodeNumbers(...numbers));
    this.#meta(MetaName.peakBytes, encodeNumbers(peakBytes));
  }

  #delete(): void {
    let room = this.#maxDeletes;
    let finished = 0;
    for (const deletion of this.#deletions) {
      const length = deletion.rows?.length ?? 0;
      const end = Math.min(length, deletion.done + room);
      room -= end - deletion.done;
      for (; deletion.done < end; deletion.done++) {
        this.#change("key", deletion.rows?.key(deletion.done) ?? EMPTY, undefined);
      }
      if (end < length) break;
      const { finished: compaction } = deletion;
      if (compaction !== undefined) this.#meta(MetaName.finishedCompaction, encodeRevision(compaction.revision));
      finished++;
    }
    this.#deletions.splice(0, finished);
  }

  #meta(name: string, value: Uint8Array): void {
    this.#change("meta", metaKey(name), value);
  }

  #change(bucket: Bucket, key: Uint8Array, value: Uint8Array | undefined): void {
    this.#changes.add(bucket, key, value);
  }
}

/** Written at once, as the entry's value may be of memory that is used again. */
function writeEntry(changes: ChangeBatch, entry: Entry): void {
  const at = changes.reserve("key", rowKeySize(entry.tombstone), keyValueSize(entry));
  writeRecord(changes.target, at, entry);
}
