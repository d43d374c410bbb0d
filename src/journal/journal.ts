/**
 * What durable storage must do to keep an etcd: rows of bytes in buckets, as etcd's own database has them.
 *
 *     bucket           key                                    value
 *     meta             a name (see records.ts)                bytes
 *     key              revision and, for a tombstone, a mark  mvccpb.KeyValue
 *     lease            ID (8 bytes, big-endian)               leasepb.Lease
 *     alarm            etcdserverpb.AlarmMember               nothing
 *     auth             authEnabled, authRevision              a byte; 8 bytes, big-endian
 *     authUsers        name                                   authpb.User
 *     authRoles        name                                   authpb.Role
 *     members          ID (hexadecimal text)                  JSON, as etcd has it
 *     members_removed  ID (hexadecimal text)                  removed
 *     cluster          a name                                 text
 *
 * A storage does not look into the bytes; it keeps them, orders rows by the bytes of their keys, and writes
 * either all or nothing. test/journal/contract.ts is this page as a test, for every storage.
 */
export const BUCKETS = [
  "meta",
  "key",
  "lease",
  "alarm",
  "auth",
  "authUsers",
  "authRoles",
  "members",
  "members_removed",
  "cluster",
] as const;
export type Bucket = (typeof BUCKETS)[number];

export interface Row {
  readonly key: Uint8Array;
  /** May be empty. */
  readonly value: Uint8Array;
}

/** All rows of a bucket in the byte order of their keys, each made when it is asked for; they never change. */
export interface RowList {
  readonly bucket: Bucket;
  readonly length: number;
  /** In bytes. */
  keySize(at: number): number;
  valueSize(at: number): number;
  /** Its bytes are good until the next is asked for. */
  row(at: number): Row;
}

/** A row written over the one with its key, or, without a value, deleted, be it there or not. */
export interface Change {
  readonly bucket: Bucket;
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

export interface Journal {
  /** What it is, in one word, for people: "memory", "indexeddb", "sqlite". */
  readonly kind: string;

  /**
   * The rows of a bucket in the byte order of their keys, in batches of any size but none empty, all of them as
   * they were when the first was asked for. Asked for while nothing is being written.
   */
  rows(bucket: Bucket): AsyncIterable<readonly Row[]>;

  /**
   * Makes changes, in their order: of two of the same row the later counts. All of them happen or none does,
   * also when the machine stops in the middle; the promise settles when they will outlast that.
   *
   * It may be called again before the last call has settled: what is durable is then always what a number of
   * calls, from the first on, have written. After a write that was rejected every later one is.
   *
   * The bytes are the journal's to keep: each array is alone in its buffer, and nobody changes it.
   */
  write(changes: readonly Change[]): Promise<void>;

  /** Waits for writes under way, then lets the storage go; what is called afterwards is rejected. Again: no effect. */
  close(): Promise<void>;
}

/** A storage that cannot be read as what it should be: rows that make no sense, or of a version to come. */
export class JournalError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "JournalError";
  }
}
