import { expect, test } from "vitest";
import { EtcdError, Status } from "../../src/errors.ts";
import type { PutRequest, RequestOp } from "../../src/mvcc/index.ts";
import { AlarmType, Etcd } from "../../src/server/index.ts";
import { VirtualClock } from "../support/clock.ts";

const PAGE_BYTES = 4096;
const EMPTY_BYTES = 5 * PAGE_BYTES;

function putRequest(key: string, bytes: number): PutRequest {
  return { key, value: new Uint8Array(bytes), lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false };
}

function newEtcd(quotaBackendBytes: number): Etcd {
  return new Etcd({ clock: new VirtualClock(), quotaBackendBytes, memberId: 11n });
}

function statusOf(call: () => unknown): Status {
  try {
    call();
    return Status.OK;
  } catch (error) {
    if (error instanceof EtcdError) return error.status;
    throw error;
  }
}

test("MA1: a write that might fill the quota raises the alarm and is refused", () => {
  const etcd = newEtcd(EMPTY_BYTES + 10_000);
  expect(statusOf(() => etcd.put(putRequest("a", 4000)))).toBe(Status.OK);
  expect(etcd.alarms()).toEqual([]);
  expect(statusOf(() => etcd.put(putRequest("b", 6000)))).toBe(Status.RESOURCE_EXHAUSTED);
  expect(etcd.alarms()).toEqual([{ memberId: 11n, type: AlarmType.NOSPACE }]);
  expect(statusOf(() => etcd.put(putRequest("c", 0)))).toBe(Status.RESOURCE_EXHAUSTED);
  expect(etcd.store.revision).toBe(2);
});

test("MA1: space comes back by compaction and defragmentation, writes when the alarm is taken back", () => {
  const etcd = newEtcd(EMPTY_BYTES + 40_000);
  for (let at = 0; at < 8; at++) etcd.put(putRequest("a", 4000));
  expect(statusOf(() => etcd.put(putRequest("a", 8000)))).toBe(Status.RESOURCE_EXHAUSTED);
  etcd.compact(9);
  const disarm = (): unknown => etcd.deactivateAlarm({ memberId: 11n, type: AlarmType.NOSPACE });
  disarm();
  expect(statusOf(() => etcd.put(putRequest("a", 8000)))).toBe(Status.RESOURCE_EXHAUSTED);
  etcd.defragment();
  disarm();
  expect(statusOf(() => etcd.put(putRequest("a", 8000)))).toBe(Status.OK);
});

test("MA1: keys whose index fills the memory for it raise the alarm too; deleted and compacted, they leave room", () => {
  const etcd = new Etcd({ clock: new VirtualClock(), memberId: 11n, maxIndexBytes: 100_000 });
  let keys = 0;
  while (statusOf(() => etcd.put(putRequest(`key ${keys}`, 1))) === Status.OK) keys++;
  expect(keys).toBeGreaterThan(100);
  expect(keys).toBeLessThan(2000);
  expect(etcd.alarms()).toEqual([{ memberId: 11n, type: AlarmType.NOSPACE }]);
  const disarm = (): unknown => etcd.deactivateAlarm({ memberId: 11n, type: AlarmType.NOSPACE });
  // In two revisions: a tombstone of the compacted one stays.
  for (const key of ["key 1", "key 0"]) etcd.deleteRange({ key, rangeEnd: "\0", prevKv: false });
  disarm();
  expect(statusOf(() => etcd.put(putRequest("a", 1)))).toBe(Status.RESOURCE_EXHAUSTED);
  etcd.store.compact(etcd.store.revision);
  expect(etcd.store.index.bytes).toBeLessThan(2000);
  disarm();
  expect(statusOf(() => etcd.put(putRequest("a", 1)))).toBe(Status.OK);
});

test("MA1: the cost of a txn is its dearer branch, children too; a txn of reads and deletes costs nothing", () => {
  const put = (bytes: number): RequestOp => ({ kind: "put", request: putRequest("k", bytes) });
  const child: RequestOp = { kind: "txn", request: { compare: [], success: [], failure: [put(9000)] } };
  const remove: RequestOp = { kind: "deleteRange", request: { key: "k", rangeEnd: "", prevKv: false } };
  const outcome = (success: RequestOp[], failure: RequestOp[]) =>
    statusOf(() => newEtcd(EMPTY_BYTES + 9000).txn({ compare: [], success, failure }, false));
  expect(outcome([put(8000)], [])).toBe(Status.OK);
  expect(outcome([put(9000)], [])).toBe(Status.RESOURCE_EXHAUSTED);
  expect(outcome([], [put(9000)])).toBe(Status.RESOURCE_EXHAUSTED);
  expect(outcome([put(5000), put(5000)], [])).toBe(Status.RESOURCE_EXHAUSTED);
  expect(outcome([put(5000)], [put(5000)])).toBe(Status.OK);
  expect(outcome([child], [])).toBe(Status.RESOURCE_EXHAUSTED);
  expect(statusOf(() => newEtcd(1).txn({ compare: [], success: [remove], failure: [] }, false))).toBe(Status.OK);
});

test("MA1: a lease costs too", () => {
  expect(statusOf(() => newEtcd(EMPTY_BYTES + 65).leaseGrant(1n, 10))).toBe(Status.OK);
  expect(statusOf(() => newEtcd(EMPTY_BYTES + 64).leaseGrant(1n, 10))).toBe(Status.RESOURCE_EXHAUSTED);
});

test("MA1: a negative quota is no limit, 0 is 2 GiB", () => {
  const etcd = newEtcd(-1);
  expect(statusOf(() => etcd.put(putRequest("a", 1_000_000)))).toBe(Status.OK);
  expect(etcd.quotaBytes).toBe(-1);
  expect(newEtcd(0).quotaBytes).toBe(2 * 1024 * 1024 * 1024);
});
