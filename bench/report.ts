/** What was measured, as JSON, as tables, and as a section of the README. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Measured } from "./measure.ts";
import { CONTESTANTS, type ContestantName, type Row } from "./row.ts";
import { median } from "./stats.ts";

type PerContestant = Partial<Record<ContestantName, number>>;

export interface Result extends Partial<Record<ContestantName, number>> {
  readonly name: string;
  readonly unit: string;
  /** etcdlite over etcd on the like storage: in memory over tmpfs, with a data dir over disk. */
  readonly ratio?: number;
  readonly ratio_disk?: number;
  /** etcdlite over the servers of constant bytes. */
  readonly ratio_limit?: number;
  readonly cpu_us: PerContestant;
  readonly p50_ms: PerContestant;
  readonly p99_ms: PerContestant;
}

/** Of one row, what each round gave. */
export type Rounds = ReadonlyMap<ContestantName, readonly Measured[]>;

/** @param dataDir `etcdlite` is the one with a data dir */
export function resultOf(row: Row, rounds: Rounds, dataDir: boolean): Result {
  const medians = (pick: (measured: Measured) => number | undefined, digits: number): PerContestant => {
    const result: PerContestant = {};
    for (const name of CONTESTANTS) {
      const value = median((rounds.get(name) ?? []).map(pick).filter((number) => number !== undefined));
      if (value !== undefined) result[name] = Number(value.toFixed(digits));
    }
    return result;
  };
  // Of what takes long there are few a second.
  const rates = medians(({ perSecond }) => perSecond, row.unit === "starts" ? 2 : 0);
  return {
    name: row.name,
    unit: row.unit,
    ...rates,
    ...named("ratio", over(rates.etcdlite, dataDir ? rates.etcd_disk : rates.etcd_tmpfs)),
    ...named("ratio_disk", over(rates.etcdlite_disk, rates.etcd_disk)),
    ...named("ratio_limit", over(rates.etcdlite, rates.limit)),
    cpu_us: medians(({ cpuUs }) => cpuUs, 2),
    p50_ms: medians(({ p50Ms }) => p50Ms, 2),
    p99_ms: medians(({ p99Ms }) => p99Ms, 2),
  };
}

function over(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Number((one / other).toFixed(2));
}

function named(name: "ratio" | "ratio_disk" | "ratio_limit", value: number | undefined): Partial<Result> {
  return value === undefined ? {} : { [name]: value };
}

/** As it goes into a file: what every row has, null where there is nothing. */
export function jsonOf(result: Result): object {
  const { name, unit, ...rest } = result;
  return { name, unit, etcdlite: null, etcd_disk: null, etcd_tmpfs: null, limit: null, ratio: null, ...rest };
}

type Column = readonly [heading: string, cell: (result: Result) => number | undefined];

const RATES: readonly Column[] = [
  ["etcdlite", (row) => row.etcdlite],
  ["etcd tmpfs", (row) => row.etcd_tmpfs],
  ["ratio", (row) => row.ratio],
  ["etcdlite disk", (row) => row.etcdlite_disk],
  ["etcd disk", (row) => row.etcd_disk],
  ["ratio disk", (row) => row.ratio_disk],
  ["limit", (row) => row.limit],
  ["of limit", (row) => row.ratio_limit],
];

const COSTS: readonly Column[] = [
  ...costs("CPU µs", (row) => row.cpu_us, ["etcdlite", "etcd_tmpfs", "limit"]),
  ...costs("p50 ms", (row) => row.p50_ms, ["etcdlite", "etcd_tmpfs"]),
  ...costs("p99 ms", (row) => row.p99_ms, ["etcdlite", "etcd_tmpfs", "etcdlite_disk", "etcd_disk"]),
];

function costs(
  what: string,
  of: (result: Result) => PerContestant,
  names: readonly ContestantName[],
): readonly Column[] {
  return names.map((name) => [`${what} ${name.replace("_", " ")}`, (row) => of(row)[name]]);
}

export function tablesOf(results: readonly Result[]): string {
  return `${table("a second", RATES, results)}\n\n${table("for each", COSTS, results)}`;
}

/** Columns and rows that hold nothing are left out. */
function table(title: string, columns: readonly Column[], results: readonly Result[]): string {
  const used = columns.filter(([, cell]) => results.some((result) => cell(result) !== undefined));
  const rows = results.filter((result) => used.some(([, cell]) => cell(result) !== undefined));
  const lines = [
    [title, ...used.map(([heading]) => heading)],
    ["---", ...used.map(() => "---:")],
    ...rows.map((result) => [result.name, ...used.map(([, cell]) => cell(result)?.toLocaleString("en") ?? "–")]),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const README = join(import.meta.dirname, "README.md");

/** A section of the README is written anew; the rest stays as it is. */
export function writeSection(heading: string, content: string): void {
  const section = `## ${heading}\n`;
  const text = readFileSync(README, "utf8");
  const start = text.indexOf(section);
  if (start === -1) throw new Error(`${README} has no section "${heading}"`);
  const next = text.indexOf("\n## ", start);
  const rest = next === -1 ? "" : text.slice(next);
  writeFileSync(README, `${text.slice(0, start)}${section}\n${content}\n${rest}`);
}

export function writeReadme(about: string, results: readonly Result[]): void {
  writeSection("Last run", `${about}\n\n${tablesOf(results)}`);
}
