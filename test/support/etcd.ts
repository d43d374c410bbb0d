/**
 * A real etcd for tests: where it is found, how it is built, how one is started.
 *
 * Search order: the environment's ETCD_BIN (ETCDCTL_BIN, ETCDUTL_BIN), then PATH if `--version` says 3.7.x, then the
 * cached build in .cache/etcd-3.7.1/, which buildEtcd() makes with Go from the tiny module in etcd-build/.
 * Tests that find none skip with MISSING_ETCD, or fail when ETCDLITE_REQUIRE=all.
 */

import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export const ETCD_VERSION = "3.7.1";
export const MISSING_ETCD =
  `no etcd ${ETCD_VERSION} found: set ETCD_BIN to one, put etcd 3.7 on PATH, ` +
  "or install Go 1.26 or later and run: node test/support/etcd.ts (builds it into .cache)";

const ROOT = join(import.meta.dirname, "..", "..");
const CACHE_DIR = join(ROOT, ".cache", `etcd-${ETCD_VERSION}`);
const BUILD_MODULE_DIR = join(import.meta.dirname, "etcd-build");
/** What is built: mains of our own, and one of etcd's, which no main of ours could call. */
const PACKAGES = { etcd: "./etcd", etcdctl: "./etcdctl", etcdutl: "go.etcd.io/etcd/etcdutl/v3" };
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;

export type RealEtcd = {
  /** The client URL, http://127.0.0.1:PORT. */
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  /** Ends the process and removes the data dir. Safe to call twice. */
  stop(): Promise<void>;
};

export type StartEtcdOptions = {
  /** Default: what findEtcd() finds. */
  readonly binary?: string;
  /** Further flags of etcd; a flag given here comes last and wins. */
  readonly flags?: readonly string[];
  /** Client URLs to listen at besides its own. */
  readonly clientUrls?: readonly string[];
};

/** The path of an etcd 3.7 (ETCD_BIN is believed whatever its version), or undefined. */
export function findEtcd(): string | undefined {
  return findTool("etcd", "ETCD_BIN", ["--version"]);
}

/** The path of an etcdctl 3.7 (ETCDCTL_BIN is believed whatever its version), or undefined. */
export function findEtcdctl(): string | undefined {
  return findTool("etcdctl", "ETCDCTL_BIN", ["version"]);
}

/** The path of an etcdutl 3.7 (ETCDUTL_BIN is believed whatever its version), or undefined. */
export function findEtcdutl(): string | undefined {
  return findTool("etcdutl", "ETCDUTL_BIN", ["version"]);
}

/** True where a missing tool must fail the test rather than skip it. */
export function toolsAreRequired(): boolean {
  return process.env.ETCDLITE_REQUIRE === "all";
}

/** Builds etcd, etcdctl and etcdutl with Go into .cache (minutes at first, seconds later); returns etcd's path. */
export function buildEtcd(): string {
  if (spawnSync("go", ["version"]).status !== 0) throw new Error(`Go is not installed; ${MISSING_ETCD}`);
  mkdirSync(CACHE_DIR, { recursive: true });
  for (const [tool, path] of Object.entries(PACKAGES)) {
    const args = ["build", "-trimpath", "-mod=readonly", "-o", join(CACHE_DIR, tool), path];
    const run = spawnSync("go", args, {
      cwd: BUILD_MODULE_DIR,
      env: { ...process.env, CGO_ENABLED: "0" },
      encoding: "utf8",
    });
    if (run.status !== 0) throw new Error(`go ${args.join(" ")} failed:\n${run.stderr}\n${MISSING_ETCD}`);
  }
  return join(CACHE_DIR, "etcd");
}

/** Finds an etcd or builds it; throws an error that says how to get one. */
export function findOrBuildEtcd(): string {
  return findEtcd() ?? buildEtcd();
}

/** Starts one fresh etcd on free ports of 127.0.0.1; resolves once it answers a linearizable read. */
export async function startEtcd(options: StartEtcdOptions = {}): Promise<RealEtcd> {
  const binary = options.binary ?? findEtcd();
  if (binary === undefined) throw new Error(MISSING_ETCD);
  const [clientPort, peerPort] = await freePorts(2);
  const url = `http://127.0.0.1:${clientPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const dataDir = mkdtempSync(join(tmpdir(), "etcd-test-"));
  const args = [
    ...["--name", "default", "--data-dir", dataDir, "--log-level", "error"],
    ...(canSkipFsync(binary) ? ["--unsafe-no-fsync"] : []),
    ...["--listen-client-urls", [url, ...(options.clientUrls ?? [])].join(","), "--advertise-client-urls", url],
    ...["--listen-peer-urls", peerUrl],
    ...["--initial-advertise-peer-urls", peerUrl, "--initial-cluster", `default=${peerUrl}`],
    ...(options.flags ?? []),
  ];
  const child = spawn(binary, args, { stdio: ["ignore", "ignore", "pipe"], env: withoutEtcdVariables() });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4000);
  });
  const stop = async (): Promise<void> => {
    await endProcess(child);
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await untilHealthy(url, child);
  } catch (error) {
    await stop();
    throw new Error(`${binary} did not start: ${String(error)}\n${stderr}`);
  }
  return { url, pid: child.pid as number, dataDir, stop };
}

/** SIGTERM, and SIGKILL if that takes longer than STOP_TIMEOUT_MS; resolves when the process is gone. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(killer);
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function findTool(tool: string, variable: string, versionArgs: string[]): string | undefined {
  const named = process.env[variable];
  if (named !== undefined && named !== "") {
    if (!existsSync(named)) throw new Error(`${variable}=${named} does not exist`);
    return named;
  }
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, tool);
    if (folder === "" || !existsSync(path)) continue;
    const run = spawnSync(path, versionArgs, { encoding: "utf8", env: withoutEtcdVariables() });
    if (/version: 3\.7\./i.test(run.stdout ?? "")) return path;
  }
  const cached = join(CACHE_DIR, tool);
  return existsSync(cached) ? cached : undefined;
}

/** The flag came with 3.5; an unknown one would keep etcd from starting. */
function canSkipFsync(binary: string): boolean {
  const run = spawnSync(binary, ["--version"], { encoding: "utf8", env: withoutEtcdVariables() });
  return !/version: 3\.[0-4]\./i.test(run.stdout ?? "");
}

/** etcd reads ETCD_* as flags and warns of the unknown ones (ETCD_BIN is ours). */
function withoutEtcdVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^ETCD(CTL)?_/.test(name)));
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  let failed: Error | undefined;
  child.once("error", (error) => {
    failed = error;
  });
  for (;;) {
    if (failed !== undefined) throw failed;
    if (child.exitCode !== null) throw new Error(`exited with code ${child.exitCode}`);
    try {
      const reply = await fetch(`${url}/health`);
      // One that was started on data with an alarm in it is as healthy as it gets.
      if (reply.ok || (await reply.text()).includes("ALARM")) return;
    } catch {
      // Refused: not listening yet.
    }
    if (Date.now() > deadlineMs) throw new Error(`no answer within ${START_TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

if (process.argv[1] === import.meta.filename) console.log(buildEtcd());
