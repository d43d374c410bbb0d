import type { Lease } from "../lease/index.ts";
import type { DroppedRows, Entry, KeyValueHash } from "../mvcc/index.ts";
import type { Alarm } from "./alarms.ts";

/**
 * What a step changed, as values: all that it takes to have the same etcd again. A step may have several, and
 * they belong together: a lease's end and the delete of its keys happen both or neither.
 */
export type Effect =
  /** Of the next revision, which has more: nothing of it is to be kept before that comes. */
  | { readonly kind: "staged"; readonly entries: readonly Entry[] }
  /** Its entries, or those that were not staged. */
  | { readonly kind: "revision"; readonly entries: readonly Entry[] }
  | { readonly kind: "leaseGranted"; readonly lease: Lease }
  /** The time it has left is to be known at the next start, or no longer. */
  | { readonly kind: "leaseCheckpointed"; readonly lease: Lease }
  | { readonly kind: "leaseRevoked"; readonly id: bigint }
  /** A compaction has begun: nothing under its revision can be read any more. */
  | { readonly kind: "compacted"; readonly compaction: Compaction }
  /** What the oldest compaction that is not finished did, the oldest rows first. */
  | { readonly kind: "dropped"; readonly rows: DroppedRows }
  | { readonly kind: "compactionFinished"; readonly compaction: Compaction }
  | { readonly kind: "alarmRaised"; readonly alarm: Alarm }
  | { readonly kind: "alarmDisarmed"; readonly alarm: Alarm }
  | { readonly kind: "defragmented"; readonly peakBytes: number }
  | { readonly kind: "row"; readonly change: RecordChange };

/** The buckets whose rows are made, and read, by those that they keep: users and roles, and members. */
export type RecordBucket = "auth" | "authUsers" | "authRoles" | "members" | "members_removed" | "cluster";

/** A row put in place, or, without a value, deleted. */
export interface RecordChange {
  readonly bucket: RecordBucket;
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

export interface Compaction {
  readonly revision: number;
  /** All hashes that compactions left behind so far. */
  readonly hashes: readonly KeyValueHash[];
  /** The most bytes that were stored, be it that they are less now. */
  readonly peakBytes: number;
}

/** Told of effects in their order, within the step that has them: it must not throw nor call the etcd. */
export type EffectSink = (effect: Effect) => void;
