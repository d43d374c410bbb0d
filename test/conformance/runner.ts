/**
 * The runner of Connect's own conformance suite: built with Go from its module, into .cache. The descriptors of its
 * service come from the same module, so that nothing of it has to be kept here.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const MODULE = "connectrpc.com/conformance";
const VERSION = "v1.0.7";
const ROOT = join(import.meta.dirname, "..", "..");
const CACHE = join(ROOT, ".cache", `conformance-${VERSION}`);

export interface Runner {
  readonly binary: string;
  /** A FileDescriptorSet of the suite's protos. */
  readonly descriptors: string;
}

/** Finds the runner or builds it. @throws Error that says what is missing */
export function findOrBuildRunner(): Runner {
  const runner = { binary: join(CACHE, "connectconformance"), descriptors: join(CACHE, "descriptors.binpb") };
  if (existsSync(runner.binary) && existsSync(runner.descriptors)) return runner;
  if (spawnSync("go", ["version"]).status !== 0) {
    throw new Error("the conformance suite is built with Go, which is not installed: https://go.dev/dl/");
  }
  mkdirSync(CACHE, { recursive: true });
  // Outside of any module, so that the suite's own versions of what it needs are taken.
  run("go", ["install", `${MODULE}/cmd/connectconformance@${VERSION}`], { GOBIN: CACHE, CGO_ENABLED: "0" });
  const { Dir: folder } = JSON.parse(run("go", ["mod", "download", "-json", `${MODULE}@${VERSION}`])) as {
    Dir: string;
  };
  run(join(ROOT, "node_modules/.bin/buf"), ["build", join(folder, "proto"), "-o", runner.descriptors]);
  return runner;
}

function run(command: string, args: readonly string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: CACHE,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stderr}`);
  return stdout;
}
