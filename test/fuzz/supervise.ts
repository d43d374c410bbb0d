/** Runs a target in a worker, ends it where it hangs or takes too much, and begins another with the next seed. */
import { Worker } from "node:worker_threads";
import type { Finding } from "./fuzzer.ts";
import { minimise } from "./minimise.ts";
import type { TargetName } from "./target.ts";
import type { WorkerMessage, WorkerOptions } from "./worker.ts";

export interface Outcome {
  readonly executions: number;
  readonly corpus: number;
  readonly characters: number;
  readonly findings: readonly Finding[];
}

interface Run extends Outcome {
  /** Undefined where it came to its end. */
  readonly died: Finding | undefined;
}

const MAX_INPUT_BYTES = 1024 * 1024;
/** For one input; the slowest that are right take milliseconds. */
const INPUT_LIMIT_MS = 10_000;
const START_LIMIT_MS = 60_000;
const HEAP_LIMIT_MB = 512;
/** As the main thread has: what is too deep there is to be too deep here. */
const STACK_LIMIT_MB = 1;
const CHECK_INTERVAL_MS = 500;
const MINIMISE_TRIES = 12;
const MAX_DEATHS = 5;

export async function fuzzTarget(name: TargetName, seed: number, durationMs: number): Promise<Outcome> {
  const deadlineMs = Date.now() + durationMs;
  let total: Outcome = { executions: 0, corpus: 0, characters: 0, findings: [] };
  for (let deaths = 0; deaths < MAX_DEATHS; deaths++) {
    const run = await runWorker({
      name,
      seed: seed + deaths,
      durationMs: deaths === 0 ? durationMs : deadlineMs - Date.now(),
    });
    total = {
      executions: total.executions + run.executions,
      corpus: Math.max(total.corpus, run.corpus),
      characters: Math.max(total.characters, run.characters),
      findings: [
        ...total.findings,
        ...run.findings,
        ...(run.died === undefined ? [] : [await smaller(name, run.died)]),
      ],
    };
    if (run.died === undefined || Date.now() >= deadlineMs) break;
  }
  return total;
}

/** As small as a few workers more can tell. */
async function smaller(name: TargetName, { input, reason }: Finding): Promise<Finding> {
  const dies = async (candidate: Uint8Array): Promise<boolean> =>
    (await runWorker({ name, seed: 0, durationMs: 0, input: candidate })).died !== undefined;
  return { input: await minimise(input, dies, MINIMISE_TRIES), reason };
}

function runWorker(options: Omit<WorkerOptions, "progress" | "current">): Promise<Run> {
  const progress = new SharedArrayBuffer(8);
  const current = new SharedArrayBuffer(MAX_INPUT_BYTES);
  const counts = new Int32Array(progress);
  const findings: Finding[] = [];
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { ...options, progress, current } satisfies WorkerOptions,
    execArgv: ["--disable-warning=ExperimentalWarning"],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB, stackSizeMb: STACK_LIMIT_MB },
  });
  return new Promise((resolve) => {
    let last = 0;
    let lastMs = Date.now();
    const end = (
      died: string | undefined,
      done = { executions: Atomics.load(counts, 0), corpus: 0, characters: 0 },
    ): void => {
      clearInterval(timer);
      const input = new Uint8Array(current).slice(0, Atomics.load(counts, 1));
      resolve({ ...done, findings, died: died === undefined ? undefined : { input, reason: died } });
      void worker.terminate();
    };
    const timer = setInterval(() => {
      const count = Atomics.load(counts, 0);
      if (count !== last) {
        last = count;
        lastMs = Date.now();
      } else if (Date.now() - lastMs > (count === 0 ? START_LIMIT_MS : INPUT_LIMIT_MS)) {
        end(`took more than ${INPUT_LIMIT_MS} ms`);
      }
    }, CHECK_INTERVAL_MS);
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "finding") findings.push(message);
      else end(undefined, message);
    });
    worker.on("error", (error: Error) => end(error.stack ?? error.message));
    worker.on("exit", () => end("the thread ended by itself"));
  });
}
