/** The time of the browser, for a store in a worker. */
import type { Clock } from "../../server/index.ts";

/** setTimeout takes no longer delay: a later one is reached in steps. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export const browserClock: Clock = {
  now: () => performance.now(),

  setTimer(delayMs, callback) {
    const atMs = performance.now() + delayMs;
    let timer: ReturnType<typeof setTimeout>;
    const arm = (): void => {
      const leftMs = atMs - performance.now();
      const step = leftMs > MAX_TIMEOUT_MS ? arm : callback;
      timer = setTimeout(step, Math.min(Math.max(0, leftMs), MAX_TIMEOUT_MS));
    };
    arm();
    return () => clearTimeout(timer);
  },
};
