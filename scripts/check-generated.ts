/**
 * Checks all that hangs on the protos: their lint and format, that they break
 * no released API, and that src/gen is what they generate. Needs no network.
 *
 * Says what is wrong and exits with 1, or exits with 0.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const generated = join("src", "gen");
// Our own protos as last released, made anew with `npm run baseline`.
const baseline = join("test", "proto", "baseline.binpb");

const bufPackage = createRequire(import.meta.url).resolve("@bufbuild/buf/package.json");
const buf = join(dirname(bufPackage), "bin", "buf");

/** Runs buf and returns what it complains about; empty if all is well. */
function run(...args: string[]): string {
  const bin = join(root, "node_modules", ".bin");
  const result = spawnSync(process.execPath, [buf, ...args], {
    cwd: root,
    encoding: "utf8",
    // buf looks the plugin up in PATH.
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
  });
  if (result.error) throw result.error;
  if (result.status === 0) return "";
  const output = `${result.stdout}${result.stderr}`.trim();
  return output || `buf ${args[0]} exited with ${result.status}`;
}

/** Compares src/gen with what the protos generate now. */
function staleFiles(): string {
  const fresh = mkdtempSync(join(tmpdir(), "etcdlite-gen-"));
  try {
    const failure = run("generate", "--output", fresh);
    if (failure) return failure;
    return compare(join(fresh, generated), join(root, generated)).join("\n");
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function compare(expectedDir: string, actualDir: string): string[] {
  const expected = filesIn(expectedDir);
  const actual = filesIn(actualDir);
  const problems: string[] = [];
  for (const [path, text] of expected) {
    const found = actual.get(path);
    const name = join(generated, path);
    if (found === undefined) problems.push(`${name}: missing`);
    else if (found !== text) {
      problems.push(`${name}:${firstDifference(found, text)}: stale`);
    }
  }
  for (const path of actual.keys()) {
    if (expected.has(path)) continue;
    problems.push(`${join(generated, path)}: not generated from any proto`);
  }
  return problems;
}

function filesIn(dir: string): Map<string, string> {
  const paths = globSync("**", { cwd: dir }).filter((path) => statSync(join(dir, path)).isFile());
  return new Map(paths.map((path) => [path, readFileSync(join(dir, path), "utf8")]));
}

/** The number of the first line that differs, from 1. */
function firstDifference(a: string, b: string): number {
  const theirs = b.split("\n");
  const lines = a.split("\n");
  const index = lines.findIndex((line, i) => line !== theirs[i]);
  return (index === -1 ? lines.length : index) + 1;
}

const checks: [title: string, advice: string, check: () => string][] = [
  ["lint", "", () => run("lint")],
  ["format", "run `npx buf format -w`", () => run("format", "--diff", "--exit-code")],
  ["breaking", "a released API must stay as it is", () => run("breaking", "--against", baseline)],
  ["generated", "run `npm run generate`", staleFiles],
];

let failed = false;
for (const [title, advice, check] of checks) {
  const problem = check();
  if (!problem) continue;
  failed = true;
  console.error(`${title}: failed${advice && `, ${advice}`}\n${problem}\n`);
}
if (failed) process.exitCode = 1;
else console.log("protos and src/gen are in order");
