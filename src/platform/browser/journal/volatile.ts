import type { Bucket, Journal, Row } from "../../../journal/index.ts";
import type { BucketRows } from "../file/export.ts";

/** A journal that keeps nothing; it may begin with rows. */
export class VolatileJournal implements Journal {
  readonly kind = "memory";
  #parts: readonly BucketRows[];

  constructor(parts: readonly BucketRows[] = []) {
    this.#parts = parts;
  }

  async *rows(bucket: Bucket): AsyncGenerator<readonly Row[]> {
    for (const part of this.#parts) if (part.bucket === bucket && part.rows.length > 0) yield part.rows;
  }

  /** What it began with has been read by now. */
  async write(): Promise<void> {
    this.#parts = [];
  }

  async close(): Promise<void> {
    this.#parts = [];
  }
}
