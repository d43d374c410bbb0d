/** What must hold of every screen and dialog: axe finds nothing, nothing fails, a narrow page has room for all of it. */
import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { axe, describeBrowser, openPage, type StoreKind } from "./support/index.ts";
import { fillForViews, VIEWS, type View, viewIsThere } from "./support/views.ts";

async function show(page: Page, url: string, view: View): Promise<void> {
  await page.goto(`${url}${view.query}`);
  await viewIsThere(page);
  await view.open?.(page);
  await viewIsThere(page);
}

describeBrowser("every screen", () => {
  describe.each(["light", "dark"] as const)("in %s", (theme) => {
    test.each(VIEWS)("$name: axe finds nothing, contrast included", async (view) => {
      const { page } = await openView("server", view, { theme });
      expect(await axe(page)).toEqual([]);
    });
  });

  describe("390 px wide", () => {
    test.each(VIEWS)("$name: the page does not scroll sideways, and axe finds nothing", async (view) => {
      const { page } = await openView("server", view, { width: 390 });
      expect(await overflowing(page)).toEqual([]);
      expect(await axe(page)).toEqual([]);
    });

    test("every screen is reached", async () => {
      const { page } = await openPage({ store: "server", prepare: fillForViews, width: 390 });
      for (const screen of ["Leases", "Txn", "Status", "Import/Export", "Settings", "Keys"]) {
        await page.getByRole("button", { name: "Screens" }).click();
        await page.getByRole("menuitem", { name: screen }).click();
        await page.getByRole("main", { name: screen }).waitFor();
      }
    });

    test("a key opens in place of the list, and the way back is there", async () => {
      const { page } = await openPage({ store: "server", seed: { top: "1" }, width: 390 });
      await page.getByRole("row").filter({ hasText: "top" }).click();
      await page.getByRole("heading", { name: "top" }).waitFor();
      await page.getByRole("button", { name: "Back to the keys" }).click();
      await page.getByRole("row").filter({ hasText: "top" }).waitFor();
    });
  });

  test("on the store in the browser, nothing fails anywhere", async () => {
    const { page, url } = await openPage({ store: "worker", prepare: fillForViews });
    for (const view of VIEWS) await show(page, url, view);
  });
});

async function openView(store: StoreKind, view: View, options: { theme?: "light" | "dark"; width?: number }) {
  const opened = await openPage({ store, prepare: fillForViews, query: view.query, ...options });
  await viewIsThere(opened.page);
  await view.open?.(opened.page);
  await viewIsThere(opened.page);
  return opened;
}

/** What makes the page wider than the window. */
async function overflowing(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll("body *")]
      .filter((one) => one.getBoundingClientRect().right > clientWidth + 1)
      .map((one) => `${one.tagName}.${one.className} ends at ${Math.round(one.getBoundingClientRect().right)} px`);
  });
}
