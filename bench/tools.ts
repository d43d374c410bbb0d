/** The load programs: which are there, and how one gets the others. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findChromium, MISSING_CHROMIUM } from "../test/browser/support/chromium.ts";
import { toolsAreRequired } from "../test/support/etcd.ts";
import { buildGoLoads } from "./loads/go.ts";
import type { Row, Tool } from "./row.ts";

/** The command as the package has it. */
export const PACKED_COMMAND = join(import.meta.dirname, "..", "dist", "src", "platform", "node", "main.js");

const missing = new Map<Tool, string | undefined>();

/** The rows whose tool is there; of each tool that is not, a line is printed. */
export function runnable(rows: readonly Row[]): Row[] {
  return rows.filter(({ tool }) => {
    if (!missing.has(tool)) {
      const reason = missingTool(tool);
      missing.set(tool, reason);
      if (reason !== undefined) {
        const names = rows.filter((row) => row.tool === tool).length;
        console.log(`skipped, ${names} rows: ${reason}`);
        if (toolsAreRequired()) throw new Error(reason);
      }
    }
    return missing.get(tool) === undefined;
  });
}

export function hasH2load(): boolean {
  return spawnSync("h2load", ["--version"]).status === 0;
}

function missingTool(tool: Tool): string | undefined {
  switch (tool) {
    case "h2load":
      return hasH2load() ? undefined : "h2load is not installed: on Debian, apt-get install nghttp2-client";
    case "wrk":
      return spawnSync("wrk", ["--version"]).error === undefined
        ? undefined
        : "wrk is not installed: on Debian, apt-get install wrk";
    case "benchmark":
    case "load":
      return buildGoLoads();
    case "chromium":
      return findChromium() === undefined ? MISSING_CHROMIUM : undefined;
    case "package":
      return existsSync(PACKED_COMMAND) ? undefined : "the package has not been built: run `npm run build`";
    case "none":
      return undefined;
  }
}
