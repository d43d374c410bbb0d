/**
 * `npm run bench`: etcdlite beside a real etcd (data on disk, fsync on), one after the other in each round so
 * that a machine that slows down slows both. Every measurement has servers of its own, so that both have the
 * same history. Prints medians and their ratio as a table, and as JSON on the last line or to a file.
 *
 *     --quick       fewer rounds and requests, about two minutes
 *     --rounds N    rounds (7; quick: 3)
 *     --only TEXT   the rows whose name holds it
 *     --data-dir    etcdlite with its data on disk too, fsync on
 *     --json FILE   the JSON to a file
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findEtcd, MISSING_ETCD, startEtcd } from "../test/support/etcd.ts";
import { startEtcdlite } from "../test/support/etcdlite.ts";
import { hasH2load, MISSING_H2LOAD, measure } from "./load.ts";
import { ROWS, type Row } from "./rows.ts";

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

interface Contestant {
  readonly name: string;
  start(): Promise<Server>;
}

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    only: { type: "string", default: "" },
    "data-dir": { type: "boolean", default: false },
    json: { type: "string" },
  },
});

const contestants: Contestant[] = [
  { name: "etcdlite", start: flags["data-dir"] ? startOnDisk : () => startEtcdlite() },
];
if (findEtcd() === undefined) console.log(`etcd is left out: ${MISSING_ETCD}`);
else contestants.push({ name: "etcd_disk", start: () => startEtcd({ flags: ["--unsafe-no-fsync=false"] }) });

if (!hasH2load()) {
  console.error(MISSING_H2LOAD);
  process.exit(1);
}

const directory = mkdtempSync(join(tmpdir(), "etcdlite-bench-"));
try {
  const rounds = Number(flags.rounds ?? (flags.quick ? 3 : 7));
  const rows = ROWS.filter((row) => row.name.includes(flags.only));
  const results = [];
  for (const row of rows) results.push(await medians(row, rounds));
  printTable(results);
  const json = JSON.stringify({
    node: process.version,
    rounds,
    quick: flags.quick,
    disk: flags["data-dir"],
    rows: results,
  });
  if (flags.json === undefined) console.log(json);
  else writeFileSync(flags.json, `${json}\n`);
} finally {
  rmSync(directory, { recursive: true });
}

/** In a data dir that goes with it. */
async function startOnDisk(): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), "etcdlite-bench-data-"));
  const { url, stop } = await startEtcdlite(["--data-dir", dataDir]);
  return { url, stop: () => stop().finally(() => rmSync(dataDir, { recursive: true })) };
}

async function medians(row: Row, rounds: number): Promise<Record<string, string | number>> {
  const requests = Math.ceil(row.requests / (flags.quick ? 4 : 1));
  const rates = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) {
      const server = await contestant.start();
      try {
        rates.get(contestant.name)?.push(await measure(server.url, row, requests, directory));
      } finally {
        await server.stop();
      }
    }
  }
  const result: Record<string, string | number> = { name: row.name };
  for (const [name, list] of rates) result[name] = Math.round(median(list));
  const { etcdlite, etcd_disk: etcd } = result;
  if (typeof etcdlite === "number" && typeof etcd === "number") result.ratio = Number((etcdlite / etcd).toFixed(2));
  return result;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

function printTable(results: ReadonlyArray<Record<string, string | number>>): void {
  const columns = ["name", ...contestants.map(({ name }) => name), "ratio"];
  console.log(`| ${columns.join(" | ")} |`);
  console.log(`| ${columns.map((_, at) => (at === 0 ? "---" : "---:")).join(" | ")} |`);
  for (const result of results) console.log(`| ${columns.map((column) => result[column] ?? "–").join(" | ")} |`);
}
