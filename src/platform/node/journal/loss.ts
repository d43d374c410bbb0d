/** Whether a data dir has lost writes that were acknowledged: see mark.ts. */
import { existsSync, rmSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { JournalError } from "../../../journal/index.ts";
import { databaseFile, logFiles, markFile, rollbackFile, walFile } from "./files.ts";
import { readLog, recordsBehind } from "./log-format.ts";
import { readMark } from "./mark.ts";
import { openSqlite, type Sqlite } from "./open-sqlite.ts";

/** How many writes a database has taken over; none, where not even its tables are there. */
export function commitsOf(db: Sqlite): number {
  if (db.prepare("SELECT name FROM sqlite_schema WHERE name = 'state'").get() === undefined) return 0;
  return Number(db.prepare("SELECT number FROM state WHERE name = 'commits'").get()?.number ?? 0);
}

/** What there is to say of a data dir that holds fewer writes than its mark knows of; undefined otherwise. */
export function lossOf(directory: string, commits: number): string | undefined {
  const known = readMark(directory);
  if (commits >= known) return undefined;
  const [first, second] = existsSync(walFile(directory)) ? [walFile(directory)] : logFiles(directory);
  return (
    `${directory} has lost what was written to it last: of ${known} writes it holds ${commits}, ` +
    `as ${second === undefined ? "its file" : "of its files"} ${[first, second].filter(Boolean).join(" and ")} ` +
    "is missing, cut short or damaged, or as it is an older copy. " +
    `Put that file back, or, to go on without what is lost, delete ${markFile(directory)}`
  );
}

/**
 * Looks by a connection that only reads, as one that may write would merge what is left of SQLite's own log, and delete
 * it; where there is no database, it would begin one.
 */
export function refuseLoss(directory: string): void {
  if (readMark(directory) === 0) return;
  const taken = existsSync(databaseFile(directory)) ? commitsInFile(directory) : 0;
  refuseFewer(directory, taken + recordsBehind(taken, readLog(directory)).length);
}

/** @throws JournalError where so many writes are fewer than there should be */
export function refuseFewer(directory: string, commits: number): void {
  const loss = lossOf(directory, commits);
  if (loss !== undefined) throw new JournalError(loss);
}

/** Infinite where that cannot be known before a transaction that was cut has been undone. */
function commitsInFile(directory: string): number {
  if (existsSync(rollbackFile(directory)) && statSync(rollbackFile(directory)).size > 0)
    return Number.POSITIVE_INFINITY;
  const url = pathToFileURL(databaseFile(directory));
  if (!existsSync(walFile(directory))) url.search = "?immutable=1";
  const db = openSqlite(url);
  try {
    return commitsOf(db);
  } finally {
    db.close();
    rmSync(`${databaseFile(directory)}-shm`, { force: true });
  }
}
