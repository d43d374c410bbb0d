import { expect, test } from "vitest";
import { EVERYTHING, putOf, rangeOf } from "./support/ops.ts";
import { bytes, expectError, keys, kvs, text } from "./support/show.ts";
import { inProcess, localTarget, newTarget, type Target } from "./support/target.ts";
import { Waiting, watchKeys } from "./support/waiters.ts";

const A = 0xa1n;
const B = 0xb2n;
const C = 0xc3n;

const EXPIRED = "mutex: session is expired";
const NO_LEASE = "etcdserver: requested lease not found";

async function withLeases<T extends Target>(target: T, ...leases: bigint[]): Promise<T> {
  for (const ID of leases) await target.lease.leaseGrant({ ID, TTL: 600n });
  return target;
}

/** `key@revision`. */
async function lock(target: Target, name: string, lease: bigint): Promise<string> {
  return shown(await target.lock.lock({ name: bytes(name), lease }));
}

function wait(target: Target, name: string, lease: bigint): Waiting<string> {
  return new Waiting(async (options) => shown(await target.lock.lock({ name: bytes(name), lease }, options)));
}

/** A has the lock, and B waits for it. */
async function heldByA(target: Target) {
  const changes = await watchKeys(target, "l");
  await lock(target, "l", A);
  const b = wait(target, "l", B);
  expect([await changes.next(), await changes.next()]).toEqual(["+l/a1", "+l/b2"]);
  return { changes, b };
}

function shown({ key, header }: { key: Uint8Array; header?: { revision: bigint } | undefined }): string {
  return `${text(key)}@${header?.revision}`;
}

async function unlock(target: Target, key: string): Promise<bigint | undefined> {
  return (await target.lock.unlock({ key: bytes(key) })).header?.revision;
}

test("LK1: a free lock is a key of the lease under the name", async () => {
  const target = await withLeases(await newTarget(), A, -5n);
  expect(await lock(target, "l", A)).toBe("l/a1@2");
  expect(await lock(target, "", A)).toBe("/a1@3");
  expect(await lock(target, "\xff\0/", A)).toBe("\\xff\\x00//a1@4");
  expect(await lock(target, "l2", -5n)).toBe("l2/-5@5");
  expect(kvs(await target.kv.range(rangeOf("l/", "l0")))).toEqual([`l/a1= 2/2/1/${A}`]);
});

test("LK1: to lock again what one has changes nothing", async () => {
  const target = await withLeases(await newTarget(), A);
  await lock(target, "l", A);
  await target.kv.put(putOf("other", "1"));
  expect(await lock(target, "l", A)).toBe("l/a1@3");
  expect((await target.kv.range(EVERYTHING)).header?.revision).toBe(3n);
});

test("LK1: with no lease given there is one of 60 seconds", async () => {
  const target = await newTarget();
  const { key } = await target.lock.lock({ name: bytes("l") });
  const [lease] = (await target.lease.leaseLeases({})).leases;
  const { grantedTTL, keys: attached } = await target.lease.leaseTimeToLive({ ID: lease?.ID ?? 0n, keys: true });
  expect([grantedTTL, attached.map(text)]).toEqual([60n, [text(key)]]);
  expect(text(key)).toBe(`l/${lease?.ID.toString(16)}`);
});

test("LK2: errors have etcd's text, and no status of their own", async () => {
  const target = await newTarget();
  await expectError(lock(target, "l", 77n), "UNKNOWN", NO_LEASE);
  await expectError(unlock(target, ""), "UNKNOWN", "etcdserver: key is not provided");
  expect(await unlock(target, "missing")).toBe(1n);
  expect(keys(await target.kv.range(EVERYTHING))).toEqual([]);
});

inProcess("LK2: that the server has stopped keeps its status, for clients that try another", async () => {
  const target = await withLeases(localTarget(), A);
  target.etcd.close();
  await expectError(lock(target, "l", A), "UNAVAILABLE", "etcdserver: server stopped");
});

test("LK3: who waits gets the lock in the order of asking", async () => {
  const target = await withLeases(await newTarget(), A, B, C);
  const { changes, b } = await heldByA(target);
  const c = wait(target, "l", C);
  expect(await changes.next()).toBe("+l/c3");
  await target.kv.put(putOf("l/", "another key at the prefix, and a younger one"));
  expect(await unlock(target, "l/a1")).toBe(6n);
  expect(await b.outcome).toBe("l/b2@6");
  expect(c.isOver).toBe(false);
  expect(await unlock(target, "l/b2")).toBe(7n);
  expect(await c.outcome).toBe("l/c3@7");
});

test("LK3: the end of the owner's lease lets the next one in", async () => {
  const target = await withLeases(await newTarget(), A, B);
  const { b } = await heldByA(target);
  await target.lease.leaseRevoke({ ID: A });
  expect(await b.outcome).toBe("l/b2@4");
});

test("LK4: a waiter that goes away takes its key with it", async () => {
  const target = await withLeases(await newTarget(), A, B, C);
  const { changes, b } = await heldByA(target);
  const c = wait(target, "l", C);
  expect(await changes.next()).toBe("+l/c3");
  b.leave();
  expect(await changes.next()).toBe("-l/b2");
  await unlock(target, "l/a1");
  expect(await c.outcome).toBe("l/c3@6");
});

test("LK5: a waiter whose lease ends is told when its turn comes, and not before", async () => {
  const target = await withLeases(await newTarget(), A, B, C);
  const { changes, b } = await heldByA(target);
  const c = wait(target, "l", C);
  expect(await changes.next()).toBe("+l/c3");
  await target.lease.leaseRevoke({ ID: B });
  expect(await changes.next()).toBe("-l/b2");
  await target.kv.range(EVERYTHING);
  expect(b.isOver).toBe(false);
  await unlock(target, "l/a1");
  await expectError(b.outcome, "UNKNOWN", EXPIRED);
  expect(await c.outcome).toBe("l/c3@6");
});

inProcess("LK3: a lease that runs out lets the next one in", async () => {
  const target = localTarget();
  await target.lease.leaseGrant({ ID: A, TTL: 10n });
  await withLeases(target, B);
  const { b } = await heldByA(target);
  target.clock.advance(9000);
  await target.kv.range(EVERYTHING);
  expect(b.isOver).toBe(false);
  target.clock.advance(1500);
  expect(await b.outcome).toBe("l/b2@4");
});

test("LK6: another lock under a longer name does not stand in the way, a key under the prefix does", async () => {
  const target = await withLeases(await newTarget(), A, B);
  await lock(target, "l/sub", A);
  const changes = await watchKeys(target, "l");
  const b = wait(target, "l", B);
  expect(await changes.next()).toBe("+l/b2");
  await unlock(target, "l/sub/a1");
  expect(await b.outcome).toBe("l/b2@4");
});
