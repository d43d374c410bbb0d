/** Keys of a chunk, whose memory comes and goes as a whole. */
const CHUNK_BITS = 14;
const CHUNK_KEYS = 1 << CHUNK_BITS;
const PLACE_MASK = CHUNK_KEYS - 1;
/** The first chunk grows to its size: most stores are small. */
const FIRST_KEYS = 64;
/** Numbers of a key in `newest`: four of eight bytes, so that they never cross a cache line. */
const FIELDS = 4;
const REVISION = 1;
const CREATED = 2;
const VERSION = 3;
const KEY_BYTES = 8 * FIELDS + 8 + 1;

/** What is written of a key with each version: see entry.ts. */
export interface NewestVersion {
  readonly modRevision: number;
  readonly createRevision: number;
  readonly version: number;
  readonly tombstone: boolean;
}

/** Of a chunk, which places are whose. */
interface Places {
  /** Places from here on were never used. */
  next: number;
  /** The place freed last, −1 for none; its slot says which was freed before. */
  free: number;
  used: number;
  /** Of the few keys that have any. */
  readonly marks: Map<number, number[]>;
}

/**
 * What there is to know of each key, in columns of numbers, by the key's ID, a small number that is used again:
 *
 *     newest   | slot  ±revision  created  version | slot  ±revision  created  version | …     a key is half a cache line
 *     first    | slot | slot | …                      of the oldest version
 *     steps    | n | n | …                            versions since the last mark
 *
 * A revision is negative for a tombstone, a slot for an ID that is free. `created` and `version` are here so that the next
 * put need not look for them where the newest version is. The columns are in chunks, so that growth never copies the whole.
 */
export class KeyColumns {
  /** By the chunk's number; empty ones are of no memory. */
  readonly #newest: Float64Array[] = [];
  readonly #first: Float64Array[] = [];
  readonly #steps: Uint8Array[] = [];
  readonly #places: Places[] = [];
  /** All chunks before this one are full. */
  #open = 0;
  #used = 0;

  /** Of the keys there are; what others leave behind is used again. */
  get bytes(): number {
    return this.#used * KEY_BYTES;
  }

