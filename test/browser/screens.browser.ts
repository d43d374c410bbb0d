/** What must hold of every screen and dialog: axe finds nothing, nothing fails, a narrow page has room for all of it. */
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { axe, describeBrowser, openPage } from "./support/index.ts";
import { fillForViews, VIEWS, type View, viewIsThere } from "./support/views.ts";
import { addUsers } from "./users/support.ts";

async function show(page: Page, url: string, view: View): Promise<void> {
  await page.goto(`${url}${view.query}`);
  await viewIsThere(page);
  await view.open?.(page);
  await viewIsThere(page);
}

const TIME_LIMIT_MS = 240_000;

describeBrowser("every screen", () => {
  test.each(["light", "dark"] as const)(
    "in %s: axe finds nothing, contrast included",
    { timeout: TIME_LIMIT_MS },
    async (theme) => {
      const { page, url } = await openPage({ store: "server", prepare: fillForViews, prepareBy: addUsers, theme });
      expect(await wrongViews(page, url, () => axe(page))).toEqual({});
    },
  );

  test("390 px wide: nothing is cut off, and axe finds nothing", { timeout: TIME_LIMIT_MS }, async () => {
    const { page, url } = await openPage({ store: "server", prepare: fillForViews, prepareBy: addUsers, width: 390 });
    const wrong = async () => [...(await overflowing(page)), ...(await axe(page))];
    expect(await wrongViews(page, url, wrong)).toEqual({});
  });

  test("on the store in the browser nothing fails anywhere", { timeout: TIME_LIMIT_MS }, async () => {
    const { page, url } = await openPage({ store: "worker", prepare: fillForViews, prepareBy: addUsers });
    expect(await wrongViews(page, url, async () => [])).toEqual({});
  });
});

describeBrowser("390 px wide", () => {
  test("every screen is reached", async () => {
    const { page } = await openPage({ store: "server", prepare: fillForViews, prepareBy: addUsers, width: 390 });
    for (const screen of ["Leases", "Txn", "Users and roles", "Status", "Import/Export", "Settings", "Keys"]) {
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

/** What is wrong, by view; a view that cannot be shown is wrong too. */
async function wrongViews(page: Page, url: string, look: () => Promise<string[]>): Promise<Record<string, string[]>> {
  const wrong: Record<string, string[]> = {};
  for (const view of VIEWS) {
    try {
      await show(page, url, view);
      const found = await look();
      if (found.length > 0) wrong[view.name] = found;
    } catch (error) {
      wrong[view.name] = [String(error)];
    }
  }
  return wrong;
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
