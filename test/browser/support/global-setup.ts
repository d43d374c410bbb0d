/** Once a run: the built page, a static host for it, one Chromium. */
import { chromium } from "playwright";
import type { TestProject } from "vitest/node";
import { chromiumOptions, findChromium, MISSING_CHROMIUM } from "./chromium.ts";
import { buildSite, removeSite, serveFolder } from "./site.ts";

/** Somewhere below an origin's root: the page must work from any path. */
const STATIC_PATH = "/some/deep/path/";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (findChromium() === undefined) {
    if (process.env.ETCDLITE_REQUIRE === "all") throw new Error(MISSING_CHROMIUM);
    console.log(`browser tests are skipped: ${MISSING_CHROMIUM}`);
    project.provide("browserEndpoint", "");
    return async () => {};
  }
  const folder = await buildSite();
  const site = await serveFolder(folder, STATIC_PATH);
  const browser = await chromium.launchServer(chromiumOptions());
  project.provide("browserEndpoint", browser.wsEndpoint());
  project.provide("siteFolder", folder);
  project.provide("staticUrl", site.url);
  return async () => {
    await browser.close();
    await site.close();
    removeSite(folder);
  };
}

declare module "vitest" {
  interface ProvidedContext {
    /** Playwright's; empty where there is no Chromium. */
    browserEndpoint: string;
    siteFolder: string;
    staticUrl: string;
  }
}
