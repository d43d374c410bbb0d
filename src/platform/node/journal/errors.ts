import { JournalError } from "../../../journal/index.ts";
import { databaseFile } from "./files.ts";

/** SQLite's result codes. */
const Code = { BUSY: 5, LOCKED: 6, CORRUPT: 11, FULL: 13, NOT_A_DATABASE: 26 } as const;

/** What to do with a data dir that is damaged. */
export function advice(directory: string): string {
  return (
    `nothing is written to it; \`etcdlite check ${directory}\` says what is damaged, ` +
    `and \`etcdlite export ${directory} FILE\` saves what is whole`
  );
}

function codeOf(error: unknown): number {
  return Number((error as { readonly errcode?: unknown }).errcode) & 0xff;
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
  const isOfSystem = "syscall" in error || "errcode" in error;
  return isOfSystem ? new JournalError(`${directory} cannot be used: ${error.message}`) : error;
}
