/**
 * A log file that is put aside when it is full, as etcd has it from lumberjack: `etcd.log` goes on empty, and what
 * was in it is `etcd-2026-01-31T10-20-30.400.log`, with `.gz` behind it where it is to be compressed.
 */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { LogRotation } from "./log-rotation.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const TIME = /^-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})$/;
const PACKED = ".gz";
/** As those that etcd makes: a log is not for everyone. */
const MODE = 0o600;

interface OldFile {
  readonly path: string;
  readonly timeMs: number;
  readonly isPacked: boolean;
}

export class RotatingFile {
  readonly #path: string;
  readonly #rotation: LogRotation;
  readonly #nowMs: () => number;
  #file: number;
  #sizeBytes: number;
  #packing: Promise<void> = Promise.resolve();

  /** @throws what `openSync` does */
  constructor(path: string, rotation: LogRotation, nowMs: () => number = Date.now) {
    this.#path = path;
    this.#rotation = rotation;
    this.#nowMs = nowMs;
    this.#file = openSync(path, "a", MODE);
    this.#sizeBytes = fstatSync(this.#file).size;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#sizeBytes > 0 && this.#sizeBytes + bytes.length > this.#rotation.maxSizeBytes) this.#rotate();
    this.#sizeBytes += writeSync(this.#file, bytes);
  }

  /** Settles when what was put aside until now is compressed, where that is wanted. */
  packed(): Promise<void> {
    return this.#packing;
  }

  #rotate(): void {
    const extension = extname(this.#path);
    const stem = this.#path.slice(0, this.#path.length - extension.length);
    closeSync(this.#file);
    renameSync(this.#path, `${stem}-${this.#time()}${extension}`);
    this.#file = openSync(this.#path, "a", MODE);
    this.#sizeBytes = 0;
    // A log that cannot be tidied up is still a log.
    this.#packing = this.#packing.then(() => this.#tidy()).catch(() => {});
  }

  #time(): string {
    const nowMs = this.#nowMs();
    const offsetMs = this.#rotation.isLocalTime ? new Date(nowMs).getTimezoneOffset() * 60_000 : 0;
    return new Date(nowMs - offsetMs).toISOString().slice(0, -1).replaceAll(":", "-");
  }

  async #tidy(): Promise<void> {
    const { maxBackups, maxAgeDays, isCompressed } = this.#rotation;
    const files = this.#oldFiles();
    const oldestMs = maxAgeDays > 0 ? this.#nowMs() - maxAgeDays * DAY_MS : Number.NEGATIVE_INFINITY;
    const kept = maxBackups > 0 ? files.slice(0, maxBackups) : files;
    const left = kept.filter(({ timeMs }) => timeMs >= oldestMs);
    for (const file of files) if (!left.includes(file)) rmSync(file.path, { force: true });
    if (!isCompressed) return;
    for (const { path, isPacked } of left) if (!isPacked) await pack(path);
  }

  /** The newest first. */
  #oldFiles(): OldFile[] {
    const directory = dirname(this.#path);
    const extension = extname(this.#path);
    const stem = basename(this.#path, extension);
    const found: OldFile[] = [];
    for (const name of readdirSync(directory)) {
      const isPacked = name.endsWith(extension + PACKED);
      const ending = isPacked ? extension + PACKED : extension;
      if (!name.startsWith(stem) || !name.endsWith(ending)) continue;
      const [, day, hours, minutes, seconds] = TIME.exec(name.slice(stem.length, name.length - ending.length)) ?? [];
      if (day === undefined) continue;
      const text = `${day}T${hours}:${minutes}:${seconds}${this.#rotation.isLocalTime ? "" : "Z"}`;
      found.push({ path: join(directory, name), timeMs: Date.parse(text), isPacked });
    }
    return found.sort((a, b) => b.timeMs - a.timeMs);
  }
}

/** Under its new name only when it is whole. */
async function pack(path: string): Promise<void> {
  const part = `${path}.part`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(part, { mode: MODE }));
  renameSync(part, path + PACKED);
  rmSync(path);
}
