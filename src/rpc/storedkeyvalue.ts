import type { KeyValue } from "../gen/mvccpb/kv_pb.ts";
import { bytesFromKey, type StoredEntry } from "../mvcc/index.ts";

/**
 * A mvccpb.KeyValue as the store keeps it, which is as it is on the wire: an encoder that knows it copies its bytes. To
 * all others it is a message like any other, whose fields are read when they are asked for.
 */
export class StoredKeyValue implements KeyValue {
  readonly #entry: StoredEntry;

  /** @param entry not of a tombstone, whose KeyValue on the wire has a revision more */
  constructor(entry: StoredEntry) {
    this.#entry = entry;
  }

  get $typeName(): "mvccpb.KeyValue" {
    return "mvccpb.KeyValue";
  }

  get key(): Uint8Array {
    return bytesFromKey(this.#entry.key);
  }

  get createRevision(): bigint {
    return BigInt(this.#entry.createRevision);
  }

  get modRevision(): bigint {
    return BigInt(this.#entry.modRevision);
  }

  get version(): bigint {
    return BigInt(this.#entry.version);
  }

  get value(): Uint8Array {
    return this.#entry.value;
  }

  get lease(): bigint {
    return this.#entry.lease;
  }

  get encodedBytes(): number {
    return this.#entry.keyValueSize;
  }

  /** Copies the message's `encodedBytes`, for which there must be room. */
  copyEncoded(to: Uint8Array, at: number): void {
    this.#entry.copyKeyValue(to, at);
  }
}
