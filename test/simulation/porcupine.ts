/**
 * The independent judge of histories: porcupine (github.com/anishathalye/porcupine), by the small Go program beside
 * this file, which is built into .cache when it is first asked for. Without Go there is no judge.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const MISSING_GO = "no Go found: install Go 1.26 or later for porcupine to judge histories";

const ROOT = join(import.meta.dirname, "..", "..");
const MODULE_DIR = join(import.meta.dirname, "porcupine");
const CACHE_DIR = join(ROOT, ".cache", "porcupine-1.3.1");

/** Builds the program (seconds at first, then next to nothing); undefined where there is no Go. */
export function buildPorcupine(): string | undefined {
  if (spawnSync("go", ["version"]).status !== 0) return undefined;
  mkdirSync(CACHE_DIR, { recursive: true });
  const binary = join(CACHE_DIR, "porcupine");
  const args = ["build", "-trimpath", "-mod=readonly", "-o", binary, "."];
  const env = { ...process.env, CGO_ENABLED: "0" };
  const run = spawnSync("go", args, { cwd: MODULE_DIR, env, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`go ${args.join(" ")} failed:\n${run.stderr}`);
  return binary;
}

export type Verdict = "ok" | "illegal" | "undecided";

/** One process that is given histories as they come, and tells what is not right. */
export class Porcupine {
  readonly #process: ChildProcess;
  readonly #verdicts = new Map<number, Verdict>();
  readonly #ended: Promise<void>;
  #full: Promise<void> | undefined;

  constructor(binary: string) {
    const child = spawn(binary, { stdio: ["pipe", "pipe", "inherit"] });
    this.#process = child;
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => {
      const [seed, verdict] = line.split(" ");
      this.#verdicts.set(Number(seed), verdict as Verdict);
    });
    this.#ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`porcupine ended with ${code}`))));
    });
    this.#ended.catch(() => {});
  }

  /** Settles when there is room for more. */
  async judge(history: string): Promise<void> {
    await this.#full;
    const { stdin } = this.#process;
    if (stdin?.write(`${history}\n`) !== false) return;
    this.#full = new Promise((resolve) => stdin.once("drain", resolve));
  }

  /** All verdicts, by seed. */
  async end(): Promise<ReadonlyMap<number, Verdict>> {
    this.#process.stdin?.end();
    await this.#ended;
    return this.#verdicts;
  }
}
