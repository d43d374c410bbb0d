import type { Lessor } from "../lease/index.ts";
import {
  type DeleteRangeRequest,
  type DeleteRangeResponse,
  type Entry,
  isSingleKey,
  type KeyRange,
  type Store,
} from "../mvcc/index.ts";
import type { EffectSink } from "./effects.ts";
import { sorting } from "./sorting.ts";

/** Up to so many keys go in one step. */
const SMALL = 1000;
/** Keys that are no longer a lease's between two turns of others. */
const DETACHED_PER_STEP = 5000;

/**
 * Large deletes, of a range and of a lease with its keys: they do what a small one does in one step, and write the
 * same, but others have their turn between steps:
 *
 *     steps       tombstones   tombstones   …   watchers found   commit   keys detached
 *     they see    the revision before ─────────────────────────► all of it
 *
 * Nothing else may be written meanwhile, nor asked for the keys of leases.
 */
export class Deletions {
  readonly #store: Store;
  readonly #lessor: Lessor;
  readonly #sink: EffectSink | undefined;

  constructor(store: Store, lessor: Lessor, sink: EffectSink | undefined) {
    this.#store = store;
    this.#lessor = lessor;
    this.#sink = sink;
  }

  isLarge(range: KeyRange): boolean {
    return !isSingleKey(range) && this.#store.count(range, 0) > SMALL;
  }

  isLargeLease(id: bigint): boolean {
    return this.#lessor.keyCount(id) > SMALL;
  }

  *range(request: DeleteRangeRequest): Generator<void, DeleteRangeResponse> {
    const { index } = this.#store;
    const write = this.#store.write();
    const { revision } = write;
    const prevKvs: Entry[] = [];
    const slices = index.slicesAt(request, revision);
    const keys = yield* write.deleting(slices, (id) => {
      const entry = request.prevKv ? index.at(id, revision) : undefined;
      if (entry !== undefined) prevKvs.push(entry);
    });
    write.commit();
    yield* this.#detaching(keys);
    return { revision: write.revision, deleted: keys.length, prevKvs };
  }

  /** The lease is there until its keys are gone. */
  *lease(id: bigint): Generator<void, void> {
    const write = this.#store.write();
    const sorted = yield* sorting(this.#lessor.keysOf(id));
    const keys = yield* write.deleting(this.#store.index.slicesOf(sorted));
    this.#lessor.forget(id);
    this.#sink?.({ kind: "leaseRevoked", id });
    write.commit();
    yield* this.#detaching(keys);
  }

  *#detaching(keys: readonly string[]): Generator<void> {
    if (!this.#lessor.hasAttachedKeys) return;
    for (const [at, key] of keys.entries()) {
      if (at % DETACHED_PER_STEP === DETACHED_PER_STEP - 1) yield;
      this.#lessor.attach(key, 0n);
    }
  }
}
