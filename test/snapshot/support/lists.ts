/** Rows for snapshots, and what is read back of them. */
import type { Bucket, Row, RowList } from "../../../src/journal/index.ts";
import { readBytes, readSnapshot, writeSnapshot } from "../../../src/snapshot/index.ts";

const PART_BYTES = 32 * 1024;

/** Rows made from their place, sorted as they come. */
export function listOf(bucket: string, length: number, row: (at: number) => Row): RowList {
  return {
    bucket: bucket as Bucket,
    length,
    keySize: (at) => row(at).key.length,
    valueSize: (at) => row(at).value.length,
    row,
  };
}

/** Rows in any order; of two with the same key the later one counts. */
export function sortedList(bucket: string, rows: readonly Row[]): RowList {
  const byKey = new Map(rows.map((row) => [Buffer.from(row.key).toString("latin1"), row]));
  const sorted = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return listOf(bucket, sorted.length, (at) => sorted[at] as Row);
}

export function fileOf(lists: readonly RowList[], partBytes = PART_BYTES): Buffer<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const part of writeSnapshot(lists, partBytes)) if (part !== undefined) parts.push(part.bytes);
  return Buffer.concat(parts);
}

/** What a file holds, a line a row, by bucket. @throws SnapshotError */
export function rowsIn(file: Uint8Array): Record<string, string[]> {
  const buckets: Record<string, string[]> = {};
  const visitorOf = (bucket: string) => {
    const lines: string[] = [];
    buckets[bucket] = lines;
    return (key: Uint8Array, value: Uint8Array) => void lines.push(lineOf({ key, value }));
  };
  readBytes(readSnapshot(file.length, visitorOf), file);
  return buckets;
}

export function linesOf(lists: readonly RowList[]): Record<string, string[]> {
  return Object.fromEntries(
    lists.map((list) => [list.bucket, Array.from({ length: list.length }, (_, at) => lineOf(list.row(at)))]),
  );
}

function lineOf({ key, value }: Row): string {
  return `${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString("hex")}`;
}
