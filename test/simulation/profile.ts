/** What kind of run a seed makes: not all trouble at once, so that each kind gets far. */
import type { Random } from "../differential/random.ts";

export interface Profile {
  readonly clients: number;
  readonly keys: readonly string[];
  readonly values: "small" | "large";
  /** Txns of many keys and compactions of many rows. */
  readonly isBulk: boolean;
  readonly hasAuth: boolean;
  readonly hasLocks: boolean;
  /** How likely each is to be the next thing to happen. */
  readonly weights: Weights;
}

export interface Weights {
  readonly request: number;
  readonly watch: number;
  readonly deliver: number;
  readonly read: number;
  readonly disk: number;
  readonly time: number;
  readonly task: number;
  readonly disconnect: number;
  readonly crash: number;
  readonly stop: number;
  readonly fault: number;
}

const KEYS = ["a", "b", "c", "d", "e", "f"];

export function profileOf(random: Random): Profile {
  const isBulk = random.chance(0.02);
  return {
    clients: random.integer(2, 4),
    keys: isBulk ? bulkKeys() : KEYS.slice(0, random.integer(2, KEYS.length)),
    values: !isBulk && random.chance(0.03) ? "large" : "small",
    isBulk,
    hasAuth: random.chance(0.25),
    hasLocks: random.chance(0.3),
    weights: isBulk ? BULK_WEIGHTS : weightsOf(random),
  };
}

function weightsOf(random: Random): Weights {
  return {
    request: 40,
    watch: 5,
    deliver: 30,
    read: random.pick([2, 10, 30]),
    disk: random.pick([8, 20, 60]),
    time: random.pick([1, 3, 8]),
    task: 4,
    disconnect: random.pick([0, 0.5, 2]),
    crash: random.pick([0, 0.5, 1.5]),
    stop: random.pick([0, 0.3]),
    fault: random.pick([0, 0, 0.5]),
  };
}

/** Crashes that come often enough to find a compaction half done. */
const BULK_WEIGHTS: Weights = {
  ...{ request: 40, watch: 3, deliver: 30, read: 10, disk: 40, time: 1, task: 4 },
  ...{ disconnect: 0.5, crash: 1.5, stop: 0.2, fault: 0.2 },
};

function bulkKeys(): string[] {
  return Array.from({ length: 100 }, (_, at) => `n${String(at).padStart(3, "0")}`);
}
