import type { Entry } from "./entry.ts";
import type { KeyProbe } from "./keyprobe.ts";
import type { KeyRange } from "./keyrange.ts";
import { type EntryRecord, MAX_ROW_KEY_BYTES, rowKey, rowKeySize } from "./record.ts";
import { RecordDecoder } from "./recorddecoder.ts";
import { SEGMENT_SLOTS, Segment } from "./segment.ts";
import { Slabs } from "./slabs.ts";
import { StoredEntry } from "./storedentry.ts";

/** A compaction has looked at so many entries when others get their turn. */
const ROWS_PER_SLICE = 2000;
/** A log of more segments takes their memory in large pieces. */
const MANY_SEGMENTS = 12;

/**
 * Every kept entry in revision order, in segments, so that growth and compaction never copy the whole:
 *
 *     [ 2.0 3.0 3.1 … ] [ 4102.0 … ] [ 8200.0 … ← append ]
 *
 * An entry's slot is a number that stays its own as long as it is kept; later entries have larger ones.
 */
export class RevisionLog {
  readonly #slabs = new Slabs();
  /** In order; none of them is empty. */
  readonly #segments: Segment[] = [];
  /** By the number of their first slot, in units of SEGMENT_SLOTS; undefined where nothing is left. */
  readonly #byNumber: Array<Segment | undefined> = [];

