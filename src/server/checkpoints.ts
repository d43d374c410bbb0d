import type { Lease, Lessor } from "../lease/index.ts";
import type { Clock } from "./clock.ts";

/** etcd's interval. A lease that lasts no longer is not worth it: it will have been renewed, or have ended. */
const INTERVAL_MS = 5 * 60 * 1000;
/** Leases looked at in one go before others get their turn. */
const BATCH_LEASES = 1000;
const PAUSE_MS = 10;

export interface LeaseCheckpointsOptions {
  readonly clock: Clock;
  readonly lessor: Lessor;
  /** Told of each lease of which something else is to be kept now. */
  readonly record: (lease: Lease) => void;
}

/**
 * Has the time that leases have left written down from time to time, so that a restart does not give all of it
 * back. Until the next time they have more than what is written, which never ends a lease early: the time in
 * which nothing runs does not count, and a renewal counts at once.
 */
export class LeaseCheckpoints {
  readonly #options: LeaseCheckpointsOptions;
  #cancelTimer: (() => void) | undefined;

  constructor(options: LeaseCheckpointsOptions) {
    this.#options = options;
    this.#wait();
  }

  /** Of every lease, now. */
  writeAll(): void {
    for (const id of this.#options.lessor.longerThan(0)) this.#write(id);
  }

  close(): void {
    this.#cancelTimer?.();
  }

  #wait(): void {
    const { clock, lessor } = this.#options;
    this.#cancelTimer = clock.setTimer(INTERVAL_MS, () => this.#goThrough(lessor.longerThan(INTERVAL_MS)));
  }

  #goThrough(ids: Iterator<bigint>): void {
    for (let count = 0; count < BATCH_LEASES; count++) {
      const next = ids.next();
      if (next.done) {
        this.#wait();
        return;
      }
      this.#write(next.value);
    }
    this.#cancelTimer = this.#options.clock.setTimer(PAUSE_MS, () => this.#goThrough(ids));
  }

  #write(id: bigint): void {
    const { clock, lessor, record } = this.#options;
    const lease = lessor.checkpoint(id, clock.now());
    if (lease !== undefined) record(lease);
  }
}
