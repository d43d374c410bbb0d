/** One attack on a server of its own while others go on, and what is held against it. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { type Attack, DEFAULT_MAX_RSS_MB, pause } from "./attack.ts";
import { Load, type Measured } from "./load.ts";
import { type Turns, Victim } from "./victim.ts";

export interface TrialOptions {
  readonly quietMs: number;
  readonly attackMs: number;
  readonly serverFlags: readonly string[];
  readonly profileDir: string | undefined;
  /** False where nothing is to depend on what else the machine does: the loop's own time is then all that counts. */
  readonly judgesByClock: boolean;
}

export interface Trial {
  readonly outcome: string;
  readonly peakMb: number;
  readonly quiet: Measured;
  readonly attacked: Measured;
  readonly turns: Turns;
  readonly cpuShare: number;
  /** What the machine may have been to blame for: worth another try. */
  readonly delays: readonly string[];
  /** What it cannot. */
  readonly faults: readonly string[];
}

/** Of the others' p99, attacked against quiet. */
const MAX_SLOWDOWN = 3;
/** What a machine that does something else may add to any p99; and the most that the server's loop may take. */
const FLOOR_MS = 20;
/**
 * A server that gets less than the CPU time it could use takes longer in proportion, whoever attacks it. Where it gets
 * less than this part, the others' p99 tells of the machine: what the loop took by itself is then all that counts.
 */
const MIN_CPU_SHARE = 0.5;
const ATTACKER = join(import.meta.dirname, "attacker.ts");

export async function trial(attack: Attack, options: TrialOptions): Promise<Trial> {
  const victim = await Victim.start([...(attack.flags ?? []), ...options.serverFlags], options.profileDir);
  try {
    const load = await Load.connect(victim.url);
    // The first calls of all are slow: they are compiled.
    await load.measure(pause(options.quietMs / 2));
    const quiet = await load.measure(pause(options.quietMs));
    await victim.pace();
    const attacking = attacker(attack.name, new URL(victim.url).port, options.attackMs);
    const attacked = await load.measure(attacking);
    const { turns, cpuShare } = await victim.pace();
    const { isWon, outcome } = await attacking;
    const after = await load.measure(pause(100));
    load.close();
    const peakMb = victim.peakMemoryMb();
    const maxMb = attack.maxRssMb ?? DEFAULT_MAX_RSS_MB;
    const failed = attacked.failed + after.failed;
    const tellsOfServer = options.judgesByClock && cpuShare >= MIN_CPU_SHARE;
    const maxP99Ms = Math.max(MAX_SLOWDOWN * quiet.p99Ms, FLOOR_MS);
    return {
      outcome: isWon ? "won" : outcome,
      peakMb,
      quiet,
      attacked,
      turns,
      cpuShare,
      faults: [
        ...(isWon ? [outcome] : []),
        ...(failed > 0 ? [`${failed} puts of others failed`] : []),
        ...(peakMb > maxMb ? [`memory: ${Math.round(peakMb)} MB, and at most ${maxMb} are allowed`] : []),
      ],
      delays: [
        ...(tellsOfServer ? tooLong("the others' p99", attacked.p99Ms, maxP99Ms / cpuShare) : []),
        ...tooLong("the loop's p99", turns.p99Ms, FLOOR_MS),
      ],
    };
  } finally {
    await victim.stop();
  }
}

function tooLong(what: string, tookMs: number, mostMs: number): string[] {
  return tookMs > mostMs ? [`${what}: ${ms(tookMs)}, and at most ${ms(mostMs)} is allowed`] : [];
}

function attacker(
  name: string,
  port: string,
  durationMs: number,
): Promise<{ readonly isWon: boolean; readonly outcome: string }> {
  const child = spawn(process.execPath, [ATTACKER, name, port, String(durationMs)], {
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

export function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
