/** Create, edit, delete, undo and watch with the keyboard alone. */
import { expect, test } from "vitest";
import { describeStores, openPage, storedText } from "./support/index.ts";

describeStores("without a mouse", (store) => {
  test("a key is made, changed, watched, deleted and had back", async () => {
    const { page, clients } = await openPage({ store, seed: { "/first": "1" } });
    const { keyboard } = page;
    await page.getByRole("row").filter({ hasText: "first" }).waitFor();

    await keyboard.press("n");
    await page.getByRole("dialog", { name: "New key" }).waitFor();
    await keyboard.press("ControlOrMeta+a");
    await keyboard.type("/made");
    await keyboard.press("Tab");
    await keyboard.type("by hand");
    await keyboard.press("ControlOrMeta+s");
    await page.getByRole("heading", { name: "/made" }).waitFor();
    await expect.poll(() => storedText(clients, "/made")).toBe("by hand");

    await keyboard.press("w");
    await page
      .getByRole("region", { name: /^Watch of/ })
      .getByText("live", { exact: true })
      .waitFor();

    await keyboard.press("e");
    await page.locator(".cm-content").first().waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest(".cm-editor") !== null)).toBe(true);
    await keyboard.press("ControlOrMeta+a");
    await keyboard.type("changed by hand");
    await keyboard.press("ControlOrMeta+s");
    // The difference is shown first; the same keys say yes to it.
    await page.getByRole("dialog").waitFor();
    await keyboard.press("ControlOrMeta+s");
    await expect.poll(() => storedText(clients, "/made")).toBe("changed by hand");
    await page.getByRole("dialog").waitFor({ state: "detached" });

    await keyboard.press("Delete");
    await expect.poll(() => storedText(clients, "/made")).toBe(undefined);
    await page.getByRole("button", { name: "Undo" }).waitFor();
    await keyboard.press("ControlOrMeta+z");
    await expect.poll(() => storedText(clients, "/made")).toBe("changed by hand");

    // A put, a delete and the put that takes it back.
    await expect.poll(() => page.getByText(/^3 received$/).count()).toBe(1);
  });

  test("the list is gone through with arrows, and Enter opens", async () => {
    const { page } = await openPage({ store, seed: { "/a/1": "x", "/a/2": "y", b: "z" } });
    const { keyboard } = page;
    const rows = page.getByRole("treegrid", { name: "Keys" }).locator('[role="row"][aria-level]');
    await rows.first().waitFor();
    for (let tabs = 0; tabs < 40; tabs++) {
      if (await rows.first().evaluate((row) => row === document.activeElement)) break;
      await keyboard.press("Tab");
    }
    if ((await rows.first().getAttribute("aria-expanded")) === "false") await keyboard.press("ArrowRight");
    await page.getByRole("row").filter({ hasText: /^2/ }).waitFor();
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "/a/2" }).waitFor();
    await page.getByRole("treegrid", { name: "Keys" }).locator('[role="row"][tabindex="0"]').focus();
    await keyboard.press("End");
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "b", exact: true }).waitFor();
  });

  test("the palette does what is typed", async () => {
    const { page } = await openPage({ store });
    await page.keyboard.press("ControlOrMeta+k");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.type("Leases");
    await page.keyboard.press("Enter");
    await page.getByRole("main", { name: "Leases" }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });
});
