import { expect, test } from "vitest";
import type { DowngradeRequest_DowngradeAction as Action } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { expectError } from "./support/show.ts";
import { inProcess, localTarget, newTarget, type Target } from "./support/target.ts";

const VALIDATE = 0;
const ENABLE = 1;
const CANCEL = 2;

/** Between two looks at the cluster's version. */
const INTERVAL_MS = 4000;

const WRONG_FORMAT = "etcdserver: wrong downgrade target version format";
const INVALID_TARGET = "etcdserver: invalid downgrade target version";
const IN_PROGRESS = "etcdserver: cluster has a downgrade job in progress";

function downgrade(target: Target, action: number, version = "") {
  return target.maintenance.downgrade({ action: action as Action, version });
}

/** Storage version, and what a downgrade is under way to. */
async function state(target: Target): Promise<string> {
  const { storageVersion, downgradeInfo } = await target.maintenance.status({});
  return `${storageVersion} ${downgradeInfo?.enabled} ${downgradeInfo?.targetVersion}`;
}

test("CL9: a downgrade may go to the minor version before, whatever the patch", async () => {
  const target = await newTarget();
  for (const version of ["3.6", "3.6.0", "3.6.99", "03.6", "3.6.0-rc.1", "3.6.0+build", "3.6.0-"]) {
    const { header, version: current } = await downgrade(target, VALIDATE, version);
    expect([current, header?.revision, header?.raftTerm]).toEqual(["3.7", 1n, 2n]);
  }
  for (const version of ["3.5", "3.7", "3.7.1", "3.8", "4.6", "2.6.0"]) {
    await expectError(downgrade(target, VALIDATE, version), "INVALID_ARGUMENT", INVALID_TARGET);
    await expectError(downgrade(target, ENABLE, version), "INVALID_ARGUMENT", INVALID_TARGET);
  }
  const malformed = ["", "3", "x", "v3.6", "3.6.", " 3.6", "3.6.0.0", "3.6+meta", "3.-1", "3.6-rc1", "3.6.0-rc..1"];
  for (const version of [...malformed, "99999999999999999999.6.0"]) {
    await expectError(downgrade(target, VALIDATE, version), "INVALID_ARGUMENT", WRONG_FORMAT);
    await expectError(downgrade(target, ENABLE, version), "INVALID_ARGUMENT", WRONG_FORMAT);
  }
  expect(await state(target)).toBe("3.7.0 false ");
});

test("CL9: an unknown action is an error", async () => {
  const target = await newTarget();
  await expectError(downgrade(target, 3, "3.6"), "UNKNOWN", "etcdserver: unknown method");
});

test("CL9: a downgrade is enabled once, and is told by Status until it is cancelled", async () => {
  const target = await newTarget();
  const { raftIndex: before } = await target.maintenance.status({});
  expect((await downgrade(target, ENABLE, "3.6")).version).toBe("3.7");
  expect(await state(target)).toBe("3.7.0 true 3.6.0");
  await expectError(downgrade(target, ENABLE, "3.6"), "FAILED_PRECONDITION", IN_PROGRESS);
  await expectError(downgrade(target, VALIDATE, "3.6"), "FAILED_PRECONDITION", IN_PROGRESS);
  await expectError(downgrade(target, VALIDATE, "3.5"), "INVALID_ARGUMENT", INVALID_TARGET);
  expect((await downgrade(target, CANCEL)).version).toBe("3.7");
  expect(await state(target)).toBe("3.7.0 false ");
  expect((await target.maintenance.status({})).raftIndex).toBe(before + 2n);
});

test("CL9: to cancel what is not under way is no error", async () => {
  const target = await newTarget();
  const { raftIndex: before } = await target.maintenance.status({});
  expect((await downgrade(target, CANCEL, "any")).version).toBe("3.7");
  expect((await target.maintenance.status({})).raftIndex).toBe(before);
});

inProcess("CL9: the cluster's version follows within seconds, down and up again", async () => {
  const target = localTarget();
  await downgrade(target, ENABLE, "3.6");
  target.clock.advance(INTERVAL_MS);
  expect(await state(target)).toBe("3.6.0 true 3.6.0");
  await expectError(downgrade(target, VALIDATE, "3.6"), "INVALID_ARGUMENT", INVALID_TARGET);
  await expectError(downgrade(target, VALIDATE, "3.5"), "FAILED_PRECONDITION", IN_PROGRESS);
  expect((await downgrade(target, CANCEL)).version).toBe("3.6");
  expect(await state(target)).toBe("3.6.0 false ");
  target.clock.advance(INTERVAL_MS);
  expect(await state(target)).toBe("3.7.0 false ");
  expect(target.clock.pending).toBe(0);
});

inProcess("CL9: the cluster's version stays while a member is not started", async () => {
  const target = localTarget();
  const { member } = await target.cluster.memberAdd({ peerURLs: ["http://127.0.0.1:11"], isLearner: true });
  await downgrade(target, ENABLE, "3.6");
  target.clock.advance(10 * INTERVAL_MS);
  expect(await state(target)).toBe("3.7.0 true 3.6.0");
  await target.cluster.memberRemove({ ID: member?.ID ?? 0n });
  target.clock.advance(INTERVAL_MS);
  expect(await state(target)).toBe("3.6.0 true 3.6.0");
});

inProcess("CL9: two versions down is enabled, and then does not happen", async () => {
  const target = localTarget();
  await downgrade(target, ENABLE, "3.6");
  target.clock.advance(INTERVAL_MS);
  await downgrade(target, CANCEL);
  await downgrade(target, ENABLE, "3.5");
  target.clock.advance(10 * INTERVAL_MS);
  expect(await state(target)).toBe("3.6.0 true 3.5.0");
});

inProcess("CL9: a closed etcd changes its version no more", async () => {
  const target = localTarget();
  await downgrade(target, ENABLE, "3.6");
  target.etcd.close();
  expect(target.clock.pending).toBe(0);
});
