/** Runs a suite in Python, whose programs share cases.py beside this file, and folds its lines into the report. */
import { runLines } from "./lines.ts";
import type { Recorder } from "./report.ts";
import { Skipped } from "./suite.ts";
import type { PythonModule } from "./tools.ts";
import { findPython, missingPython } from "./tools.ts";

const RUN_TIMEOUT_MS = 90_000;

/** Throws Skipped where no python3 has the module. */
export async function runPython(
  cases: Recorder,
  module: PythonModule,
  program: string,
  args: readonly string[],
): Promise<void> {
  const python = findPython(module);
  if (python === undefined) throw new Skipped(missingPython(module));
  const env = { PYTHONPATH: import.meta.dirname, PYTHONDONTWRITEBYTECODE: "1" };
  await runLines(cases, python, [program, ...args], { env, timeoutMs: RUN_TIMEOUT_MS });
}
