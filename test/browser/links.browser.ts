/** Everything that the page shows is in its URL, and comes back from it. */
import { expect, test } from "vitest";
import { describeStores, openPage } from "./support/index.ts";

const SEED = new Map<string | Uint8Array, string>([
  ["/a/b", "text"],
  ["/a/c", "more"],
  ["a", "one"],
  ["//a", "another"],
  [Uint8Array.of(0x2f, 0xff, 0x00), "bytes"],
]);

describeStores("a link", (store) => {
  test.each([
    { key: "/a/b", heading: "/a/b" },
    { key: "//a", heading: "//a" },
    { key: "a", heading: "a" },
    { key: "/%FF%00", heading: "/\\xff\\x00" },
  ])("to the key $key opens it and no other", async ({ key, heading }) => {
    const { page } = await openPage({ store, seed: SEED, query: `?key=${key}` });
    await page.getByRole("heading", { name: heading, exact: true }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: heading, exact: true }).waitFor();
  });

  test("to a tab, a prefix, a dock and a screen restores each", async () => {
    const { page, url } = await openPage({ store, seed: SEED, query: "?key=/a/b&tab=history&q=/a/&dock=requests" });
    await page.getByRole("tab", { name: "History", selected: true }).waitFor();
    await page.getByRole("tab", { name: "Requests", selected: true }).waitFor();
    await expect.poll(() => page.getByRole("row").filter({ hasText: /^a/ }).count()).toBe(0);
    await page.goto(`${url}?screen=leases`);
    await page.getByRole("main", { name: "Leases" }).waitFor();
  });

  test("to a revision shows the past, read-only", async () => {
    const { page, clients, url } = await openPage({ store, seed: { "/k": "before" } });
    const { header } = await clients.kv.range({ key: new TextEncoder().encode("/k") });
    await clients.kv.put({ key: new TextEncoder().encode("/k"), value: new TextEncoder().encode("after") });
    await page.goto(`${url}?key=/k&rev=${header?.revision}`);
    await page.getByText("before").first().waitFor();
    expect(await page.getByRole("button", { name: "Edit" }).count()).toBe(0);
    await page.goto(`${url}?key=/k`);
    await page.getByText("after").first().waitFor();
    await page.getByRole("button", { name: "Edit" }).waitFor();
  });

  test("back and forward go where the page was", async () => {
    const { page } = await openPage({ store, seed: SEED });
    await page.getByRole("link", { name: "Leases" }).click();
    await page.getByRole("main", { name: "Leases" }).waitFor();
    await page.getByRole("link", { name: "Status" }).click();
    await page.goBack();
    await page.getByRole("main", { name: "Leases" }).waitFor();
    await page.goForward();
    await page.getByRole("main", { name: "Status" }).waitFor();
  });
});
