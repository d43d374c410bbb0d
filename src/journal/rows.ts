/**
 * What a storage keeps: rows of bytes in buckets, as etcd's own database has them.
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
 * A storage does not look into the bytes; it keeps them, and orders rows by the bytes of their keys.
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
