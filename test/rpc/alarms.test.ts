import type { MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import type { AlarmRequestSchema } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { compare, del, get, put, putAll, putOf, rangeOf, txn } from "./support/ops.ts";
import { expectError, kvs } from "./support/show.ts";
import { inProcess, localTarget, newTarget, type Target } from "./support/target.ts";
import { openWatch } from "./support/watch.ts";

const GET = 0;
const ACTIVATE = 1;
const DEACTIVATE = 2;
const NONE = 0;
const NOSPACE = 1;
const CORRUPT = 2;

const NO_SPACE = "etcdserver: mvcc: database space exceeded";
const CORRUPTED = "etcdserver: corrupt cluster";

async function change(target: Target, action: number, alarm: number): Promise<string[]> {
  const { memberID } = await member(target);
  const request = { action, alarm, memberID } as MessageInitShape<typeof AlarmRequestSchema>;
  const response = await target.maintenance.alarm(request);
  return response.alarms.map((raised) => `${raised.memberID === memberID ? "us" : raised.memberID} ${raised.alarm}`);
}

async function member(target: Target): Promise<{ memberID: bigint }> {
  return { memberID: (await target.maintenance.status({})).header?.memberId ?? 0n };
}

test("MA1: an alarm is raised, listed by type, and taken back", async () => {
  const target = await newTarget();
  expect(await change(target, GET, NONE)).toEqual([]);
  expect(await change(target, ACTIVATE, NOSPACE)).toEqual(["us 1"]);
  expect(await change(target, ACTIVATE, NOSPACE)).toEqual(["us 1"]);
  expect(await change(target, GET, NONE)).toEqual(["us 1"]);
  expect(await change(target, GET, NOSPACE)).toEqual(["us 1"]);
  expect(await change(target, GET, CORRUPT)).toEqual([]);
  expect(await change(target, ACTIVATE, CORRUPT)).toEqual(["us 2"]);
  expect((await change(target, GET, NONE)).toSorted()).toEqual(["us 1", "us 2"]);
  expect(await change(target, DEACTIVATE, NOSPACE)).toEqual(["us 1"]);
  expect(await change(target, DEACTIVATE, NOSPACE)).toEqual([]);
  expect(await change(target, GET, NONE)).toEqual(["us 2"]);
});

test("MA1: NONE raises nothing", async () => {
  const target = await newTarget();
  expect(await change(target, ACTIVATE, NONE)).toEqual([]);
  expect(await change(target, GET, NONE)).toEqual([]);
});

// etcd itself goes down at such a request.
inProcess("MA1: an unknown action is an error", async () => {
  const target = localTarget();
  await expectError(change(target, 9, NOSPACE), "INVALID_ARGUMENT", "etcdserver: unknown alarm action 9");
  expect(await change(target, GET, NONE)).toEqual([]);
});

test("MA1: NOSPACE refuses put, lease grant and every txn that may put", async () => {
  const target = await newTarget();
  await change(target, ACTIVATE, NOSPACE);
  await expectError(target.kv.put(putOf("a", "1")), "RESOURCE_EXHAUSTED", NO_SPACE);
  await expectError(target.lease.leaseGrant({ ID: 7n, TTL: 60n }), "RESOURCE_EXHAUSTED", NO_SPACE);
  const writing = [
    { success: [put("a", "1")] },
    { failure: [put("a", "1")] },
    { success: [del("b"), txn({ failure: [put("a", "1")] })] },
  ];
  for (const request of writing) await expectError(target.kv.txn(request), "RESOURCE_EXHAUSTED", NO_SPACE);
  expect((await target.kv.range(rangeOf("a"))).header?.revision).toBe(1n);
});

test("MA1: under NOSPACE reads, deletes, compaction, watches and old leases go on", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await target.kv.put(putOf("leased", "1", { lease: 7n }));
  await putAll(target, "a=1", "b=1");
  await change(target, ACTIVATE, NOSPACE);
  expect(kvs(await target.kv.range(rangeOf("a")))).toEqual(["a=1 3/3/1"]);
  const watch = await openWatch(target, "\0", "\0");
  expect((await target.kv.deleteRange(rangeOf("a"))).deleted).toBe(1n);
  expect((await watch.next()).events.length).toBe(1);
  expect((await target.kv.txn({ success: [get("b"), del("b")] })).header?.revision).toBe(6n);
  expect((await target.kv.txn({ compare: [compare("b", 0, 0)], success: [get("b")] })).succeeded).toBe(true);
  await target.kv.compact({ revision: 5n });
  await target.lease.leaseRevoke({ ID: 7n });
  await target.maintenance.defragment({});
  expect((await target.kv.range(rangeOf("\0", "\0"))).count).toBe(0n);
});

test("MA1: once NOSPACE is taken back writes go on", async () => {
  const target = await newTarget();
  await change(target, ACTIVATE, NOSPACE);
  await change(target, DEACTIVATE, NOSPACE);
  expect((await target.kv.put(putOf("a", "1"))).header?.revision).toBe(2n);
});

test("MA1: CORRUPT refuses every write with DataLoss, and NOSPACE is then not told", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await putAll(target, "a=1", "a=2");
  await change(target, ACTIVATE, NOSPACE);
  await change(target, ACTIVATE, CORRUPT);
  await expectError(target.kv.put(putOf("a", "1")), "DATA_LOSS", CORRUPTED);
  await expectError(target.kv.deleteRange(rangeOf("a")), "DATA_LOSS", CORRUPTED);
  await expectError(target.kv.txn({ success: [put("a", "1")] }), "DATA_LOSS", CORRUPTED);
  await expectError(target.kv.compact({ revision: 2n }), "DATA_LOSS", CORRUPTED);
  await expectError(target.lease.leaseGrant({ ID: 8n, TTL: 60n }), "DATA_LOSS", CORRUPTED);
  await expectError(target.lease.leaseRevoke({ ID: 7n }), "DATA_LOSS", CORRUPTED);
});

test("MA1: under CORRUPT reads go on, and so do writes once it is taken back", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  await change(target, ACTIVATE, CORRUPT);
  expect(kvs(await target.kv.range(rangeOf("a")))).toEqual(["a=1 2/2/1"]);
  expect((await target.kv.txn({ success: [get("a")] })).responses.length).toBe(1);
  await change(target, DEACTIVATE, CORRUPT);
  expect((await target.kv.put(putOf("a", "2"))).header?.revision).toBe(3n);
});

test("MA1: a write past the quota is refused and raises NOSPACE", async () => {
  const target = await newTarget({ quotaBackendBytes: 1024 * 1024 });
  const value = "x".repeat(100_000);
  let accepted = 0;
  for (; accepted < 100; accepted++) {
    const refused = await target.kv.put(putOf(`k${accepted}`, value)).then(
      () => false,
      () => true,
    );
    if (refused) break;
  }
  expect(accepted).toBeGreaterThan(2);
  expect(accepted).toBeLessThan(100);
  expect(await change(target, GET, NONE)).toEqual(["us 1"]);
  await expectError(target.kv.put(putOf("small", "1")), "RESOURCE_EXHAUSTED", NO_SPACE);
});

test("MA3: Status tells of the alarms as text", async () => {
  const target = await newTarget();
  const { memberID } = await member(target);
  expect((await target.maintenance.status({})).errors).toEqual([]);
  await change(target, ACTIVATE, NOSPACE);
  expect((await target.maintenance.status({})).errors).toEqual([`memberID:${memberID} alarm:NOSPACE`]);
});
