/**
 * One version of one key: what a put wrote, or the tombstone a delete left.
 *
 * Entries are immutable and shared: the key's history, the revision log, watch events and replies all
 * point at the same object.
 */
export interface Entry {
  /** One-byte string, see bytes.ts. */
  readonly key: string;
  /** Empty for a tombstone. */
  readonly value: Uint8Array;
  /** Revision of the put that began this generation; 0 for a tombstone. */
  readonly createRevision: number;
  /** Revision that wrote this entry. */
  readonly modRevision: number;
  /** Position among the entries of the same revision, from 0. */
  readonly subRevision: number;
  /** Puts since the generation began, from 1; 0 for a tombstone. */
  readonly version: number;
  /** Lease ID (int64), 0n for none. */
  readonly lease: bigint;
  readonly tombstone: boolean;
}
