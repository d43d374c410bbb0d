/**
 * The tables of a data dir's database, and how they came to be:
 *
 *     a table a bucket    key, value, and the checksum of both, as SQLite does not see a bit that has changed
 *     state               `commits`: how many transactions there were
 *
 * A change of them is another step at the end; those that are there already never change.
 */
import { type Bucket, CREATE_STATE_SQL, createBucketSql, JournalError } from "../../../journal/index.ts";
import { databaseFile } from "./files.ts";
import type { Sqlite } from "./open-sqlite.ts";

/** "etcl": says that the file is ours. */
const APPLICATION_ID = 0x6574636c;

type Step = (db: Sqlite) => void;

/** From each layout to the next one, the first from an empty file. */
const STEPS: readonly Step[] = [beginTables];

function beginTables(db: Sqlite): void {
  const core: readonly Bucket[] = ["meta", "key", "lease", "alarm"];
  const records: readonly Bucket[] = ["auth", "authUsers", "authRoles", "members", "members_removed", "cluster"];
  for (const bucket of [...core, ...records]) db.exec(createBucketSql(bucket, true));
  db.exec(CREATE_STATE_SQL);
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
