/** A key that changes each second, to have something live to look at. */
import { utf8 } from "../store/bytes.ts";

export interface TickerEnvironment {
  readonly put: (value: Uint8Array, signal: AbortSignal) => Promise<void>;
  readonly now: () => Date;
  readonly isVisible: () => boolean;
  /** Settles after a second, or when the signal is aborted. */
  readonly second: (signal: AbortSignal) => Promise<void>;
  /** Runs one at a time over all tabs, waiting until it may. */
  readonly exclusively: (signal: AbortSignal, run: () => Promise<void>) => Promise<void>;
}

/** After so long without being stopped it stops by itself: every tick is a revision that is kept. */
export const MAX_TICKS = 600;

/** Ticks until the signal is aborted; settles then, or when it has ticked enough. */
export async function runTicker(environment: TickerEnvironment, signal: AbortSignal): Promise<void> {
  await environment.exclusively(signal, async () => {
    for (let tick = 1; tick <= MAX_TICKS && !signal.aborted; ) {
      if (environment.isVisible()) {
        const value = { tick, time: environment.now().toISOString() };
        await environment.put(utf8(JSON.stringify(value)), signal);
        tick++;
      }
      await environment.second(signal);
    }
  });
}

const TICKER_LOCK = "etcdlite/ticker";
const TICK_MS = 1_000;

/** Of this page; `put` writes to its store. */
export function pageEnvironment(put: TickerEnvironment["put"]): TickerEnvironment {
  return {
    put,
    now: () => new Date(),
    isVisible: () => document.visibilityState === "visible",
    second: (signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", end);
          resolve();
        };
        const timer = setTimeout(end, TICK_MS);
        signal.addEventListener("abort", end);
      }),
    exclusively: async (signal, run) => {
      if (!("locks" in navigator)) return run();
      try {
        await navigator.locks.request(TICKER_LOCK, { signal }, run);
      } catch (error) {
        // Stopped before its turn came.
        if (!signal.aborted) throw error;
      }
    },
  };
}
