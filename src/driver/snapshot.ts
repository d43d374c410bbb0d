import type { Bucket, Row } from "../journal/index.ts";
import { firstMetaRows, isSeed, SEED_BUCKETS, seedBucket } from "../server/index.ts";
import { type Reading, readSnapshot, SnapshotError } from "../snapshot/index.ts";

/** A file of which any part can be read. */
export interface RandomAccessFile {
  readonly sizeBytes: number;
  /** Fewer bytes than asked for where the file ends before. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/**
 * Reads what a new etcd is to begin with from a snapshot of another, or from its database.
 *
 * @param add told of rows in the order of their keys; the bytes are good until it returns
 * @throws SnapshotError for a file that is neither, or damaged; and whatever `read` and `add` throw
 */
export async function readSeed(file: RandomAccessFile, add: (bucket: Bucket, row: Row) => void): Promise<void> {
  const buckets = new Set<string>();
  const reading = readSnapshot(file.sizeBytes, (name) => {
    buckets.add(name);
    const bucket = seedBucket(name);
    if (bucket === undefined) return undefined;
    return (key, value) => {
      if (isSeed(bucket, key)) add(bucket, { key, value });
    };
  });
  await run(reading, file);
  for (const name of SEED_BUCKETS) {
    if (!buckets.has(name)) throw new SnapshotError(`the file is no etcd's: it has no bucket ${name}`);
  }
  for (const row of firstMetaRows()) add("meta", row);
}

async function run<T>(reading: Reading<T>, file: RandomAccessFile): Promise<T> {
  let next = reading.next();
  while (!next.done) {
    const { offset, length } = next.value;
    const bytes = await file.read(offset, length);
    if (bytes.length !== length) throw new SnapshotError("the file is cut short");
    next = reading.next(bytes);
  }
  return next.value;
}