  /**
   * Returns the entry's slot.
   *
   * @param keyBytes begin with the entry's key, where somebody has it as bytes
   */
  append(entry: Entry, keyBytes?: Uint8Array): number {
    const last = this.#segments[this.#segments.length - 1];
    const slot = last?.append(entry, keyBytes);
    if (slot !== undefined) return slot;
    const slabs = this.#segments.length < MANY_SEGMENTS ? undefined : this.#slabs;
    const segment = new Segment(this.#byNumber.length * SEGMENT_SLOTS, last, slabs);
    this.#segments.push(segment);
    this.#byNumber.push(segment);
    return segment.append(entry, keyBytes) as number;
  }

  revision(slot: number): number {
    const segment = this.#of(slot);
    return segment.revision(segment.rowOf(slot));
  }

  isTombstone(slot: number): boolean {
    const segment = this.#of(slot);
    return segment.isTombstone(segment.rowOf(slot));
  }

  /** Says that the next version of the entry's key was written, and is in that slot. */
  supersede(slot: number, later: number): void {
    const segment = this.#of(slot);
    segment.supersede(segment.rowOf(slot), later);
  }

  /** The slot of the next version of the entry's key; 0 for none. */
  later(slot: number): number {
    const segment = this.#of(slot);
    return segment.later(segment.rowOf(slot));
  }

  /** The entry's key, or so much of its beginning. */
  key(slot: number, length?: number): string {
    const segment = this.#of(slot);
    return segment.key(segment.rowOf(slot), length);
  }

  /** Whether the entry's key is the one that is looked for. */
  isKey(slot: number, probe: KeyProbe): boolean {
    const segment = this.#of(slot);
    return segment.isKey(segment.rowOf(slot), probe);
  }

  /** How the entry's key stands to another: negative, 0 or positive. */
  compareKey(slot: number, key: string): number {
    const segment = this.#of(slot);
    return segment.compareKey(segment.rowOf(slot), key);
  }

  /** Four bytes of the entry's key from one on, as a number; 0 for those it does not have. */
  keyHead(slot: number, from: number): number {
    const segment = this.#of(slot);
    return segment.keyHead(segment.rowOf(slot), from);
  }

  /** The first slot after those of entries up to a revision, be there an entry or not. */
  endOf(revision: number): number {
    const segment = this.#segments[this.#numberOf(revision + 1)];
    return segment?.slotOf(segment.firstFrom(revision + 1)) ?? this.#byNumber.length * SEGMENT_SLOTS;
  }

  /** @param key the entry's, where it is known */
  entry(slot: number, key?: string): StoredEntry {
    const segment = this.#of(slot);
    return new StoredEntry(segment, segment.rowOf(slot), key);
  }

  recordSize(slot: number): number {
    const segment = this.#of(slot);
    return segment.recordSize(segment.rowOf(slot));
  }

  /** Visits entries with modRevision ≥ `revision` in order until `visit` returns false. */
  ascend(revision: number, visit: (at: LogCursor) => boolean): void {
    const cursor = new LogCursor();
    for (let number = this.#numberOf(revision); number < this.#segments.length; number++) {
      const segment = this.#segments[number] as Segment;
      for (let row = segment.firstFrom(revision); row < segment.count; row++) {
        if (!visit(cursor.at(segment, row))) return;
      }
    }
  }

  /** The entries up to a revision as they are now: what comes and goes later does not change the view. */
  view(revision = Number.POSITIVE_INFINITY): LogView {
    return new LogView(this.#segments, revision);
  }

  /**
   * Drops the entries that compaction at `revision` drops, some segments at a time.
   *
   * @param visit called with each segment before it goes, and the rows that do
   */
  *compacting(revision: number, visit: (segment: Segment, drops: (row: number) => boolean) => void): Generator<void> {
    const end = this.endOf(revision);
    let from = 0;
    let rows = 0;
    for (;;) {
      const at = this.#segments.findIndex(({ first }) => first >= from);
      const segment = this.#segments[at];
      if (segment === undefined || segment.revision(0) > revision) return;
      from = segment.first + SEGMENT_SLOTS;
      rows += segment.count;
      visit(segment, (row) => !segment.survives(row, revision, end));
      const rest = segment.filter((row) => segment.survives(row, revision, end));
      this.#byNumber[segment.first / SEGMENT_SLOTS] = rest;
      this.#segments.splice(at, 1, ...(rest === undefined ? [] : [rest]));
      if (rows < ROWS_PER_SLICE) continue;
      rows = 0;
      yield;
    }
  }

  #of(slot: number): Segment {
    return this.#byNumber[Math.floor(slot / SEGMENT_SLOTS)] as Segment;
  }

  /** The last segment that begins at or before `revision` may hold it; nearly always the last of all. */
  #numberOf(revision: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle] as Segment).revision(0) < revision) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

/** Where a walk through the log is: it moves on with it. */
export class LogCursor {
  #segment: Segment | undefined;
  #row = 0;

  at(segment: Segment, row: number): this {
    this.#segment = segment;
    this.#row = row;
    return this;
  }

  get #here(): Segment {
    return this.#segment as Segment;
  }

  get modRevision(): number {
    return this.#here.revision(this.#row);
  }

  get tombstone(): boolean {
    return this.#here.isTombstone(this.#row);
  }

  /** Whether the key is in a range of several keys. */
  isIn(range: KeyRange): boolean {
    return this.#here.isIn(this.#row, range);
  }

  entry(): StoredEntry {
    return new StoredEntry(this.#here, this.#row, undefined);
  }
}

/** Entries by their place in a log. It holds segments, not copies of them: these only grow, and are replaced whole. */
export class LogView {
  readonly length: number;
  readonly segments: readonly Segment[];
  /** The place of each segment's first entry, and, last, of none. */
  readonly #starts: readonly number[];
  readonly #rowKey = new Uint8Array(MAX_ROW_KEY_BYTES);
  /** The segment last looked into. */
  #last = 0;

  constructor(segments: readonly Segment[], revision: number) {
    const starts = [0];
    for (const segment of segments) {
      const isWhole = segment.revision(segment.count - 1) <= revision;
      const count = isWhole ? segment.count : segment.firstFrom(revision + 1);
      starts.push((starts[starts.length - 1] as number) + count);
    }
    this.segments = [...segments];
    this.#starts = starts;
    this.length = starts[segments.length] as number;
  }

  /** How many of a segment's entries belong to the view. */
  countOf(number: number): number {
    return (this.#starts[number + 1] as number) - (this.#starts[number] as number);
  }

  /** @param index from 0 on, under `length` */
  at(index: number): Entry {
    return this.#find(index, (segment, row) => segment.entry(row, new RecordDecoder()));
  }

  keySize(index: number): number {
    return this.#find(index, (segment, row) => rowKeySize(segment.isTombstone(row)));
  }

  valueSize(index: number): number {
    return this.#find(index, (segment, row) => segment.valueSize(row));
  }

  /** The entry's row in etcd's database; the key is good until the next is asked for. */
  row(index: number): EntryRecord {
    return this.#find(index, (segment, row) => {
      const keyBytes = segment.writeRowKey(row, this.#rowKey);
      return { key: this.#rowKey.subarray(0, keyBytes), value: segment.value(row) };
    });
  }

  #find<T>(index: number, use: (segment: Segment, row: number) => T): T {
    const number = this.#segmentOf(index);
    this.#last = number;
    return use(this.segments[number] as Segment, index - (this.#starts[number] as number));
  }

  #segmentOf(index: number): number {
    const starts = this.#starts;
    for (let near = this.#last; near < this.#last + 2; near++) {
      if (index >= (starts[near] as number) && index < (starts[near + 1] ?? 0)) return near;
    }
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle + 1] as number) <= index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The keys of rows that are gone, the oldest first, in numbers only: there may be millions. */
export class DroppedRows {
  readonly length: number;
  readonly #revisions: Float64Array;
  readonly #subs: Float64Array;

  constructor(segment: Segment, drops: (row: number) => boolean) {
    const revisions = new Float64Array(segment.count);
    const subs = new Float64Array(segment.count);
    let length = 0;
    for (let row = 0; row < segment.count; row++) {
      if (!drops(row)) continue;
      revisions[length] = segment.revision(row);
      // A tombstone's is below 0; 0 could not be.
      subs[length] = segment.isTombstone(row) ? -1 - segment.subRevision(row) : segment.subRevision(row);
      length++;
    }
    this.#revisions = revisions.slice(0, length);
    this.#subs = subs.slice(0, length);
    this.length = length;
  }

  key(at: number): Uint8Array<ArrayBuffer> {
    const sub = this.#subs[at] as number;
    return rowKey(this.#revisions[at] as number, sub < 0 ? -1 - sub : sub, sub < 0);
  }
}
