import type { Lease } from "../lease/index.ts";
import { type HashSeed, Store } from "../mvcc/index.ts";
import type { Alarm } from "./alarms.ts";
import type { RecordBucket } from "./effects.ts";

/** What an etcd is at its start beside its options. */
export interface EtcdState {
  readonly store: Store;
  readonly leases: readonly Lease[];
  readonly alarms: readonly Alarm[];
  /** Users, roles and members, as the rows that keep them. */
  readonly records: readonly RecordRow[];
  readonly raftIndex: number;
  readonly raftTerm: number;
  /** The most bytes that were stored. */
  readonly peakBytes: number;
}

export interface RecordRow {
  readonly bucket: RecordBucket;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** The term of a new etcd's first election, and how many entries are in its log by then. */
export const FIRST_TERM = 2;
export const FIRST_INDEX = 4;

/** Nothing has happened yet. */
export function newState(hashSeed?: HashSeed): EtcdState {
  const store = new Store(hashSeed);
  return { store, leases: [], alarms: [], records: [], raftIndex: FIRST_INDEX, raftTerm: FIRST_TERM, peakBytes: 0 };
}
