/**
 * The journal in a data dir: a log, in which a write is durable, and a database that takes over what is there, SQLite in
 * a thread of its own, so that nobody waits for it:
 *
 *     write ──► log, fsync ──► durable, told
 *                   └─ when there are some ──► thread: rows ── when a file of the log is full ──► durable there too
 */
import { type Bucket, type Change, ChangeBatch, type Journal, type Row } from "../../../journal/index.ts";
import type { DatabaseOptions } from "./database.ts";
import { explained } from "./errors.ts";
import { CommitLog } from "./log.ts";
import { unpackRows } from "./packing.ts";
import { asError, DatabaseThread } from "./thread.ts";

/** So much memory is handed to the thread at once, as that takes time whatever the size; and what there is, after a while. */
const HANDED_BYTES = 256 * 1024;
const HANDED_MS = 10;

export class SqliteJournal implements Journal {
  readonly kind = "sqlite";
  readonly #directory: string;
  readonly #thread: DatabaseThread;
  readonly #log: CommitLog;
  /** Writes that are in the log, or were. */
  #commits: number;
  /** What is in the log and was not handed over yet. */
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #partsBytes = 0;
  #handing: NodeJS.Timeout | undefined;
  /** Settles when all in the file of the log that is not written to is in the database, and that may be written to. */
  #merged: Promise<unknown> | undefined;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #failure: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor(directory: string, thread: DatabaseThread, log: CommitLog, commits: number) {
    this.#directory = directory;
    this.#thread = thread;
    this.#log = log;
    this.#commits = commits;
  }

  /** @throws JournalError where another has the data dir, or what it holds is damaged or of a later etcdlite */
  static async open(options: DatabaseOptions): Promise<SqliteJournal> {
    const { directory, unsafeNoFsync } = options;
    const { thread, commits } = await DatabaseThread.open(options);
    try {
      return new SqliteJournal(directory, thread, new CommitLog(directory, unsafeNoFsync), commits);
    } catch (error) {
      await thread.terminate();
      throw explained(error, directory);
    }
  }

  async *rows(bucket: Bucket): AsyncGenerator<readonly Row[]> {
    this.#check();
    this.#handOver();
    let next = this.#thread.ask({ kind: "rows", bucket, after: undefined });
    for (;;) {
      const packed = await next;
      if (!(packed instanceof Uint8Array)) return;
      const rows = unpackRows(packed);
      // The next are on their way while these are made use of.
      next = this.#thread.ask({ kind: "rows", bucket, after: rows.at(-1)?.key });
      // Whoever stops early does not want to know what became of them.
      next.catch(() => {});
      yield rows;
      this.#check();
    }
  }

  write(changes: readonly Change[]): Promise<void> {
    return this.writeBatch(ChangeBatch.of(changes));
  }

  async writeBatch({ parts }: ChangeBatch): Promise<void> {
    this.#check();
    const write = this.#lastWrite.then(() => this.#write(parts));
    this.#lastWrite = write.catch(() => {});
    await write;
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#lastWrite;
      this.#handOver();
      // What failed has been said; what is in the log stays there then.
      const isMerged = await this.#thread.ask({ kind: "merge" }).then(
        () => true,
        () => false,
      );
      // As long as nobody else can have the data dir.
      this.#log.close(isMerged);
      await this.#thread.ask({ kind: "close" }).catch(() => {});
      await this.#thread.terminate();
    })();
    return this.#closing;
  }

  #check(): void {
    if (this.#closing !== undefined) throw new Error("the journal is closed");
    this.#failure ??= this.#thread.end;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #write(parts: Uint8Array<ArrayBuffer>[]): Promise<void> {
    this.#failure ??= this.#thread.end;
    if (this.#failure !== undefined) throw this.#failure;
    try {
      if (this.#merged === undefined) await this.#merge();
      if (this.#log.isLong) await this.#turn();
      await this.#log.append(this.#commits + 1, parts);
    } catch (error) {
      this.#failure = asError(explained(error, this.#directory));
      throw this.#failure;
    }
    this.#commits++;
    for (const part of parts) this.#partsBytes += part.buffer.byteLength;
    this.#parts.push(...parts);
    if (this.#partsBytes >= HANDED_BYTES) this.#handOver();
    else this.#handing ??= setTimeout(() => this.#handOver(), HANDED_MS).unref();
  }

  async #turn(): Promise<void> {
    await this.#merged;
    this.#log.turn();
    // Waited for with the next turn.
    this.#merge().catch(() => {});
  }

  #merge(): Promise<unknown> {
    this.#handOver();
    this.#merged = this.#thread.ask({ kind: "merge" });
    return this.#merged;
  }

  #handOver(): void {
    clearTimeout(this.#handing);
    this.#handing = undefined;
    if (this.#parts.length === 0) return;
    this.#thread.apply(this.#parts, this.#commits);
    this.#parts = [];
    this.#partsBytes = 0;
  }
}
