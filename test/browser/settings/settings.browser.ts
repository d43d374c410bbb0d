import { expect, test } from "vitest";
import { axe, describeBrowser, openPage } from "../support/index.ts";

describeBrowser("settings", () => {
  test.for(["light", "dark"] as const)("are free of axe's violations in the %s theme", async (theme) => {
    const { page } = await openPage({ store: "worker", query: "?screen=settings", theme });
    await page.getByText("This browser does not list them").or(page.getByText("open now")).first().waitFor();
    expect(await axe(page)).toEqual([]);
  });

  test("change the theme, outlive a reload, and are reset with an undo", async () => {
    const { page } = await openPage({ store: "worker", query: "?screen=settings" });
    const theme = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset.theme);
    await page.getByLabel("Theme", { exact: true }).selectOption("Dark");
    await page.getByLabel("Delimiter").fill(":");
    await page.reload();
    expect(await page.getByLabel("Delimiter").inputValue()).toBe(":");
    expect(await theme()).toBe("dark");
    await page.getByRole("button", { name: "Reset preferences…" }).click();
    await page.getByRole("button", { name: "Reset", exact: true }).click();
    await expect.poll(theme).toBe(undefined);
    await page.getByRole("button", { name: "Undo", exact: true }).click();
    await expect.poll(theme).toBe("dark");
  });

  test("forget an endpoint", async () => {
    const endpoints = ["browser", "http://db.example:2379"];
    const { page } = await openPage({ store: "worker", query: "?screen=settings", preferences: { endpoints } });
    const card = page.getByRole("region", { name: "Known endpoints" });
    await card.getByRole("button", { name: "Forget db.example:2379" }).click();
    await card.getByText("db.example:2379").waitFor({ state: "detached" });
    await card.getByText("This browser", { exact: true }).waitFor();
  });

  test("list the stores in this browser, and erase one", async () => {
    const { page } = await openPage({ store: "worker", query: "?screen=settings&c=browser:spare" });
    await page.getByRole("button", { name: /^Connection: This browser: spare etcd .*Ready/ }).waitFor();
    await page.getByRole("region", { name: "Known endpoints" }).getByText("open now").waitFor();
    await page.goto(page.url().replace("c=browser:spare", "c=browser").replace("c=browser%3Aspare", "c=browser"));
    const card = page.getByRole("region", { name: "Stores in this browser" });
    await card.getByText("default", { exact: true }).waitFor();
    await card.getByRole("button", { name: "Erase the store spare" }).click();
    await page.getByLabel("Type spare to go on").fill("spare");
    await page.getByRole("button", { name: "Erase", exact: true }).click();
    await page.getByText("The store “spare” was erased").first().waitFor();
    await card.getByText("spare", { exact: true }).waitFor({ state: "detached" });
  });
});
