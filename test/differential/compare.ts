/** Runs operations against both sides until they differ. */
import { Generator } from "./generate.ts";
import { Lockstep } from "./lockstep.ts";
import type { Operation } from "./operation.ts";
import { formatOperation } from "./operation.ts";
import { Random } from "./random.ts";
import type { Side } from "./side.ts";

const RECENT_COUNT = 20;

export type Step = { readonly operation: Operation; readonly lines: readonly (readonly string[])[] };

export type Difference = {
  /** From 1. */
  readonly number: number;
  readonly step: Step;
  /** The steps before it, oldest first. */
  readonly recent: readonly Step[];
};

export type Comparison = {
  /** How many were performed and compared. */
  readonly count: number;
  readonly difference: Difference | undefined;
};

export type CompareOptions = {
  /** Sees every operation before it is performed. */
  readonly onOperation?: (operation: Operation, number: number) => void;
};

/** `count` random operations and a last settle. */
export function compareRandom(
  sides: readonly Side[],
  seed: number,
  count: number,
  options: CompareOptions = {},
): Promise<Comparison> {
  const lockstep = new Lockstep(sides);
  const generator = new Generator(new Random(seed), lockstep.model);
  return compare(lockstep, count, (index) => (index < count - 1 ? generator.next() : { kind: "settle" }), options);
}

/** The given operations, in order, and a last settle. */
export function compareList(sides: readonly Side[], operations: readonly Operation[]): Promise<Comparison> {
  const count = operations.length + 1;
  return compare(new Lockstep(sides), count, (index) => operations[index] ?? { kind: "settle" }, {});
}

async function compare(
  lockstep: Lockstep,
  count: number,
  operationAt: (index: number) => Operation,
  options: CompareOptions,
): Promise<Comparison> {
  const recent: Step[] = [];
  for (let index = 0; index < count; index += 1) {
    const operation = operationAt(index);
    options.onOperation?.(operation, index + 1);
    const lines = await lockstep.execute(operation);
    const step = { operation, lines };
    if (!isEqual(lines)) return { count: index + 1, difference: { number: index + 1, step, recent } };
    recent.push(step);
    if (recent.length > RECENT_COUNT) recent.shift();
  }
  return { count, difference: undefined };
}

/** Equal lines, and none that no server may send even if both do. */
function isEqual(lines: readonly (readonly string[])[]): boolean {
  const [first = [], ...others] = lines;
  if (
    first.some((line) =>
      /^TIMEOUT|BROKEN|^error (DeadlineExceeded|Unavailable|Aborted|Canceled|Internal|Unknown)/.test(line),
    )
  )
    return false;
  return others.every((other) => other.length === first.length && other.every((line, index) => line === first[index]));
}

/** The steps before, the operation, and for each side its lines; what both have only once. */
export function formatDifference({ number, step, recent }: Difference, names: readonly string[]): string {
  const text = [`the ${recent.length} operations before:`];
  for (const [index, before] of recent.entries()) {
    text.push(`  ${number - recent.length + index}. ${clip(formatOperation(before.operation))}`);
    for (const line of (before.lines[0] ?? []).slice(0, 3)) text.push(`       < ${clip(line)}`);
  }
  text.push(`operation ${number}: ${clip(formatOperation(step.operation))}`);
  const length = Math.max(...step.lines.map((lines) => lines.length));
  let equalCount = 0;
  for (let index = 0; index < length; index += 1) {
    const row = step.lines.map((lines) => lines[index] ?? "(nothing)");
    if (row.every((line) => line === row[0])) {
      equalCount += 1;
      continue;
    }
    for (const [side, line] of row.entries()) text.push(`  ${(names[side] ?? "").padEnd(9)} < ${clip(line)}`);
    if (text.length > 120) break;
  }
  text.push(`  (${equalCount} lines of the reply are equal)`);
  return text.join("\n");
}

function clip(text: string): string {
  return text.length > 1500 ? `${text.slice(0, 1500)}... (${text.length} characters)` : text;
}
