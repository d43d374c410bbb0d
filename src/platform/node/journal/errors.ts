import { JournalError } from "../../../journal/index.ts";
import { databaseFile } from "./files.ts";

/** SQLite's result codes. */
const Code = { BUSY: 5, LOCKED: 6, CORRUPT: 11, FULL: 13, NOT_A_DATABASE: 26 } as const;

/** By SQLite's words for them: Deno does not always give the code. */
const CODE_OF_TEXT: Readonly<Record<string, number>> = {
  "database is locked": Code.BUSY,
  "database table is locked": Code.LOCKED,
  "database disk image is malformed": Code.CORRUPT,
  "database or disk is full": Code.FULL,
  "file is not a database": Code.NOT_A_DATABASE,
};

/** What to do with a data dir that is damaged. */
export function advice(directory: string): string {
  return (
    `nothing is written to it; \`etcdlite check ${directory}\` says what is damaged, ` +
    `and \`etcdlite export ${directory} FILE\` saves what is whole`
  );
}

/** Node's and Deno's have an errcode, Bun's an errno. */
interface SqliteError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly errcode?: unknown;
  readonly errno?: unknown;
  readonly message?: unknown;
}

function codeOf(error: unknown): number {
  if (!isSqliteError(error)) return 0;
  const { errno, errcode = errno, message } = error as SqliteError;
  return Number(errcode) & 0xff || (CODE_OF_TEXT[String(message)] ?? 0);
}

function isSqliteError(error: unknown): boolean {
  const { code, name } = error as SqliteError;
  return code === "ERR_SQLITE_ERROR" || name === "SQLiteError";
}

export function isInUse(error: unknown): boolean {
  const code = codeOf(error);
  return code === Code.BUSY || code === Code.LOCKED;
}

/** What went wrong with a data dir, for who has given it. */
export function explained(error: unknown, directory: string): unknown {
  if (!(error instanceof Error) || error instanceof JournalError) return error;
  if (isInUse(error)) return new JournalError(`${directory} is in use by another etcdlite`);
  switch (codeOf(error)) {
    case Code.CORRUPT:
    case Code.NOT_A_DATABASE:
      return new JournalError(`${databaseFile(directory)} is damaged (${error.message}): ${advice(directory)}`);
    case Code.FULL:
      return new JournalError(`there is no room left for ${directory}`);
  }
  if ("code" in error && error.code === "ENOSPC") return new JournalError(`there is no room left for ${directory}`);
  const isOfSystem = "syscall" in error || isSqliteError(error);
  return isOfSystem ? new JournalError(`${directory} cannot be used: ${error.message}`) : error;
}
