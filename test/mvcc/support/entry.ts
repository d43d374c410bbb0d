import { type Entry, type EntryRecord, keyValueSize, rowKeySize, writeRecord } from "../../../src/mvcc/index.ts";

/** An entry read to its end: what a store gives knows where it is kept. */
export function plainEntry(entry: Entry): Entry {
  const { key, value, createRevision, modRevision, subRevision, version, lease, tombstone } = entry;
  return { key, value, createRevision, modRevision, subRevision, version, lease, tombstone };
}

/** Bytes the entry takes in etcd's database, key and value. */
export function recordSize(entry: Entry): number {
  return rowKeySize(entry.tombstone) + keyValueSize(entry);
}

/** An entry's row. */
export function recordOf(entry: Entry): EntryRecord {
  const bytes = new Uint8Array(recordSize(entry));
  writeRecord(bytes, 0, entry);
  const end = rowKeySize(entry.tombstone);
  return { key: bytes.slice(0, end), value: bytes.slice(end) };
}
