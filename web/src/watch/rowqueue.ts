import type { Row } from "./row.ts";

/** How much room a queue of rows wastes at its head before it is given back. */
const MAX_WASTE = 10_000;

/** Rows in order: new ones at the end, old ones go from the beginning. */
export class RowQueue {
  #rows: Row[] = [];
  #head = 0;
  #sizeBytes = 0;

  get length(): number {
    return this.#rows.length - this.#head;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  at(index: number): Row | undefined {
    return index < 0 ? undefined : this.#rows[this.#head + index];
  }

  push(row: Row): void {
    this.#rows.push(row);
    this.#sizeBytes += row.sizeBytes;
  }

  shift(): void {
    const row = this.#rows[this.#head];
    if (row === undefined) return;
    this.#sizeBytes -= row.sizeBytes;
    this.#head++;
    if (this.#head < MAX_WASTE) return;
    this.#rows = this.#rows.slice(this.#head);
    this.#head = 0;
  }

  /** Drops the oldest until both bounds hold; the newest row stays, however large it is. */
  trim(maxRows: number, maxBytes: number): void {
    while (this.length > maxRows || (this.#sizeBytes > maxBytes && this.length > 1)) this.shift();
  }

  clear(): void {
    this.#rows = [];
    this.#head = 0;
    this.#sizeBytes = 0;
  }

  *[Symbol.iterator](): Generator<Row> {
    for (let at = this.#head; at < this.#rows.length; at++) {
      const row = this.#rows[at];
      if (row !== undefined) yield row;
    }
  }

  /** The index of a row, or of the first after it. */
  indexOf(sequence: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.at(middle)?.sequence ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
