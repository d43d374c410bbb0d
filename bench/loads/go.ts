/** The load programs in Go: etcd's own `benchmark`, and the one in bench/load for streams and calls that differ. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { cpuSeconds } from "../cpu.ts";
import type { Counted, Target } from "../row.ts";
import { outputOf } from "./command.ts";

const MODULE_DIR = join(import.meta.dirname, "..", "load");
const CACHE_DIR = join(import.meta.dirname, "..", "..", ".cache", "bench-load");
const PACKAGES = { load: ".", benchmark: "go.etcd.io/etcd/v3/tools/benchmark" };

/** Builds what has changed since the last time. @returns why that cannot be done, or undefined */
export function buildGoLoads(): string | undefined {
  mkdirSync(CACHE_DIR, { recursive: true });
  const sourceMs = Math.max(...readdirSync(MODULE_DIR).map((file) => statSync(join(MODULE_DIR, file)).mtimeMs));
  for (const [tool, path] of Object.entries(PACKAGES)) {
    const binary = join(CACHE_DIR, tool);
    if (existsSync(binary) && statSync(binary).mtimeMs > sourceMs) continue;
    const args = ["build", "-trimpath", "-mod=readonly", "-o", binary, path];
    const run = spawnSync("go", args, {
      cwd: MODULE_DIR,
      env: { ...process.env, CGO_ENABLED: "0" },
      encoding: "utf8",
    });
    if (run.error !== undefined) return "Go is not installed: 1.26 or later builds the load programs";
    if (run.status !== 0) return `go ${args.join(" ")} failed: ${run.stderr}`;
  }
  return undefined;
}

/** What bench/load's `spec` says, less the endpoint. */
export type LoadSpec = Readonly<Record<string, string | number>>;

export async function goLoad(target: Target, spec: LoadSpec): Promise<Counted> {
  let begunCpu: number | undefined;
  const argument = JSON.stringify({ ...spec, endpoint: endpointOf(target) });
  const output = await outputOf(join(CACHE_DIR, "load"), [argument], {
    onLine(line) {
      if (line === "begin") begunCpu = cpuSeconds(target.pid);
    },
  });
  const counted = JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as Counted;
  const cpu = cpuSeconds(target.pid);
  return { ...counted, ...(cpu !== undefined && begunCpu !== undefined && { cpuSeconds: cpu - begunCpu }) };
}

/** @param args the subcommand and its flags, less `--total` */
export async function etcdBenchmark(
  target: Target,
  args: readonly string[],
  connections: number,
  clients: number,
  count: number,
): Promise<Counted> {
  const common = ["--endpoints", endpointOf(target), "--conns", String(connections), "--clients", String(clients)];
  const all = [...common, ...args, "--total", String(count), "--precise"];
  const output = await outputOf(join(CACHE_DIR, "benchmark"), all);
  const [total, p50, p99] = [/Total:\s+([\d.e+-]+)/, /50% in ([\d.e+-]+)/, /99% in ([\d.e+-]+)/].map((pattern) =>
    Number(pattern.exec(output)?.[1]),
  ) as [number, number, number];
  if (!(total > 0) || /Error distribution/.test(output)) throw new Error(output);
  return { count, seconds: total, p50Ms: p50 * 1000, p99Ms: p99 * 1000 };
}

function endpointOf(target: Target): string {
  return new URL(target.url).host;
}
