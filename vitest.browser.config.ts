/**
 * The store in the browser, in a real Chromium:
 *
 *     page    test files that run in a page: the RPC cases over the bridge to a worker, the journal's contract
 *     tabs    tests in Node that open several pages, by Playwright
 */
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumOptions, findChromium, MISSING_CHROMIUM } from "./test/browser/support/chromium.ts";
import { PAGE_DEPENDENCIES } from "./test/platform/browser/support/dependencies.ts";

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
              name: "page",
              include: [`test/rpc/${RULES}.test.ts`, "test/platform/browser/**/*.page.ts"],
              // They are of Node: its own server, its compression.
              exclude: ["test/rpc/bad-input.test.ts", "test/rpc/jsondepth.test.ts"],
              setupFiles: ["test/platform/browser/support/page-setup.ts"],
              env: { RULES_AGAINST: "bridge" },
              browser: {
                enabled: true,
                headless: true,
                screenshotFailures: false,
                provider: playwright({ launchOptions: chromiumOptions() }),
                instances: [{ browser: "chromium" }],
              },
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
