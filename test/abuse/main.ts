/**
 * `npm run abuse`: each attack on a server of its own, while others go on with what they do. What counts: that the
 * server refused what it should have, what its memory peaked at, and how long the others waited.
 *
 *     --only NAME[,NAME…]   these attacks alone
 *     --quick               each for a shorter time
 *     --h2 engine|node      by which HTTP/2 it is served
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startEtcdlite } from "../support/etcdlite.ts";
import { type Attack, DEFAULT_MAX_RSS_MB, pause } from "./attack.ts";
import { ATTACKS } from "./attacks.ts";
import { Load, type Measured } from "./load.ts";

const TIMES = { quietMs: 2000, attackMs: 4000 };
const QUICK_TIMES = { quietMs: 1000, attackMs: 1500 };
/** Of the others' p99, attacked against quiet. */
const MAX_SLOWDOWN = 3;
/** What a machine that does something else may add to any p99. */
const FLOOR_MS = 20;
/** A p99 is measured again before it counts: a neighbour's load comes and goes, an attack that works stays. */
const MAX_TRIES = 3;
const ATTACKER = join(import.meta.dirname, "attacker.ts");

const { values: flags } = parseArgs({
  options: { only: { type: "string" }, quick: { type: "boolean", default: false }, h2: { type: "string" } },
});
const times = flags.quick ? QUICK_TIMES : TIMES;
const serverFlags = flags.h2 === undefined ? [] : ["--h2", flags.h2];

interface Result {
  readonly outcome: string;
  readonly peakMb: number;
  readonly quiet: Measured;
  readonly attacked: Measured;
  readonly complaints: readonly string[];
}

const names = flags.only?.split(",");
const unknown = names?.find((name) => !ATTACKS.some((attack) => attack.name === name));
if (unknown !== undefined)
  throw new Error(`no attack is named ${unknown}: ${ATTACKS.map(({ name }) => name).join(" ")}`);
const chosen = ATTACKS.filter(({ name }) => names?.includes(name) ?? true);
let failures = 0;
for (const attack of chosen) {
  const result = await tried(attack);
  console.log(line(attack, result));
  for (const complaint of result.complaints) console.log(`  FAILED: ${complaint}`);
  if (result.complaints.length > 0) failures++;
}
console.log(`${chosen.length} attacks, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);

async function tried(attack: Attack): Promise<Result> {
  for (let tries = 1; ; tries++) {
    const result = await run(attack);
    const isSlow = result.complaints.length > 0 && result.complaints.every((text) => text.startsWith("p99"));
    if (!isSlow || tries === MAX_TRIES) return result;
  }
}

async function run(attack: Attack): Promise<Result> {
  const server = await startEtcdlite(["--log-level=error", ...serverFlags, ...(attack.flags ?? [])]);
  const load = await Load.connect(server.url);
  try {
    // The first calls of all are slow: they are compiled.
    await load.measure(pause(times.quietMs / 2));
    const quiet = await load.measure(pause(times.quietMs));
    const attacking = attacker(attack.name, new URL(server.url).port);
    const attacked = await load.measure(attacking);
    const { isWon, outcome } = await attacking;
    const after = await load.measure(pause(100));
    const peakMb = peakMemoryMb(server.pid);
    const maxMb = attack.maxRssMb ?? DEFAULT_MAX_RSS_MB;
    const maxP99Ms = Math.max(MAX_SLOWDOWN * quiet.p99Ms, FLOOR_MS);
    const complaints = [
      ...(isWon ? [outcome] : []),
      ...(attacked.failed + after.failed > 0 ? [`${attacked.failed + after.failed} puts of others failed`] : []),
      ...(peakMb > maxMb ? [`memory: ${Math.round(peakMb)} MB, and at most ${maxMb} are allowed`] : []),
      ...(attacked.p99Ms > maxP99Ms ? [`p99: ${ms(attacked.p99Ms)}, and at most ${ms(maxP99Ms)} is allowed`] : []),
    ];
    return { outcome: isWon ? "won" : outcome, peakMb, quiet, attacked, complaints };
  } finally {
    load.close();
    await server.stop();
  }
}

function attacker(name: string, port: string): Promise<{ readonly isWon: boolean; readonly outcome: string }> {
  const child = spawn(process.execPath, [ATTACKER, name, port, String(times.attackMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on("close", (code) => {
      resolve(output === "" ? { isWon: true, outcome: `the attacker failed with ${code}` } : JSON.parse(output));
    });
  });
}

function peakMemoryMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

function line(attack: Attack, { outcome, peakMb, quiet, attacked }: Result): string {
  const memory = `peak ${Math.round(peakMb)} of ${attack.maxRssMb ?? DEFAULT_MAX_RSS_MB} MB`;
  const others = `others' p99 ${ms(attacked.p99Ms)}, quiet ${ms(quiet.p99Ms)}`;
  return `${attack.name.padEnd(26)} ${memory.padEnd(22)} ${others.padEnd(38)} ${outcome}`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
