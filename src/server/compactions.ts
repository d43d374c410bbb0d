import type { DroppedRows, Store } from "../mvcc/index.ts";
import type { Clock } from "./clock.ts";
import type { Compaction, EffectSink } from "./effects.ts";
import type { DatabaseSize } from "./quota.ts";

/** Done within the request: all there is of a small store. */
const SLICES_AT_ONCE = 4;
/** Then others get their turn after each so many. */
const SLICES_PER_TURN = 2;

export interface CompactionsOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly size: DatabaseSize;
  readonly sink: EffectSink | undefined;
}

/** Has compactions brought to their end in slices, between which everybody else gets a turn. */
export class Compactions {
  readonly #options: CompactionsOptions;
  #cancelTimer: (() => void) | undefined;
  /** By whom the end of a compaction is awaited. */
  readonly #waiting = new Set<() => void>();

  constructor(options: CompactionsOptions) {
    this.#options = options;
  }

  /** @param finished called once, at its end or at `close` @throws EtcdError `compacted`, `futureRevision` */
  begin(revision: number, finished?: () => void): void {
    const { store, sink } = this.#options;
    const compaction = (): Compaction => {
      return { revision, hashes: store.compactionHashes, peakBytes: this.#options.size.peakBytes };
    };
    const end = (): void => {
      sink?.({ kind: "compactionFinished", compaction: compaction() });
      if (finished !== undefined && this.#waiting.delete(finished)) finished();
    };
    const dropped = sink === undefined ? undefined : (rows: DroppedRows): void => sink({ kind: "dropped", rows });
    store.beginCompaction(revision, { dropped, finished: end });
    sink?.({ kind: "compacted", compaction: compaction() });
    if (finished !== undefined) this.#waiting.add(finished);
    if (this.#cancelTimer === undefined) this.#continue(SLICES_AT_ONCE);
  }

  /** What is left is for the next start. */
  close(): void {
    this.#cancelTimer?.();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const finished of waiting) finished();
  }

  #continue(slices: number): void {
    const { clock, store } = this.#options;
    this.#cancelTimer = undefined;
    for (let count = 0; count < slices; count++) if (!store.continueCompaction()) return;
    this.#cancelTimer = clock.setTimer(0, () => this.#continue(SLICES_PER_TURN));
  }
}
