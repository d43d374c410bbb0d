import { expect, test } from "vitest";
import { del, EVERYTHING, put, putAll, putOf, rangeOf } from "./support/ops.ts";
import { events, expectError, keys, kvs, text } from "./support/show.ts";
import { inProcess, localTarget, newTarget, type Target } from "./support/target.ts";
import { openWatch, Queue } from "./support/watch.ts";

const NOT_FOUND = "etcdserver: requested lease not found";

/** Sends keep-alives one after the other on one stream; each TTL, 0 for a lease that is lost. */
async function keepAlive(target: Target, ...ids: bigint[]): Promise<bigint[]> {
  const requests = new Queue<{ ID: bigint }>();
  const ttls: bigint[] = [];
  const responses = target.lease.leaseKeepAlive(requests)[Symbol.asyncIterator]();
  for (const ID of ids) {
    requests.push({ ID });
    const { value } = await responses.next();
    expect([value?.ID, value?.header?.memberId > 0n]).toEqual([ID, true]);
    ttls.push(value?.TTL);
  }
  requests.end();
  expect((await responses.next()).done).toBe(true);
  return ttls;
}

test("LE1: a client chooses the ID; the reply tells ID and TTL", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  for (const ID of [7n, 2n ** 63n - 1n, -7n]) {
    const response = await target.lease.leaseGrant({ ID, TTL: 60n });
    expect([response.ID, response.TTL, response.error]).toEqual([ID, 60n, ""]);
    expect(response.header?.revision).toBe(2n);
  }
});

test("LE1: ID 0 is a random positive one, another for each", async () => {
  const target = await newTarget();
  const ids: bigint[] = [];
  for (let count = 0; count < 20; count++) ids.push((await target.lease.leaseGrant({ TTL: 60n })).ID);
  expect(new Set(ids).size).toBe(20);
  for (const id of ids) expect(id > 0n && id < 2n ** 63n).toBe(true);
  expect((await target.lease.leaseLeases({})).leases.map((lease) => lease.ID).toSorted()).toEqual(ids.toSorted());
});

test("LE1: a taken ID is refused and its lease unharmed; once revoked it may be given again", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  const call = target.lease.leaseGrant({ ID: 7n, TTL: 100n });
  await expectError(call, "FAILED_PRECONDITION", "etcdserver: lease already exists");
  expect((await target.lease.leaseTimeToLive({ ID: 7n })).grantedTTL).toBe(60n);
  await target.lease.leaseRevoke({ ID: 7n });
  await target.lease.leaseGrant({ ID: 7n, TTL: 100n });
});

test("LE1: a TTL may be up to 9,000,000,000 seconds", async () => {
  const target = await newTarget();
  const message = "etcdserver: too large lease TTL";
  expect((await target.lease.leaseGrant({ ID: 7n, TTL: 9_000_000_000n })).TTL).toBe(9_000_000_000n);
  for (const TTL of [9_000_000_001n, 2n ** 63n - 1n]) {
    await expectError(target.lease.leaseGrant({ ID: 8n, TTL }), "OUT_OF_RANGE", message);
  }
  // Told before the taken ID.
  await expectError(target.lease.leaseGrant({ ID: 7n, TTL: 9_000_000_001n }), "OUT_OF_RANGE", message);
});

test("LE1: a TTL below the least one is raised to it, also 0 and a negative one", async () => {
  const target = await newTarget();
  for (const [TTL, granted] of [
    [1n, 2n],
    [0n, 2n],
    [-5n, 2n],
    [2n, 2n],
    [3n, 3n],
  ] as const) {
    expect((await target.lease.leaseGrant({ TTL })).TTL).toBe(granted);
  }
});

inProcess("LE1: the least TTL is an option", async () => {
  const target = localTarget({ minLeaseTtlSeconds: 5 });
  expect((await target.lease.leaseGrant({ TTL: 3n })).TTL).toBe(5n);
});

test("LE2: keep-alive answers the granted TTL; of a missing lease 0, no error, and the stream goes on", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await target.lease.leaseGrant({ ID: 8n, TTL: 1n });
  expect(await keepAlive(target, 7n, 99n, 0n, 8n, -1n, 7n)).toEqual([60n, 0n, 0n, 2n, 0n, 60n]);
});

test("LE2: keep-alive of a revoked lease answers 0", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await target.lease.leaseRevoke({ ID: 7n });
  expect(await keepAlive(target, 7n)).toEqual([0n]);
});

inProcess("LE2: keep-alive starts the time anew", async () => {
  const target = localTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 10n });
  await target.kv.put(putOf("a", "1", { lease: 7n }));
  for (let count = 0; count < 5; count++) {
    target.clock.advance(9_999);
    expect(await keepAlive(target, 7n)).toEqual([10n]);
  }
  expect(keys(await target.kv.range(EVERYTHING))).toEqual(["a"]);
  target.clock.advance(10_000);
  expect(keys(await target.kv.range(EVERYTHING))).toEqual([]);
  expect(await keepAlive(target, 7n)).toEqual([0n]);
});

inProcess("LE2: a browser's keep-alive, one call each, answers the same", async () => {
  const target = localTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 10n });
  expect((await target.browserLease.leaseKeepAlive({ ID: 7n })).TTL).toBe(10n);
  const missing = await target.browserLease.leaseKeepAlive({ ID: 8n });
  expect([missing.ID, missing.TTL, missing.header?.revision]).toEqual([8n, 0n, 1n]);
});

