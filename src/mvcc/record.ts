import { copyBytes } from "./bytes.ts";
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
/** The longest key of a row. */
export const MAX_ROW_KEY_BYTES = REVISION_BYTES + 1;

export const Tag = { key: 0x0a, createRevision: 0x10, modRevision: 0x18, version: 0x20, value: 0x2a, lease: 0x30 };

const SEPARATOR = 0x5f;
const TOMBSTONE_MARK = 0x74;

/** Bytes of `value` as a varint; up to 2^53. */
export function varintSize(value: number): number {
  let size = 1;
  let rest = value;
  for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 128)) size++;
  for (; rest >= 128; rest >>>= 7) size++;
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

/** More than all tags, lengths and numbers of a mvccpb.KeyValue take. */
export const MAX_KEY_VALUE_OVERHEAD_BYTES = 64;

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

/** Bytes of the key of an entry's row. */
export function rowKeySize(tombstone: boolean): number {
  return tombstone ? MAX_ROW_KEY_BYTES : REVISION_BYTES;
}

/** An entry as the row of etcd's database. */
export interface EntryRecord {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly value: Uint8Array<ArrayBuffer>;
}

/** The key of a row, in a buffer of its own. */
export function rowKey(revision: number, subRevision: number, tombstone: boolean): Uint8Array<ArrayBuffer> {
  const key = new Uint8Array(rowKeySize(tombstone));
  writeRowKey(key, revision, subRevision, tombstone);
  return key;
}

/** Writes an entry's row, the value right behind the key; there must be room for both. */
export function writeRecord(bytes: Uint8Array, start: number, entry: Entry): void {
  const { modRevision, subRevision, tombstone } = entry;
  writeKeyValue(bytes, start + writeRowKey(bytes, modRevision, subRevision, tombstone, start), entry);
}

/** Returns how long it is. */
export function writeRowKey(
  bytes: Uint8Array,
  revision: number,
  subRevision: number,
  tombstone: boolean,
  start = 0,
): number {
  writeBigEndian64(bytes, start, revision);
  bytes[start + 8] = SEPARATOR;
  writeBigEndian64(bytes, start + 9, subRevision);
  if (tombstone) bytes[start + REVISION_BYTES] = TOMBSTONE_MARK;
  return rowKeySize(tombstone);
}

/**
 * Writes the mvccpb.KeyValue, for which there must be room; returns where it ends.
 *
 * @param keyBytes begin with the entry's key, where somebody has it as bytes
 */
export function writeKeyValue(bytes: Uint8Array, start: number, entry: Entry, keyBytes?: Uint8Array): number {
  const { key, value } = entry;
  if (key.length === 0) return start;
  let at = start;
  bytes[at++] = Tag.key;
  at = writeVarint(bytes, at, key.length);
  if (keyBytes === undefined)
    for (let index = 0; index < key.length; index++) bytes[at + index] = key.charCodeAt(index);
  else copyBytes(keyBytes, 0, key.length, bytes, at);
  at += key.length;
  if (entry.tombstone) return at;
  at = writeNumberField(bytes, at, Tag.createRevision, entry.createRevision);
  at = writeNumberField(bytes, at, Tag.modRevision, entry.modRevision);
  at = writeNumberField(bytes, at, Tag.version, entry.version);
  if (value.length > 0) {
    bytes[at++] = Tag.value;
    at = writeVarint(bytes, at, value.length);
    copyBytes(value, 0, value.length, bytes, at);
    at += value.length;
  }
  if (entry.lease === 0n) return at;
  bytes[at++] = Tag.lease;
  return writeVarint64(bytes, at, entry.lease);
}

function writeBigEndian64(bytes: Uint8Array, start: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  let at = start;
  for (let shift = 24; shift >= 0; shift -= 8) bytes[at++] = (high >>> shift) & 0xff;
  for (let shift = 24; shift >= 0; shift -= 8) bytes[at++] = (value >>> shift) & 0xff;
}

function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  // Bit operations hold 31 bits, and are much faster.
  for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 0x80;
  for (; rest >= 128; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}

function writeVarint64(bytes: Uint8Array, start: number, value: bigint): number {
  let at = start;
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 128n; rest >>= 7n) bytes[at++] = Number(rest & 0x7fn) | 0x80;
  bytes[at++] = Number(rest);
  return at;
}

function writeNumberField(bytes: Uint8Array, start: number, tag: number, value: number): number {
  if (value === 0) return start;
  bytes[start] = tag;
  return writeVarint(bytes, start + 1, value);
}
