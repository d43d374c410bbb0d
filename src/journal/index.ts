/** Where an etcd is kept: what a storage must do, what its rows mean, and one in memory. */
export { ChangeBatch, changesIn } from "./batch.ts";
export { type Journal, JournalError } from "./journal.ts";
export { MemoryJournal, MemoryStorage } from "./memory.ts";
export * from "./records.ts";
export { BUCKETS, type Bucket, type Change, type Row, type RowList } from "./rows.ts";
export { type BucketSql, bucketSql, CREATE_STATE_SQL, createBucketSql } from "./sql.ts";
