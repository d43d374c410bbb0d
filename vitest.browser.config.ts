/**
 * The store in the browser, in a real Chromium:
 *
 *     page    test files that run in a page: the RPC cases over the bridge to a worker, the journal's contract
 *     tabs    tests in Node that open several pages, by Playwright
 */
import { defineConfig } from "vitest/config";
import { findChromium, MISSING_CHROMIUM } from "./test/browser/support/chromium.ts";
import { inPage, PAGE_DEPENDENCIES } from "./test/platform/browser/support/page-project.ts";

const hasChromium = findChromium() !== undefined;
if (!hasChromium && process.env.ETCDLITE_REQUIRE === "all") throw new Error(MISSING_CHROMIUM);
if (!hasChromium) console.log(`tests of the store in the browser are skipped: ${MISSING_CHROMIUM}`);

/** Which of the RPC rules, as a pattern. */
const RULES = process.env.ETCDLITE_BROWSER_RULES ?? "*";

const timeouts = { testTimeout: 30_000, hookTimeout: 60_000, expect: { poll: { timeout: 10_000 } } };

export default defineConfig({
  test: {
    passWithNoTests: !hasChromium,
    projects: !hasChromium
      ? []
      : [
          {
            optimizeDeps: { include: PAGE_DEPENDENCIES },
            test: {
              ...timeouts,
              ...inPage(),
              name: "page",
              include: [`test/rpc/${RULES}.test.ts`, "test/platform/browser/**/*.page.ts"],
              // They are of Node: its own server, its compression.
              exclude: ["test/rpc/bad-input.test.ts", "test/rpc/jsondepth.test.ts"],
              env: { RULES_AGAINST: "bridge" },
            },
          },
          {
            test: {
              ...timeouts,
              name: "tabs",
              include: ["test/platform/browser/**/*.browser.ts"],
              fileParallelism: false,
            },
          },
        ],
  },
});
