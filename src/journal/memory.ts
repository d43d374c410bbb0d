import type { Journal } from "./journal.ts";
import { BUCKETS, type Bucket, type Change, type Row } from "./rows.ts";

const BATCH_ROWS = 1000;

/** What stays when a MemoryJournal is closed: open another on it to read it again. */
export class MemoryStorage {
  /** By bucket and by the key's bytes, a character each. */
  readonly buckets: ReadonlyMap<Bucket, Map<string, Row>> = new Map(BUCKETS.map((bucket) => [bucket, new Map()]));

  /** Makes changes in one step. */
  apply(changes: Iterable<Change>): void {
    for (const { bucket, key, value } of changes) {
      const rows = this.buckets.get(bucket);
      if (value === undefined) rows?.delete(orderOf(key));
      else rows?.set(orderOf(key), { key, value });
    }
  }
}

/** A journal that lasts as long as its storage object: for tests, and as the measure of what the others add. */
export class MemoryJournal implements Journal {
  readonly kind = "memory";
  readonly #storage: MemoryStorage;
  #closed = false;

  constructor(storage = new MemoryStorage()) {
    this.#storage = storage;
  }

  async *rows(bucket: Bucket): AsyncGenerator<readonly Row[]> {
    this.#check();
    const sorted = [...(this.#storage.buckets.get(bucket) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    for (let at = 0; at < sorted.length; at += BATCH_ROWS) {
      yield sorted.slice(at, at + BATCH_ROWS).map(([, row]) => row);
      this.#check();
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    this.#check();
    this.#storage.apply(changes);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #check(): void {
    if (this.#closed) throw new Error("the journal is closed");
  }
}

/** A string that sorts as the bytes do. */
function orderOf(key: Uint8Array): string {
  let order = "";
  for (const byte of key) order += String.fromCharCode(byte);
  return order;
}
