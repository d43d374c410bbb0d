/**
 * A target in a thread of its own, where it may hang or run out of memory: what it is at is in shared memory, so that
 * it can be told after its end.
 */
import { parentPort, workerData } from "node:worker_threads";
import { Coverage } from "./coverage.ts";
import { Fuzzer, failureOf } from "./fuzzer.ts";
import { openTarget, type TargetName } from "./target.ts";

export interface WorkerOptions {
  readonly name: TargetName;
  readonly seed: number;
  /** From when the target is loaded. */
  readonly durationMs: number;
  /** Only this, once. */
  readonly input?: Uint8Array;
  /** Int32: inputs begun so far, and the length of the last. */
  readonly progress: SharedArrayBuffer;
  readonly current: SharedArrayBuffer;
}

export type WorkerMessage =
  | { readonly kind: "finding"; readonly input: Uint8Array; readonly reason: string }
  | { readonly kind: "done"; readonly executions: number; readonly corpus: number; readonly characters: number };

const options = workerData as WorkerOptions;
const progress = new Int32Array(options.progress);
const current = new Uint8Array(options.current);
const tell = (message: WorkerMessage): void => parentPort?.postMessage(message);

function onInput(input: Uint8Array): void {
  const length = Math.min(input.length, current.length);
  current.set(input.subarray(0, length));
  Atomics.store(progress, 1, length);
  Atomics.add(progress, 0, 1);
}

const coverage = new Coverage();
if (options.input === undefined) coverage.start();
const target = await openTarget(options.name);
if (options.input !== undefined) {
  onInput(options.input);
  const reason = await failureOf(target, options.input);
  if (reason !== undefined) tell({ kind: "finding", input: options.input, reason });
  tell({ kind: "done", executions: 1, corpus: 0, characters: 0 });
} else {
  const onFinding = (finding: { input: Uint8Array; reason: string }): void => tell({ kind: "finding", ...finding });
  const fuzzer = new Fuzzer({ target, seed: options.seed, coverage, onInput, onFinding });
  await fuzzer.start();
  const deadlineMs = Date.now() + options.durationMs;
  while (Date.now() < deadlineMs) await fuzzer.batch();
  tell({ kind: "done", executions: fuzzer.executions, corpus: fuzzer.corpus.length, characters: coverage.characters });
}
// A target may have left something open.
process.exit();
