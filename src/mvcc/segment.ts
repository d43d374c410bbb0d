import { copyBytes, EMPTY_BYTES, keyFromBytes } from "./bytes.ts";
import type { Entry } from "./entry.ts";
import type { KeyProbe } from "./keyprobe.ts";
import { type KeyRange, upperBound } from "./keyrange.ts";
import { MAX_KEY_VALUE_OVERHEAD_BYTES, rowKeySize, varintSize, writeKeyValue, writeRowKey } from "./record.ts";
import type { RecordDecoder } from "./recorddecoder.ts";
import type { Slabs } from "./slabs.ts";

/** Places of a segment. */
export const SEGMENT_SLOTS = 4096;
/** A segment ends here, unless it is one entry that is larger by itself. */
const SEGMENT_BYTES = 1 << 20;
const FIRST_BYTES = 4096;
const FIRST_ROWS = 16;
/** Of the four columns. */
const ROW_BYTES = 24;

/**
 * Some of the log: entries in columns of numbers, and one buffer with the mvccpb.KeyValue of each. A million entries
 * are a few hundred segments, of which the garbage collector sees a handful of objects each:
 *
 *     revisions    2    3    3    4          bytes  [ KeyValue | KeyValue | KeyValue | KeyValue | free … ]
 *     subs         0    0    1†   0                            ▲          ▲          ▲          ▲
 *     later        3    –    –    –          ends ─────────────┴──────────┴──────────┴──────────┘
 *
 * `later` is the slot of the key's next version, 0 where there is none yet. An entry's slot is the number of the
 * segment's first slot and its place in it; it keeps that when compaction drops others, which makes a new segment that
 * knows which places are left.
 */
export class Segment {
  readonly first: number;
  count = 0;
  /** Nothing is added any more. */
  isClosed = false;
  #bytes: Uint8Array<ArrayBuffer> = EMPTY_BYTES;
  /** Of the same bytes. */
  #view = new DataView(EMPTY_BYTES.buffer);
  #ends: Uint32Array = new Uint32Array(0);
  #revisions: Float64Array = new Float64Array(0);
  #later: Float64Array = new Float64Array(0);
  /** Twice the sub-revision, and 1 for a tombstone. */
  #subs: Uint32Array = new Uint32Array(0);
  /** The places that are left, undefined for all up to `count`. */
  #places: Uint16Array | undefined;
  /** The place of the next entry. */
  #next = 0;

  /** Where the buffer is from, as long as more may be written to it. */
  #slabs: Slabs | undefined;

