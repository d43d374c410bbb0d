/** The browser's own limit of storage, not one that is made up: the store goes on in memory and says so. */
import { chromium } from "playwright";
import { expect, onTestFinished, test } from "vitest";
import { chromiumOptions } from "../../browser/support/chromium.ts";
import { buildAndServe } from "./support/site.ts";
import type { Tab } from "./tabs/site/tab.ts";

const QUOTA_BYTES = 2 * 1024 * 1024;

test("a store that outgrows the browser's storage is in memory from then on", { timeout: 120_000 }, async () => {
  const site = await buildAndServe(new URL("./tabs/site", import.meta.url).pathname);
  onTestFinished(() => site.close());
  const browser = await chromium.launch(chromiumOptions());
  onTestFinished(() => browser.close());
  const page = await (await browser.newContext()).newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => "tab" in window);
  const session = await page.context().newCDPSession(page);
  await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(site.url).origin, quotaSize: QUOTA_BYTES });
  const tab = <T>(run: (tab: Tab) => T) => page.evaluate(`(${run})(window.tab)`) as Promise<Awaited<T>>;
  expect((await tab((tab) => tab.open("full"))).persistence).toBe("indexeddb");
  // Values that no storage can make smaller.
  const state = await tab((tab) => tab.fill(8, 1024 * 1024));
  expect(state.persistence).toBe("memory");
  expect(state.notice).toBe("From now on the store is in memory only: the browser's storage is full.");
  expect(await tab((tab) => tab.revision())).toBe(9);
});
