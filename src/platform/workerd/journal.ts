/**
 * The journal in a Durable Object's own SQLite, in which what was written in one step, and without waiting in
 * between, is one transaction.
 *
 * The runtime holds back what leaves the object until writes before it are durable, but not in a way that could be
 * asked about: what comes of a write that is lost may have been made use of inside by then. So a write is waited
 * for (`sync`), as with every other journal, and the driver holds replies back, streams' messages included.
 */
import {
  BUCKETS,
  type Bucket,
  bucketSql,
  type Change,
  CREATE_STATE_SQL,
  createBucketSql,
  type Journal,
  JournalError,
  type Row,
} from "../../journal/index.ts";
import type { ObjectStorage, SqlValue } from "./types.ts";

/** What goes along with the rows: in the same transaction, and at no other time. */
export interface Companion {
  /** Makes its tables. */
  create(): void;
  written(change: Change): void;
  /** What is to be taken for the row. */
  read(bucket: Bucket, row: Row): Row;
}

const LAYOUT = 1;
/** Rows read at once; fewer where they are large, as memory is scarce. */
const BATCH_ROWS = 1000;
const BATCH_BYTES = 1 << 20;

const SQL = new Map(BUCKETS.map((bucket) => [bucket, bucketSql(bucket, false)]));

export class ObjectJournal implements Journal {
  readonly kind = "durableobject";
  readonly #storage: ObjectStorage;
  readonly #companion: Companion | undefined;
  #failure: Error | undefined;
  #isClosed = false;
  #lastWrite: Promise<void> = Promise.resolve();

  /** @throws JournalError for a store of a later etcdlite */
  constructor(storage: ObjectStorage, companion?: Companion) {
    this.#storage = storage;
    this.#companion = companion;
    const layout = layoutOf(storage);
    if (layout > LAYOUT) {
      throw new JournalError(
        `the store was written by a later etcdlite, in layout ${layout}; this one knows layout ${LAYOUT}`,
      );
    }
    if (layout === 0) storage.transactionSync(() => this.#create());
  }

  async *rows(bucket: Bucket): AsyncGenerator<readonly Row[]> {
    let after: Uint8Array | undefined;
    for (;;) {
      this.#check();
      const rows = this.#page(bucket, after);
      if (rows.length === 0) return;
      after = rows.at(-1)?.key;
      yield rows;
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    this.#check();
    try {
      this.#storage.transactionSync(() => this.#apply(changes));
      const durable = this.#storage.sync();
      this.#lastWrite = durable.catch(() => {});
      await durable;
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    }
    // A write before this one may have failed as this one was under way.
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#lastWrite;
  }

  #create(): void {
    const tables = BUCKETS.map((bucket) => createBucketSql(bucket, false));
    this.#storage.sql.exec([...tables, CREATE_STATE_SQL].join(";\n"));
    this.#storage.sql.exec("INSERT INTO state VALUES ('layout', ?)", LAYOUT);
    this.#companion?.create();
  }

  #apply(changes: readonly Change[]): void {
    const { sql } = this.#storage;
    for (const change of changes) {
      const { put, remove } = sqlOf(change.bucket);
      if (change.value === undefined) sql.exec(remove, change.key);
      else sql.exec(put, change.key, change.value);
      this.#companion?.written(change);
    }
  }

  #page(bucket: Bucket, after: Uint8Array | undefined): Row[] {
    const { sql } = this.#storage;
    const { page, firstPage } = sqlOf(bucket);
    const cursor = after === undefined ? sql.exec(firstPage, BATCH_ROWS) : sql.exec(page, after, BATCH_ROWS);
    const rows: Row[] = [];
    let sizeBytes = 0;
    for (const [key, value] of cursor.raw()) {
      const row = { key: bytesOf(key), value: bytesOf(value) };
      rows.push(this.#companion?.read(bucket, row) ?? row);
      sizeBytes += row.value.length;
      if (sizeBytes >= BATCH_BYTES) break;
    }
    return rows;
  }

  #check(): void {
    if (this.#isClosed) throw new Error("the journal is closed");
    if (this.#failure !== undefined) throw this.#failure;
  }
}

function sqlOf(bucket: Bucket): ReturnType<typeof bucketSql> {
  return SQL.get(bucket) as ReturnType<typeof bucketSql>;
}

function bytesOf(value: SqlValue | undefined): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new JournalError("the store holds a row that is not of bytes");
}

/** 0 where there is nothing yet. */
function layoutOf({ sql }: ObjectStorage): number {
  if ([...sql.exec("SELECT name FROM sqlite_schema WHERE name = 'state'").raw()].length === 0) return 0;
  const [[layout] = []] = [...sql.exec("SELECT number FROM state WHERE name = 'layout'").raw()];
  return Number(layout);
}