  /**
   * @param before the segment that was filled last: this one will be as large
   * @param slabs where its memory is to come from; buffers of its own by default
   */
  constructor(first: number, before?: Segment, slabs?: Slabs) {
    this.first = first;
    if (slabs !== undefined) {
      this.#takeFrom(slabs);
      return;
    }
    const size = before === undefined ? FIRST_BYTES : Math.min(before.#bytes.length, SEGMENT_BYTES);
    this.#use(new Uint8Array(size));
    this.#growRows(before === undefined ? FIRST_ROWS : Math.max(FIRST_ROWS, before.count));
  }

  /** Bytes of key-values. */
  get usedBytes(): number {
    return this.count === 0 ? 0 : (this.#ends[this.count - 1] as number);
  }

  /**
   * Adds an entry and returns its slot; undefined where the segment is full.
   *
   * @param keyBytes begin with the entry's key, where somebody has it as bytes
   */
  append(entry: Entry, keyBytes?: Uint8Array): number | undefined {
    const row = this.count;
    const start = this.usedBytes;
    // Cheaper than how much it is.
    const atMost = start + entry.key.length + entry.value.length + MAX_KEY_VALUE_OVERHEAD_BYTES;
    if (this.isClosed || this.#next === SEGMENT_SLOTS || (atMost > SEGMENT_BYTES && row > 0)) {
      this.close();
      return undefined;
    }
    if (atMost > this.#bytes.length) this.#growBytes(atMost);
    if (row === this.#ends.length) this.#growRows(Math.min(Math.max(row * 2, FIRST_ROWS), SEGMENT_SLOTS));
    this.#ends[row] = writeKeyValue(this.#bytes, start, entry, keyBytes);
    this.#revisions[row] = entry.modRevision;
    this.#later[row] = 0;
    this.#subs[row] = entry.subRevision * 2 + (entry.tombstone ? 1 : 0);
    if (this.#places !== undefined) this.#places[row] = this.#next;
    this.count++;
    return this.first + this.#next++;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const { usedBytes } = this;
    if (this.#slabs !== undefined) {
      this.#slabs.giveBack(this.#bytes.length - usedBytes);
      this.#slabs = undefined;
      this.#use(this.#bytes.subarray(0, usedBytes));
      return;
    }
    // What is left over at the end is not worth a copy where it is little.
    if (this.#bytes.length - usedBytes > SEGMENT_BYTES / 8) this.#use(this.#bytes.slice(0, usedBytes));
  }

  /** The row of a slot of this segment that is still there. */
  rowOf(slot: number): number {
    const place = slot - this.first;
    const places = this.#places;
    if (places === undefined) return place;
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((places[middle] as number) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The slot of a row; with `count` that of the next entry. */
  slotOf(row: number): number {
    return this.first + (row === this.count ? this.#next : (this.#places?.[row] ?? row));
  }

  /** The first row of a revision at or after one; `count` where there is none. */
  firstFrom(revision: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#revisions[middle] as number) < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  revision(row: number): number {
    return this.#revisions[row] as number;
  }

  isTombstone(row: number): boolean {
    return ((this.#subs[row] as number) & 1) === 1;
  }

  subRevision(row: number): number {
    return (this.#subs[row] as number) >>> 1;
  }

  supersede(row: number, slot: number): void {
    this.#later[row] = slot;
  }

  /** The slot of the next version of the row's key; 0 for none. */
  later(row: number): number {
    return this.#later[row] as number;
  }

  /** Whether the row is the newest version of its key of those before a slot, and is itself. */
  isNewestBefore(row: number, slot: number): boolean {
    const later = this.#later[row] as number;
    return (later === 0 || later >= slot) && this.slotOf(row) < slot;
  }

  /**
   * Whether compaction at a revision keeps the row: see histories.ts.
   *
   * @param end the first slot after the revision
   */
  survives(row: number, revision: number, end: number): boolean {
    const own = this.#revisions[row] as number;
    return own > revision || (this.isNewestBefore(row, end) && !(this.isTombstone(row) && own < revision));
  }

  /** Bytes of the row's mvccpb.KeyValue. */
  valueSize(row: number): number {
    return (this.#ends[row] as number) - this.#start(row);
  }

  /** Bytes of the row in etcd's database. */
  recordSize(row: number): number {
    return rowKeySize(this.isTombstone(row)) + this.valueSize(row);
  }

  /** The row's mvccpb.KeyValue, where it is. */
  value(row: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#start(row), this.#ends[row]);
  }

  writeRowKey(row: number, bytes: Uint8Array): number {
    return writeRowKey(bytes, this.revision(row), this.subRevision(row), this.isTombstone(row));
  }

  /** Calls with the buffer and the part of it that is the row's mvccpb.KeyValue, which saves making a view. */
  withValue<T>(row: number, use: (bytes: Uint8Array, start: number, end: number) => T): T {
    return use(this.#bytes, this.#start(row), this.#ends[row] as number);
  }

  /** Copies the row's mvccpb.KeyValue. */
  copyValue(row: number, to: Uint8Array, at: number): void {
    copyBytes(this.#bytes, this.#start(row), this.#ends[row] as number, to, at);
  }

  /** @param key the entry's, where it is known */
  entry(row: number, decoder: RecordDecoder, key?: string): Entry {
    const mark = {
      modRevision: this.revision(row),
      subRevision: this.subRevision(row),
      tombstone: this.isTombstone(row),
      key,
    };
    return decoder.keyValue(this.#bytes, this.#start(row), this.#ends[row] as number, mark);
  }

  /** The row's key, or so much of its beginning. */
  key(row: number, length = Number.POSITIVE_INFINITY): string {
    const start = this.#keyStart(row);
    return keyFromBytes(this.#bytes.subarray(start, start + Math.min(this.#keyLength(row), length)));
  }

  /** Whether the row's key is the one that is looked for. */
  isKey(row: number, { bytes: other, view: otherWords, length }: KeyProbe): boolean {
    const own = this.#bytes;
    const start = this.#start(row);
    if (start === this.#ends[row] || readVarint(own, start + 1) !== length) return false;
    const keyStart = start + 1 + varintSize(length);
    const words = this.#view;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      if (words.getInt32(keyStart + at, true) !== otherWords.getInt32(at, true)) return false;
    }
    for (; at < length; at++) if (own[keyStart + at] !== other[at]) return false;
    return true;
  }

  /** How the row's key stands to another: negative, 0 or positive. */
  compareKey(row: number, key: string): number {
    const bytes = this.#bytes;
    const length = this.#keyLength(row);
    const start = this.#keyStart(row);
    const common = Math.min(length, key.length);
    for (let at = 0; at < common; at++) {
      const difference = (bytes[start + at] as number) - key.charCodeAt(at);
      if (difference !== 0) return difference;
    }
    return length - key.length;
  }

  /** Four bytes of the row's key from one on, as a number; 0 for those it does not have. */
  keyHead(row: number, from: number): number {
    const start = this.#keyStart(row);
    const end = start + this.#keyLength(row);
    let head = 0;
    for (let at = start + from; at < start + from + 4; at++) {
      head = (head << 8) | (at < end ? (this.#bytes[at] as number) : 0);
    }
    return head >>> 0;
  }

  /** Whether the row's key is in a range of several keys. */
  isIn(row: number, range: KeyRange): boolean {
    if (this.valueSize(row) === 0 || this.compareKey(row, range.key) < 0) return false;
    const end = upperBound(range);
    return end === undefined || this.compareKey(row, end) < 0;
  }

  /** Only the rows for which `keep` is true, in a segment of their own; undefined for none, and itself for all. */
  filter(keep: (row: number) => boolean): Segment | undefined {
    const rows: number[] = [];
    let size = 0;
    for (let row = 0; row < this.count; row++) {
      if (!keep(row)) continue;
      rows.push(row);
      size += this.valueSize(row);
    }
    if (rows.length === this.count) return this;
    const copy = rows.length === 0 ? undefined : this.#copy(rows, size);
    this.close();
    return copy;
  }

  #copy(rows: readonly number[], size: number): Segment {
    const copy = new Segment(this.first);
    copy.isClosed = this.isClosed;
    copy.count = rows.length;
    copy.#next = this.#next;
    copy.#use(new Uint8Array(size));
    copy.#places = new Uint16Array(rows.length);
    copy.#growRows(rows.length);
    let at = 0;
    rows.forEach((row, to) => {
      copy.#bytes.set(this.value(row), at);
      at += this.valueSize(row);
      copy.#ends[to] = at;
      copy.#revisions[to] = this.#revisions[row] as number;
      copy.#later[to] = this.#later[row] as number;
      copy.#subs[to] = this.#subs[row] as number;
      (copy.#places as Uint16Array)[to] = this.#places?.[row] ?? row;
    });
    return copy;
  }

  /** As much as there may be: what nothing is written to is no memory, and of the bytes the end goes back. */
  #takeFrom(slabs: Slabs): void {
    const { buffer, byteOffset } = slabs.take(SEGMENT_SLOTS * ROW_BYTES);
    this.#revisions = new Float64Array(buffer, byteOffset, SEGMENT_SLOTS);
    this.#later = new Float64Array(buffer, byteOffset + SEGMENT_SLOTS * 8, SEGMENT_SLOTS);
    this.#ends = new Uint32Array(buffer, byteOffset + SEGMENT_SLOTS * 16, SEGMENT_SLOTS);
    this.#subs = new Uint32Array(buffer, byteOffset + SEGMENT_SLOTS * 20, SEGMENT_SLOTS);
    this.#use(slabs.take(SEGMENT_BYTES));
    this.#slabs = slabs;
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  #start(row: number): number {
    return row === 0 ? 0 : (this.#ends[row - 1] as number);
  }

  /** A mvccpb.KeyValue begins with the key; one that is empty is of none. */
  #keyLength(row: number): number {
    const start = this.#start(row);
    return start === this.#ends[row] ? 0 : readVarint(this.#bytes, start + 1);
  }

  #keyStart(row: number): number {
    const start = this.#start(row) + 1;
    return start + varintLength(this.#bytes, start);
  }

  #growBytes(atLeast: number): void {
    const size = atLeast > SEGMENT_BYTES ? atLeast : Math.min(Math.max(this.#bytes.length * 2, atLeast), SEGMENT_BYTES);
    const grown = new Uint8Array(size);
    grown.set(this.#bytes.subarray(0, this.usedBytes));
    this.#slabs?.giveBack(this.#bytes.length);
    this.#slabs = undefined;
    this.#use(grown);
  }

  #growRows(rows: number): void {
    this.#ends = resized(this.#ends, new Uint32Array(rows));
    this.#revisions = resized(this.#revisions, new Float64Array(rows));
    this.#later = resized(this.#later, new Float64Array(rows));
    this.#subs = resized(this.#subs, new Uint32Array(rows));
    if (this.#places !== undefined) this.#places = resized(this.#places, new Uint16Array(rows));
  }
}

function resized<T extends Uint16Array | Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from.length > to.length ? from.subarray(0, to.length) : from);
  return to;
}

function readVarint(bytes: Uint8Array, start: number): number {
  const first = bytes[start] as number;
  if (first < 128) return first;
  let value = first - 128;
  let at = start + 1;
  for (let scale = 128; ; scale *= 128) {
    const byte = bytes[at++] as number;
    if (byte < 128) return value + byte * scale;
    value += (byte - 128) * scale;
  }
}

function varintLength(bytes: Uint8Array, start: number): number {
  let at = start;
  while ((bytes[at] as number) >= 128) at++;
  return at - start + 1;
}
