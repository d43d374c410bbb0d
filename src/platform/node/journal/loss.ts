/** Whether a data dir has lost transactions that were acknowledged: see mark.ts. */
import { existsSync, rmSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { JournalError } from "../../../journal/index.ts";
import { databaseFile, logFile, markFile } from "./files.ts";
import { readMark } from "./mark.ts";
import { openSqlite, type Sqlite } from "./open-sqlite.ts";

/** How many transactions a database has had; none, where not even its tables are there. */
export function commitsOf(db: Sqlite): number {
  if (db.prepare("SELECT name FROM sqlite_schema WHERE name = 'state'").get() === undefined) return 0;
  return Number(db.prepare("SELECT number FROM state WHERE name = 'commits'").get()?.number ?? 0);
}

/** What there is to say of a database that has had fewer transactions than its mark knows of; undefined otherwise. */
export function lossOf(directory: string, commits: number): string | undefined {
  const known = readMark(directory);
  if (commits >= known) return undefined;
  return (
    `${directory} has lost what was written to it last: of ${known} transactions it holds ${commits}, ` +
    `as its file ${logFile(directory)} is missing, cut short or damaged, or as it is an older copy. ` +
    `Put that file back, or, to go on without what is lost, delete ${markFile(directory)}`
  );
}

/**
 * Looks by a connection that only reads, as one that may write would merge what is left of the log, and delete it;
 * where there is no log, it would begin one.
 */
export function refuseLoss(directory: string): void {
  if (readMark(directory) === 0) return;
  const loss = lossOf(directory, existsSync(databaseFile(directory)) ? commitsInFile(directory) : 0);
  if (loss !== undefined) throw new JournalError(loss);
}

function commitsInFile(directory: string): number {
  const url = pathToFileURL(databaseFile(directory));
  if (!existsSync(logFile(directory))) url.search = "?immutable=1";
  const db = openSqlite(url);
  try {
    return commitsOf(db);
  } finally {
    db.close();
    rmSync(`${databaseFile(directory)}-shm`, { force: true });
  }
}
