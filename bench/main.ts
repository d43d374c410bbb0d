/**
 * `npm run bench`: etcdlite beside a real etcd, and beside servers of Node's own that answer constant bytes, by turns in
 * each round so that a machine that slows down slows all. Prints medians and their ratios.
 *
 *     --quick          one round with a tenth of the requests, within three minutes
 *     --rounds N       rounds (3; quick: 1)
 *     --only REGEX     the rows whose name it matches
 *     --data-dir       etcdlite with its data on disk, beside etcd on disk
 *     --h2 ENGINE      passed on to etcdlite
 *     --json FILE      all figures to a file
 *     --write-readme   the tables into bench/README.md
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { ETCD_VERSION, findEtcd, MISSING_ETCD, toolsAreRequired } from "../test/support/etcd.ts";
import { forgetAlone } from "./alone.ts";
import { type Measured, measure, prepare } from "./measure.ts";
import { jsonOf, type Result, resultOf, tablesOf, writeReadme } from "./report.ts";
import { CONTESTANTS, type ContestantName, type Row } from "./row.ts";
import { ROWS } from "./rows/index.ts";
import { missingFor, type Started, start } from "./servers.ts";
import { runnable } from "./tools.ts";
import { warmUp } from "./warm-up.ts";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    only: { type: "string", default: "" },
    "data-dir": { type: "boolean", default: false },
    h2: { type: "string" },
    json: { type: "string" },
    "write-readme": { type: "boolean", default: false },
  },
});

const QUICK_SHARE = 1 / 10;
const share = flags.quick ? QUICK_SHARE : 1;
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const contestants = present(flags["data-dir"] ? ["etcdlite", "etcd_disk", "limit"] : CONTESTANTS);
const wanted = new RegExp(flags.only);
const rows = runnable(ROWS.filter(({ name }) => wanted.test(name)));
const measured = new Map(rows.map((row) => [row, new Map<ContestantName, Measured[]>()]));
const failures: string[] = [];

/** Of the round that is under way; also those that are still about to start. */
let starting: Promise<Started>[] = [];
let isInterrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    isInterrupted = true;
    stopServers().finally(() => process.exit(1));
  });
}

const startMs = performance.now();
for (let round = 0; round < rounds; round++) {
  await runRound(round).catch((error) => {
    if (!isInterrupted) throw error;
  });
  // The process ends when its servers have.
  if (isInterrupted) await new Promise(() => {});
}
finish(rows.map((row) => resultOf(row, measured.get(row) ?? new Map(), flags["data-dir"])));

/** All servers are there for the whole round, so that all have the same history; one is measured at a time. */
async function runRound(round: number): Promise<void> {
  forgetAlone();
  try {
    const servers: Started[] = [];
    for (const name of contestants) {
      if (isInterrupted) return;
      const server = start(name, { dataDir: flags["data-dir"], h2: flags.h2 });
      starting.push(server);
      servers.push(await server);
    }
    await warmUp(servers, share);
    for (const row of rows) {
      if (isInterrupted) return;
      if (round >= (row.maxRounds ?? rounds)) continue;
      const turn = servers.filter(({ name }) => row.on.includes(name));
      if (!(await succeeds(row, "prepared", () => prepare(row, turn, share)))) continue;
      // Whoever is first may find the machine in another state than whoever is last.
      for (const server of round % 2 === 0 ? turn : turn.toReversed()) {
        await succeeds(row, server.name, () => measureOne(row, server));
      }
      const rates = [...(measured.get(row) ?? [])].map(([name, all]) => `${name}=${all.at(-1)?.perSecond.toFixed(0)}`);
      console.log(`${elapsed()} round ${round + 1}  ${row.name}  ${rates.join(" ")}`);
    }
  } finally {
    await stopServers();
  }
}

async function stopServers(): Promise<void> {
  const all = starting;
  starting = [];
  for (const server of await Promise.allSettled(all)) if (server.status === "fulfilled") await server.value.stop();
}

async function measureOne(row: Row, server: Started): Promise<void> {
  const one = await measure(row, server, share);
  const of = measured.get(row);
  of?.set(server.name, [...(of.get(server.name) ?? []), one]);
}

/** What fails is told at once and at the end, and the other rows are measured all the same. */
async function succeeds(row: Row, what: string, run: () => Promise<void>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    const failure = `${row.name}, ${what}: ${error instanceof Error ? error.message : error}`;
    failures.push(failure);
    console.error(failure);
    return false;
  }
}

function finish(results: readonly Result[]): void {
  console.log(`\n${tablesOf(results)}\n`);
  const date = new Date().toISOString().slice(0, 10);
  const about = {
    date,
    cores: availableParallelism(),
    node: process.version,
    etcd: ETCD_VERSION,
    rounds,
    quick: flags.quick,
  };
  const json = { ...about, data_dir: flags["data-dir"], ...(flags.h2 && { h2: flags.h2 }), rows: results.map(jsonOf) };
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(json, undefined, 1)}\n`);
  if (flags["write-readme"] && failures.length === 0) {
    const how = `${rounds} round${rounds === 1 ? "" : "s"}${flags.quick ? " of `--quick`" : ""}`;
    const machine = `${availableParallelism()} cores with the load on them too`;
    writeReadme(`${date}, ${how}, ${machine}, Node ${process.version.slice(1)}, etcd ${ETCD_VERSION}:`, results);
  }
  console.log(`${elapsed()} ${results.length} rows, ${failures.length} failures`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

function present(names: readonly ContestantName[]): ContestantName[] {
  const hasEtcd = findEtcd() !== undefined;
  if (!hasEtcd) console.log(`etcd is left out: ${MISSING_ETCD}`);
  if (!hasEtcd && toolsAreRequired()) throw new Error(MISSING_ETCD);
  return names.filter((name) => {
    const missing = missingFor(name);
    if (missing !== undefined) console.log(`${name} is left out: ${missing}`);
    return missing === undefined && (hasEtcd || !name.startsWith("etcd_"));
  });
}

function elapsed(): string {
  return `${((performance.now() - startMs) / 1000).toFixed(0)} s`;
}
