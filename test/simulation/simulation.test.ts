/** A few seeds of what `npm run simulate` runs thousands of, and that it would find what is wrong. */
import { describe, expect, test } from "vitest";
import { toolsAreRequired } from "../support/etcd.ts";
import { MUTATIONS } from "./mutations.ts";
import { buildPorcupine, MISSING_GO, Porcupine, type Verdict } from "./porcupine.ts";
import { type Counts, type RunOptions, type RunResult, simulate } from "./simulation.ts";

const SEEDS = 60;
/** Enough for each mutation to be found. */
const MUTANT_SEEDS = 100;

async function runSeeds(count: number, options: RunOptions = {}): Promise<RunResult[]> {
  const results: RunResult[] = [];
  for (let seed = 1; seed <= count; seed++) results.push(await simulate(seed, options));
  return results;
}

function failuresOf(results: readonly RunResult[]): string[] {
  return results.flatMap(({ seed, failure }) => (failure === undefined ? [] : [`seed ${seed}: ${failure}`]));
}

/** Undefined where there is no judge. */
async function verdictsOf(histories: readonly string[]): Promise<Verdict[] | undefined> {
  const binary = buildPorcupine();
  if (binary === undefined) return undefined;
  const porcupine = new Porcupine(binary);
  for (const history of histories) await porcupine.judge(history);
  return [...(await porcupine.end()).values()];
}

describe("simulated", () => {
  test(`nothing is lost, early, late, out of order or half there in ${SEEDS} seeds, and all kinds of trouble come`, async () => {
    const results = await runSeeds(SEEDS);
    expect(failuresOf(results)).toEqual([]);
    const total = (name: keyof Counts): number => results.reduce((sum, { counts }) => sum + counts[name], 0);
    for (const name of [
      "restarts",
      "revisions",
      "events",
      "progress",
      "compacted",
      "torn",
      "lost",
      "faults",
    ] as const) {
      expect(total(name), name).toBeGreaterThan(10);
    }
  });

  test("the same seed gives the same run", async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const [first, second] = [await simulate(seed, { keepsTrace: true }), await simulate(seed)];
      expect(second.hash).toBe(first.hash);
      expect(second.history).toBe(first.history);
      expect(first.trace.length).toBeGreaterThan(400);
    }
    expect((await simulate(1)).hash).not.toBe((await simulate(2)).hash);
  });

  test("what a run puts in the place of time and chance is gone afterwards", async () => {
    const before = [Date.now, Math.random, setTimeout, setImmediate, performance.now, crypto.getRandomValues];
    await simulate(1, { steps: 10 });
    expect([Date.now, Math.random, setTimeout, setImmediate, performance.now, crypto.getRandomValues]).toEqual(before);
    expect(Date.now()).toBeGreaterThan(1_700_000_000_000);
  });
});

describe("what must not be is found", () => {
  test.each(MUTATIONS)("$name", async (mutation) => {
    for (let seed = 1; seed <= MUTANT_SEEDS; seed++) {
      const { failure } = await simulate(seed, { mutation });
      if (failure !== undefined) return;
    }
    expect.fail(`${mutation.name}: not found in ${MUTANT_SEEDS} seeds`);
  });
});

describe("judged by porcupine", () => {
  test("histories are linearizable, and one that is not is found", async ({ skip }) => {
    const histories = (await runSeeds(SEEDS)).map(({ history }) => history);
    const verdicts = await verdictsOf([...histories, staleRead(), lostWrite(), lostUpdate()]);
    if (verdicts === undefined && toolsAreRequired()) throw new Error(MISSING_GO);
    if (verdicts === undefined) return skip(MISSING_GO);
    expect(verdicts.filter((verdict) => verdict === "ok").length).toBe(SEEDS);
    expect(verdicts.filter((verdict) => verdict === "illegal").length).toBe(3);
  });
});

const PUT = { kind: "put", key: "a", value: "1", lease: "0" };
const READ = { kind: "range", key: "a", end: "" };

function history(
  seed: number,
  ...operations: ReadonlyArray<readonly [op: object, call: number, output: string]>
): string {
  const all = operations.map(([op, call, output], client) => ({ client, op, call, return: call + 3, output }));
  return JSON.stringify({ seed, operations: all });
}

/** The second read begins when the first has returned what it does not see. */
function staleRead(): string {
  return history(-1, [PUT, 1, "r2"], [READ, 2, "r2 n1 [a=1@2/2/1/0]"], [READ, 6, "r1 n0 []"]);
}

function lostWrite(): string {
  return history(-2, [PUT, 1, "r2"], [READ, 5, "r1 n0 []"]);
}

/** Two that find the same and both write. */
function lostUpdate(): string {
  const compare = [{ key: "a", end: "", target: "create", result: "=", number: 0, value: "", lease: "0" }];
  const txn = { kind: "txn", compare, success: [PUT], failure: [] };
  return history(-3, [txn, 1, "r2 yes(r2)"], [txn, 2, "r3 yes(r3)"]);
}
