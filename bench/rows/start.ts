/** Starts: from the command to the answer to a first Range, each time with nothing to begin with. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, findOrBuildEtcd, freePorts } from "../../test/support/etcd.ts";
import { cpuSeconds } from "../cpu.ts";
import { type ContestantName, type Counted, type Row, SERVERS, type Tool } from "../row.ts";
import { percentile } from "../stats.ts";
import { PACKED_COMMAND } from "../tools.ts";

const SOURCES = join(import.meta.dirname, "..", "..", "src", "platform", "node", "main.ts");
const STARTS = 20;
const LEAST_STARTS = 4;
const POLL_MS = 2;
const TIMEOUT_MS = 60_000;
const MEMORY_FOLDER = "/dev/shm";

function start(what: string, main: string, tool: Tool): Row {
  const load = async ({ name }: { readonly name: ContestantName }, share: number): Promise<Counted> => {
    const times: number[] = [];
    let cpu = 0;
    for (let count = 0; count < Math.max(LEAST_STARTS, STARTS * share); count++) {
      const one = await startOnce(name, main);
      times.push(one.ms);
      cpu += one.cpuSeconds;
    }
    const sorted = Float64Array.from(times).sort();
    const seconds = sorted.reduce((sum, ms) => sum + ms, 0) / 1000;
    const [p50Ms, p99Ms] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
    return { count: times.length, seconds, p50Ms, p99Ms, cpuSeconds: cpu };
  };
  return { name: `start to first answer, ${what}`, unit: "starts", tool, on: SERVERS, load };
}

async function startOnce(name: ContestantName, main: string): Promise<{ ms: number; cpuSeconds: number }> {
  const folder = mkdtempSync(join(name === "etcd_tmpfs" ? MEMORY_FOLDER : tmpdir(), "etcdlite-start-"));
  const [port = 0, peerPort] = await freePorts(2);
  const [command, ...args] = commandOf(name, main, { folder, port, peer: `http://127.0.0.1:${peerPort}` });
  const startMs = performance.now();
  const child = spawn(command as string, args, { stdio: "ignore" });
  try {
    await firstAnswer(port, child);
    return { ms: performance.now() - startMs, cpuSeconds: cpuSeconds(child.pid as number) ?? 0 };
  } finally {
    await endProcess(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly folder: string;
  readonly port: number;
  readonly peer: string;
}

function commandOf(name: ContestantName, main: string, { folder, port, peer }: Place): readonly string[] {
  const url = `http://127.0.0.1:${port}`;
  const both = ["--log-level", "error", "--listen-client-urls", url];
  if (name === "etcdlite") return [process.execPath, main, ...both];
  const kept = [...both, "--data-dir", join(folder, "data")];
  if (name === "etcdlite_disk") return [process.execPath, main, ...kept];
  const peers = ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer];
  const fsync = name === "etcd_tmpfs" ? ["--unsafe-no-fsync"] : [];
  const cluster = ["--advertise-client-urls", url, "--initial-cluster", `default=${peer}`];
  return [findOrBuildEtcd(), ...kept, ...peers, ...cluster, ...fsync];
}

async function firstAnswer(port: number, child: ChildProcess): Promise<void> {
  const endMs = performance.now() + TIMEOUT_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > endMs)
      throw new Error(`no start of ${child.spawnargs.join(" ")}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A linearizable Range, by the one protocol that all of them speak on HTTP/1.1. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: "127.0.0.1", port, path: "/v3/kv/range", method: "POST" }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode === 200));
    });
    asked.on("error", () => resolve(false));
    asked.end(JSON.stringify({ key: "YQ==" }));
  });
}

export const START_ROWS: readonly Row[] = [
  start("from sources", SOURCES, "none"),
  start("the package's command", PACKED_COMMAND, "package"),
];
