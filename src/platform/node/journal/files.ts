/** The files of a data dir. */
import { join } from "node:path";

export function databaseFile(directory: string): string {
  return join(directory, "etcdlite.db");
}

/** SQLite's own: what was written and is not in the database yet. */
export function logFile(directory: string): string {
  return `${databaseFile(directory)}-wal`;
}

/** See mark.ts. */
export function markFile(directory: string): string {
  return join(directory, "etcdlite.mark");
}
