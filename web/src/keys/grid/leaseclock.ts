import { useEffect, useState } from "react";
import { useConnection } from "../../app/context.ts";
import type { Clients } from "../../store/clients.ts";
import { background } from "../../store/requestlog.ts";

const REREAD_MS = 10_000;
const GATHER_MS = 200;
const MAX_AT_ONCE = 8;
const TICK_MS = 1_000;

interface Held {
  /** Undefined while it is not known; 0 for a lease that is gone. */
  expiresAtMs: number | undefined;
  readAtMs: number;
}

/** When the leases that are shown end, asked of the store now and then and counted down between. */
class LeaseClock {
  readonly #client: Clients["lease"];
  readonly #held = new Map<bigint, Held>();
  readonly #shown = new Map<bigint, number>();
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Clients["lease"]) {
    this.#client = client;
  }

  /** Asks about a lease for as long as it is shown, and tells of each second. */
  show(lease: bigint, listener: () => void): () => void {
    this.#shown.set(lease, (this.#shown.get(lease) ?? 0) + 1);
    this.#listeners.add(listener);
    if (this.#listeners.size === 1 || !this.#held.has(lease)) this.#schedule(GATHER_MS);
    return () => {
      this.#listeners.delete(listener);
      const count = (this.#shown.get(lease) ?? 1) - 1;
      if (count > 0) this.#shown.set(lease, count);
      else this.#shown.delete(lease);
    };
  }

  remainingMs(lease: bigint): number | undefined {
    const expiresAtMs = this.#held.get(lease)?.expiresAtMs;
    return expiresAtMs === undefined ? undefined : Math.max(0, expiresAtMs - Date.now());
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tick(), delayMs);
  }

  async #tick(): Promise<void> {
    const dueMs = Date.now() - REREAD_MS;
    const due = [...this.#shown.keys()].filter((lease) => (this.#held.get(lease)?.readAtMs ?? 0) < dueMs);
    await Promise.all(due.slice(0, MAX_AT_ONCE).map((lease) => this.#read(lease)));
    for (const listener of [...this.#listeners]) listener();
    if (this.#listeners.size > 0) this.#schedule(due.length > MAX_AT_ONCE ? 0 : TICK_MS);
  }

  async #read(lease: bigint): Promise<void> {
    const readAtMs = Date.now();
    try {
      const { TTL } = await this.#client.leaseTimeToLive({ ID: lease }, { contextValues: background });
      this.#held.set(lease, { readAtMs, expiresAtMs: TTL < 0n ? 0 : Date.now() + Number(TTL) * 1_000 });
    } catch {
      // Not told: what was known counts on, and it is asked again later.
      this.#held.set(lease, { readAtMs, expiresAtMs: this.#held.get(lease)?.expiresAtMs });
    }
  }
}

const clocks = new WeakMap<Clients["lease"], LeaseClock>();

/** Milliseconds that a lease has left; undefined while that is not known. */
export function useLeaseRemainingMs(lease: bigint): number | undefined {
  const { clients } = useConnection();
  const clock = clocks.get(clients.lease) ?? new LeaseClock(clients.lease);
  clocks.set(clients.lease, clock);
  const [, redraw] = useState(0);
  useEffect(() => clock.show(lease, () => redraw((count) => count + 1)), [clock, lease]);
  return clock.remainingMs(lease);
}
