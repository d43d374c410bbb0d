/** The tables of the buckets, to be read and written; that a row is as it was written, its checksum says. */
import { crc32 } from "node:zlib";
import { BUCKETS, type Bucket, bucketSql, type Change } from "../../../journal/index.ts";
import type { Sqlite, Statement } from "./open-sqlite.ts";

interface Statements {
  readonly put: Statement;
  readonly remove: Statement;
  readonly page: Statement;
  readonly firstPage: Statement;
}

/** As the file has it: in one that is damaged it may be anything. */
export type RawRow = readonly [key: unknown, value: unknown, crc: unknown];

export class Tables {
  readonly #statements: ReadonlyMap<Bucket, Statements>;

  constructor(db: Sqlite) {
    this.#statements = new Map(BUCKETS.map((bucket) => [bucket, statementsOf(db, bucket)]));
  }

  /** Up to `limit` rows behind the key, in the order of their keys. */
  rows(bucket: Bucket, after: Uint8Array | undefined, limit: number): RawRow[] {
    const { page, firstPage } = this.#of(bucket);
    return (after === undefined ? firstPage.all(limit) : page.all(after, limit)) as unknown as RawRow[];
  }

  apply(changes: Iterable<Change>): void {
    for (const { bucket, key, value } of changes) {
      const { put, remove } = this.#of(bucket);
      if (value === undefined) remove.run(key);
      else put.run(key, value, checksum(key, value));
    }
  }

  #of(bucket: Bucket): Statements {
    return this.#statements.get(bucket) as Statements;
  }
}

/** Of a row, kept beside it. */
export function checksum(key: Uint8Array, value: Uint8Array): number {
  return crc32(value, crc32(key));
}

function statementsOf(db: Sqlite, bucket: Bucket): Statements {
  const sql = bucketSql(bucket, true);
  const page = db.prepare(sql.page);
  const firstPage = db.prepare(sql.firstPage);
  page.setReturnArrays(true);
  firstPage.setReturnArrays(true);
  return { put: db.prepare(sql.put), remove: db.prepare(sql.remove), page, firstPage };
}
