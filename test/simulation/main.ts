/**
 * npm run simulate -- --seeds 1000 [--first 1] [--steps 500]      seeds 1, 2, …
 * npm run simulate -- --seed 7                                    one seed, with all that happens in it
 *
 * Ends with `seeds=N failures=0`, or with what failed, by seed, and exit code 1.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Command } from "commander";
import { toolsAreRequired } from "../support/etcd.ts";
import { buildPorcupine, MISSING_GO, Porcupine } from "./porcupine.ts";
import { type Counts, DEFAULT_STEPS, type RunResult, simulate } from "./simulation.ts";
import type { Batch, BatchResults } from "./worker.ts";

const BATCH_SEEDS = 20;
const SHOWN_FAILURES = 10;
const SHOWN_CHARACTERS = 1500;
const PROGRESS_INTERVAL_MS = 10_000;

interface Options {
  readonly seeds: string;
  readonly first: string;
  readonly steps: string;
  readonly seed?: string;
  readonly workers: string;
}

const options = new Command("simulate")
  .description("Runs etcdlite in a world where everything goes wrong, and checks what it promises.")
  .option("--seeds <count>", "how many runs", "1000")
  .option("--first <seed>", "the first seed", "1")
  .option("--seed <seed>", "this one only, and show what happens")
  .option("--steps <count>", "how many things happen in a run", String(DEFAULT_STEPS))
  .option("--workers <count>", "how many threads", String(availableParallelism()))
  .parse()
  .opts<Options>();

process.exitCode = await main(options);

async function main(given: Options): Promise<number> {
  const [seeds, first, steps, workers] = [given.seeds, given.first, given.steps, given.workers].map(positive);
  const porcupine = newPorcupine();
  const failures = new Map<number, string>();
  const total: Partial<Counts> = {};
  const startMs = performance.now();
  const take = async ({ seed, failure, history, counts }: RunResult): Promise<void> => {
    if (failure !== undefined) failures.set(seed, failure);
    for (const [name, count] of Object.entries(counts)) {
      total[name as keyof Counts] = (total[name as keyof Counts] ?? 0) + count;
    }
    await porcupine?.judge(history);
  };
  const runs = given.seed === undefined ? (seeds as number) : 1;
  if (given.seed === undefined) await runAll({ seeds, first, steps, workers } as Runs, take);
  else await take(await runOne(positive(given.seed), steps as number));
  await addVerdicts(porcupine, failures);
  const seconds = (performance.now() - startMs) / 1000;
  console.log(`${(runs / seconds).toFixed(1)} seeds a second; ${JSON.stringify(total)}`);
  for (const [seed, failure] of [...failures].slice(0, SHOWN_FAILURES)) {
    console.log(
      `seed ${seed}: ${failure.slice(0, SHOWN_CHARACTERS)}\n  npm run simulate -- --seed ${seed} --steps ${steps}`,
    );
  }
  console.log(`seeds=${runs} failures=${failures.size}`);
  return failures.size === 0 ? 0 : 1;
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${text} is no positive integer`);
  return number;
}

function newPorcupine(): Porcupine | undefined {
  const binary = buildPorcupine();
  if (binary !== undefined) return new Porcupine(binary);
  if (toolsAreRequired()) throw new Error(MISSING_GO);
  console.log(MISSING_GO);
  return undefined;
}

async function addVerdicts(porcupine: Porcupine | undefined, failures: Map<number, string>): Promise<void> {
  for (const [seed, verdict] of (await porcupine?.end()) ?? []) {
    if (verdict !== "ok" && !failures.has(seed)) failures.set(seed, `porcupine: the history is ${verdict}`);
  }
}

async function runOne(seed: number, steps: number): Promise<RunResult> {
  const result = await simulate(seed, { steps, keepsTrace: true });
  for (const line of result.trace) console.log(line);
  return result;
}

interface Runs {
  readonly seeds: number;
  readonly first: number;
  readonly steps: number;
  readonly workers: number;
}

/** Gives batches to threads as they are done with the last one. */
async function runAll({ seeds, first, steps, workers }: Runs, take: (one: RunResult) => Promise<void>): Promise<void> {
  let next = first;
  let done = 0;
  const last = first + seeds - 1;
  const report = setInterval(() => console.log(`${done} of ${seeds}`), PROGRESS_INTERVAL_MS);
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("worker.ts", import.meta.url));
    try {
      while (next <= last) {
        const batch: Batch = { from: next, to: Math.min(last, next + BATCH_SEEDS - 1), options: { steps } };
        next = batch.to + 1;
        for (const result of await results(worker, batch)) await take(result);
        done += batch.to - batch.from + 1;
      }
    } finally {
      await worker.terminate();
    }
  };
  try {
    await Promise.all(Array.from({ length: workers }, work));
  } finally {
    clearInterval(report);
  }
}

function results(worker: Worker, batch: Batch): Promise<BatchResults> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (message: BatchResults) => {
      worker.off("error", reject);
      resolve(message);
    });
    worker.postMessage(batch);
  });
}
