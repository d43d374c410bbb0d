/**
 * The rows of a table of which parts may be damaged. SQLite reads a table in the order of its keys, from any of
 * them, up or down, until it comes upon a page that makes no sense:
 *
 *     read up ─────►│ damaged │ … │ damaged │◄───── read down
 *                                ▲
 *                                └ then from keys in between, as long as that may find more
 *
 * A table whose rows have IDs, with an index of the keys, is read by these where it cannot be read by its keys: so a page
 * of the index costs no row.
 */
import type { DatabaseSync } from "node:sqlite";

export interface StoredRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly crc: number;
}

/** Keys between which nothing could be read; undefined for the table's start, or end. */
export type Gap = Between<Uint8Array>;

interface Between<Place> {
  readonly after: Place | undefined;
  readonly before: Place | undefined;
}

/** What rows are ordered by. */
interface Order<Place extends Uint8Array | bigint> {
  readonly column: "key" | "id";
  toNumber(place: Place): bigint;
  fromNumber(number: bigint): Place;
  /** As a number, behind all places. */
  readonly top: bigint;
}

/** Longer than most keys in question; what only differs behind that is not told apart. */
const COMPARED_BYTES = 24;

const BY_KEY: Order<Uint8Array> = {
  column: "key",
  toNumber: (key) => {
    const bytes = Buffer.alloc(COMPARED_BYTES);
    bytes.set(key.subarray(0, COMPARED_BYTES));
    return BigInt(`0x${bytes.toString("hex")}`);
  },
  fromNumber: (number) => Buffer.from(number.toString(16).padStart(2 * COMPARED_BYTES, "0"), "hex"),
  top: 1n << BigInt(8 * COMPARED_BYTES),
};

/** They begin with 1. */
const BY_ID: Order<bigint> = { column: "id", toNumber: (id) => id, fromNumber: (number) => number, top: 1n << 63n };

/** How often it is tried to read from a place between others. */
const MAX_PROBES = 300;

/**
 * Visits the rows that can be read, in the order of their keys.
 * @returns where rows may be missing
 */
export function readRows(db: DatabaseSync, table: string, visit: (row: StoredRow) => void): Gap[] {
  const rest = new Reader(db, table, BY_KEY).up({ after: undefined, before: undefined }, visit);
  if (rest === undefined) return [];
  const rows: StoredRow[] = [];
  const gaps = hasIds(db, table) ? readById(db, table, rows) : readBehind(new Reader(db, table, BY_KEY), rest, rows);
  const { after } = rest;
  rows.sort((a, b) => Buffer.compare(a.key, b.key));
  for (const row of rows) if (after === undefined || Buffer.compare(row.key, after) > 0) visit(row);
  return gaps;
}

function hasIds(db: DatabaseSync, table: string): boolean {
  return db.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = 'id'").get(table) !== undefined;
}

/** All rows, as IDs follow one another in the order in which rows came: that of the keys, for the most part. */
function readById(db: DatabaseSync, table: string, rows: StoredRow[]): Gap[] {
  const keys = new Map<bigint, Uint8Array>();
  const reader = new Reader(db, table, BY_ID, (id, { key }) => keys.set(id, key));
  const whole = { after: undefined, before: undefined };
  const rest = reader.up(whole, (row) => rows.push(row));
  if (rest === undefined) return [];
  const gaps = readBehind(reader, rest, rows);
  const ids = [...keys.keys()].sort((a, b) => (a < b ? -1 : 1));
  const keyOf = (id: bigint | undefined): Uint8Array | undefined => (id === undefined ? undefined : keys.get(id));
  return gaps.map(({ after, before }) => ({
    after: after === undefined ? undefined : keyOf(ids.findLast((id) => id <= after)),
    before: before === undefined ? undefined : keyOf(ids.find((id) => id >= before)),
  }));
}

