import type { Bucket, Change, Journal, Row } from "../../../journal/index.ts";

/**
 * A journal that gives up keeping things when they cannot be kept, rather than refuse them: from the first
 * failure on, writes are taken and forgotten, and who opened it is told.
 */
export class DegradingJournal implements Journal {
  readonly kind: string;
  readonly #journal: Journal;
  readonly #onFailure: (error: unknown) => void;
  #failed = false;

  constructor(journal: Journal, onFailure: (error: unknown) => void) {
    this.kind = journal.kind;
    this.#journal = journal;
    this.#onFailure = onFailure;
  }

  rows(bucket: Bucket): AsyncIterable<readonly Row[]> {
    return this.#journal.rows(bucket);
  }

  async write(changes: readonly Change[]): Promise<void> {
    if (this.#failed) return;
    try {
      await this.#journal.write(changes);
    } catch (error) {
      if (this.#failed) return;
      this.#failed = true;
      this.#onFailure(error);
    }
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}