test("LE3: TimeToLive of a missing lease answers −1, no error and no keys", async () => {
  const target = await newTarget();
  const response = await target.lease.leaseTimeToLive({ ID: 7n, keys: true });
  expect([response.ID, response.TTL, response.grantedTTL, response.keys]).toEqual([7n, -1n, 0n, []]);
  expect(response.header?.revision).toBe(1n);
});

test("LE3: keys are told on demand", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 600n });
  for (const key of ["b", "a", "c\xff"]) await target.kv.put(putOf(key, "1", { lease: 7n }));
  const silent = await target.lease.leaseTimeToLive({ ID: 7n });
  expect([silent.keys, silent.grantedTTL]).toEqual([[], 600n]);
  const told = (await target.lease.leaseTimeToLive({ ID: 7n, keys: true })).keys;
  expect(told.map(text).toSorted()).toEqual(["a", "b", "c\\xff"]);
});

inProcess("LE3: TTL is in whole seconds, rounded down", async () => {
  const target = localTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  const left = async () => (await target.lease.leaseTimeToLive({ ID: 7n })).TTL;
  expect(await left()).toBe(60n);
  target.clock.advance(1);
  expect(await left()).toBe(59n);
  target.clock.advance(999);
  expect(await left()).toBe(59n);
  target.clock.advance(58_001);
  expect(await left()).toBe(0n);
});

test("LE3: revoke of a missing lease is an error, of one that is there only once", async () => {
  const target = await newTarget();
  await expectError(target.lease.leaseRevoke({ ID: 7n }), "NOT_FOUND", NOT_FOUND);
  await expectError(target.lease.leaseRevoke({}), "NOT_FOUND", NOT_FOUND);
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await target.lease.leaseRevoke({ ID: 7n });
  await expectError(target.lease.leaseRevoke({ ID: 7n }), "NOT_FOUND", NOT_FOUND);
});

test("LE3: a deleted key leaves its lease, and so does one that a txn puts without it", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  for (const key of ["a", "b", "c", "d"]) await target.kv.put(putOf(key, "1", { lease: 7n }));
  await target.kv.deleteRange(rangeOf("a"));
  await target.kv.txn({ success: [put("b", "2"), del("c"), put("e", "1", { lease: 7n })] });
  const attached = (await target.lease.leaseTimeToLive({ ID: 7n, keys: true })).keys;
  expect(attached.map(text).toSorted()).toEqual(["d", "e"]);
});

test("LE4: revoke deletes the attached keys in key order in one revision; watchers see it", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  for (const key of ["c", "a", "b"]) await target.kv.put(putOf(key, "1", { lease: 7n }));
  await putAll(target, "other=1");
  const watch = await openWatch(target, "\0", "\0", { prevKv: true });
  expect((await target.lease.leaseRevoke({ ID: 7n })).header?.revision).toBe(6n);
  expect(events(await watch.next())).toEqual([
    "DELETE a@6 [a=1 3/3/1/7]",
    "DELETE b@6 [b=1 4/4/1/7]",
    "DELETE c@6 [c=1 2/2/1/7]",
  ]);
  expect(kvs(await target.kv.range(EVERYTHING))).toEqual(["other=1 5/5/1"]);
});

test("LE4: revoke of a lease without keys makes no revision", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await target.kv.put(putOf("a", "1", { lease: 7n }));
  await target.kv.put(putOf("a", "2"));
  expect((await target.lease.leaseRevoke({ ID: 7n })).header?.revision).toBe(3n);
  expect(kvs(await target.kv.range(EVERYTHING))).toEqual(["a=2 2/3/2"]);
});

inProcess("LE4: expiry deletes the attached keys in key order in one revision; watchers see it", async () => {
  const target = localTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 5n });
  for (const key of ["c", "a", "b"]) await target.kv.put(putOf(key, "1", { lease: 7n }));
  const watch = await openWatch(target, "\0", "\0");
  target.clock.advance(4_999);
  expect((await target.kv.range(EVERYTHING)).header?.revision).toBe(4n);
  target.clock.advance(1);
  expect(events(await watch.next())).toEqual(["DELETE a@5", "DELETE b@5", "DELETE c@5"]);
  expect((await target.lease.leaseTimeToLive({ ID: 7n })).TTL).toBe(-1n);
  await expectError(target.lease.leaseRevoke({ ID: 7n }), "NOT_FOUND", NOT_FOUND);
});

test("LE4: leases are listed by expiry", async () => {
  const target = await newTarget();
  for (const [ID, TTL] of [
    [1n, 300n],
    [2n, 100n],
    [3n, 500n],
    [4n, 200n],
  ] as const) {
    await target.lease.leaseGrant({ ID, TTL });
  }
  const listed = async () => (await target.lease.leaseLeases({})).leases.map((lease) => lease.ID);
  expect(await listed()).toEqual([2n, 4n, 1n, 3n]);
  await target.lease.leaseRevoke({ ID: 4n });
  expect(await listed()).toEqual([2n, 1n, 3n]);
});

inProcess("LE4: a keep-alive moves a lease back in the list", async () => {
  const target = localTarget();
  await target.lease.leaseGrant({ ID: 1n, TTL: 100n });
  await target.lease.leaseGrant({ ID: 2n, TTL: 150n });
  target.clock.advance(90_000);
  await keepAlive(target, 1n);
  expect((await target.lease.leaseLeases({})).leases.map((lease) => lease.ID)).toEqual([2n, 1n]);
});
