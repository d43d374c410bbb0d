import { EMPTY_BYTES, keyFromBytes } from "./bytes.ts";
import type { Entry } from "./entry.ts";
import { MAX_ROW_KEY_BYTES, REVISION_BYTES, Tag } from "./record.ts";

/** What of an entry is not in its mvccpb.KeyValue, or need not be read there. */
export interface EntryMark {
  readonly modRevision: number;
  readonly subRevision: number;
  readonly tombstone: boolean;
  /** Undefined where it is to be read. */
  readonly key: string | undefined;
}

/**
 * Reads records that this store wrote, or etcd. Not total: bytes that are no record may be found out or give
 * an entry that makes no sense, so that who reads a storage must be able to rely on it.
 */
export class RecordDecoder {
  #bytes: Uint8Array = EMPTY_BYTES;
  #at = 0;

  /** Undefined where these are not the key and the value of a record. The entry's value is a part of the row's. */
  decode(key: Uint8Array, value: Uint8Array): Entry | undefined {
    const tombstone = key.length === MAX_ROW_KEY_BYTES;
    if ((!tombstone && key.length !== REVISION_BYTES) || key[8] !== 0x5f || (tombstone && key[17] !== 0x74)) {
      return undefined;
    }
    const mark = { modRevision: bigEndian64(key, 0), subRevision: bigEndian64(key, 9), tombstone, key: undefined };
    const entry = this.keyValue(value, 0, value.length, mark);
    const isMark = value.length === 0 && !tombstone;
    return this.#at === value.length && (entry.key !== "" || isMark) ? entry : undefined;
  }

  /** An entry from its mvccpb.KeyValue, of which its value is a part. */
  keyValue(bytes: Uint8Array, start: number, end: number, mark: EntryMark): Entry {
    this.#bytes = bytes;
    this.#at = start;
    let { key } = mark;
    let value: Uint8Array = EMPTY_BYTES;
    let createRevision = 0;
    let version = 0;
    let lease = 0n;
    while (this.#at < end) {
      switch (bytes[this.#at++]) {
        case Tag.key: {
          const field = this.#field();
          key ??= keyFromBytes(bytes.subarray(field, this.#at));
          break;
        }
        case Tag.value: {
          const field = this.#field();
          value = bytes.subarray(field, this.#at);
          break;
        }
        case Tag.createRevision:
          createRevision = this.#varint();
          break;
        case Tag.modRevision:
          this.#varint();
          break;
        case Tag.version:
          version = this.#varint();
          break;
        case Tag.lease:
          lease = this.#varint64();
          break;
        default:
          this.#at = Number.POSITIVE_INFINITY;
      }
    }
    const { modRevision, subRevision, tombstone } = mark;
    return { key: key ?? "", value, createRevision, modRevision, subRevision, version, lease, tombstone };
  }

  /** Passes over a field of bytes; returns where it starts. */
  #field(): number {
    const length = this.#varint();
    const start = this.#at;
    this.#at += length;
    return start;
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0;
      if (byte < 128) return value + byte * scale;
      value += (byte - 128) * scale;
    }
  }

  #varint64(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
  }
}

function bigEndian64(bytes: Uint8Array, from: number): number {
  let value = 0;
  for (let at = from; at < from + 8; at++) value = value * 256 + (bytes[at] as number);
  return value;
}
