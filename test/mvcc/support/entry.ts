import { type Entry, type EntryRecord, rowKeySize, writeRecord } from "../../../src/mvcc/index.ts";
import { recordSize } from "../../../src/mvcc/record.ts";

/** An entry read to its end: what a store gives knows where it is kept. */
export function plainEntry(entry: Entry): Entry {
  const { key, value, createRevision, modRevision, subRevision, version, lease, tombstone } = entry;
  return { key, value, createRevision, modRevision, subRevision, version, lease, tombstone };
}

/** An entry's row. */
export function recordOf(entry: Entry): EntryRecord {
  const bytes = new Uint8Array(recordSize(entry));
  writeRecord(bytes, 0, entry);
  const end = rowKeySize(entry.tombstone);
  return { key: bytes.slice(0, end), value: bytes.slice(end) };
}
