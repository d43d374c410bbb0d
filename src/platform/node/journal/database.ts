/**
 * The SQLite database of a data dir, and what there is to do with it. What is written is durable in the log before it
 * comes here (log.ts), so many writes are one transaction. Everything here waits for the disk: it is for a thread of its
 * own.
 */
import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BUCKETS, type Bucket, type Change, changesIn, JournalError, type Row } from "../../../journal/index.ts";
import { makeFolder } from "../folder.ts";
import { advice, explained } from "./errors.ts";
import { databaseFile, markFile } from "./files.ts";
import { bringUpToDate } from "./layout.ts";
import { emptyLog } from "./log.ts";
import { readLog, recordsBehind } from "./log-format.ts";
import { commitsOf, refuseFewer, refuseLoss } from "./loss.ts";
import { Mark } from "./mark.ts";
import { openSqlite, type Sqlite, type Statement } from "./open-sqlite.ts";
import { checksum, type RawRow, Tables } from "./tables.ts";

export interface DatabaseOptions {
  readonly directory: string;
  /** Leaves it to the system when to write, so that a crash of the machine may lose or damage everything. */
  readonly unsafeNoFsync: boolean;
}

/**
 * Of a new file: rows are appended, and a large one takes few of them. How often a page is written does not hang on its
 * size, as a transaction takes in many writes.
 */
const PAGE_BYTES = 16 * 1024;
/** What a transaction writes, and more. */
const CACHE_KIBIBYTES = 24 * 1024;

export class Database {
  readonly #db: Sqlite;
  readonly #tables: Tables;
  readonly #begin: Statement;
  readonly #count: Statement;
  readonly #commit: Statement;
  readonly #directory: string;
  /** Undefined where a crash of the machine may lose anything, and nobody is to be told. */
  #mark: Mark | undefined;
  /** Writes that it has taken over, those in the open transaction included. */
  #commits: number;
  readonly #unread = new Set<Bucket>(BUCKETS);
  #isVerified = false;
  /** What came of a change cannot be known then, so nothing is changed any more. */
  #failure: unknown;

  private constructor(directory: string, db: Sqlite) {
    this.#directory = directory;
    this.#db = db;
    this.#tables = new Tables(db);
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#count = db.prepare("INSERT OR REPLACE INTO state VALUES ('commits', ?)");
    this.#commit = db.prepare("COMMIT");
    this.#commits = commitsOf(db);
  }

  /**
   * Opens what a data dir holds, or begins it, and takes over what is in its log, which is empty then.
   * @throws JournalError where another has it, or it cannot be what it should be
   */
  static open({ directory, unsafeNoFsync }: DatabaseOptions): Database {
    try {
      makeFolder(directory);
      refuseEtcd(directory);
      refuseLoss(directory);
      return Database.#openFile(directory, unsafeNoFsync);
    } catch (error) {
      throw explained(error, directory);
    }
  }

  static #openFile(directory: string, unsafeNoFsync: boolean): Database {
    // SQLite would let everybody read it; its other files get the permissions of this one.
    closeSync(openSync(databaseFile(directory), "a", 0o600));
    const db = openSqlite(databaseFile(directory));
    try {
      // Nobody else may even read: the lock is held until the end, and a crash lets it go.
      db.exec("PRAGMA locking_mode = EXCLUSIVE");
      db.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
      // There is a log already, our own.
      db.exec("PRAGMA journal_mode = TRUNCATE");
      db.exec(`PRAGMA synchronous = ${unsafeNoFsync ? "OFF" : "FULL"}`);
      db.exec(`PRAGMA cache_size = -${CACHE_KIBIBYTES}`);
      db.exec("BEGIN EXCLUSIVE; COMMIT");
      bringUpToDate(db, directory);
      const database = new Database(directory, db);
      database.#takeLog();
      if (unsafeNoFsync) rmSync(markFile(directory), { force: true });
      else database.#beginMark();
      return database;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Up to `limit` rows behind the key, in the order of their keys. @throws JournalError for a damaged one */
  rows(bucket: Bucket, after: Uint8Array | undefined, limit: number): Row[] {
    try {
      const rows = this.#tables.rows(bucket, after, limit);
      if (rows.length === 0) this.#unread.delete(bucket);
      return rows.map((row) => this.#checked(bucket, row));
    } catch (error) {
      // A number that is larger than any checksum.
      if (error instanceof RangeError) throw this.#damaged(`the bucket ${bucket}`);
      throw explained(error, this.#directory);
    }
  }

  /**
   * Once all rows have been read: looks whether there should be more, as a tree that is damaged may have lost some.
   * Where that is so, nothing can be changed.
   */
  verify(): void {
    if (this.#isVerified || this.#unread.size > 0) return;
    this.#isVerified = true;
    const [found] = this.#db.prepare("PRAGMA quick_check(1)").all().flatMap(Object.values);
    if (found === "ok") return;
    const file = databaseFile(this.#directory);
    this.#failure = new JournalError(`${file} is damaged (${found}): ${advice(this.#directory)}`);
  }

  /** Writes that it has taken over. */
  get commits(): number {
    return this.#commits;
  }

  /** Makes the changes of a write, or several, in a transaction that `merge` ends. After one that has failed all fail. */
  apply(changes: Iterable<Change>, commits: number): void {
    this.#attempt(() => {
      if (!this.#db.isTransaction) this.#begin.run();
      this.#tables.apply(changes);
      this.#commits = commits;
      this.#mark?.write(commits);
    });
  }

  /** All that was applied is durable on return. */
  merge(): void {
    this.#attempt(() => {
      if (!this.#db.isTransaction) return;
      this.#count.run(this.#commits);
      this.#commit.run();
    });
  }

  /** What was not merged is not kept. */
  close(): void {
    this.#db.close();
    this.#mark?.close();
  }

  #takeLog(): void {
    for (const { commit, changes } of recordsBehind(this.#commits, readLog(this.#directory))) {
      this.apply(changesIn([changes]), commit);
    }
    refuseFewer(this.#directory, this.#commits);
    this.merge();
    emptyLog(this.#directory);
  }

  #beginMark(): void {
    this.#mark = new Mark(this.#directory);
    this.#mark.write(this.#commits);
  }

  #attempt(change: () => void): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      change();
    } catch (error) {
      this.#failure = explained(error, this.#directory);
      throw this.#failure;
    }
  }

  #checked(bucket: Bucket, [key, value, crc]: RawRow): Row {
    if (!(key instanceof Uint8Array)) throw this.#damaged(`a row of the bucket ${bucket}`);
    if (value instanceof Uint8Array && crc === checksum(key, value)) return { key, value };
    throw this.#damaged(`the row ${Buffer.from(key).toString("hex")} of the bucket ${bucket}`);
  }

  #damaged(part: string): JournalError {
    return new JournalError(`${part} in ${this.#directory} is damaged: ${advice(this.#directory)}`);
  }
}

function refuseEtcd(directory: string): void {
  if (existsSync(databaseFile(directory)) || !existsSync(join(directory, "member"))) return;
  throw new JournalError(
    `${directory} holds the data of an etcd, which etcdlite does not write to: ` +
      `give it a data dir of its own, and --from-snapshot ${join(directory, "member", "snap", "db")}`,
  );
}
