/**
 * The SQLite database of a data dir, and what there is to do with it. Everything here waits for the disk: it is
 * for a thread of its own.
 */
import { closeSync, existsSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { BUCKETS, type Bucket, bucketSql, type Change, JournalError, type Row } from "../../../journal/index.ts";
import { advice, explained } from "./errors.ts";
import { databaseFile, markFile } from "./files.ts";
import { bringUpToDate } from "./layout.ts";
import { commitsOf, refuseLoss } from "./loss.ts";
import { Mark } from "./mark.ts";
import { openSqlite, type Sqlite, type Statement } from "./open-sqlite.ts";

export interface DatabaseOptions {
  readonly directory: string;
  /** Leaves it to the system when to write, so that a crash of the machine may lose or damage everything. */
  readonly unsafeNoFsync: boolean;
}

/** The log is merged into the database when it has about so much: so little that nobody waits for that for long. */
const LONG_LOG_BYTES = 4 * 1024 * 1024;
/** What a transaction adds to the log beside its changes: a page of each of three tables. */
const COMMIT_BYTES = 3 * 4096;

interface Statements {
  readonly put: Statement;
  readonly remove: Statement;
  readonly page: Statement;
  readonly firstPage: Statement;
}

/** As the file has it: in one that is damaged it may be anything. */
type RawRow = readonly [key: unknown, value: unknown, crc: unknown];

export class Database {
  readonly #db: Sqlite;
  readonly #statements: ReadonlyMap<Bucket, Statements>;
  readonly #begin: Statement;
  readonly #count: Statement;
  readonly #commit: Statement;
  readonly #directory: string;
  /** Undefined where a crash of the machine may lose anything, and nobody is to be told. */
  readonly #mark: Mark | undefined;
  #commits: number;
  /** About what the log has grown by since it was merged. */
  #logBytes = 0;
  readonly #unread = new Set<Bucket>(BUCKETS);
  #isVerified = false;
  /** Of a write: what came of it cannot be known, so nothing is written any more. */
  #failure: unknown;

  private constructor(directory: string, db: Sqlite, mark: Mark | undefined) {
    this.#directory = directory;
    this.#db = db;
    this.#mark = mark;
    this.#statements = new Map(BUCKETS.map((bucket) => [bucket, statementsOf(db, bucket)]));
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#count = db.prepare("INSERT OR REPLACE INTO state VALUES ('commits', ?)");
    this.#commit = db.prepare("COMMIT");
    this.#commits = commitsOf(db);
  }

  /**
   * Opens what a data dir holds, or begins it.
   * @throws JournalError where another has it, or it cannot be what it should be
   */
  static open({ directory, unsafeNoFsync }: DatabaseOptions): Database {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
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
      db.exec("PRAGMA journal_mode = WAL");
      db.exec(`PRAGMA synchronous = ${unsafeNoFsync ? "OFF" : "FULL"}`);
      // SQLite would do it within a transaction, which somebody waits for.
      db.exec("PRAGMA wal_autocheckpoint = 0");
      db.exec("BEGIN EXCLUSIVE; COMMIT");
      bringUpToDate(db, directory);
      if (unsafeNoFsync) rmSync(markFile(directory), { force: true });
      return new Database(directory, db, unsafeNoFsync ? undefined : new Mark(directory));
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Up to `limit` rows behind the key, in the order of their keys. @throws JournalError for a damaged one */
  rows(bucket: Bucket, after: Uint8Array | undefined, limit: number): Row[] {
    const { page, firstPage } = this.#of(bucket);
    try {
      const rows = (after === undefined ? firstPage.all(limit) : page.all(after, limit)) as unknown as RawRow[];
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
   * Where that is so, nothing can be written.
   */
  verify(): void {
    if (this.#isVerified || this.#unread.size > 0) return;
    this.#isVerified = true;
    const [found] = this.#db.prepare("PRAGMA quick_check(1)").all().flatMap(Object.values);
    if (found === "ok") return;
    const file = databaseFile(this.#directory);
    this.#failure = new JournalError(`${file} is damaged (${found}): ${advice(this.#directory)}`);
  }

  /** One transaction; it is durable on return. After one that has failed all fail. */
  write(changes: Iterable<Change>): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#begin.run();
      this.#logBytes += COMMIT_BYTES;
      for (const { bucket, key, value } of changes) {
        const { put, remove } = this.#of(bucket);
        this.#logBytes += key.length + (value?.length ?? 0);
        if (value === undefined) remove.run(key);
        else put.run(key, value, checksum(key, value));
      }
      this.#commits++;
      this.#count.run(this.#commits);
      this.#commit.run();
      this.#mark?.write(this.#commits);
    } catch (error) {
      this.#failure = explained(error, this.#directory);
      throw this.#failure;
    }
  }

  /** Merges a log that has grown long into the database; for when what was written has been acknowledged. */
  tidy(): void {
    if (this.#logBytes < LONG_LOG_BYTES || this.#failure !== undefined) return;
    try {
      this.#db.exec("PRAGMA wal_checkpoint");
      this.#logBytes = 0;
    } catch (error) {
      this.#failure = explained(error, this.#directory);
    }
  }

  close(): void {
    this.#db.close();
    this.#mark?.close();
  }

  #of(bucket: Bucket): Statements {
    return this.#statements.get(bucket) as Statements;
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

/** Of a row, kept beside it. */
export function checksum(key: Uint8Array, value: Uint8Array): number {
  return crc32(value, crc32(key));
}

function refuseEtcd(directory: string): void {
  if (existsSync(databaseFile(directory)) || !existsSync(join(directory, "member"))) return;
  throw new JournalError(
    `${directory} holds the data of an etcd, which etcdlite does not write to: ` +
      `give it a data dir of its own, and --from-snapshot ${join(directory, "member", "snap", "db")}`,
  );
}

function statementsOf(db: Sqlite, bucket: Bucket): Statements {
  const sql = bucketSql(bucket, true);
  const page = db.prepare(sql.page);
  const firstPage = db.prepare(sql.firstPage);
  page.setReturnArrays(true);
  firstPage.setReturnArrays(true);
  return { put: db.prepare(sql.put), remove: db.prepare(sql.remove), page, firstPage };
}
