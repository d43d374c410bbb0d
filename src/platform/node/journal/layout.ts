/**
 * The tables of a data dir's database, and how they came to be:
 *
 *     a table a bucket    key, value, and the checksum of both, as SQLite does not see a bit that has changed
 *     state               `commits`: how many writes the tables have taken over
 *
 *     layout 1            what was written last is in SQLite's own log
 *     layout 2            it is in ours (log-format.ts). Tables are in the order in which rows came, with an index of the
 *                         keys, so that a large value does not stand in the way of a search; those of layout 1 that have
 *                         rows stay as they are: the same SQL does for both
 *
 * A change of them is another step at the end; those that are there already never change.
 */
import { BUCKETS, type Bucket, CREATE_STATE_SQL, createBucketSql, JournalError } from "../../../journal/index.ts";
import { databaseFile } from "./files.ts";
import type { Sqlite } from "./open-sqlite.ts";

/** "etcl": says that the file is ours. */
const APPLICATION_ID = 0x6574636c;

type Step = (db: Sqlite) => void;

/** From each layout to the next one, the first from an empty file. */
const STEPS: readonly Step[] = [beginTables, appendRows];

function beginTables(db: Sqlite): void {
  const core: readonly Bucket[] = ["meta", "key", "lease", "alarm"];
  const records: readonly Bucket[] = ["auth", "authUsers", "authRoles", "members", "members_removed", "cluster"];
  for (const bucket of [...core, ...records]) db.exec(createBucketSql(bucket, true));
  db.exec(CREATE_STATE_SQL);
}

function appendRows(db: Sqlite): void {
  for (const bucket of BUCKETS) {
    if (hasRows(db, bucket)) continue;
    db.exec(`DROP TABLE "${bucket}"`);
    db.exec(
      `CREATE TABLE "${bucket}" (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, value BLOB NOT NULL, ` +
        "crc INTEGER NOT NULL) STRICT",
    );
  }
}

/** One that cannot be read has some: it stays as it is, for whoever reads it to say so. */
function hasRows(db: Sqlite, bucket: Bucket): boolean {
  try {
    return numberOf(db, `SELECT EXISTS (SELECT 1 FROM "${bucket}")`) === 1;
  } catch {
    return true;
  }
}

/**
 * Begins a database, or brings one of an older etcdlite to the layout of today, in one transaction.
 * @throws JournalError for one that is not ours, or of a later etcdlite
 */
export function bringUpToDate(db: Sqlite, directory: string, steps = STEPS): void {
  const layout = layoutOf(db, directory);
  if (layout > steps.length) {
    throw new JournalError(
      `${directory} was written by a later etcdlite, in layout ${layout}; this one knows layout ${steps.length}`,
    );
  }
  if (layout === steps.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const step of steps.slice(layout)) step(db);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    db.exec(`PRAGMA user_version = ${steps.length}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** 0 for an empty file. */
function layoutOf(db: Sqlite, directory: string): number {
  const applicationId = numberOf(db, "PRAGMA application_id");
  const layout = numberOf(db, "PRAGMA user_version");
  if (applicationId === APPLICATION_ID) return layout;
  const isEmpty = applicationId === 0 && layout === 0 && numberOf(db, "SELECT count(*) FROM sqlite_schema") === 0;
  if (!isEmpty) throw new JournalError(`${databaseFile(directory)} is no database of etcdlite`);
  return 0;
}

function numberOf(db: Sqlite, query: string): number {
  return Number(Object.values(db.prepare(query).get() ?? {})[0]);
}
