/** The tree of keys, as a person uses it: by pointer and by keyboard. */
import type { Locator, Page } from "playwright";
import { expect, test } from "vitest";
import { axe, bytes, describeStores, openPage } from "../support/index.ts";

const SEED = { "/a": "1", a: "2", "//a": "3", "/config/app": "4", "/config/db/host": "5", "/deep/er/still/x": "6" };

function grid(page: Page): Locator {
  return page.getByRole("treegrid", { name: "Keys" });
}

/** The names of the rows, in the order that they are in. */
async function names(page: Page): Promise<string[]> {
  const rows = grid(page).locator("[role=row][data-at]");
  const found = await rows.evaluateAll((elements) =>
    elements
      .map((row) => ({ at: Number(row.getAttribute("data-at")), name: row.querySelector(".key-text")?.textContent }))
      .sort((a, b) => a.at - b.at)
      .map(({ name }) => name ?? ""),
  );
  return found;
}

async function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.querySelector(".key-text")?.textContent ?? "");
}

describeStores("the tree", (store) => {
  test("opens folders, folds chains, and keeps /a, a and //a apart", async () => {
    const seed = new Map<string | Uint8Array, string>([...Object.entries(SEED), [Uint8Array.of(0xff, 0xfe), "7"]]);
    const { page } = await openPage({ store, seed });
    await expect.poll(() => names(page)).toEqual(["/", "/", "a", "config/", "deep/er/still/", "a", "\\xff\\xfe"]);
    await grid(page).getByRole("row", { name: "config/" }).click();
    await expect.poll(() => names(page)).toContain("db/");
    const folder = grid(page).getByRole("row", { name: "config/" });
    expect(await folder.getAttribute("aria-expanded")).toBe("true");
    const app = grid(page).getByRole("row", { name: "app" });
    const places = ["aria-level", "aria-posinset", "aria-setsize"].map((name) => app.getAttribute(name));
    expect(await Promise.all(places)).toEqual(["3", "1", "2"]);
    expect(await axe(page)).toEqual([]);
    await folder.click();
    await expect.poll(() => names(page)).not.toContain("db/");
    await page.getByText("Loaded 3 of 7 keys").waitFor();
    await grid(page).getByRole("row", { name: "\\xff\\xfe" }).click();
    await expect.poll(() => page.url()).toContain("key=%FF%FE");
  });

  test("is walked, opened and searched by keyboard", async () => {
    const { page } = await openPage({ store, seed: SEED });
    await grid(page).getByRole("row", { name: "config/" }).focus();
    await page.keyboard.press("ArrowRight");
    await grid(page).getByRole("row", { name: "app" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => focusedName(page)).toBe("app");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url()).toContain("key=/config/app");
    await expect.poll(() => focusedName(page)).toBe("app");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => focusedName(page)).toBe("config/");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => names(page)).not.toContain("app");
    await page.keyboard.press("End");
    await expect.poll(() => focusedName(page)).toBe("a");
    await page.keyboard.press("Home");
    await expect.poll(() => focusedName(page)).toBe("/");
    await page.keyboard.press("d");
    await expect.poll(() => focusedName(page)).toBe("deep/er/still/");
  });

  test("shows what others put, change and delete", async () => {
    const { page, clients } = await openPage({ store, seed: { "x/1": "1", y: "1" } });
    await expect.poll(() => names(page)).toEqual(["x/", "y"]);
    await clients.kv.put({ key: bytes("new"), value: bytes("1") });
    await clients.kv.put({ key: bytes("y"), value: bytes("longer") });
    await expect.poll(() => names(page)).toEqual(["new", "x/", "y"]);
    await expect.poll(() => grid(page).getByRole("row", { name: /^y / }).textContent()).toContain("6 B");
    await clients.kv.deleteRange({ key: bytes("x/1") });
    await clients.kv.deleteRange({ key: bytes("new") });
    await expect.poll(() => names(page)).toEqual(["y"]);
    await page.getByText("Loaded 1 of 1 keys").waitFor();
  });
});

describeStores("the tree's rows and folders", (store) => {
  test("have a menu", async () => {
    const { page } = await openPage({ store, seed: SEED });
    await grid(page).getByRole("row", { name: "config/" }).focus();
    await page.keyboard.press("Shift+F10");
    await page.getByRole("menuitem", { name: "Copy prefix" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("/config/");
    await expect.poll(() => focusedName(page)).toBe("config/");
    await grid(page).getByRole("row", { name: "config/" }).click({ button: "right" });
    await page.getByRole("menuitem", { name: "List only this prefix" }).click();
    await expect.poll(() => names(page)).toEqual(["/config/app", "/config/db/"]);
    await grid(page).getByRole("row", { name: "app" }).click({ button: "right" });
    await page.getByRole("menuitem", { name: "Watch" }).click();
    await expect.poll(() => page.url()).toContain("dock=watch");
    await grid(page).getByRole("row", { name: "app" }).click({ button: "right" });
    await page.getByRole("menuitem", { name: "New key here" }).click();
    await page.getByRole("dialog", { name: "New key" }).waitFor();
  });

  test("are others with another delimiter", async () => {
    const { page } = await openPage({ store, seed: { "a:b:c": "1", "a:d/e": "2" } });
    await page.getByRole("button", { name: "Columns and list options" }).click();
    await page.getByRole("menuitem", { name: "Delimiter" }).click();
    await page.getByRole("dialog").getByLabel("What ends a folder’s name").fill(":");
    await page.keyboard.press("Enter");
    await expect.poll(() => names(page)).toEqual(["a:", "b:", "d/e"]);
  });

  test("are not there in an empty store, which says so", async () => {
    const { page, clients } = await openPage({ store });
    await page.getByRole("heading", { name: "The store is empty" }).waitFor();
    expect(await axe(page)).toEqual([]);
    await clients.kv.put({ key: bytes("first"), value: bytes("1") });
    await expect.poll(() => names(page)).toEqual(["first"]);
  });
});
