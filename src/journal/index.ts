/** Where an etcd is kept: what a storage must do, what its rows mean, and one in memory. */
export { BUCKETS, type Bucket, type Change, type Journal, JournalError, type Row, type RowList } from "./journal.ts";
export { MemoryJournal, MemoryStorage } from "./memory.ts";
export * from "./records.ts";
export { type BucketSql, bucketSql, CREATE_STATE_SQL, createBucketSql } from "./sql.ts";
