/**
 * Which Chromium is used, and how it is started: the environment's ETCDLITE_CHROMIUM, then what PATH has.
 * Tests that find none skip with MISSING_CHROMIUM, or fail when ETCDLITE_REQUIRE=all.
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { LaunchOptions } from "playwright";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

export const MISSING_CHROMIUM =
  "no Chromium found: put one on PATH (on Debian `apt-get install chromium`), or set ETCDLITE_CHROMIUM to one";

/** The path of a Chromium, or undefined. */
export function findChromium(): string | undefined {
  const named = process.env.ETCDLITE_CHROMIUM;
  if (named !== undefined && named !== "") {
    if (!existsSync(named)) throw new Error(`ETCDLITE_CHROMIUM=${named} does not exist`);
    return named;
  }
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** @throws Error with MISSING_CHROMIUM where there is none */
export function chromiumOptions(moreFlags: readonly string[] = []): LaunchOptions {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(MISSING_CHROMIUM);
  return { executablePath, args: [...FLAGS, ...moreFlags] };
}
