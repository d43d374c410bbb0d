/**
 * RFC 7541, 2.3.2 and 4: the fields sent before, newest first, as many as fit. They are kept oldest first in an array
 * of which the front is cut off now and then, so that neither an insertion nor an eviction moves anything:
 *
 *     [ gone, gone, oldest, …, newest ]
 *                   ▲ #first
 */
import type { Field } from "./static-table.ts";

/** What an entry costs besides its characters (4.1). */
export const ENTRY_OVERHEAD_BYTES = 32;
const MAX_GONE = 64;

export class DynamicTable {
  /** Counts the changes: what was looked up under a version is still there under the same. */
  version = 0;
  #fields: Field[] = [];
  #first = 0;
  #bytes = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#fields.length - this.#first;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** @param index 0 for the newest */
  get(index: number): Field | undefined {
    return index < this.length ? this.#fields[this.#fields.length - 1 - index] : undefined;
  }

  /** The index of the newest equal field, else of the newest with the name as `-2 - index`, else -1. */
  find(name: string, value: string): number {
    let named = -1;
    const fields = this.#fields;
    for (let at = fields.length - 1; at >= this.#first; at--) {
      const field = fields[at] as Field;
      if (field.name !== name) continue;
      const index = fields.length - 1 - at;
      if (field.value === value) return index;
      if (named === -1) named = -2 - index;
    }
    return named;
  }

  /** One that is larger than the table empties it (4.4). */
  add(field: Field): void {
    this.version++;
    const bytes = sizeOf(field);
    this.#evict(Math.max(0, this.#maxBytes - bytes));
    if (bytes > this.#maxBytes) return;
    this.#fields.push(field);
    this.#bytes += bytes;
  }

  resize(maxBytes: number): void {
    this.version++;
    this.#maxBytes = maxBytes;
    this.#evict(maxBytes);
  }

  #evict(toBytes: number): void {
    while (this.#bytes > toBytes) this.#bytes -= sizeOf(this.#fields[this.#first++] as Field);
    if (this.#first > MAX_GONE || this.#first === this.#fields.length) {
      this.#fields = this.#fields.slice(this.#first);
      this.#first = 0;
    }
  }
}

function sizeOf({ name, value }: Field): number {
  return name.length + value.length + ENTRY_OVERHEAD_BYTES;
}
