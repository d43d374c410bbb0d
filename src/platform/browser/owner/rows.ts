/** What goes into a store and out of it as a whole: rows, bucket by bucket, in parts of some. */
import { readSeed } from "../../../driver/index.ts";
import { BUCKETS, type Bucket, type Row } from "../../../journal/index.ts";
import { type Clock, Etcd, Restoration, rowsOf } from "../../../server/index.ts";
import type { BucketRows } from "../file/export.ts";

const BATCH_ROWS = 1000;

const STOPPED_CLOCK: Clock = { now: () => 0, setTimer: () => () => {} };

/** Everything that an etcd holds, as it is when the first part is asked for. */
export function* partsOf(etcd: Etcd): Generator<BucketRows> {
  for (const list of rowsOf(etcd)) {
    for (let from = 0; from < list.length; from += BATCH_ROWS) {
      const length = Math.min(BATCH_ROWS, list.length - from);
      yield { bucket: list.bucket, rows: Array.from({ length }, (_, at) => copyOf(list.row(from + at))) };
    }
  }
}

/** What a store begins with that is made from the snapshot of an etcd. @throws SnapshotError */
export async function partsOfSnapshot(file: Uint8Array): Promise<BucketRows[]> {
  const parts = new Map<Bucket, Row[]>();
  const bytes = { sizeBytes: file.length, read: async (at: number, length: number) => file.subarray(at, at + length) };
  await readSeed(bytes, (bucket, row) => {
    const rows = parts.get(bucket);
    if (rows === undefined) parts.set(bucket, [copyOf(row)]);
    else rows.push(copyOf(row));
  });
  return [...parts].map(([bucket, rows]) => ({ bucket, rows }));
}

/** @throws JournalError, EtcdError for rows that no etcd can be made of */
export function checkRows(parts: readonly BucketRows[]): void {
  const restoration = new Restoration();
  for (const bucket of BUCKETS) {
    for (const part of parts) if (part.bucket === bucket) restoration.add(bucket, part.rows);
  }
  new Etcd({ clock: STOPPED_CLOCK }, { state: restoration.finish().state }).close();
}

/** Each array alone in its buffer, as a journal wants it. */
function copyOf({ key, value }: Row): Row {
  return { key: key.slice(), value: value.slice() };
}
