/**
 * Changes gathered for one write as a few pieces of memory, which a thread hands to another as they are: thousands of
 * small arrays would each be made, kept alive until the write, cloned and collected.
 *
 *     change   bucket (1 byte)   key length (4)   value length (4), all ones for a delete   key   value
 *
 * A change is in one part as a whole.
 */
import { BUCKETS, type Bucket, type Change } from "./rows.ts";

const HEAD_BYTES = 9;
const NO_VALUE = 0xffff_ffff;
const FIRST_PART_BYTES = 8 * 1024;
/** Under what the usual allocators take from the system anew each time. */
const MAX_PART_BYTES = 64 * 1024;

const BUCKET_NUMBERS: ReadonlyMap<Bucket, number> = new Map(BUCKETS.map((bucket, at) => [bucket, at]));

export class ChangeBatch implements Iterable<Change> {
  /** Those that are full. */
  readonly #parts: Uint8Array<ArrayBuffer>[] = [];
  #last: Uint8Array<ArrayBuffer>;
  #end = 0;
  #length = 0;

  /** @param sizeBytes about so much is expected */
  constructor(sizeBytes = FIRST_PART_BYTES) {
    this.#last = new Uint8Array(Math.min(Math.max(sizeBytes, FIRST_PART_BYTES), MAX_PART_BYTES));
  }

  static of(changes: Iterable<Change>): ChangeBatch {
    const batch = new ChangeBatch();
    for (const { bucket, key, value } of changes) batch.add(bucket, key, value);
    return batch;
  }

  /** Changes. */
  get length(): number {
    return this.#length;
  }

  /** @throws RangeError for a value of 4 GiB or more */
  add(bucket: Bucket, key: Uint8Array, value: Uint8Array | undefined): void {
    const at = this.reserve(bucket, key.length, value?.length);
    this.#last.set(key, at);
    if (value !== undefined) this.#last.set(value, at + key.length);
  }

  /**
   * Adds a change whose key, and behind it its value, are to be written to `target` at once, from the offset that is
   * returned; undefined for a delete.
   */
  reserve(bucket: Bucket, keyBytes: number, valueBytes: number | undefined): number {
    if (valueBytes !== undefined && valueBytes >= NO_VALUE) throw new RangeError("a value of 4 GiB or more");
    const size = HEAD_BYTES + keyBytes + (valueBytes ?? 0);
    if (this.#end + size > this.#last.length) this.#grow(size);
    const { target } = this;
    let at = this.#end;
    target[at++] = BUCKET_NUMBERS.get(bucket) as number;
    at = writeLength(target, at, keyBytes);
    at = writeLength(target, at, valueBytes ?? NO_VALUE);
    this.#end += size;
    this.#length++;
    return at;
  }

  /** Takes another's changes, which then is not to be used any more, as its parts. */
  append(other: ChangeBatch): void {
    if (this.#end > 0) this.#parts.push(this.#last.subarray(0, this.#end));
    this.#parts.push(...other.#parts);
    this.#last = other.#last;
    this.#end = other.#end;
    this.#length += other.#length;
  }

  get target(): Uint8Array {
    return this.#last;
  }

  /** What was gathered, each part alone in its buffer, which may be longer. */
  get parts(): Uint8Array<ArrayBuffer>[] {
    return [...this.#parts, this.#last.subarray(0, this.#end)];
  }

  /** As a journal may keep them: each array alone in its buffer. */
  *[Symbol.iterator](): Generator<Change> {
    for (const { bucket, key, value } of changesIn(this.parts)) {
      yield { bucket, key: key.slice(), value: value?.slice() };
    }
  }

  #grow(size: number): void {
    if (this.#end > 0) this.#parts.push(this.#last.subarray(0, this.#end));
    this.#last = new Uint8Array(Math.max(MAX_PART_BYTES, size));
    this.#end = 0;
  }
}

/** The changes in a batch's parts, as views of these. @throws RangeError where they make no sense */
export function* changesIn(parts: readonly Uint8Array[]): Generator<Change> {
  for (const part of parts) {
    const view = new DataView(part.buffer, part.byteOffset, part.length);
    for (let at = 0; at < part.length; ) {
      const bucket = BUCKETS[view.getUint8(at)];
      if (bucket === undefined) throw new RangeError("a change of no bucket");
      const valueLength = view.getUint32(at + 5);
      const keyStart = at + HEAD_BYTES;
      const keyEnd = keyStart + view.getUint32(at + 1);
      at = valueLength === NO_VALUE ? keyEnd : keyEnd + valueLength;
      const value = valueLength === NO_VALUE ? undefined : part.subarray(keyEnd, at);
      yield { bucket, key: part.subarray(keyStart, keyEnd), value };
    }
  }
}

function writeLength(bytes: Uint8Array, start: number, length: number): number {
  bytes[start] = length >>> 24;
  bytes[start + 1] = (length >>> 16) & 0xff;
  bytes[start + 2] = (length >>> 8) & 0xff;
  bytes[start + 3] = length & 0xff;
  return start + 4;
}
