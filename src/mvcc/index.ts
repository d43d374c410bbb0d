/** The multi-version key-value store: revisions, ranges, txns, compaction, hashes and watches. */
export * from "./bytes.ts";
export type { Child, ChildrenRequest, ChildrenResponse } from "./children.ts";
export { crc32c } from "./crc32c.ts";
export type { Entry } from "./entry.ts";
export type { KeyValueHash } from "./hash.ts";
export { IntervalSet } from "./intervals.ts";
export * from "./keyrange.ts";
export * from "./range.ts";
export { type EntryRecord, keyValueSize, rowKeySize, varintSize, writeRecord } from "./record.ts";
export { RecordDecoder } from "./recorddecoder.ts";
export type { DroppedRows, LogView } from "./revlog.ts";
export { type CompactionListener, Store, WriteTxn } from "./store.ts";
export { StoredEntry } from "./storedentry.ts";
export * from "./txn.ts";
export type { WatchEvent } from "./watch/events.ts";
export { WatchHub } from "./watch/hub.ts";
export type { WatchResponse, WatchStream } from "./watch/stream.ts";
export type { WatchCreateRequest } from "./watch/watcher.ts";
