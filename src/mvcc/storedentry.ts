import type { Entry } from "./entry.ts";
import { RecordDecoder } from "./recorddecoder.ts";
import type { Segment } from "./segment.ts";

const DECODER = new RecordDecoder();

/**
 * An entry where it is kept: what is asked of it is read then, which for most that go into a reply is nothing, as their
 * bytes are copied. A segment never changes what it holds, so this stays what it is, be it compacted meanwhile.
 */
export class StoredEntry implements Entry {
  readonly #segment: Segment;
  readonly #row: number;
  readonly #key: string | undefined;
  #read: Entry | undefined;

  /** @param key the entry's, where it is known */
  constructor(segment: Segment, row: number, key: string | undefined) {
    this.#segment = segment;
    this.#row = row;
    this.#key = key;
  }

  get key(): string {
    return this.#key ?? this.#fields.key;
  }

  get value(): Uint8Array {
    return this.#fields.value;
  }

  get createRevision(): number {
    return this.#fields.createRevision;
  }

  get modRevision(): number {
    return this.#segment.revision(this.#row);
  }

  get subRevision(): number {
    return this.#segment.subRevision(this.#row);
  }

  get version(): number {
    return this.#fields.version;
  }

  get lease(): bigint {
    return this.#fields.lease;
  }

  get tombstone(): boolean {
    return this.#segment.isTombstone(this.#row);
  }

  /** Bytes of its row in etcd's database. */
  get recordSize(): number {
    return this.#segment.recordSize(this.#row);
  }

  /** Bytes of its mvccpb.KeyValue. */
  get keyValueSize(): number {
    return this.#segment.valueSize(this.#row);
  }

  /** Copies its mvccpb.KeyValue, for which there must be room. */
  copyKeyValue(to: Uint8Array, at: number): void {
    this.#segment.copyValue(this.#row, to, at);
  }

  get #fields(): Entry {
    this.#read ??= this.#segment.entry(this.#row, DECODER, this.#key);
    return this.#read;
  }
}
