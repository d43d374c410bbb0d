/**
 * A second place that knows how many writes a data dir has had. A log that is missing, or cut short, looks like one that
 * was empty, or never longer: what is only there would be gone, and nobody would notice.
 *
 * It is written behind the writes, not waited for: after a crash it may know of a few less than there were, and then
 * notices less. It never knows of more.
 */
import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { markFile } from "./files.ts";

const DIGITS = 16;

export class Mark {
  readonly #file: number;

  constructor(directory: string) {
    // Neither cut short, nor opened for appending: each number is written over the one before.
    this.#file = openSync(markFile(directory), constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  write(commits: number): void {
    // As bytes: of a string Deno writes each behind the last one, wherever it is told to.
    const bytes = Buffer.from(contentOf(commits));
    writeSync(this.#file, bytes, 0, bytes.length, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** 0 where there is none, or none that can be read: it only helps. */
export function readMark(directory: string): number {
  try {
    const content = readFileSync(markFile(directory), "latin1");
    const commits = Number(content.slice(0, DIGITS));
    return content === contentOf(commits) || content === contentOf(commits, "") ? commits : 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

/**
 * Of the same length whatever the number, so that each is written over the one before. In layout 1 the checksum has no
 * salt: to an etcdlite of that time this is no mark, so that it refuses the layout, and speaks of no loss.
 */
function contentOf(commits: number, salt = "log"): string {
  const digits = String(commits).padStart(DIGITS, "0");
  return `${digits} ${crc32(salt + digits)
    .toString(16)
    .padStart(8, "0")}\n`;
}
