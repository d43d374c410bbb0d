/** Tests of the page, used as a person would: vitest in Node, Playwright, one Chromium for the whole run. */
import { defineConfig } from "vitest/config";

/** Which of them, as a pattern. */
const FILES = process.env.ETCDLITE_BROWSER_FILES ?? "**/*";

export default defineConfig({
  test: {
    include: [`test/browser/${FILES}.browser.ts`],
    globalSetup: ["test/browser/support/global-setup.ts"],
    pool: "threads",
    // Each test has a page that draws and a server: more at once than this and time limits measure the machine.
    maxWorkers: 2,
    testTimeout: 45_000,
    // For machines that others use too; a test that needed it is named in the report.
    retry: Number(process.env.ETCDLITE_BROWSER_RETRIES ?? 0),
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
