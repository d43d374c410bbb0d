/**
 * Preloaded into the server (`--import`): how long its event loop keeps others waiting, in CPU time, which a machine that
 * does something else does not lengthen. On SIGIO it prints what was since the last time, as `turns {…}`.
 *
 *     a tick comes as soon as the loop is free ── CPU time since the tick before: what one had to wait for who came then
 */
import { isMainThread } from "node:worker_threads";

export interface TurnsSeen {
  readonly longestMs: number;
  readonly periodMs: number;
  /** The time that was spent in turns of 1 ms or less, 2 ms or less, and so on. */
  readonly spentMs: readonly number[];
}

const EVERY_MS = 2;
const MAX_TURN_MS = 1000;

class Meter {
  readonly #spentMs: number[] = new Array(MAX_TURN_MS).fill(0);
  #longestMs = 0;
  #sinceMs = performance.now();
  #lastMs = cpuMs();

  tick(): void {
    const nowMs = cpuMs();
    const turnMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    this.#longestMs = Math.max(this.#longestMs, turnMs);
    const bucket = Math.min(Math.floor(turnMs), MAX_TURN_MS - 1);
    this.#spentMs[bucket] = (this.#spentMs[bucket] as number) + turnMs;
  }

  /** And begins anew. */
  take(): TurnsSeen {
    this.tick();
    const longestMs = this.#longestMs;
    const spentMs = this.#spentMs.slice(0, Math.ceil(longestMs) + 1);
    const seen = { longestMs, periodMs: performance.now() - this.#sinceMs, spentMs };
    this.#spentMs.fill(0);
    this.#longestMs = 0;
    this.#sinceMs = performance.now();
    return seen;
  }

  /** What was done meanwhile does not count. */
  skip(): void {
    this.#lastMs = cpuMs();
  }
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

if (isMainThread) {
  const meter = new Meter();
  setInterval(() => meter.tick(), EVERY_MS).unref();
  process.on("SIGIO", () => {
    process.stdout.write(`turns ${JSON.stringify(meter.take())}\n`);
    meter.skip();
  });
}
