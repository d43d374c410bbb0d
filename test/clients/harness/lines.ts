/**
 * Suites written in other languages print one JSON object a line, {"case": …, "ok": …, "detail": …}; this
 * runs such a program and folds its lines into the report. Anything else it prints, and an end other than
 * exit code 0, is a failure: a program that dies half-way must not look like a short one that passed.
 */
import type { ExecOptions } from "./exec.ts";
import { run } from "./exec.ts";
import type { Recorder } from "./report.ts";

type Line = { readonly case: string; readonly ok: boolean; readonly detail?: string };

export async function runLines(
  cases: Recorder,
  command: string,
  args: readonly string[],
  options: ExecOptions,
): Promise<void> {
  await cases.group("the program runs to its end", async () => {
    const { stdout, stderr, status } = await run(command, args, options);
    const strange: string[] = [];
    let count = 0;
    for (const text of stdout.toString().split("\n")) {
      const line = parse(text);
      if (line === undefined) strange.push(text);
      else if (line.ok) cases.pass(line.case);
      else cases.fail(line.case, line.detail ?? "no detail given");
      if (line !== undefined) count++;
    }
    const rest = strange.filter((text) => text !== "").join("\n");
    if (status !== 0 || count === 0 || rest !== "") {
      throw new Error(`ended with ${status} after ${count} cases\n${rest}\n${stderr}`.trim());
    }
  });
}

function parse(text: string): Line | undefined {
  if (!text.startsWith('{"case"')) return undefined;
  return JSON.parse(text) as Line;
}
