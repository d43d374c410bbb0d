/**
 * npm run snapshot-roundtrip
 *
 * Snapshots from etcdlite to real etcds and back, with the real etcdctl and etcdutl. Prints a line a check, and
 * at last `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEtcd, findEtcdctl, findEtcdutl, MISSING_ETCD, toolsAreRequired } from "../support/etcd.ts";
import { backFromEtcd, backFromOldEtcd } from "./support/back.ts";
import { fails, summary } from "./support/checks.ts";
import { toEtcd, withAuth } from "./support/forth.ts";

if ([findEtcd(), findEtcdctl(), findEtcdutl()].includes(undefined)) {
  console.log(`skipped: ${MISSING_ETCD}`);
  process.exit(toolsAreRequired() ? 1 : 0);
}

const folder = mkdtempSync(join(tmpdir(), "etcdlite-snapshots-"));
try {
  for (const run of [toEtcd, withAuth, backFromEtcd, backFromOldEtcd]) {
    await run(folder).catch((error: unknown) => fails(run.name, String(error)));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const { passed, failed } = summary();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
