/**
 * The store in the browser, measured in Chromium, each figure a line `name=value`:
 *
 *     node bench/browser-store/main.ts
 *
 * storage: what IndexedDB and OPFS do by themselves; bridge: round trips to the worker; durable: puts that are
 * answered when they are kept; load and takeover: with 100,000 keys.
 */
import { fileURLToPath } from "node:url";
import { type BrowserContext, chromium, type Page } from "playwright";
import { chromiumOptions } from "../../test/browser/support/chromium.ts";
import { buildAndServe } from "../../test/platform/browser/support/site.ts";
import type { Bench, Figures } from "./site/page.ts";

const ROWS = 100_000;

const site = await buildAndServe(fileURLToPath(new URL("./site", import.meta.url)));
const browser = await chromium.launch(chromiumOptions());
try {
  const context = await browser.newContext();
  const page = await newPage(context);
  print(await run(page, (bench) => bench.storage()));
  print(await run(page, (bench) => bench.bridge()));
  await run(page, (bench) => bench.open("durable"));
  print(await run(page, (bench) => bench.durable()));
  await page.close();
  await loadAndTakeover(context);
} finally {
  await browser.close();
  await site.close();
}

async function loadAndTakeover(context: BrowserContext): Promise<void> {
  const filler = await newPage(context);
  await run(filler, (bench) => bench.open("large"));
  await filler.evaluate((rows) => (window as unknown as { bench: Bench }).bench.fill(rows), ROWS);
  await filler.close();
  const owner = await newPage(context);
  const { open_ms = 0 } = await run(owner, (bench) => bench.open("large"));
  print({ [`load_${ROWS}_keys_ms`]: open_ms });
  const guest = await newPage(context);
  print({ guest_open_ms: (await run(guest, (bench) => bench.open("large"))).open_ms ?? 0 });
  const takenOver = guest.evaluate(
    (epoch) => (window as unknown as { bench: Bench }).bench.takeover(epoch),
    await run(guest, (bench) => bench.epoch()),
  );
  const closedMs = Date.now();
  await owner.close();
  print({ [`takeover_${ROWS}_keys_ms`]: (await takenOver) - closedMs });
}

async function newPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => "bench" in window);
  return page;
}

function run<T>(page: Page, run: (bench: Bench) => T | Promise<T>): Promise<T> {
  return page.evaluate(`(${run})(window.bench)`);
}

function print(figures: Figures): void {
  for (const [name, value] of Object.entries(figures))
    console.log(`${name}=${value < 10 ? value.toFixed(2) : Math.round(value)}`);
}
