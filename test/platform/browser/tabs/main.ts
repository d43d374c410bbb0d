/**
 * Many rounds of tabs that share a store and lose its owner:
 *
 *     node test/platform/browser/tabs/main.ts --rounds 100 --tabs 5 --seed 1
 *
 * The last line is the sum; the exit code is 1 if anything was lost, missed, doubled or otherwise wrong.
 */
import { parseArgs } from "node:util";
import { playRounds } from "./rounds.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "100" },
    tabs: { type: "string", default: "5" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});

const summary = await playRounds({
  rounds: Number(values.rounds),
  tabs: Number(values.tabs),
  seed: Number(values.seed),
  log: (line) => console.log(line),
});
console.log(summary.line);
process.exitCode = summary.faults.length === 0 ? 0 : 1;
