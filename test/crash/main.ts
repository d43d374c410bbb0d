/**
 * `npm run crash`: the real command on a data dir, loaded by several clients, killed with SIGKILL at random moments,
 * started again, and looked at. Whatever was acknowledged must be there, nothing may be half there, and history must
 * be what it was.
 *
 *     --kills N     how often it is killed (20)
 *     --seed N      of what is done and when; printed where none is given
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { checkDataDir } from "../../src/platform/node/data-dir/index.ts";
import { Random } from "../differential/random.ts";
import { connect } from "./clients.ts";
import { Faults } from "./faults.ts";
import { Ledger } from "./ledger.ts";
import { Load } from "./load.ts";
import { ServerProcess } from "./process.ts";
import { Timeline } from "./timeline.ts";
import { Verifier } from "./verify.ts";

/** Of load, at most, before a kill. */
const MAX_LOAD_MS = 1_500;
/** Some are killed before they are ready. */
const EARLY_CHANCE = 0.15;
const MAX_EARLY_MS = 800;

const { values: flags } = parseArgs({
  options: { kills: { type: "string", default: "20" }, seed: { type: "string" } },
});
const wanted = Number(flags.kills);
const seed = Number(flags.seed ?? Date.now() % 1_000_000);
console.log(`seed=${seed}`);

const dataDir = mkdtempSync(join(tmpdir(), "etcdlite-crash-"));
const random = new Random(seed);
const faults = new Faults();
const ledger = new Ledger();
const timeline = new Timeline(ledger, faults);
const verifier = new Verifier(ledger, timeline, faults, random);
let kills = 0;

while (kills < wanted && !faults.found) {
  if (random.chance(EARLY_CHANCE)) await liveShortly();
  else await live();
  kills++;
  if (process.stdout.isTTY) console.log(`kills=${kills} revision=${timeline.last}`);
}
if (!faults.found) await finish();

console.log(`acknowledged=${ledger.acknowledgements} revision=${timeline.last}`);
if (!faults.found) rmSync(dataDir, { recursive: true });
else console.log(`the data dir is left: ${dataDir}; npm run crash -- --kills ${wanted} --seed ${seed}`);
console.log(`kills=${kills} lost=${faults.lost} torn=${faults.torn}`);
process.exit(faults.found ? 1 : 0);

/** From a start to a kill. */
async function live(): Promise<void> {
  const server = new ServerProcess(dataDir);
  const url = await server.ready();
  const clients = connect(url);
  await verifier.verify(clients);
  if (faults.found) {
    await server.kill();
    return;
  }
  const load = new Load(ledger, timeline, random);
  const loaded = load.run(url);
  const hashed = verifier.askHashes(clients).catch(() => {});
  await pause(random.integer(20, MAX_LOAD_MS));
  await server.kill();
  load.stop();
  await Promise.all([loaded, hashed]);
}

/** Killed while it starts, or soon after. */
async function liveShortly(): Promise<void> {
  const server = new ServerProcess(dataDir);
  await pause(random.integer(0, MAX_EARLY_MS));
  await server.kill();
}

/** The last one is stopped as servers should be, and what it leaves is looked at. */
async function finish(): Promise<void> {
  const server = new ServerProcess(dataDir);
  await verifier.verify(connect(await server.ready()));
  if ((await server.stop()) !== 0) faults.lose("the last server did not stop properly");
  const report = await checkDataDir(dataDir);
  if (!report.isWhole) faults.tear(report.text);
}
