/** Searching, filtering, selecting, long lists and deleted keys. */
import { text } from "node:stream/consumers";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { axe, bytes, describeStores, openPage, storedText } from "../support/index.ts";

async function rowNames(page: Page): Promise<(string | null)[]> {
  return page.getByRole("treegrid").locator("[role=row][data-at] .key-text").allTextContents();
}

function numbered(count: number, prefix: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`${prefix}${String(at).padStart(6, "0")}`, "v"]));
}

describeStores("search and filter", (store) => {
  const SEED = { "/app/one": "1", "/app/two": "2", "/apple": "3", "/other": "4" };

  test("a prefix is completed and looked for on the server", async () => {
    const { page } = await openPage({ store, seed: SEED });
    await page.getByRole("treegrid").waitFor();
    await page.keyboard.press("/");
    const search = page.getByRole("combobox", { name: "Prefix (in the whole store)" });
    await search.fill("/app");
    await expect.poll(() => page.getByRole("option").allTextContents()).toEqual(["/app/", "/apple"]);
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => rowNames(page)).toEqual(["/app/one", "/app/two"]);
    expect(page.url()).toContain("q=/app/");
    await search.fill("/nothing");
    await search.press("Enter");
    await page.getByRole("heading", { name: "No key begins with this" }).waitFor();
    await page.getByRole("button", { name: "Show every key" }).first().click();
    await expect.poll(() => rowNames(page)).toEqual(["/", "app/", "apple", "other"]);
  });

  test("the filter is on what is loaded, and another thing", async () => {
    const { page } = await openPage({ store, seed: SEED });
    await page.getByRole("treegrid").waitFor();
    const filter = page.getByLabel("Filter what is loaded");
    await filter.fill("APP");
    await expect.poll(() => rowNames(page)).toEqual(["/app/", "/apple"]);
    expect(page.url()).not.toContain("q=");
    await filter.fill("nowhere");
    await page.getByRole("button", { name: "Clear the filter" }).click();
    await expect.poll(() => rowNames(page)).toEqual(["/", "app/", "apple", "other"]);
  });
});

describeStores("selected keys", (store) => {
  test("are copied, exported and deleted together, and the deletion is taken back", async () => {
    const { page, clients } = await openPage({ store, seed: { a: "1", b: "2", c: "3", d: "4" } });
    await page.getByRole("row", { name: /^b / }).focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Shift+ArrowDown");
    await page.getByText("2 selected").waitFor();
    expect(await page.getByRole("row", { selected: true }).count()).toBe(2);
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Copy the selected keys" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("b\nc");
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export the selected keys" }).click();
    const file = await text(await (await downloading).createReadStream());
    expect([btoa("b"), btoa("c"), btoa("a")].map((key) => file.includes(`"${key}"`))).toEqual([true, true, false]);
    await page.getByRole("row", { name: /^c / }).focus();
    await page.keyboard.press("Delete");
    await expect.poll(() => rowNames(page)).toEqual(["a", "d"]);
    await page.keyboard.press("Control+z");
    await expect.poll(() => rowNames(page)).toEqual(["a", "b", "c", "d"]);
    expect(await storedText(clients, "b")).toBe("2");
  });
});

/** The store in the page takes its time to make 100,000 keys durable where the machine is busy. */
const SEEDING_MS = 180_000;

describeStores("a long list", (store) => {
  test(
    "of 100,000 siblings has its last key at its end, and only what is seen in the page",
    async () => {
      const { page } = await openPage({ store, seed: numbered(100_000, "/k/"), preferences: { listMode: "flat" } });
      await page.getByRole("row", { name: "/k/000000" }).focus();
      expect(await page.getByRole("treegrid").getAttribute("aria-rowcount")).toBe("100001");
      await page.keyboard.press("End");
      await page.getByRole("row", { name: "/k/099999" }).waitFor();
      expect(await page.getByRole("treegrid").locator("[role=row]").count()).toBeLessThan(80);
      await page.getByText("of 100,000 keys").waitFor();
      await page.keyboard.press("Home");
      await page.getByRole("row", { name: "/k/000000" }).waitFor();
    },
    SEEDING_MS,
  );

  test("in a folder comes page by page", async () => {
    const { page } = await openPage({ store, seed: numbered(1_100, "/many/") });
    await page.getByText("Loaded 500 of 1,100 keys").waitFor();
    await page.getByRole("row", { name: "000000" }).focus();
    await page.keyboard.press("End");
    await page.getByText("Loaded 1,000 of 1,100 keys").waitFor();
    await page.keyboard.press("End");
    await page.getByText("Loaded 1,100 of 1,100 keys").waitFor();
    await page.keyboard.press("End");
    await page.getByRole("row", { name: "001099" }).waitFor();
  });
});

describeStores("deleted keys", (store) => {
  test("are listed since the last compaction, and put back out of history", async () => {
    const prepare: NonNullable<Parameters<typeof openPage>[0]["prepare"]> = async ({ kv }) => {
      await kv.deleteRange({ key: bytes("/b") });
      await kv.deleteRange({ key: bytes("/c") });
      await kv.put({ key: bytes("/c"), value: bytes("again") });
    };
    const { page, clients } = await openPage({ store, seed: { "/a": "1", "/b": "2", "/c": "3" }, prepare });
    await page.getByRole("button", { name: "Deleted", exact: true }).click();
    const list = page.getByRole("list", { name: "Deleted keys" });
    await expect.poll(() => list.getByRole("listitem").locator(".key-text").allTextContents()).toEqual(["/b"]);
    expect(await axe(page)).toEqual([]);
    await clients.kv.deleteRange({ key: bytes("/a") });
    await expect.poll(() => list.getByRole("listitem").locator(".key-text").allTextContents()).toEqual(["/a", "/b"]);
    await list.getByRole("listitem").filter({ hasText: "/b" }).getByRole("button", { name: "Restore" }).click();
    await expect.poll(() => storedText(clients, "/b")).toBe("2");
    await expect.poll(() => list.getByRole("listitem").locator(".key-text").allTextContents()).toEqual(["/a"]);
  });
});
