/**
 * The rows of a table of which parts may be damaged. SQLite reads a table in the order of its keys, from any of
 * them, up or down, until it comes upon a page that makes no sense:
 *
 *     read up ─────►│ damaged │ … │ damaged │◄───── read down
 *                                ▲
 *                                └ then from keys in between, as long as that may find more
 */
import type { DatabaseSync } from "node:sqlite";

export interface StoredRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly crc: number;
}

/** Keys between which nothing could be read; undefined for the table's start, or end. */
export interface Gap {
  readonly after: Uint8Array | undefined;
  readonly before: Uint8Array | undefined;
}

/** How often it is tried to read from a key between others. */
const MAX_PROBES = 300;
/** Longer than most keys in question; what only differs behind that is not told apart. */
const COMPARED_BYTES = 24;
const TOP = 1n << BigInt(8 * COMPARED_BYTES);

/**
 * Visits the rows that can be read, in the order of their keys.
 * @returns where rows may be missing
 */
export function readRows(db: DatabaseSync, table: string, visit: (row: StoredRow) => void): Gap[] {
  const reader = new Reader(db, table);
  const rest = reader.up({ after: undefined, before: undefined }, visit);
  if (rest === undefined) return [];
  const later: StoredRow[] = [];
  const keep = (row: StoredRow): void => void later.push(row);
  const gaps = [reader.down(rest, keep)].filter((gap) => gap !== undefined);
  const given: Gap[] = [];
  for (let probes = 0; probes < MAX_PROBES; probes++) {
    const gap = gaps.shift();
    if (gap === undefined) break;
    const middle = middleOf(gap);
    if (middle === undefined) {
      given.push(gap);
      continue;
    }
    const below = reader.down({ after: gap.after, before: middle }, keep);
    const above = reader.up({ after: middle, before: gap.before }, keep);
    for (const left of [below, above]) if (left !== undefined) gaps.push(left);
  }
  later.sort((a, b) => Buffer.compare(a.key, b.key));
  for (const row of later) visit(row);
  return joined([...given, ...gaps]);
}

/** Reads what is in a gap until it comes upon damage; returns what is left of the gap, if anything. */
class Reader {
  readonly #db: DatabaseSync;
  readonly #table: string;

  constructor(db: DatabaseSync, table: string) {
    this.#db = db;
    this.#table = table;
  }

  up({ after, before }: Gap, visit: (row: StoredRow) => void): Gap | undefined {
    let last = after;
    const isWhole = this.#read({ after, before }, "ASC", (row) => {
      last = row.key;
      visit(row);
    });
    return isWhole ? undefined : { after: last, before };
  }

  down({ after, before }: Gap, visit: (row: StoredRow) => void): Gap | undefined {
    let first = before;
    const isWhole = this.#read({ after, before }, "DESC", (row) => {
      first = row.key;
      visit(row);
    });
    return isWhole ? undefined : { after, before: first };
  }

  #read({ after, before }: Gap, order: "ASC" | "DESC", visit: (row: StoredRow) => void): boolean {
    const bounds = [after && "key > ?", before && "key < ?"].filter((bound) => bound !== undefined);
    const where = bounds.length === 0 ? "" : `WHERE ${bounds.join(" AND ")}`;
    const given = [after, before].filter((key) => key !== undefined);
    try {
      const query = this.#db.prepare(`SELECT key, value, crc FROM "${this.#table}" ${where} ORDER BY key ${order}`);
      // A damaged number may be larger than any that was written.
      query.setReadBigInts(true);
      for (const { key, value, crc } of query.iterate(...given)) {
        if (!(key instanceof Uint8Array) || !(value instanceof Uint8Array)) return false;
        visit({ key, value, crc: Number(crc) });
      }
      return true;
    } catch (error) {
      if (!(error instanceof Error && "errcode" in error)) throw error;
      return false;
    }
  }
}

/** A key about in the middle, undefined where there is none. */
function middleOf({ after, before }: Gap): Uint8Array | undefined {
  const low = after === undefined ? 0n : numberOf(after);
  const high = before === undefined ? TOP : numberOf(before);
  const middle = (low + high) >> 1n;
  if (middle <= low || middle >= high) return undefined;
  return Buffer.from(middle.toString(16).padStart(2 * COMPARED_BYTES, "0"), "hex");
}

function numberOf(key: Uint8Array): bigint {
  const bytes = Buffer.alloc(COMPARED_BYTES);
  bytes.set(key.subarray(0, COMPARED_BYTES));
  return BigInt(`0x${bytes.toString("hex")}`);
}

/** Gaps that touch are one. */
function joined(gaps: readonly Gap[]): Gap[] {
  const none = Buffer.alloc(0);
  const sorted = [...gaps].sort((a, b) => Buffer.compare(a.after ?? none, b.after ?? none));
  const joined: Gap[] = [];
  for (const gap of sorted) {
    const last = joined.at(-1);
    const touches = last?.before !== undefined && gap.after !== undefined && !Buffer.compare(last.before, gap.after);
    if (last !== undefined && touches) joined[joined.length - 1] = { after: last.after, before: gap.before };
    else joined.push(gap);
  }
  return joined;
}
