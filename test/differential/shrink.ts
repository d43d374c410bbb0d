/**
 * Looks for a shorter list of operations that still shows a difference, within a bound of time: first the
 * list as it was performed, then delta debugging: chunks are left out, halved in size whenever none can go.
 * Every attempt runs on fresh servers. The result is printed as a transcript, see test/testdata.
 */

import type { Difference } from "./compare.ts";
import { compareList, formatDifference } from "./compare.ts";
import type { Operation } from "./operation.ts";
import { formatOperation } from "./operation.ts";
import type { Target } from "./servers.ts";
import { startPair } from "./servers.ts";

export async function shrink(
  targets: readonly Target[],
  performed: readonly Operation[],
  boundMs: number,
): Promise<void> {
  const deadlineMs = Date.now() + boundMs;
  const attempt = async (operations: readonly Operation[]): Promise<Difference | undefined> => {
    const pair = await startPair(targets);
    try {
      return (await compareList(pair, operations)).difference;
    } finally {
      await pair.stop();
    }
  };
  console.log("\nlooking for a shorter sequence");
  let best: { operations: readonly Operation[]; difference: Difference } | undefined;
  const keep = async (operations: readonly Operation[]): Promise<boolean> => {
    const difference = await attempt(operations);
    if (difference === undefined) return false;
    best = { operations: operations.slice(0, difference.number), difference };
    console.log(`  ${best.operations.length} operations still differ`);
    return true;
  };
  if (!(await startsLater(performed, keep, deadlineMs))) {
    console.log("  the operations do not differ when performed again: something is timed or random");
    return;
  }
  let size = Math.ceil((best?.operations.length ?? 0) / 2);
  while (best !== undefined && size >= 1 && Date.now() < deadlineMs) {
    size = (await leaveOutChunks(best.operations, size, keep, deadlineMs, () => best?.operations ?? []))
      ? Math.min(size, Math.ceil(best.operations.length / 2))
      : Math.floor(size / 2);
  }
  if (best !== undefined) print(targets, best.operations, best.difference);
}

type Keep = (operations: readonly Operation[]) => Promise<boolean>;

/** The shortest of a few tails of the list, each twice as long, that differs; the whole list at last. */
async function startsLater(performed: readonly Operation[], keep: Keep, deadlineMs: number): Promise<boolean> {
  for (let length = 250; length < performed.length && Date.now() < deadlineMs; length *= 4) {
    if (await keep(performed.slice(-length))) return true;
  }
  return keep(performed);
}

/** One pass: true if any chunk of this size could go. */
async function leaveOutChunks(
  operations: readonly Operation[],
  size: number,
  keep: Keep,
  deadlineMs: number,
  current: () => readonly Operation[],
): Promise<boolean> {
  let isShorter = false;
  let list = operations;
  for (let start = Math.max(0, list.length - size); start >= 0 && Date.now() < deadlineMs; start -= size) {
    const without = [...list.slice(0, start), ...list.slice(start + size)];
    if (without.length > 0 && (await keep(without))) {
      isShorter = true;
      list = current();
      start = Math.min(start, list.length);
    }
    if (start === 0) break;
    if (start < size) start = size;
  }
  return isShorter;
}

function print(targets: readonly Target[], operations: readonly Operation[], difference: Difference): void {
  console.log(`\nreduced to ${operations.length} operations, as a transcript:\n`);
  for (const operation of operations) console.log(`> ${formatOperation(operation)}`);
  for (const line of difference.step.lines[0] ?? []) console.log(`< ${line}`);
  console.log(
    `\n${formatDifference(
      { ...difference, recent: [] },
      targets.map((target) => target.name),
    )}`,
  );
}
