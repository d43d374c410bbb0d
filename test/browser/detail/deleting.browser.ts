/** Deleting a prefix: counted and typed first, and taken back out of history. */
import { expect, test } from "vitest";
import { axe, bytes, describeStores, openPage, storedText } from "../support/index.ts";
import { DIALOG } from "./support.ts";

describeStores("deleting", (store) => {
  test("a key that was changed since it was seen leaves it alone, and a lease that ended is said", async () => {
    const { page, clients } = await openPage({
      store,
      query: "?key=/leased",
      prepare: async ({ kv, lease }) => {
        await lease.leaseGrant({ ID: 7n, TTL: 600n });
        await kv.put({ key: bytes("/leased"), value: bytes("v"), lease: 7n });
      },
    });
    await page.getByRole("link", { name: "0000000000000007" }).waitFor();
    await page.getByRole("button", { name: "Delete the key" }).click();
    await page.getByText("Deleted /leased", { exact: true }).first().waitFor();
    expect(await storedText(clients, "/leased")).toBeUndefined();
    await clients.lease.leaseRevoke({ ID: 7n });
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("1 key without a lease: it has ended.").first().waitFor();
    expect(await storedText(clients, "/leased")).toBe("v");
  });

  test("undone, does not write over what somebody put meanwhile", async () => {
    const { page, clients } = await openPage({ store, seed: { "/a": "mine" }, query: "?key=/a" });
    await page.getByRole("button", { name: "Delete the key" }).click();
    await page.getByText("Deleted /a", { exact: true }).first().waitFor();
    await clients.kv.put({ key: bytes("/a"), value: bytes("theirs") });
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("1 key left alone: somebody put it again.").first().waitFor();
    expect(await storedText(clients, "/a")).toBe("theirs");
  });

  test("a folder counts its keys, wants its name typed, and comes back", async () => {
    const seed = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`/p/${at}`, `value ${at}`]));
    const { page, clients } = await openPage({ store, seed: { ...seed, q: "stays" } });
    const count = async (): Promise<number> =>
      Number((await clients.kv.range({ key: bytes("/p/"), rangeEnd: bytes("/p0"), countOnly: true })).count);
    await page.getByRole("row", { name: /\/p\// }).first().click();
    await page.keyboard.press("Delete");
    const dialog = page.getByRole("dialog", { name: "Delete all keys under a prefix?" });
    const button = dialog.getByRole("button", { name: "Delete 150 keys" });
    await button.waitFor();
    expect(await button.isDisabled()).toBe(true);
    expect(await axe(page, DIALOG)).toEqual([]);
    await dialog.getByLabel(/^Type/).fill("/p/");
    await button.click();
    await expect.poll(count).toBe(0);
    expect(await storedText(clients, "q")).toBe("stays");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(count).toBe(150);
    expect(await storedText(clients, "/p/149")).toBe("value 149");
  });
});
