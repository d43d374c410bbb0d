/** The log of calls, used as a person would. */
import { expect, test } from "vitest";
import { axe, describeStores, openPage } from "../support/index.ts";

describeStores("the requests panel", (store) => {
  test("shows a call with its request and response, and how to send it", async () => {
    const { page } = await openPage({ store, query: "?screen=leases&dock=requests" });
    await page.getByRole("button", { name: "Grant a lease" }).click();
    await page.getByLabel("TTL in seconds").fill("300");
    await page.keyboard.press("Enter");
    await page.getByRole("row", { name: /Lease\/LeaseGrant OK/ }).click();
    const call = page.getByRole("complementary", { name: "Call of etcdserverpb.Lease/LeaseGrant" });
    await call.getByText('"TTL": "300"').waitFor();
    await call.getByRole("tab", { name: "Response" }).click();
    await call.getByText(/"raft_term"/).waitFor();
    await call.getByRole("tab", { name: "Copy as" }).click();
    await call.getByText(/lease grant 300/).waitFor();
    expect(await axe(page)).toEqual([]);
    await call.getByRole("button", { name: "Copy the etcdctl" }).click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain("lease grant 300");
  });

  test("leaves out what the page does by itself, filters, and is cleared", async () => {
    const { page } = await openPage({ store, query: "?screen=leases&dock=requests", width: 390 });
    const grid = page.getByRole("grid", { name: "Calls" });
    expect(await grid.getByRole("row", { name: /Status/ }).count()).toBe(0);
    await page.getByRole("checkbox", { name: "Background calls" }).click();
    await grid
      .getByRole("row", { name: /Maintenance\/Status/ })
      .first()
      .waitFor();
    await page.getByRole("textbox", { name: "Filter by method or error" }).fill("leaseleases");
    await expect.poll(() => grid.getByRole("row", { name: /Status/ }).count()).toBe(1);
    await grid
      .getByRole("row", { name: /LeaseLeases/ })
      .first()
      .waitFor();
    await page.getByRole("textbox", { name: "Filter by method or error" }).fill("none of them");
    await page.getByRole("heading", { name: "No calls to show" }).waitFor();
    expect(await axe(page)).toEqual([]);
  });
});
