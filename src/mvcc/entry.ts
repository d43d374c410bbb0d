/**
 * One version of one key: what a put wrote, or the tombstone a delete left.
 *
 * A store keeps entries as bytes (segment.ts) and makes such an object whenever somebody wants to see one: of a write
 * before it is kept, of what a read or a watch finds. Its value is then a part of the store's own memory.
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
