/** Servers in Deno and Bun for a test file: a host in each, which opens them one by one (host.ts). */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll } from "vitest";
import { endProcess, toolsAreRequired } from "../support/etcd.ts";

export const HOST = join(import.meta.dirname, "host.ts");
/** The runtimes' own, and Node's server there. */
export const SERVERS = [
  { name: "deno", command: ["deno", "run", "-A", HOST, "deno"], h2s: [] },
  { name: "deno-node", command: ["deno", "run", "-A", HOST, "node"], h2s: ["engine", "node"] },
  { name: "bun", command: ["bun", HOST, "bun"], h2s: [] },
  { name: "bun-node", command: ["bun", HOST, "node"], h2s: ["engine", "node"] },
];
/** All of it takes seconds on a machine that has nothing else to do. */
export const PATIENCE_MS = 120_000;

export function isMissing(program: string): boolean {
  const isThere = spawnSync(program, ["--version"]).status === 0;
  const message = `no ${program} found: npm ci installs it`;
  if (!isThere && toolsAreRequired()) throw new Error(message);
  if (!isThere) console.log(`tests in ${program} are skipped: ${message}`);
  return !isThere;
}

/** Its URL is the first line that it prints. */
export async function startHost(
  [program = "", ...args]: readonly string[],
  ...flags: readonly string[]
): Promise<[ChildProcess, string]> {
  const child = spawn(program, [...args, ...flags], { stdio: ["pipe", "pipe", "inherit"] });
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  return [child, String(line.value)];
}

/** A new server; its URL. */
export async function open(control: string, name: string, h2?: string): Promise<string> {
  const url = `${control}/s/${name}${h2 === undefined ? "" : `?h2=${h2}`}`;
  return (await fetch(url, { method: "PUT", body: "{}" })).text();
}

/** For the tests of a group; answers its URL while they run. */
export function useHost(command: readonly string[], flag: string): () => string {
  let child: ChildProcess;
  let control: string;
  beforeAll(async () => {
    [child, control] = await startHost(command, flag);
  }, PATIENCE_MS);
  afterAll(() => endProcess(child));
  return () => control;
}

export async function post(url: string, body: string): Promise<Record<string, unknown>> {
  return (await fetch(url, { method: "POST", body })).json();
}
