/**
 * `npm run test:runtimes`: the RPC rules (test/rpc), the very same files, in every runtime that etcdlite runs in, by
 * every protocol that it serves there; and each runtime's journal, held to the contract of all journals. Ends with
 *
 *     RUNTIME: N passed, N failed      for each runtime
 *     N passed, N failed               the sum
 *
 *     npm run test:runtimes -- deno bun      these runtimes only
 *     npm run test:runtimes -- deno /put     and of their tests only files whose path holds this
 *
 * A test counts where it asked the runtime for a store, or ran in it. A runtime that is not there is skipped with one
 * line; with ETCDLITE_REQUIRE=all that is a failure.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { RUNTIMES, type Runtime, type Suite } from "./runtimes.ts";

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

interface SuiteCounts extends Counts {
  /** Those that failed for what cannot be done there. */
  readonly impossible: ReadonlyArray<{ readonly name: string; readonly reason: string }>;
}

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly status: string;
    readonly assertionResults: ReadonlyArray<{
      readonly status: string;
      readonly fullName: string;
      /** See test/rpc/support/target.ts. */
      readonly meta?: { readonly target?: string; readonly cannot?: string };
    }>;
  }>;
}

/** A suite takes half a minute on a machine that has nothing else to do; one in Chromium, one or two. */
const MAX_SUITE_MS = 45 * 60_000;
const HOST_START_MS = 60_000;

const root = fileURLToPath(new URL("../..", import.meta.url));
const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const folder = mkdtempSync(join(tmpdir(), "etcdlite-runtimes-"));
const names = process.argv.slice(2).filter((word) => RUNTIMES.some(({ name }) => name === word));
const filters = process.argv.slice(2).filter((word) => !names.includes(word));

/** Those that ask for a store. */
const RULES = globSync("test/rpc/*.test.ts", { cwd: root })
  .filter((path) => readFileSync(join(root, path), "utf8").includes("newTarget("))
  .toSorted();

/** What was started, to be ended. */
function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.stdin?.end();
  child.kill("SIGTERM");
  return gone;
}

/** Its URL is the first line that it prints. */
async function startHost(command: readonly string[]): Promise<{ child: ChildProcess; url: string }> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  const timer = setTimeout(() => child.kill("SIGTERM"), HOST_START_MS);
  try {
    for await (const line of createInterface({ input: child.stdout })) return { child, url: line };
    throw new Error(`${command.join(" ")} ended before it said where it listens`);
  } finally {
    clearTimeout(timer);
  }
}

async function runSuite(runtime: Runtime, suite: Suite, env: NodeJS.ProcessEnv): Promise<Counts> {
  const json = join(folder, `${runtime.name}.json`);
  rmSync(json, { force: true });
  const files = (suite.files ?? RULES).filter((path) => filters.every((filter) => path.includes(filter)));
  if (files.length === 0) return { passed: 0, failed: 0 };
  const startMs = performance.now();
  const flags = ["run", ...(suite.flags ?? []), "--reporter=default", "--reporter=json", `--outputFile.json=${json}`];
  const [program, ...args] = [...(suite.command ?? [process.execPath]), vitest, ...flags, ...files];
  const child = spawn(program as string, args, { cwd: root, env: { ...process.env, ...env, ...suite.env } });
  let output = "";
  const timer = setTimeout(() => {
    output += `\nnot done after ${MAX_SUITE_MS / 60_000} minutes\n`;
    child.kill("SIGKILL");
  }, MAX_SUITE_MS);
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  const counts = countsOf(json, suite.files === undefined ? runtime.name : undefined);
  const isWell = code === 0 || counts.impossible.length > 0;
  // What ran no test has shown nothing.
  const failed = counts.failed === 0 && (!isWell || counts.passed === 0) ? 1 : counts.failed;
  if (failed > 0) console.log(output);
  const { length } = counts.impossible;
  const apart = length > 0 ? `, ${length} cannot be done there` : "";
  const seconds = Math.round((performance.now() - startMs) / 1000);
  console.log(`  ${runtime.name}, ${suite.name}: ${counts.passed} passed, ${failed} failed${apart} (${seconds} s)`);
  for (const [reason, tests] of Map.groupBy(counts.impossible, ({ reason }) => reason)) {
    console.log(`    ${reason}:\n${tests.map(({ name }) => `      ${name}`).join("\n")}`);
  }
  return { passed: counts.passed, failed };
}

/** @param target where a test must have asked for a store to count; undefined for those that run in the runtime */
function countsOf(json: string, target: string | undefined): SuiteCounts {
  if (!existsSync(json)) return { passed: 0, failed: 1, impossible: [] };
  const { testResults } = JSON.parse(readFileSync(json, "utf8")) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status, meta }) => status === "passed" && (meta?.target === target || !target));
  const failures = tests.filter(({ status }) => status === "failed");
  const impossible = failures.flatMap(({ fullName: name, meta: { cannot: reason } = {} }) => {
    return reason === undefined ? [] : [{ name, reason }];
  });
  return { passed: passed.length, failed: failures.length - impossible.length, impossible };
}

async function runRuntime(runtime: Runtime): Promise<Counts> {
  const host = runtime.host && (await startHost(runtime.host));
  let passed = 0;
  let failed = 0;
  try {
    for (const suite of runtime.suites) {
      const counts = await runSuite(runtime, suite, { RULES_AGAINST: runtime.name, RULES_URL: host?.url });
      passed += counts.passed;
      failed += counts.failed;
    }
  } finally {
    if (host !== undefined) await end(host.child);
  }
  return { passed, failed };
}

async function main(): Promise<void> {
  const lines: string[] = [];
  let passed = 0;
  let failed = 0;
  for (const runtime of RUNTIMES) {
    if (names.length > 0 && !names.includes(runtime.name)) continue;
    const missing = runtime.missing();
    if (missing !== undefined && process.env.ETCDLITE_REQUIRE !== "all") {
      lines.push(`${runtime.name}: skipped, ${missing}`);
      continue;
    }
    const counts = missing === undefined ? await runRuntime(runtime) : { passed: 0, failed: 1 };
    if (missing !== undefined) console.log(`${runtime.name}: ${missing}`);
    lines.push(`${runtime.name}: ${counts.passed} passed, ${counts.failed} failed`);
    console.log(lines.at(-1));
    passed += counts.passed;
    failed += counts.failed;
  }
  console.log(`\n${lines.join("\n")}\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
