/** The time of the machine. Its timers keep no process alive: the sockets of a server do that. */
import type { Clock } from "../../server/index.ts";

/** setTimeout takes no longer delay: a later one is reached in steps. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export const realClock: Clock = {
  now: () => performance.now(),

  setTimer(delayMs, callback) {
    const atMs = performance.now() + delayMs;
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = atMs - performance.now();
      const step = leftMs > MAX_TIMEOUT_MS ? arm : callback;
      timer = setTimeout(step, Math.min(Math.max(0, leftMs), MAX_TIMEOUT_MS));
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};
