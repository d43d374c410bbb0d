import { BUCKETS, type Bucket, type ChangeBatch, type Row, type RowList } from "../journal/index.ts";
import type { LogView } from "../mvcc/index.ts";
import { AlarmType } from "./alarms.ts";
import type { Etcd } from "./etcd.ts";
import { Recorder } from "./recorder.ts";

/**
 * Everything an etcd holds, as the rows that would keep it, a list a bucket. It is all as it is now: what is
 * written, compacted or deleted later is not in them. That costs next to nothing, as versions of keys never change:
 * their rows are made when they are asked for.
 */
export function rowsOf(etcd: Etcd): RowList[] {
  const changes = changesOf(etcd);
  return BUCKETS.map((bucket) => {
    return bucket === "key" ? new EntryRows(etcd.store.view()) : new RowArray(bucket, inBucket(changes, bucket));
  });
}

/** Rows that are there already. */
export class RowArray implements RowList {
  readonly bucket: Bucket;
  readonly #rows: readonly Row[];

  constructor(bucket: Bucket, rows: readonly Row[]) {
    this.bucket = bucket;
    this.#rows = rows;
  }

  get length(): number {
    return this.#rows.length;
  }

  keySize(at: number): number {
    return this.row(at).key.length;
  }

  valueSize(at: number): number {
    return this.row(at).value.length;
  }

  row(at: number): Row {
    return this.#rows[at] as Row;
  }
}

class EntryRows implements RowList {
  readonly bucket = "key";
  readonly #entries: LogView;

  constructor(entries: LogView) {
    this.#entries = entries;
  }

  get length(): number {
    return this.#entries.length;
  }

  keySize(at: number): number {
    return this.#entries.keySize(at);
  }

  valueSize(at: number): number {
    return this.#entries.valueSize(at);
  }

  row(at: number): Row {
    return this.#entries.row(at);
  }
}

/** All but the keys. */
function changesOf(etcd: Etcd): ChangeBatch {
  const recorder = new Recorder();
  recorder.start(etcd, undefined);
  for (const lease of etcd.leases()) recorder.record({ kind: "leaseGranted", lease });
  for (const alarm of etcd.alarms(AlarmType.NONE)) recorder.record({ kind: "alarmRaised", alarm });
  for (const change of etcd.auth.rows()) recorder.record({ kind: "row", change });
  const { compactRevision, finishedCompactRevision, compactionHashes: hashes } = etcd.store;
  const { peakBytes } = etcd;
  if (compactRevision < 0) recorder.record({ kind: "defragmented", peakBytes });
  else recorder.record({ kind: "compacted", compaction: { revision: compactRevision, hashes, peakBytes } });
  if (finishedCompactRevision >= 0) {
    recorder.record({
      kind: "compactionFinished",
      compaction: { revision: finishedCompactRevision, hashes, peakBytes },
    });
  }
  return recorder.take(etcd.raftIndex);
}

/** The rows that changes leave in a bucket, sorted. */
function inBucket(changes: ChangeBatch, bucket: Bucket): Row[] {
  const rows = new Map<string, Row>();
  for (const { bucket: other, key, value } of changes) {
    if (other === bucket && value !== undefined) rows.set(String.fromCharCode(...key), { key, value });
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
