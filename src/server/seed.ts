/**
 * What an etcd begins with that is made from another's snapshot: as with `etcdutl snapshot restore` its keys,
 * leases, alarms, users and roles, but its members and its log are new.
 */
import { BUCKETS, type Bucket, encodeNumbers, MetaName, metaKey, metaName, type Row } from "../journal/index.ts";

const NEW_BUCKETS: readonly string[] = ["members", "members_removed"];
const KEPT_META: readonly string[] = [MetaName.scheduledCompaction, MetaName.finishedCompaction];

/** The buckets without which it is no etcd's database. */
export const SEED_BUCKETS: readonly Bucket[] = ["key", "meta"];

/** A bucket of a snapshot that there are rows to take from; undefined for others. */
export function seedBucket(name: string): Bucket | undefined {
  return NEW_BUCKETS.includes(name) ? undefined : BUCKETS.find((bucket) => bucket === name);
}

/** Whether a row of such a bucket is taken. */
export function isSeed(bucket: Bucket, key: Uint8Array): boolean {
  return bucket !== "meta" || KEPT_META.includes(metaName(key));
}

/** Rows of the bucket meta that come in addition: a log with the one entry that adds the one member. */
export function firstMetaRows(): Row[] {
  return [
    { key: metaKey(MetaName.raftIndex), value: encodeNumbers(1) },
    { key: metaKey(MetaName.raftTerm), value: encodeNumbers(1) },
  ];
}
