/** The page opens, on either store, at any path, and is what a person expects of a page. */
import { expect, test } from "vitest";
import { axe, describeStores, openPage, storedText } from "./support/index.ts";

describeStores("the page", (store) => {
  test("opens its store", async () => {
    const { page, clients } = await openPage({ store, seed: { "/a": "1" } });
    expect(await page.title()).toBe("etcdlite");
    expect(await storedText(clients, "/a")).toBe("1");
    expect(await axe(page)).toEqual([]);
  });
});
