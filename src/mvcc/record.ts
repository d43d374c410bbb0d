import { EMPTY_BYTES } from "./bytes.ts";
import type { Entry } from "./entry.ts";

/**
 * An entry as etcd keeps it in its database, which is what HashKV hashes and what sizes are counted by:
 *
 *     key     revision (8 bytes, big-endian) "_" sub-revision (8 bytes) and, for a tombstone, "t"
 *     value   mvccpb.KeyValue; of a tombstone only the key field
 *
 * A row without a value is of no key: `etcdutl snapshot restore --bump-revision` puts it there to take a revision.
 * It comes and goes as an entry of the key "", which nobody can ask for.
 */
export const REVISION_BYTES = 17;

export const Tag = { key: 0x0a, createRevision: 0x10, modRevision: 0x18, version: 0x20, value: 0x2a, lease: 0x30 };

/** Bytes of `value` as a varint; up to 2^53. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

function int64Size(value: bigint): number {
  let size = 1;
  for (let rest = BigInt.asUintN(64, value); rest >= 128n; rest >>= 7n) size++;
  return size;
}

function bytesFieldSize(length: number): number {
  return length === 0 ? 0 : 1 + varintSize(length) + length;
}

function numberFieldSize(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value);
}

/** Bytes of the entry's mvccpb.KeyValue as etcd stores it. */
export function keyValueSize(entry: Entry): number {
  if (entry.key.length === 0) return 0;
  const keySize = bytesFieldSize(entry.key.length);
  if (entry.tombstone) return keySize;
  return (
    keySize +
    numberFieldSize(entry.createRevision) +
    numberFieldSize(entry.modRevision) +
    numberFieldSize(entry.version) +
    bytesFieldSize(entry.value.length) +
    (entry.lease === 0n ? 0 : 1 + int64Size(entry.lease))
  );
}

/** Bytes of the key of the entry's row. */
export function rowKeySize(entry: Entry): number {
  return entry.tombstone ? REVISION_BYTES + 1 : REVISION_BYTES;
}

/** Bytes the entry takes in etcd's database, key and value. */
export function recordSize(entry: Entry): number {
  return rowKeySize(entry) + keyValueSize(entry);
}

/** An entry as the row of etcd's database. */
export interface EntryRecord {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly value: Uint8Array<ArrayBuffer>;
}

/** Writes records one after the other into one buffer that is used again for each. */
export class RecordEncoder {
  bytes: Uint8Array<ArrayBuffer> = EMPTY_BYTES;
  #at = 0;

  /** Encodes one record into `bytes`; returns its length. */
  encode(entry: Entry): number {
    this.#begin(recordSize(entry));
    this.#rowKey(entry);
    this.#keyValue(entry);
    return this.#at;
  }

  /** The record in the buffer: good until the next one. */
  encoded(entry: Entry): EntryRecord {
    const size = this.encode(entry);
    const keyBytes = rowKeySize(entry);
    return { key: this.bytes.subarray(0, keyBytes), value: this.bytes.subarray(keyBytes, size) };
  }

  /** The record, key and value each in a buffer of its own. */
  record(entry: Entry): EntryRecord {
    const size = this.encode(entry);
    const keyBytes = rowKeySize(entry);
    return { key: this.bytes.slice(0, keyBytes), value: this.bytes.slice(keyBytes, size) };
  }

  /** The key of the entry's row alone. */
  rowKey(entry: Entry): Uint8Array<ArrayBuffer> {
    this.#begin(rowKeySize(entry));
    this.#rowKey(entry);
    return this.bytes.slice(0, this.#at);
  }

  #begin(size: number): void {
    if (this.bytes.length < size) this.bytes = new Uint8Array(size * 2);
    this.#at = 0;
  }

  #rowKey(entry: Entry): void {
    this.#bigEndian64(entry.modRevision);
    this.#byte(0x5f);
    this.#bigEndian64(entry.subRevision);
    if (entry.tombstone) this.#byte(0x74);
  }

  #keyValue(entry: Entry): void {
    if (entry.key.length === 0) return;
    this.#byte(Tag.key);
    this.#varint(entry.key.length);
    for (let at = 0; at < entry.key.length; at++) this.#byte(entry.key.charCodeAt(at));
    if (entry.tombstone) return;
    this.#numberField(Tag.createRevision, entry.createRevision);
    this.#numberField(Tag.modRevision, entry.modRevision);
    this.#numberField(Tag.version, entry.version);
    if (entry.value.length > 0) {
      this.#byte(Tag.value);
      this.#varint(entry.value.length);
      this.bytes.set(entry.value, this.#at);
      this.#at += entry.value.length;
    }
    if (entry.lease !== 0n) {
      this.#byte(Tag.lease);
      this.#varint64(entry.lease);
    }
  }

  #byte(byte: number): void {
    this.bytes[this.#at++] = byte;
  }

  #bigEndian64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    for (let shift = 24; shift >= 0; shift -= 8) this.#byte((high >>> shift) & 0xff);
    for (let shift = 24; shift >= 0; shift -= 8) this.#byte((value >>> shift) & 0xff);
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#byte((rest % 128) | 0x80);
    this.#byte(rest);
  }

  #varint64(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 128n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest));
  }

  #numberField(tag: number, value: number): void {
    if (value === 0) return;
    this.#byte(tag);
    this.#varint(value);
  }
}
