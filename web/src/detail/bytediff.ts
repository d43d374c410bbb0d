/** The differences of two values that are no text, as rows of hex: what they begin and end with alike is left out. */
import { hexRow, ROW_BYTES } from "../values/hex.ts";

export interface ByteRow {
  readonly mark: "removed" | "added";
  readonly offset: string;
  readonly hex: string;
  readonly ascii: string;
}

export interface ByteDiff {
  readonly rows: readonly ByteRow[];
  /** Bytes at the beginning that are alike, in whole rows. */
  readonly alikeBefore: number;
  /** Bytes at the end that are alike. */
  readonly alikeAfter: number;
  /** Rows that are not among `rows`. */
  readonly leftOut: number;
}

const MAX_ROWS = 1_000;

export function byteDiff(before: Uint8Array, after: Uint8Array): ByteDiff {
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < least - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const alikeBefore = Math.floor(start / ROW_BYTES) * ROW_BYTES;
  const rows = [
    ...rowsOf("removed", before, alikeBefore, before.length - tail),
    ...rowsOf("added", after, alikeBefore, after.length - tail),
  ];
  // Of values of the same size the rows of an offset belong together, and most of them are alike.
  const shown = before.length === after.length ? paired(rows) : rows;
  return {
    rows: shown.slice(0, MAX_ROWS),
    alikeBefore,
    alikeAfter: tail,
    leftOut: Math.max(0, shown.length - MAX_ROWS),
  };
}

function rowsOf(mark: ByteRow["mark"], bytes: Uint8Array, from: number, to: number): ByteRow[] {
  const rows: ByteRow[] = [];
  for (let at = from; at < to; at += ROW_BYTES) rows.push({ mark, ...hexRow(bytes, at / ROW_BYTES) });
  return rows;
}

function paired(rows: readonly ByteRow[]): ByteRow[] {
  const half = rows.length / 2;
  return rows.slice(0, half).flatMap((removed, at) => {
    const added = rows[half + at];
    return added === undefined || added.hex === removed.hex ? [] : [removed, added];
  });
}
