/** The leases screen, used as a person would. */
import { expect, test } from "vitest";
import { utf8 } from "../../../web/src/store/bytes.ts";
import { axe, describeStores, openPage, storedText } from "../support/index.ts";

describeStores("the leases screen", (store) => {
  test("grants a lease with a chosen ID, attaches a key and revokes both", async () => {
    const { page, clients } = await openPage({ store, query: "?screen=leases", seed: { "/old": "kept" } });
    await page.getByRole("heading", { name: "No leases" }).waitFor();
    await page.getByRole("button", { name: "Grant a lease" }).click();
    await page.getByLabel("TTL in seconds").fill("300");
    await page.getByLabel("Lease ID").fill("abc123");
    await page.keyboard.press("Enter");
    const row = page.getByRole("row", { name: /abc123/ });
    await row
      .getByText(/4 min 5\d s|5 min 00 s/)
      .first()
      .waitFor();
    for (const [key, value] of [
      ["/old", "ignored"],
      ["/new", "made"],
    ] as const) {
      await row.getByRole("button", { name: "Actions for lease abc123" }).click();
      await page.getByRole("menuitem", { name: "Attach a key…" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Key", { exact: true }).fill(key);
      await dialog.getByLabel("Value, if the key is new").fill(value);
      await dialog.getByRole("button", { name: "Attach", exact: true }).click();
      await dialog.waitFor({ state: "hidden" });
    }
    expect(await storedText(clients, "/old")).toBe("kept");
    expect(await storedText(clients, "/new")).toBe("made");
    await row.getByRole("button", { name: "Show the keys of lease abc123" }).click();
    await page.getByRole("link", { name: "/new" }).waitFor();
    expect(await axe(page)).toEqual([]);
    await row.getByRole("button", { name: "Actions for lease abc123" }).click();
    await page.getByRole("menuitem", { name: "Revoke…" }).click();
    await page.getByRole("button", { name: "Revoke and delete 2 keys" }).click();
    await page.getByRole("heading", { name: "No leases" }).waitFor();
    expect(await storedText(clients, "/old")).toBeUndefined();
  });
});

describeStores("the leases of a store", (store) => {
  test("a lease goes when the server says so, and stays as long as it is kept alive", async () => {
    const { page, clients } = await openPage({
      store,
      query: "?screen=leases",
      prepare: async ({ lease, kv }) => {
        await lease.leaseGrant({ TTL: 3n, ID: 0xan });
        await lease.leaseGrant({ TTL: 3n, ID: 0xbn });
        await kv.put({ key: utf8("/kept"), value: utf8("1"), lease: 0xan });
      },
    });
    await page
      .getByRole("row", { name: /^Show the keys of lease a / })
      .getByRole("button", { name: "Keep alive" })
      .click();
    await page.getByRole("link", { name: "Keys", exact: true }).click();
    await expect.poll(async () => (await clients.lease.leaseLeases({})).leases.map(({ ID }) => ID)).toEqual([0xan]);
    await page.getByRole("link", { name: "Leases", exact: true }).click();
    await page.getByRole("heading", { name: "Leases (1)" }).waitFor();
    expect(await storedText(clients, "/kept")).toBe("1");
    await page.getByRole("button", { name: "Keep alive" }).click();
    await page.getByRole("heading", { name: "No leases" }).waitFor();
    expect(await storedText(clients, "/kept")).toBeUndefined();
  });

  test("sorts by any column, and fits a narrow page", async () => {
    const { page } = await openPage({
      store,
      query: "?screen=leases",
      width: 390,
      prepare: async ({ lease }) => {
        await lease.leaseGrant({ TTL: 900n, ID: 1n });
        await lease.leaseGrant({ TTL: 300n, ID: 2n });
        await lease.leaseGrant({ TTL: 600n, ID: 3n });
      },
    });
    const ids = async (): Promise<string[]> => page.getByRole("rowheader").allInnerTexts();
    await expect.poll(ids).toEqual(["1", "2", "3"]);
    await page.getByRole("columnheader", { name: "Time left" }).getByRole("button").click();
    await expect.poll(ids).toEqual(["2", "3", "1"]);
    await page.getByRole("columnheader", { name: "Time left" }).getByRole("button").click();
    await expect.poll(ids).toEqual(["1", "3", "2"]);
    expect(await axe(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});
