/**
 * The SQL of every journal in SQLite, whatever runs it: a table a bucket, rows in the order of their keys' bytes.
 * Where nothing else would notice that a bit has changed, each row has a checksum of key and value beside it.
 */
import type { Bucket } from "./rows.ts";

export interface BucketSql {
  /** Values: key, value, and the checksum where there is one. */
  readonly put: string;
  /** Value: key. */
  readonly remove: string;
  /** Columns as in `put`. Values: the key behind which it begins, and the most rows. */
  readonly page: string;
  /** The same from the first row on. Value: the most rows. */
  readonly firstPage: string;
}

/** What makes a bucket's table in an empty database. */
export function createBucketSql(bucket: Bucket, hasChecksums: boolean): string {
  const checksum = hasChecksums ? ", crc INTEGER NOT NULL" : "";
  return `CREATE TABLE "${bucket}" (key BLOB PRIMARY KEY, value BLOB NOT NULL${checksum}) STRICT, WITHOUT ROWID`;
}

/** Numbers about the database itself, by name. */
export const CREATE_STATE_SQL =
  "CREATE TABLE state (name TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID";

export function bucketSql(bucket: Bucket, hasChecksums: boolean): BucketSql {
  const [columns, values, update] = hasChecksums
    ? ["key, value, crc", "?, ?, ?", "value = excluded.value, crc = excluded.crc"]
    : ["key, value", "?, ?", "value = excluded.value"];
  const rows = `SELECT ${columns} FROM "${bucket}"`;
  return {
    put: `INSERT INTO "${bucket}" (${columns}) VALUES (${values}) ON CONFLICT (key) DO UPDATE SET ${update}`,
    remove: `DELETE FROM "${bucket}" WHERE key = ?`,
    page: `${rows} WHERE key > ? ORDER BY key LIMIT ?`,
    firstPage: `${rows} ORDER BY key LIMIT ?`,
  };
}
