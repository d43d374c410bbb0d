/** Runs operations against both sides until they differ. */
import { Generator, type Scope } from "./generate.ts";
import { Lockstep } from "./lockstep.ts";
import type { Operation } from "./operation.ts";
import { formatOperation } from "./operation.ts";
import { Random } from "./random.ts";
import type { Servers } from "./step.ts";

const RECENT_COUNT = 20;
/** Of the operations, how many come before the servers exchange their snapshots. */
const EXCHANGE_SHARE = 0.9;

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
  /** Default: all. */
  readonly scope?: Scope;
};

/** `count` random operations, a last settle among them, and the exchange of snapshots when most are done. */
export function compareRandom(
  pair: Servers,
  seed: number,
  count: number,
  { scope = "all", ...options }: CompareOptions = {},
): Promise<Comparison> {
  const lockstep = new Lockstep(pair);
  const generator = new Generator(new Random(seed), lockstep.model, scope);
  const exchangeAt = pair.canExchange && scope === "all" ? Math.floor(count * EXCHANGE_SHARE) : count;
  const operationAt = (index: number): Operation => {
    if (index === count - 1) return { kind: "settle" };
    return index === exchangeAt ? { kind: "exchange" } : generator.next();
  };
  return compare(lockstep, count, operationAt, options);
}

/** The given operations, in order, and a last settle. */
export function compareList(pair: Servers, operations: readonly Operation[]): Promise<Comparison> {
  const count = operations.length + 1;
  return compare(new Lockstep(pair), count, (index) => operations[index] ?? { kind: "settle" }, {});
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
      /^TIMEOUT|BROKEN|^error (DeadlineExceeded|Unavailable|Aborted|Canceled|Internal)|^50[34];/.test(line),
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
