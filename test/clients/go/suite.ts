/** Go's clientv3 3.7.1 with its packages: builds the module beside this file into .cache and runs it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../harness/exec.ts";
import { runLines } from "../harness/lines.ts";
import type { Suite } from "../harness/suite.ts";
import { findGo, MISSING_GO } from "../harness/tools.ts";

const MODULE = import.meta.dirname;
const CACHE = join(MODULE, "..", "..", "..", ".cache", "clients");
/** The first build compiles gRPC and all of clientv3. */
const BUILD_TIMEOUT_MS = 300_000;
const RUN_TIMEOUT_MS = 120_000;

export const suite: Suite = {
  name: "go",
  run: async ({ url, prefix, cases }) => {
    const go = findGo();
    if (go === undefined) {
      cases.skip("the suite", MISSING_GO);
      return;
    }
    const binary = join(CACHE, "go-clients");
    mkdirSync(CACHE, { recursive: true });
    const build = await run(go, ["build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-o", binary, "."], {
      cwd: MODULE,
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    if (build.status !== 0) throw new Error(`go build: ${build.status}\n${build.stderr}`);
    await runLines(cases, binary, [url, prefix], { timeoutMs: RUN_TIMEOUT_MS });
  },
};
