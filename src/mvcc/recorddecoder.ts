import type { Arena } from "./arena.ts";
import { EMPTY_BYTES, keyFromBytes } from "./bytes.ts";
import type { Entry } from "./entry.ts";
import { REVISION_BYTES, Tag } from "./record.ts";

const TOMBSTONE_BYTES = REVISION_BYTES + 1;

/**
 * Reads records that RecordEncoder wrote, or etcd. Not total: bytes that are no record may be found out or give
 * an entry that makes no sense, so that who reads a storage must be able to rely on it.
 */
export class RecordDecoder {
  readonly #arena: Arena;
  #bytes: Uint8Array = EMPTY_BYTES;
  #at = 0;

  /** @param arena where values are copied to: they may come as views of something much larger */
  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Undefined where these are not the key and the value of a record. */
  decode(key: Uint8Array, value: Uint8Array): Entry | undefined {
    const tombstone = key.length === TOMBSTONE_BYTES;
    if ((!tombstone && key.length !== REVISION_BYTES) || key[8] !== 0x5f || (tombstone && key[17] !== 0x74)) {
      return undefined;
    }
    this.#bytes = value;
    this.#at = 0;
    const modRevision = bigEndian64(key, 0);
    const subRevision = bigEndian64(key, 9);
    const entry = this.#keyValue(modRevision, subRevision, tombstone);
    const isMark = value.length === 0 && !tombstone;
    return this.#at === value.length && (entry.key !== "" || isMark) ? entry : undefined;
  }

  #keyValue(modRevision: number, subRevision: number, tombstone: boolean): Entry {
    let key = "";
    let value: Uint8Array = EMPTY_BYTES;
    let createRevision = 0;
    let version = 0;
    let lease = 0n;
    const { length } = this.#bytes;
    while (this.#at < length) {
      switch (this.#bytes[this.#at++]) {
        case Tag.key:
          key = keyFromBytes(this.#field());
          break;
        case Tag.value:
          value = this.#value();
          break;
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
    return { key, value, createRevision, modRevision, subRevision, version, lease, tombstone };
  }

  #value(): Uint8Array {
    const length = this.#varint();
    const start = this.#at;
    this.#at += length;
    return this.#arena.copyOf(this.#bytes, start, this.#at);
  }

  #field(): Uint8Array {
    const length = this.#varint();
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
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