  /** An ID that is free; the lowest are used first, so that the last chunks become empty. */
  take(): number {
    while (this.#places[this.#open]?.used === CHUNK_KEYS) this.#open++;
    const number = this.#open;
    const places = this.#places[number] ?? this.#addChunk(number);
    if (places.used === 0) this.#resize(number, number === 0 ? FIRST_KEYS : CHUNK_KEYS);
    places.used++;
    this.#used++;
    const at = places.free;
    if (at >= 0) {
      places.free = -2 - ((this.#newest[number] as Float64Array)[at * FIELDS] as number);
      return number * CHUNK_KEYS + at;
    }
    const size = (this.#steps[number] as Uint8Array).length;
    if (places.next === size) this.#resize(number, size * 2);
    return number * CHUNK_KEYS + places.next++;
  }

  free(id: number): void {
    const number = id >>> CHUNK_BITS;
    const at = id & PLACE_MASK;
    const places = this.#places[number] as Places;
    this.#open = Math.min(this.#open, number);
    places.marks.delete(at);
    (this.#newest[number] as Float64Array)[at * FIELDS] = -2 - places.free;
    places.free = at;
    this.#used--;
    if (--places.used > 0) return;
    places.next = 0;
    places.free = -1;
    this.#resize(number, 0);
  }

  /** The first ID from one on that is in use, −1 for none. */
  nextUsed(from: number): number {
    let at = from & PLACE_MASK;
    for (let number = from >>> CHUNK_BITS; number < this.#places.length; number++, at = 0) {
      const newest = this.#newest[number] as Float64Array;
      const { next } = this.#places[number] as Places;
      for (; at < next; at++) if ((newest[at * FIELDS] as number) >= 0) return number * CHUNK_KEYS + at;
    }
    return -1;
  }

  /** Of the newest version. */
  slot(id: number): number {
    return (this.#newest[id >>> CHUNK_BITS] as Float64Array)[(id & PLACE_MASK) * FIELDS] as number;
  }

  revision(id: number): number {
    return Math.abs(this.#signedRevision(id));
  }

  isTombstone(id: number): boolean {
    return this.#signedRevision(id) < 0;
  }

  createRevision(id: number): number {
    return (this.#newest[id >>> CHUNK_BITS] as Float64Array)[(id & PLACE_MASK) * FIELDS + CREATED] as number;
  }

  version(id: number): number {
    return (this.#newest[id >>> CHUNK_BITS] as Float64Array)[(id & PLACE_MASK) * FIELDS + VERSION] as number;
  }

  setNewest(id: number, slot: number, { modRevision, createRevision, version, tombstone }: NewestVersion): void {
    const newest = this.#newest[id >>> CHUNK_BITS] as Float64Array;
    const at = (id & PLACE_MASK) * FIELDS;
    newest[at] = slot;
    newest[at + REVISION] = tombstone ? -modRevision : modRevision;
    newest[at + CREATED] = createRevision;
    newest[at + VERSION] = version;
  }

  /** Of the oldest version. */
  first(id: number): number {
    return (this.#first[id >>> CHUNK_BITS] as Float64Array)[id & PLACE_MASK] as number;
  }

  setFirst(id: number, slot: number): void {
    (this.#first[id >>> CHUNK_BITS] as Float64Array)[id & PLACE_MASK] = slot;
  }

  /** Versions since the last mark. */
  steps(id: number): number {
    return (this.#steps[id >>> CHUNK_BITS] as Uint8Array)[id & PLACE_MASK] as number;
  }

  setSteps(id: number, steps: number): void {
    (this.#steps[id >>> CHUNK_BITS] as Uint8Array)[id & PLACE_MASK] = steps;
  }

  /** Slots of some versions after the first, in order. */
  marks(id: number): readonly number[] {
    return this.#marksBeside(id).get(id & PLACE_MASK) ?? NO_MARKS;
  }

  addMark(id: number, slot: number): void {
    const marks = this.#marksBeside(id);
    const own = marks.get(id & PLACE_MASK);
    if (own === undefined) marks.set(id & PLACE_MASK, [slot]);
    else own.push(slot);
  }

  /** Forgets the first marks of a key. */
  dropMarks(id: number, count: number): void {
    const marks = this.#marksBeside(id);
    const own = marks.get(id & PLACE_MASK);
    if (own === undefined || count === 0) return;
    if (count >= own.length) marks.delete(id & PLACE_MASK);
    else marks.set(id & PLACE_MASK, own.slice(count));
  }

  #signedRevision(id: number): number {
    return (this.#newest[id >>> CHUNK_BITS] as Float64Array)[(id & PLACE_MASK) * FIELDS + REVISION] as number;
  }

  #marksBeside(id: number): Map<number, number[]> {
    return (this.#places[id >>> CHUNK_BITS] as Places).marks;
  }

  #addChunk(number: number): Places {
    const places = { next: 0, free: -1, used: 0, marks: new Map() };
    this.#places[number] = places;
    this.#newest[number] = new Float64Array(0);
    this.#first[number] = new Float64Array(0);
    this.#steps[number] = new Uint8Array(0);
    return places;
  }

  /** To more keys, or to none. */
  #resize(number: number, keys: number): void {
    const [newest, first, steps] = [this.#newest[number], this.#first[number], this.#steps[number]];
    this.#newest[number] = new Float64Array(keys * FIELDS);
    this.#first[number] = new Float64Array(keys);
    this.#steps[number] = new Uint8Array(keys);
    if (keys === 0) return;
    this.#newest[number].set(newest ?? []);
    this.#first[number].set(first ?? []);
    this.#steps[number].set(steps ?? []);
  }
}

const NO_MARKS: readonly number[] = [];
