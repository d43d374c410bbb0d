/**
 * A short differential run against a real etcd 3.7, with a fixed seed; `npm run differential` runs long ones.
 * Skipped where there is no etcd.
 */
import { expect, test } from "vitest";
import { findEtcd, MISSING_ETCD, toolsAreRequired } from "../support/etcd.ts";
import { compareRandom, formatDifference } from "./compare.ts";
import { etcdlite, realEtcd, startPair, type Target } from "./servers.ts";

const SEED = 7;
const OPERATIONS = 3_000;
const TIMEOUT_MS = 120_000;

const hasEtcd = findEtcd() !== undefined;
if (!hasEtcd) console.log(`differential: skipped, ${MISSING_ETCD}`);

if (!hasEtcd && toolsAreRequired()) {
  test("a real etcd is required", () => {
    throw new Error(MISSING_ETCD);
  });
}

test.runIf(hasEtcd)(
  `seed ${SEED}: ${OPERATIONS} operations, etcdlite answers as etcd does`,
  async () => {
    expect(await findDifference([realEtcd(), etcdlite()], OPERATIONS)).toBe("");
  },
  TIMEOUT_MS,
);

test.runIf(hasEtcd)(
  "a server that allows one operation fewer in a transaction is found out",
  async () => {
    const other = realEtcd("etcd 2", { flags: ["--max-txn-ops", "127"] });
    expect(await findDifference([realEtcd(), other], OPERATIONS)).toContain("too many operations in txn request");
  },
  TIMEOUT_MS,
);

test.runIf(hasEtcd)(
  "a server whose JSON gateway is off is found out",
  async () => {
    const other = realEtcd("etcd 2", { flags: ["--enable-grpc-gateway=false"] });
    expect(await findDifference([realEtcd(), other], OPERATIONS)).toContain("404");
  },
  TIMEOUT_MS,
);

async function findDifference(targets: readonly Target[], count: number): Promise<string> {
  const pair = await startPair(targets);
  try {
    const { difference } = await compareRandom(pair, SEED, count);
    if (difference === undefined) return "";
    return `seed ${SEED}\n${formatDifference(
      difference,
      targets.map((target) => target.name),
    )}`;
  } finally {
    await pair.stop();
  }
}
