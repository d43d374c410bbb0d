/** A journal in a test's hands: writes wait until they are let go, or fail. */
import { type Change, MemoryJournal, type MemoryStorage } from "../../../src/journal/index.ts";

interface HeldWrite {
  readonly changes: readonly Change[];
  readonly settle: (error?: unknown) => void;
}

export class HeldJournal extends MemoryJournal {
  /** All writes that were asked for, with how many changes each. */
  readonly writes: number[] = [];
  /** Not yet let go. */
  readonly held: HeldWrite[] = [];
  closed = false;
  #holding = false;
  #failure: unknown;
  readonly #storage: MemoryStorage;

  constructor(storage: MemoryStorage) {
    super(storage);
    this.#storage = storage;
  }

  hold(): void {
    this.#holding = true;
  }

  /** Lets all writes go, now and from now on. */
  release(): void {
    this.#holding = false;
    this.letGo(this.held.length);
  }

  letGo(count = 1): void {
    for (const write of this.held.splice(0, count)) write.settle();
  }

  /** From now on every write fails, also those that are held. */
  fail(error: unknown): void {
    this.#failure = { error };
    for (const write of this.held.splice(0)) write.settle(this.#failure);
  }

  override write(changes: readonly Change[]): Promise<void> {
    this.writes.push(changes.length);
    return new Promise((resolve, reject) => {
      const settle = (failure: unknown = this.#failure): void => {
        if (failure !== undefined) reject((failure as { error: unknown }).error);
        else {
          this.#storage.apply(changes);
          resolve();
        }
      };
      if (this.#holding && this.#failure === undefined) this.held.push({ changes, settle });
      else settle();
    });
  }

  override async close(): Promise<void> {
    this.closed = true;
    await super.close();
  }
}
