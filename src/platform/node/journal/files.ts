/** The files of a data dir. */
import { join } from "node:path";

export function databaseFile(directory: string): string {
  return join(directory, "etcdlite.db");
}

/** What was written and may not be in the database yet: see log-format.ts. */
export function logFiles(directory: string): readonly [string, string] {
  return [join(directory, "etcdlite.log0"), join(directory, "etcdlite.log1")];
}

/** SQLite's own, of a transaction that was cut: with it the database becomes what it was before. */
export function rollbackFile(directory: string): string {
  return `${databaseFile(directory)}-journal`;
}

/** SQLite's own log, which data dirs of layout 1 have. */
export function walFile(directory: string): string {
  return `${databaseFile(directory)}-wal`;
}

/** See mark.ts. */
export function markFile(directory: string): string {
  return join(directory, "etcdlite.mark");
}
