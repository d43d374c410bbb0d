/**
 * The SQLite database of a data dir: a table for each bucket, a row for each row, and beside it a checksum,
 * as SQLite itself does not see a bit that has changed. Everything here waits for the disk: it is for a thread
 * of its own.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { BUCKETS, type Bucket, type Change, JournalError, type Row } from "../../../journal/index.ts";

export interface DatabaseOptions {
  readonly directory: string;
  /** Leaves it to the system when to write, so that a crash of the machine may lose or damage everything. */
  readonly unsafeNoFsync: boolean;
}

const FILE = "etcdlite.db";
/** "etcl": says that the file is ours. */
const APPLICATION_ID = 0x6574636c;
/** The layout of tables. A later one is refused; there is no earlier one. */
const LAYOUT = 1;
/** The log is merged into the database when it has so many pages. */
const CHECKPOINT_PAGES = 4000;

/** SQLite's result codes. */
const Code = { BUSY: 5, LOCKED: 6, CORRUPT: 11, FULL: 13, NOT_A_DATABASE: 26 } as const;

interface Statements {
  readonly put: StatementSync;
  readonly remove: StatementSync;
  readonly page: StatementSync;
  readonly firstPage: StatementSync;
}

type RawRow = readonly [key: Uint8Array, value: Uint8Array, crc: number];

export class Database {
  readonly #db: DatabaseSync;
  readonly #statements: ReadonlyMap<Bucket, Statements>;
  readonly #directory: string;
  /** Of a write: what came of it cannot be known, so nothing is written any more. */
  #failure: unknown;

  private constructor(directory: string, db: DatabaseSync) {
    this.#directory = directory;
    this.#db = db;
    this.#statements = new Map(BUCKETS.map((bucket) => [bucket, statementsOf(db, bucket)]));
  }

  /**
   * Opens what a data dir holds, or begins it.
   * @throws JournalError where another has it, or it cannot be what it should be
   */
  static open({ directory, unsafeNoFsync }: DatabaseOptions): Database {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const file = join(directory, FILE);
    if (!existsSync(file) && existsSync(join(directory, "member"))) {
      throw new JournalError(
        `${directory} holds the data of an etcd, which etcdlite does not write to: ` +
          `give it a data dir of its own, and --from-snapshot ${join(directory, "member", "snap", "db")}`,
      );
    }
    const db = new DatabaseSync(file);
    try {
      prepare(db, directory, unsafeNoFsync);
      return new Database(directory, db);
    } catch (error) {
      db.close();
      throw explained(error, directory);
    }
  }

  /** Up to `limit` rows behind the key, in the order of their keys. @throws JournalError for a damaged one */
  rows(bucket: Bucket, after: Uint8Array | undefined, limit: number): Row[] {
    const { page, firstPage } = this.#of(bucket);
    const rows = (after === undefined ? firstPage.all(limit) : page.all(after, limit)) as unknown as RawRow[];
    return rows.map(([key, value, crc]) => {
      if (crc !== checksum(key, value)) {
        const name = Buffer.from(key).toString("hex");
        throw new JournalError(`the row ${name} of the bucket ${bucket} in ${this.#directory} is damaged: ${ADVICE}`);
      }
      return { key, value };
    });
  }

  /** One transaction; it is durable on return. After one that has failed all fail. */
  write(changes: Iterable<Change>): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      for (const { bucket, key, value } of changes) {
        const { put, remove } = this.#of(bucket);
        if (value === undefined) remove.run(key);
        else put.run(key, value, checksum(key, value));
      }
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#failure = explained(error, this.#directory);
      throw this.#failure;
    }
  }

  close(): void {
    this.#db.close();
  }

  #of(bucket: Bucket): Statements {
    return this.#statements.get(bucket) as Statements;
  }
}

const ADVICE = "`etcdlite check DIR` says what else is, and `etcdlite export DIR FILE` saves what is whole";

function prepare(db: DatabaseSync, directory: string, unsafeNoFsync: boolean): void {
  // Nobody else may even read: the lock is held until the end, and a crash lets it go.
  db.exec("PRAGMA locking_mode = EXCLUSIVE");
  db.exec("PRAGMA journal_mode = WAL");
  db.exec(`PRAGMA synchronous = ${unsafeNoFsync ? "OFF" : "FULL"}`);
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.exec("BEGIN EXCLUSIVE");
  const applicationId = numberOf(db, "application_id");
  const layout = numberOf(db, "user_version");
  const isNew = applicationId === 0 && layout === 0 && countOf(db, "SELECT count(*) FROM sqlite_schema") === 0;
  if (!isNew && applicationId !== APPLICATION_ID) {
    throw new JournalError(`${join(directory, FILE)} is no database of etcdlite`);
  }
  if (layout > LAYOUT) {
    throw new JournalError(
      `${directory} was written by a later etcdlite, in layout ${layout}; this one knows layout ${LAYOUT}`,
    );
  }
  if (isNew) {
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    db.exec(`PRAGMA user_version = ${LAYOUT}`);
  }
  for (const bucket of BUCKETS) {
    db.exec(
      `CREATE TABLE IF NOT EXISTS "${bucket}" ` +
        "(key BLOB PRIMARY KEY, value BLOB NOT NULL, crc INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    );
  }
  db.exec("COMMIT");
}

function statementsOf(db: DatabaseSync, bucket: Bucket): Statements {
  const update = "ON CONFLICT (key) DO UPDATE SET value = excluded.value, crc = excluded.crc";
  const columns = `SELECT key, value, crc FROM "${bucket}"`;
  const page = db.prepare(`${columns} WHERE key > ? ORDER BY key LIMIT ?`);
  const firstPage = db.prepare(`${columns} ORDER BY key LIMIT ?`);
  page.setReturnArrays(true);
  firstPage.setReturnArrays(true);
  return {
    put: db.prepare(`INSERT INTO "${bucket}" VALUES (?, ?, ?) ${update}`),
    remove: db.prepare(`DELETE FROM "${bucket}" WHERE key = ?`),
    page,
    firstPage,
  };
}

function checksum(key: Uint8Array, value: Uint8Array): number {
  return crc32(value, crc32(key));
}

function numberOf(db: DatabaseSync, pragma: string): number {
  return Number(db.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}

function countOf(db: DatabaseSync, query: string): number {
  return Number(Object.values(db.prepare(query).get() ?? {})[0]);
}

/** What SQLite's errors mean for who has given the data dir. */
function explained(error: unknown, directory: string): unknown {
  const code = Number((error as { readonly errcode?: unknown }).errcode) & 0xff;
  switch (code) {
    case Code.BUSY:
    case Code.LOCKED:
      return new JournalError(`${directory} is in use by another etcdlite`);
    case Code.CORRUPT:
    case Code.NOT_A_DATABASE:
      return new JournalError(`${join(directory, FILE)} is damaged (${(error as Error).message}): ${ADVICE}`);
    case Code.FULL:
      return new JournalError(`there is no room left for ${directory}`);
    default:
      return error;
  }
}
