/**
 * `npm run soak`: an etcdlite under mixed load for as long as is wanted. Its memory must stay as it is, no call may
 * fail that was not made to, each watch must see exactly what happened, and a real etcd that is asked the same must
 * answer the same, to its hash of all keys.
 *
 *     --minutes N     how long (30)
 *     --clients N     each with a connection, a lease and a watch stream (100)
 *     --watches N     on those streams (1000)
 *     --rate N        calls on keys a second (300)
 *     --seed N        of what is done; printed where none is given
 *     --data-dir DIR  keep the store there; default: in memory
 *     --h2 NAME       the server's HTTP/2: engine or node; default: its own
 *     --heap DIR      write heap snapshots of the server there, after the warm-up and at the end
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connect } from "../crash/clients.ts";
import { findOrBuildEtcd, startEtcd } from "../support/etcd.ts";
import { KEPT_SECONDS } from "./compaction.ts";
import { Faults } from "./faults.ts";
import { Memory, mebibytes, percent } from "./memory.ts";
import { HASH } from "./mirror.ts";
import { SoakServer } from "./server.ts";
import { Soak } from "./soak.ts";

const MAX_GROWTH = 0.1;
/** Of a short run, in which memory has not settled yet: more than this is a leak all the same. */
const MAX_EARLY_GROWTH = 0.5;
const SETTLED_MS = 10 * 60_000;
/** Of the run: until then caches fill and code is compiled. */
const WARM_UP = 0.2;
const SAMPLES = 48;
const MIN_SAMPLE_MS = 1_000;
const REPORT_MS = 60_000;

const { values: flags } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    clients: { type: "string", default: "100" },
    watches: { type: "string", default: "1000" },
    rate: { type: "string", default: "300" },
    seed: { type: "string" },
    "data-dir": { type: "string" },
    h2: { type: "string" },
    heap: { type: "string" },
  },
});
const durationMs = Number(flags.minutes) * 60_000;
const seed = Number(flags.seed ?? Date.now() % 1_000_000);
console.log(`seed=${seed}`);

const faults = new Faults((line) => console.log(line));
const { "data-dir": dataDir, h2 } = flags;
const server = await SoakServer.start([
  ...["--auto-compaction-mode", "periodic", "--auto-compaction-retention", `${KEPT_SECONDS}s`],
  ...["--watch-progress-notify-interval", "5s"],
  ...(dataDir === undefined ? [] : ["--data-dir", dataDir]),
  ...(h2 === undefined ? [] : ["--h2", h2]),
]);
const etcd = await startEtcd({ binary: findOrBuildEtcd(), flags: ["--max-txn-ops", "100000"] });
// However this ends, the other etcd ends too.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.once("exit", () => {
  try {
    process.kill(etcd.pid);
  } catch {
    // It has ended.
  }
});
const memory = new Memory();
const soak = new Soak({
  url: server.url,
  mirror: connect(etcd.url),
  faults,
  seed,
  clients: Number(flags.clients),
  watches: Number(flags.watches),
  rate: Number(flags.rate),
});
const startMs = performance.now();
await soak.start();
await measure();
await soak.finish();
const exitCode = await server.stop();
if (exitCode !== 0) faults.add("the server did not stop properly", exitCode);
await etcd.stop();
process.exit(finish());

/** Samples and reports until the time is over. */
async function measure(): Promise<void> {
  const everyMs = Math.max(MIN_SAMPLE_MS, durationMs / SAMPLES);
  let reportMs = startMs + Math.min(REPORT_MS, durationMs / 6);
  let isWarm = false;
  for (;;) {
    await pause(everyMs);
    const nowMs = performance.now();
    memory.add({ ...(await server.memory()), atMs: nowMs - startMs });
    if (nowMs >= reportMs) {
      report(nowMs);
      reportMs += Math.min(REPORT_MS, durationMs / 6);
    }
    if (!isWarm && nowMs - startMs > durationMs * WARM_UP) {
      isWarm = true;
      heapSnapshot("warm");
    }
    if (nowMs - startMs >= durationMs) break;
  }
  heapSnapshot("end");
}

function report(nowMs: number): void {
  const { rssBytes = 0, heapUsedBytes = 0, heapTotalBytes = 0, externalBytes = 0, cpuMs = 0 } = memory.last ?? {};
  const passedMs = nowMs - startMs;
  const { user, system } = process.cpuUsage();
  const figures = {
    minutes: (passedMs / 60_000).toFixed(1),
    "ops/s": Math.round((soak.load.calls / passedMs) * 1000),
    rss: mebibytes(rssBytes),
    heapUsed: mebibytes(heapUsedBytes),
    heapTotal: mebibytes(heapTotalBytes),
    external: mebibytes(externalBytes),
    cpu: percent(cpuMs / passedMs),
    "own cpu": percent((user + system) / 1000 / passedMs),
    watches: soak.watches,
    messages: soak.messages,
    keys: soak.history.size,
    revision: soak.history.last,
    mirrored: soak.mirror.applied,
    same: soak.mirror.same,
    hashes: soak.mirror.hashes,
    errors: faults.count,
  };
  console.log(
    Object.entries(figures)
      .map(([name, value]) => `${name}=${value}`)
      .join(" "),
  );
}

function heapSnapshot(name: string): void {
  if (flags.heap === undefined) return;
  mkdirSync(flags.heap, { recursive: true });
  server.writeHeapSnapshot(join(flags.heap, `${name}.heapsnapshot`));
}

/** The last line, and the exit code. */
function finish(): number {
  report(performance.now());
  for (const line of faults.summary()) console.log(`fault: ${line}`);
  const growth = memory.growth("rssBytes", durationMs * WARM_UP);
  const heapGrowth = memory.growth("heapUsedBytes", durationMs * WARM_UP);
  console.log(`heap_growth=${percent(heapGrowth)}`);
  const isEqual = soak.mirror.hashes > 0 && !faults.summary().some((line) => line.includes(HASH));
  console.log(`errors=${faults.count} memory_growth=${percent(growth)} hash=${isEqual ? "equal" : "different"}`);
  return faults.count === 0 && growth <= (durationMs < SETTLED_MS ? MAX_EARLY_GROWTH : MAX_GROWTH) && isEqual ? 0 : 1;
}
