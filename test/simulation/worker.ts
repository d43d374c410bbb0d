/** Runs seeds for main.ts: in come the seeds, a batch a message, out go the results. */
import { parentPort } from "node:worker_threads";
import { type RunOptions, type RunResult, simulate } from "./simulation.ts";

export interface Batch {
  readonly from: number;
  readonly to: number;
  readonly options: RunOptions;
}

export type BatchResults = readonly RunResult[];

parentPort?.on("message", async ({ from, to, options }: Batch) => {
  const results: RunResult[] = [];
  for (let seed = from; seed <= to; seed++) results.push(await simulate(seed, options));
  parentPort?.postMessage(results);
});
