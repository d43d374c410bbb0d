/**
 * `node bench/profile.ts --only REGEX`: where an etcdlite's time goes under the load of each such row, by V8's own profiler:
 * the functions that take most by themselves, and their share of the time that it did not rest.
 *
 *     --share F     of what a full run does (0.5)
 *     --top N       functions to show (15)
 *     --data-dir    with its data on disk
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measure, prepare } from "./measure.ts";
import type { Row } from "./row.ts";
import { ROWS } from "./rows/index.ts";
import { start } from "./servers.ts";
import { runnable } from "./tools.ts";

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Microseconds of the clock that the system has for all processes. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const RESTING = new Set(["(idle)", "(program)", "(root)"]);

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    share: { type: "string", default: "0.5" },
    top: { type: "string", default: "15" },
    "data-dir": { type: "boolean", default: false },
  },
});

const wanted = new RegExp(flags.only);
for (const row of runnable(
  ROWS.filter(({ name, unit }) => wanted.test(name) && unit !== "calls" && unit !== "starts"),
)) {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-profile-"));
  try {
    const counted = await run(row, folder);
    for (const file of readdirSync(folder)) print(JSON.parse(readFileSync(join(folder, file), "utf8")), counted);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** When what is counted began and ended. */
type Window = readonly [fromUs: number, toUs: number];

async function run(row: Row, folder: string): Promise<Window> {
  let window: Window = [0, 0];
  const watched: Row = {
    ...row,
    warmUp: row.warmUp ?? row.load,
    async load(target, share, replies) {
      const fromUs = nowUs();
      const counted = await row.load(target, share, replies);
      window = [fromUs, nowUs()];
      return counted;
    },
  };
  // Only the server takes it from here: it is started in between.
  process.env.NODE_OPTIONS = `--cpu-prof --cpu-prof-interval 500 --cpu-prof-dir ${folder}`;
  const server = await start("etcdlite", { dataDir: flags["data-dir"] });
  delete process.env.NODE_OPTIONS;
  try {
    await prepare(watched, [server], Number(flags.share));
    const { perSecond, cpuUs } = await measure(watched, server, Number(flags.share));
    console.log(`\n${row.name}: ${perSecond.toFixed(0)} ${row.unit}/s, ${cpuUs?.toFixed(1)} µs of CPU each`);
  } finally {
    await server.stop();
  }
  return window;
}

function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

function print({ nodes, startTime, samples, timeDeltas }: Profile, [fromUs, toUs]: Window): void {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const self = new Map<string, number>();
  let busy = 0;
  let atUs = startTime;
  samples.forEach((id, at) => {
    const key = names.get(id) ?? "?";
    const us = timeDeltas[at] ?? 0;
    atUs += us;
    if (RESTING.has(key) || atUs < fromUs || atUs > toUs) return;
    busy += us;
    self.set(key, (self.get(key) ?? 0) + us);
  });
  const top = [...self].sort(([, a], [, b]) => b - a).slice(0, Number(flags.top));
  console.log(`busy for ${(busy / 1e6).toFixed(2)} of ${((toUs - fromUs) / 1e6).toFixed(2)} s`);
  for (const [key, us] of top) console.log(`${((us / busy) * 100).toFixed(1).padStart(6)} %  ${key}`);
}

function nameOf({ functionName, url, lineNumber }: Profile["nodes"][number]["callFrame"]): string {
  if (url === "") return functionName;
  const file = url.replace(/^file:\/\/.*\/(src|node_modules)\//, "$1/");
  return `${functionName || "(anonymous)"}  ${file}:${lineNumber + 1}`;
}
