/**
 * The rows of etcd's own database, where they are not those of a journal:
 *
 *     meta             confState and storageVersion besides; none of etcdlite's own
 *     key, lease, …    the same
 */
import { MetaName, metaKey, metaName, type Row, type RowList } from "../journal/index.ts";
import { crc32c } from "../mvcc/index.ts";
import type { Etcd } from "./etcd.ts";
import { RowArray, rowsOf } from "./rows.ts";

const CONF_STATE = "confState";
const STORAGE_VERSION = "storageVersion";
const OWN_NAMES = /^etcdlite\./;
/** What may differ between the members of a cluster. */
const NOT_HASHED: readonly string[] = [MetaName.raftIndex, MetaName.raftTerm, STORAGE_VERSION];

/** As `rowsOf`, for a database that an etcd can be started on. */
export function databaseRowsOf(etcd: Etcd): RowList[] {
  return rowsOf(etcd).map((rows) => (rows.bucket === "meta" ? new RowArray("meta", metaRows(etcd, rows)) : rows));
}

/** Rows hashed in a step. */
const ROWS_PER_STEP = 2000;

/** The CRC-32C of the whole database as it is now, as Maintenance.Hash tells it: of buckets by name, and their rows. */
export function databaseHashing(etcd: Etcd): Generator<void, number> {
  return hashing(databaseRowsOf(etcd).sort((a, b) => (a.bucket < b.bucket ? -1 : 1)));
}

function* hashing(lists: readonly RowList[]): Generator<void, number> {
  let crc = 0;
  for (const list of lists) {
    crc = crc32c(crc, metaKey(list.bucket));
    for (let at = 0; at < list.length; at++) {
      if (at % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield;
      const { key, value } = list.row(at);
      if (list.bucket === "meta" && NOT_HASHED.includes(metaName(key))) continue;
      crc = crc32c(crc32c(crc, key), value);
    }
  }
  return crc;
}

function metaRows(etcd: Etcd, rows: RowList): Row[] {
  const kept = Array.from({ length: rows.length }, (_, at) => rows.row(at));
  const encoder = new TextEncoder();
  return [
    { key: metaKey(CONF_STATE), value: encoder.encode(confState(etcd)) },
    ...kept.filter(({ key }) => !OWN_NAMES.test(metaName(key))),
    { key: metaKey(STORAGE_VERSION), value: encoder.encode(etcd.versions.cluster) },
  ].sort((a, b) => (metaName(a.key) < metaName(b.key) ? -1 : 1));
}

/** Who votes, as Go writes it. */
function confState(etcd: Etcd): string {
  const members = etcd.members.list();
  const voters = members.filter(({ isLearner }) => !isLearner).map(({ id }) => id);
  const learners = members.filter(({ isLearner }) => isLearner).map(({ id }) => id);
  const learnersField = learners.length === 0 ? "" : `"learners":[${learners}],`;
  return `{"voters":[${voters}],${learnersField}"auto_leave":false}`;
}
