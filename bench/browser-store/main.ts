/**
 * The store in the browser, measured in Chromium, each figure a line `name=value`:
 *
 *     node bench/browser-store/main.ts [--only PART,PART]
 *
 * worker: the store alone in a worker; bridge: round trips to it; storage: what IndexedDB and OPFS do by themselves;
 * durable: puts that are answered when they are kept; large: load and takeover with 100,000 keys.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type BrowserContext, chromium, type Page } from "playwright";
import { chromiumOptions } from "../../test/browser/support/chromium.ts";
import { buildAndServe } from "../../test/platform/browser/support/site.ts";
import type { Bench, Figures } from "./site/page.ts";

const ROWS = 100_000;

const { values: flags } = parseArgs({ options: { only: { type: "string", default: "" } } });

const site = await buildAndServe(fileURLToPath(new URL("./site", import.meta.url)));
const browser = await chromium.launch(chromiumOptions());
try {
  const context = await browser.newContext();
  const parts: Readonly<Record<string, () => Promise<void>>> = {
    worker: () => inPage(context, (bench) => bench.worker()),
    bridge: () => inPage(context, (bench) => bench.bridge()),
    storage: () => inPage(context, (bench) => bench.storage()),
    durable: () => inPage(context, (bench) => bench.open("durable").then(() => bench.durable())),
    large: () => loadAndTakeover(context),
  };
  for (const [name, part] of Object.entries(parts)) {
    if (flags.only === "" || flags.only.split(",").includes(name)) await part();
  }
} finally {
  await browser.close();
  await site.close();
}

async function inPage(context: BrowserContext, part: (bench: Bench) => Promise<Figures>): Promise<void> {
  const page = await newPage(context);
  print(await run(page, part));
  await page.close();
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
