/**
 * `npm run abuse`: each attack on a server of its own, while others go on with what they do. What counts: that the
 * server refused what it should have, what its memory peaked at, and how long the others waited; for these by the
 * clock, and by the CPU time that the server's event loop took between two looks at what is new.
 *
 *     --only NAME[,NAME…]   these attacks alone
 *     --quick               each for a shorter time
 *     --sample              some of each kind, and of delays only those in the server's own time: for CI
 *     --h2 engine|node      by which HTTP/2 it is served
 *     --flags='FLAG …'      further flags of the server: a limit that is as good as off, say
 *     --profile DIR         leaves CPU profiles of the servers there
 */
import { parseArgs } from "node:util";
import { type Attack, DEFAULT_MAX_RSS_MB } from "./attack.ts";
import { ATTACKS, SAMPLE } from "./attacks.ts";
import { ms, type Trial, type TrialOptions, trial } from "./trial.ts";

const TIMES = { quietMs: 2000, attackMs: 4000 };
const QUICK_TIMES = { quietMs: 1000, attackMs: 1500 };
/** A delay is measured again before it counts: a neighbour's load comes and goes, an attack that works stays. */
const MAX_TRIES = 3;

const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    sample: { type: "boolean", default: false },
    h2: { type: "string" },
    flags: { type: "string", default: "" },
    profile: { type: "string" },
  },
});
const names = flags.only?.split(",") ?? (flags.sample ? SAMPLE : undefined);
const unknown = names?.find((name) => !ATTACKS.some((attack) => attack.name === name));
if (unknown !== undefined)
  throw new Error(`no attack is named ${unknown}: ${ATTACKS.map(({ name }) => name).join(" ")}`);
const chosen = ATTACKS.filter(({ name }) => names?.includes(name) ?? true);
const options: TrialOptions = {
  ...(flags.quick ? QUICK_TIMES : TIMES),
  serverFlags: [...(flags.h2 === undefined ? [] : ["--h2", flags.h2]), ...flags.flags.split(" ").filter(Boolean)],
  profileDir: flags.profile,
  judgesByClock: !flags.sample,
};

let failures = 0;
for (const attack of chosen) {
  const result = await tried(attack);
  const complaints = [...result.faults, ...result.delays];
  console.log(line(attack, result));
  for (const complaint of complaints) console.log(`  FAILED: ${complaint}`);
  if (complaints.length > 0) failures++;
}
console.log(`${chosen.length} attacks, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);

async function tried(attack: Attack): Promise<Trial> {
  for (let tries = 1; ; tries++) {
    const result = await trial(attack, options);
    if (result.faults.length > 0 || result.delays.length === 0 || tries === MAX_TRIES) return result;
  }
}

function line(attack: Attack, { outcome, peakMb, quiet, attacked, turns, cpuShare }: Trial): string {
  const memory = `peak ${Math.round(peakMb)} of ${attack.maxRssMb ?? DEFAULT_MAX_RSS_MB} MB`;
  const others = `others' p99 ${ms(attacked.p99Ms)}, quiet ${ms(quiet.p99Ms)}`;
  const loop = `loop's p99 ${ms(turns.p99Ms)}, longest ${ms(turns.longestMs)}, CPU ${Math.round(cpuShare * 100)}%`;
  return `${attack.name.padEnd(24)} ${memory.padEnd(19)} ${others.padEnd(37)} ${loop.padEnd(46)} ${outcome}`;
}
