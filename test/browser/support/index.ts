/**
 * How a test uses the page as a person would:
 *
 *     import { expect, test } from "vitest";
 *     import { describeStores, openPage, storedText } from "../support/index.ts";
 *
 *     describeStores("a key's detail", (store) => {
 *       test("shows its value", async () => {
 *         const { page, clients } = await openPage({ store, seed: { "/a": "1" }, query: "?key=/a" });
 *         await page.getByRole("tab", { name: "History" }).click();
 *         expect(await storedText(clients, "/a")).toBe("1");
 *       });
 *     });
 *
 * - A file is named `*.browser.ts`; `npm run test:browser -- NAME` runs the files or tests whose name holds NAME, and
 *   `vitest run -c vitest.ui.config.ts test/browser/FOLDER` those of a folder.
 * - The page is the built one. With `server` it comes from an etcdlite in Node of this test's own and explores that
 *   one; with `worker` it comes from a static host, under a path of some depth, and has its store in the browser.
 * - `clients` are the store's, from Node, in both cases; with `worker` they go through a second tab, made when first
 *   needed: before the page if there is a `seed`, so that the page is then a guest of that tab's store.
 * - Every test has a browser context of its own: nothing is remembered from the last one. The first run is held to
 *   be over unless `firstRun` is set.
 * - Console errors and uncaught ones fail the test when it ends; `allowErrors` names those that it provokes.
 * - Wait for what is seen (`locator.waitFor`, `expect.poll(() => …)`), never for a time.
 */
import { describe } from "vitest";
import { missingBrowser } from "./browser.ts";

export { axe } from "./axe.ts";
export { type OpenedPage, type OpenPageOptions, openPage, type StoreKind } from "./openpage.ts";
export { screenshot } from "./screenshot.ts";
export { bytes, type Seed, seedKeys, storedText } from "./seed.ts";

const STORES = ["worker", "server"] as const;

/** Defines the tests for the store in the browser and for one on a server. */
export function describeStores(name: string, define: (store: "worker" | "server") => void): void {
  for (const store of STORES) describe.skipIf(missingBrowser)(`${name}, ${store} store`, () => define(store));
}

/** For tests that need a browser and have their own way with stores. */
export function describeBrowser(name: string, define: () => void): void {
  describe.skipIf(missingBrowser)(name, define);
}
