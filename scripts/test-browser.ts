/**
 * `npm run test:browser`: everything that is tested in Chromium, the page and what runs inside one.
 * Ends with the line `N passed, N failed`.
 *
 *     npm run test:browser -- keys      files whose path holds it; where there are none, tests whose name does
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Each vitest configuration, and where its tests are. */
const SUITES = [
  { config: "vitest.browser.config.ts", files: "test/{rpc,platform/browser}/**/*.ts" },
  { config: "vitest.ui.config.ts", files: "test/browser/**/*.browser.ts" },
];
const MAX_RUN_MS = 15 * 60_000;

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const [filter] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "etcdlite-browser-tests-"));

/** A file that failed outside its tests counts as one failed test. */
function run(config: string, filterFlags: readonly string[]): { passed: number; failed: number } {
  const json = join(folder, `${config}.json`);
  const flags = ["--reporter=default", "--reporter=json", `--outputFile.json=${json}`, "--passWithNoTests"];
  const { status } = spawnSync(process.execPath, [vitest, "run", "-c", config, ...flags, ...filterFlags], {
    cwd: root,
    stdio: "inherit",
    timeout: MAX_RUN_MS,
  });
  const report = existsSync(json) ? (JSON.parse(readFileSync(json, "utf8")) as Report) : undefined;
  const failed = report?.numFailedTests ?? 0;
  return { passed: report?.numPassedTests ?? 0, failed: failed === 0 && status !== 0 ? 1 : failed };
}

try {
  const suites = SUITES.filter(({ config }) => existsSync(join(root, config)));
  const byFile = (files: string): boolean =>
    filter !== undefined && globSync(files, { cwd: root }).some((path) => path.includes(filter));
  const isPath = suites.some(({ files }) => byFile(files));
  let passed = 0;
  let failed = 0;
  for (const { config, files } of suites) {
    if (isPath && !byFile(files)) continue;
    const counts = run(config, filter === undefined ? [] : isPath ? [filter] : ["-t", filter]);
    passed += counts.passed;
    failed += counts.failed;
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
