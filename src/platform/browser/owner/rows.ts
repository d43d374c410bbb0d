import { BUCKETS, type Bucket, type Change, type Row } from "../../../journal/index.ts";
import type { Entry } from "../../../mvcc/index.ts";
import { AlarmType, type Etcd, Recorder, Restoration } from "../../../server/index.ts";
import type { BucketRows } from "../file/export.ts";

const BATCH_ROWS = 1000;

/**
 * Everything an etcd holds as the rows that would keep it, as it is now: what is written while they are read
 * is not in them.
 */
export async function* rowsOf(etcd: Etcd): AsyncGenerator<BucketRows> {
  const entries: Entry[] = [];
  etcd.store.log.ascend(0, (entry) => entries.push(entry) > 0);
  const others = changesOf(etcd);
  for (let at = 0; at < entries.length; at += BATCH_ROWS) {
    const recorder = new Recorder();
    recorder.record({ kind: "revision", entries: entries.slice(at, at + BATCH_ROWS) });
    yield { bucket: "key", rows: inBucket(recorder.take(0), "key") };
  }
  for (const bucket of BUCKETS) {
    const rows = inBucket(others, bucket);
    if (rows.length > 0) yield { bucket, rows };
  }
}

/** @throws JournalError for rows that no etcd can be made of */
export function checkRows(parts: readonly BucketRows[]): void {
  const restoration = new Restoration();
  for (const bucket of BUCKETS) {
    for (const part of parts) if (part.bucket === bucket) restoration.add(bucket, part.rows);
  }
  restoration.finish();
}

/** All but the keys. */
function changesOf(etcd: Etcd): Change[] {
  const recorder = new Recorder();
  recorder.start(etcd, undefined);
  for (const lease of etcd.leases()) recorder.record({ kind: "leaseGranted", lease });
  for (const alarm of etcd.alarms(AlarmType.NONE)) recorder.record({ kind: "alarmRaised", alarm });
  const { compactRevision: revision, compactionHashes: hashes } = etcd.store;
  const peakBytes = etcd.databaseSize.totalBytes;
  if (revision >= 0) recorder.record({ kind: "compacted", compaction: { revision, dropped: [], hashes, peakBytes } });
  else recorder.record({ kind: "defragmented", peakBytes });
  return recorder.take(etcd.raftIndex);
}

/** The rows that changes leave in a bucket, sorted. */
function inBucket(changes: readonly Change[], bucket: Bucket): Row[] {
  const rows = new Map<string, Row>();
  for (const { bucket: other, key, value } of changes) {
    if (other === bucket && value !== undefined) rows.set(String.fromCharCode(...key), { key, value });
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
