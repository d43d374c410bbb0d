/** Writes a data dir's log: what it is, see log-format.ts. Nobody waits for it in this thread, but for a few bytes. */
import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  statSync,
  writev,
  writevSync,
} from "node:fs";
import { logFiles } from "./files.ts";
import { headOf } from "./log-format.ts";

/** A file of the log has about so much when the other one's turn comes. */
const LONG_BYTES = 16 * 1024 * 1024;
/** By so much a file grows at a time: to write over what is there is faster, as its place on the disk is known. */
const GROWTH_BYTES = 256 * 1024;
const SMALL_BYTES = 64 * 1024;
const ZEROS = new Uint8Array(GROWTH_BYTES);

export class CommitLog {
  readonly #files: [current: LogFile, other: LogFile];
  readonly #isSynced: boolean;

  /** Begins it, in files that are empty or not there; who does that has the data dir's lock. */
  constructor(directory: string, unsafeNoFsync: boolean) {
    const [first, second] = logFiles(directory);
    this.#files = [new LogFile(first), new LogFile(second)];
    this.#isSynced = !unsafeNoFsync;
    if (this.#isSynced) syncDirectory(directory);
  }

  /** Whether it is the other file's turn. */
  get isLong(): boolean {
    return this.#files[0].sizeBytes >= LONG_BYTES;
  }

  /** Goes on at the start of the other file: what is in that is in the database. */
  turn(): void {
    this.#files.reverse();
    this.#files[0].restart();
  }

  /** Settles when it is durable. One at a time; after one that has failed there is no other. */
  async append(commit: number, parts: readonly Uint8Array[]): Promise<void> {
    const [file] = this.#files;
    await file.append([headOf(commit, parts), ...parts]);
    if (this.#isSynced) await file.sync();
  }

  /** @param isMerged whether all that was written is in the database */
  close(isMerged: boolean): void {
    for (const file of this.#files) file.close(isMerged);
  }
}

class LogFile {
  readonly #fd: number;
  #end = 0;
  #allocated = 0;

  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  get sizeBytes(): number {
    return this.#end;
  }

  restart(): void {
    this.#end = 0;
  }

  async append(pieces: readonly Uint8Array[]): Promise<void> {
    const end = pieces.reduce((at, piece) => at + piece.length, this.#end);
    const isGrowing = end > this.#allocated;
    const written = await writeUpTo(end, this.#fd, isGrowing ? [...pieces, ZEROS] : pieces, this.#end);
    this.#allocated = Math.max(this.#allocated, written);
    this.#end = end;
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#fd, (error) => (error ? reject(error) : resolve()));
    });
  }

  close(isEmptied: boolean): void {
    if (isEmptied) ftruncateSync(this.#fd);
    closeSync(this.#fd);
  }
}

/** Writes pieces at a position, at least up to `end`; of those behind it perhaps not all. Returns where they end. */
async function writeUpTo(end: number, fd: number, pieces: readonly Uint8Array[], position: number): Promise<number> {
  let at = position;
  for (let rest = pieces; at < end; ) {
    const written = await writeSome(fd, rest, at);
    if (written === 0) throw new Error("the log takes nothing more");
    rest = behind(rest, written);
    at += written;
  }
  return at;
}

/** Few bytes are with the system at once: to have another thread hand them over would take longer. */
function writeSome(fd: number, pieces: readonly Uint8Array[], position: number): number | Promise<number> {
  if (pieces.reduce((sum, { length }) => sum + length, 0) <= SMALL_BYTES) return writevSync(fd, pieces, position);
  return new Promise((resolve, reject) => {
    writev(fd, pieces, position, (error, written) => (error ? reject(error) : resolve(written)));
  });
}

/** The pieces without so many bytes of their start. */
function behind(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skipped = 0;
  for (const piece of pieces) {
    const cut = Math.min(piece.length, sizeBytes - skipped);
    skipped += cut;
    if (cut < piece.length) rest.push(piece.subarray(cut));
  }
  return rest;
}

/** So that new files are there after the end of the machine; where it has no such thing, they are anyway. */
function syncDirectory(directory: string): void {
  if (process.platform === "win32") return;
  const fd = openSync(directory, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Empties the files, for good, and before anything else is written: what is in them is in the database. */
export function emptyLog(directory: string): void {
  for (const file of logFiles(directory)) {
    if (!existsSync(file) || statSync(file).size === 0) continue;
    const fd = openSync(file, constants.O_RDWR);
    try {
      ftruncateSync(fd);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}
