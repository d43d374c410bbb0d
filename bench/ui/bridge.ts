/** Calls a second between a page and the store in its worker. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright";
import { build } from "vite";
import { serveFolder } from "../../test/browser/support/site.ts";
import type { Measures } from "./measures.ts";

const IN_FLIGHT = 32;

export async function measureBridge(browser: Browser, measures: Measures, quick: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-bench-"));
  await build({
    configFile: false,
    root: join(import.meta.dirname, "bridge"),
    base: "./",
    logLevel: "error",
    worker: { format: "es" },
    build: { outDir: folder, emptyOutDir: true, target: "es2022" },
  });
  const site = await serveFolder(folder, "/");
  const page = await browser.newPage();
  try {
    await page.goto(site.url);
    await page.waitForFunction(() => "measureBridge" in window);
    const [durationMs, inFlight] = [quick ? 2000 : 6000, IN_FLIGHT];
    const perSecond = await page.evaluate(([ms, n]) => window.measureBridge(ms, n), [durationMs, inFlight] as const);
    measures.report("bridge_rpcs_per_s", perSecond, `in_flight=${IN_FLIGHT}`);
  } finally {
    await page.close();
    await site.close();
    rmSync(folder, { recursive: true });
  }
}
