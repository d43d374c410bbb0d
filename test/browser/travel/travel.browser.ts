/** The page at an earlier revision, and bringing it back. */
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { axe, bytes, describeStores, openPage, storedText } from "../support/index.ts";

async function rowNames(page: Page): Promise<string[]> {
  return page.getByRole("treegrid").locator("[role=row][data-at] .key-text").allTextContents();
}

type Prepare = NonNullable<Parameters<typeof openPage>[0]["prepare"]>;

/** Revisions 2 to 5: a made, b made, a changed, b deleted. */
const prepare: Prepare = async ({ kv }) => {
  await kv.put({ key: bytes("a"), value: bytes("old") });
  await kv.put({ key: bytes("b"), value: bytes("gone") });
  await kv.put({ key: bytes("a"), value: bytes("new") });
  await kv.deleteRange({ key: bytes("b") });
};

describeStores("time travel", (store) => {
  test("shows the keys as they were, by keys, number and slider, and comes back", async () => {
    const { page } = await openPage({ store, prepare });
    await expect.poll(() => rowNames(page)).toEqual(["a"]);
    await page.getByRole("textbox", { name: "Revision number" }).waitFor();
    await page.keyboard.press("[");
    await page.getByText("Revision 4 of 5: read-only.").waitFor();
    await expect.poll(() => rowNames(page)).toEqual(["a", "b"]);
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("[");
    await page.keyboard.press("[");
    await page.getByText("Revision 2 of 5").waitFor();
    await expect.poll(() => rowNames(page)).toEqual(["a"]);
    await page.keyboard.press("]");
    await expect.poll(() => page.url()).toContain("rev=3");
    await page.getByRole("textbox", { name: "Revision number" }).fill("4");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url()).toContain("rev=4");
    await page.getByRole("slider", { name: "Revision" }).focus();
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => page.url()).toContain("rev=3");
    await page.getByRole("button", { name: "Back to now" }).click();
    await expect.poll(() => page.url()).not.toContain("rev=");
    await expect.poll(() => rowNames(page)).toEqual(["a"]);
  });
});

describeStores("a restore", (store) => {
  test("says what it takes, does it, and is taken back", async () => {
    const { page, clients } = await openPage({ store, prepare, query: "?rev=3" });
    await page.getByRole("button", { name: "Restore everything" }).click();
    const dialog = page.getByRole("dialog", { name: "Restore to revision 3" });
    await dialog.getByText("Added back: 1").waitFor();
    await dialog.getByText("Changed back: 1").waitFor();
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Restore 2 keys" }).click();
    await dialog.getByText("2 of 2 keys restored").waitFor();
    expect([await storedText(clients, "a"), await storedText(clients, "b")]).toEqual(["old", "gone"]);
    await dialog.getByRole("button", { name: "Show the keys as they are now" }).click();
    await expect.poll(() => rowNames(page)).toEqual(["a", "b"]);
    await page.keyboard.press("Control+z");
    await page.getByRole("dialog", { name: "Restore to revision 5" }).getByText("Removed: 1").waitFor();
    await page.getByRole("button", { name: "Restore 2 keys" }).click();
    await page.getByText("2 of 2 keys restored").waitFor();
    expect([await storedText(clients, "a"), await storedText(clients, "b")]).toEqual(["new", undefined]);
  });

  test("leaves alone what others change meanwhile, and asks again", async () => {
    const { page, clients } = await openPage({ store, prepare, query: "?rev=3" });
    await page.getByRole("button", { name: "Restore everything" }).click();
    await page.getByRole("button", { name: "Restore 2 keys" }).waitFor();
    await clients.kv.put({ key: bytes("a"), value: bytes("theirs") });
    await page.getByRole("button", { name: "Restore 2 keys" }).click();
    await page.getByText("1 not restored: changed since they were compared").waitFor();
    expect([await storedText(clients, "a"), await storedText(clients, "b")]).toEqual(["theirs", "gone"]);
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Restore these as well" }).click();
    await page.getByText("1 of 1 keys restored").waitFor();
    expect(await storedText(clients, "a")).toBe("old");
  });
});

describeStores("time travel at its edges", (store) => {
  test("says what is compacted, and where one can go", async () => {
    const compacted: Prepare = async (clients) => {
      await prepare(clients);
      await clients.kv.compact({ revision: 4n });
    };
    // The browser logs the reply of a server that cannot read the revision.
    const allowErrors = /Failed to load resource/;
    const { page } = await openPage({ store, prepare: compacted, query: "?rev=2", allowErrors });
    await page.getByText("Revision 2 is compacted").waitFor();
    await page.getByRole("heading", { name: "Compacted below 4" }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Go to revision 4" }).first().click();
    await expect.poll(() => rowNames(page)).toEqual(["a", "b"]);
    await page.keyboard.press("[");
    expect(page.url()).toContain("rev=4");
  });

  test("fits a phone", async () => {
    const { page } = await openPage({ store, prepare, query: "?rev=3", width: 390 });
    await page.getByRole("button", { name: "Revision 3 of 5" }).click();
    await page.getByRole("button", { name: "Revision before" }).click();
    await page.getByText("Revision 2 of 5: read-only.").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(await axe(page)).toEqual([]);
  });
});