/** What can be read of a gap but its start, in no order. */
function readBehind<Place extends Uint8Array | bigint>(
  reader: Reader<Place>,
  rest: Between<Place>,
  rows: StoredRow[],
): Between<Place>[] {
  const keep = (row: StoredRow): void => void rows.push(row);
  const gaps = [reader.down(rest, keep)].filter((gap) => gap !== undefined);
  const given: Between<Place>[] = [];
  for (let probes = 0; probes < MAX_PROBES; probes++) {
    const gap = gaps.shift();
    if (gap === undefined) break;
    const middle = reader.middleOf(gap);
    if (middle === undefined) {
      given.push(gap);
      continue;
    }
    const below = reader.down({ after: gap.after, before: middle }, keep);
    const above = reader.up({ after: middle, before: gap.before }, keep);
    for (const left of [below, above]) if (left !== undefined) gaps.push(left);
  }
  return reader.joined([...given, ...gaps]);
}

/** Reads what is in a gap until it comes upon damage; returns what is left of the gap, if anything. */
class Reader<Place extends Uint8Array | bigint> {
  readonly #db: DatabaseSync;
  readonly #table: string;
  readonly #order: Order<Place>;
  readonly #onRow: (place: Place, row: StoredRow) => void;

  constructor(
    db: DatabaseSync,
    table: string,
    order: Order<Place>,
    onRow: (place: Place, row: StoredRow) => void = () => {},
  ) {
    this.#db = db;
    this.#table = table;
    this.#order = order;
    this.#onRow = onRow;
  }

  up({ after, before }: Between<Place>, visit: (row: StoredRow) => void): Between<Place> | undefined {
    let last = after;
    const isWhole = this.#read({ after, before }, "ASC", (place, row) => {
      last = place;
      visit(row);
    });
    return isWhole ? undefined : { after: last, before };
  }

  down({ after, before }: Between<Place>, visit: (row: StoredRow) => void): Between<Place> | undefined {
    let first = before;
    const isWhole = this.#read({ after, before }, "DESC", (place, row) => {
      first = place;
      visit(row);
    });
    return isWhole ? undefined : { after, before: first };
  }

  /** A place about in the middle, undefined where there is none. */
  middleOf({ after, before }: Between<Place>): Place | undefined {
    const { toNumber, fromNumber, top } = this.#order;
    const low = after === undefined ? 0n : toNumber(after);
    const high = before === undefined ? top : toNumber(before);
    const middle = (low + high) >> 1n;
    return middle <= low || middle >= high ? undefined : fromNumber(middle);
  }

  /** In order; gaps that touch are one. */
  joined(gaps: readonly Between<Place>[]): Between<Place>[] {
    const startOf = ({ after }: Between<Place>): bigint => (after === undefined ? -1n : this.#order.toNumber(after));
    const joined: Between<Place>[] = [];
    for (const gap of [...gaps].sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1))) {
      const last = joined.at(-1);
      const touches = last?.before !== undefined && this.#order.toNumber(last.before) === startOf(gap);
      if (last !== undefined && touches) joined[joined.length - 1] = { after: last.after, before: gap.before };
      else joined.push(gap);
    }
    return joined;
  }

  #read(
    { after, before }: Between<Place>,
    direction: "ASC" | "DESC",
    visit: (place: Place, row: StoredRow) => void,
  ): boolean {
    const { column } = this.#order;
    const bounds = [after !== undefined && `${column} > ?`, before !== undefined && `${column} < ?`].filter(Boolean);
    const where = bounds.length === 0 ? "" : `WHERE ${bounds.join(" AND ")}`;
    const given = [after, before].filter((place) => place !== undefined);
    try {
      const query = this.#db.prepare(
        `SELECT ${column} AS place, key, value, crc FROM "${this.#table}" ${where} ORDER BY ${column} ${direction}`,
      );
      // A damaged number may be larger than any that was written.
      query.setReadBigInts(true);
      for (const { place, key, value, crc } of query.iterate(...given)) {
        if (!(key instanceof Uint8Array) || !(value instanceof Uint8Array)) return false;
        const row = { key, value, crc: Number(crc) };
        this.#onRow(place as Place, row);
        visit(place as Place, row);
      }
      return true;
    } catch (error) {
      if (!(error instanceof Error && "errcode" in error)) throw error;
      return false;
    }
  }
}
