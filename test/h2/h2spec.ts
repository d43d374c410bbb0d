/**
 * h2spec against the engine, in cleartext and over TLS: `npm run h2spec`. Ends with `N passed, 0 failed`.
 *
 * h2spec is built by Go from the module in h2spec-build/ into .cache. In cleartext it meets the engine on a port of its
 * own: where HTTP/1.1 is served, too, a preface that is none is answered in HTTP/1.1, which h2spec cannot read.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "../../src/platform/node/index.ts";
import { startEngine } from "./support/engine.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const VERSION = "2.2.1";
const BINARY = join(ROOT, ".cache", `h2spec-${VERSION}`, "h2spec");
const BUILD_MODULE_DIR = join(import.meta.dirname, "h2spec-build");
const PATH = "/version";

function build(): void {
  if (existsSync(BINARY)) return;
  mkdirSync(join(BINARY, ".."), { recursive: true });
  const args = ["build", "-trimpath", "-mod=readonly", "-o", BINARY, "github.com/summerwind/h2spec/cmd/h2spec"];
  const run = spawnSync("go", args, {
    cwd: BUILD_MODULE_DIR,
    env: { ...process.env, CGO_ENABLED: "0" },
    encoding: "utf8",
  });
  if (run.status !== 0)
    throw new Error(`Go 1.26 or later is needed to build h2spec; go ${args.join(" ")}:\n${run.stderr}`);
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

async function run(name: string, url: string): Promise<Outcome> {
  const { port, protocol } = new URL(url);
  const tls = protocol === "https:" ? ["--tls", "--insecure"] : [];
  const child = spawn(BINARY, ["--host", "127.0.0.1", "--port", port, "--path", PATH, "--timeout", "3", ...tls]);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await new Promise((resolve) => child.once("close", resolve));
  const [, tests, passed, skipped, failed] =
    /(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed/.exec(output) ?? [];
  if (tests === undefined) throw new Error(`h2spec did not end:\n${output}`);
  if (failed !== "0" || skipped !== "0") console.log(output.slice(Math.max(0, output.indexOf("Failures:"))));
  console.log(`${name}: ${tests} tests, ${passed} passed, ${skipped} skipped, ${failed} failed`);
  return { passed: Number(passed), failed: Number(failed) + Number(skipped) };
}

async function main(): Promise<number> {
  build();
  const bare = await startEngine();
  const whole = await createServer({ h2: "engine", listenClientUrls: ["https://127.0.0.1:0"], tls: { autoTls: true } });
  try {
    const outcomes = [await run("cleartext", bare.url), await run("TLS", whole.url)];
    const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
    const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    await bare.close();
    await whole.close();
  }
}

process.exitCode = await main();
