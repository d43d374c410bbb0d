/**
 * Changes and rows as one piece of memory each: a thread hands it to another without a copy, where thousands of
 * small arrays would each be cloned.
 *
 *     change   bucket (1 byte)   key length (4)   value length (4), all ones for a delete   key   value
 *     row                        key length (4)   value length (4)                          key   value
 */
import { BUCKETS, type Change, type Row } from "../../../journal/index.ts";

const LENGTHS_BYTES = 8;
const NO_VALUE = 0xffff_ffff;

/** @throws RangeError for a value of 4 GiB or more */
export function packChanges(changes: readonly Change[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const { key, value } of changes) size += 1 + LENGTHS_BYTES + key.length + (value?.length ?? 0);
  const packer = new Packer(size);
  for (const { bucket, key, value } of changes) packer.byte(BUCKETS.indexOf(bucket)).pair(key, value);
  return packer.bytes;
}

/** Views of what was packed, one after the other. */
export function* unpackChanges(packed: Uint8Array): Generator<Change> {
  const reader = new Unpacker(packed);
  while (reader.hasMore) {
    const bucket = BUCKETS[reader.byte()];
    if (bucket === undefined) throw new RangeError("a change of no bucket");
    const { key, value } = reader.pair();
    yield { bucket, key, value };
  }
}

export function packRows(rows: readonly Row[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const { key, value } of rows) size += LENGTHS_BYTES + key.length + value.length;
  const packer = new Packer(size);
  for (const { key, value } of rows) packer.pair(key, value);
  return packer.bytes;
}

/** Views of what was packed. */
export function unpackRows(packed: Uint8Array): Row[] {
  const reader = new Unpacker(packed);
  const rows: Row[] = [];
  while (reader.hasMore) {
    const { key, value } = reader.pair();
    if (value === undefined) throw new RangeError("a row without a value");
    rows.push({ key, value });
  }
  return rows;
}

class Packer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  byte(byte: number): this {
    this.bytes[this.#at++] = byte;
    return this;
  }

  pair(key: Uint8Array, value: Uint8Array | undefined): void {
    if (value !== undefined && value.length >= NO_VALUE) throw new RangeError("a value of 4 GiB or more");
    this.#view.setUint32(this.#at, key.length);
    this.#view.setUint32(this.#at + 4, value?.length ?? NO_VALUE);
    this.#at += LENGTHS_BYTES;
    this.#bytes(key);
    if (value !== undefined) this.#bytes(value);
  }

  #bytes(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}

class Unpacker {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  pair(): { readonly key: Uint8Array; readonly value: Uint8Array | undefined } {
    const keyLength = this.#view.getUint32(this.#at);
    const valueLength = this.#view.getUint32(this.#at + 4);
    this.#at += LENGTHS_BYTES;
    const key = this.#take(keyLength);
    return { key, value: valueLength === NO_VALUE ? undefined : this.#take(valueLength) };
  }

  #take(length: number): Uint8Array {
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }
}
