import { expect, test } from "vitest";
import { playRounds } from "./rounds.ts";

const seed = Number(process.env.TABS_SEED ?? Date.now() % 1_000_000);

test.each([
  { tabs: 2, rounds: 2 },
  { tabs: 5, rounds: 3 },
])("$tabs tabs lose their owner $rounds times and nothing else", { timeout: 120_000 }, async ({ tabs, rounds }) => {
  const log: string[] = [`seed ${seed}`];
  const { faults, maxTakeoverMs, line } = await playRounds({ rounds, tabs, seed, log: (line) => log.push(line) });
  expect(faults, [...log, line].join("\n")).toEqual([]);
  expect(maxTakeoverMs, [...log, line].join("\n")).toBeLessThanOrEqual(1000);
});
