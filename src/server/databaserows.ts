/**
 * The rows of etcd's own database, where they are not those of a journal:
 *
 *     meta             confState and storageVersion besides; none of etcdlite's own
 *     key, lease, …    the same
 */
import { metaKey, metaName, type Row, type RowList } from "../journal/index.ts";
import type { Etcd } from "./etcd.ts";
import { RowArray, rowsOf } from "./rows.ts";

const CONF_STATE = "confState";
const STORAGE_VERSION = "storageVersion";
const OWN_NAMES = /^etcdlite\./;

/** As `rowsOf`, for a database that an etcd can be started on. */
export function databaseRowsOf(etcd: Etcd): RowList[] {
  return rowsOf(etcd).map((rows) => (rows.bucket === "meta" ? new RowArray("meta", metaRows(etcd, rows)) : rows));
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
