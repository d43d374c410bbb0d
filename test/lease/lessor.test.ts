import { expect, test } from "vitest";
import { DeadlineQueue } from "../../src/lease/deadlines.ts";
import { Lessor } from "../../src/lease/index.ts";
import { fc } from "../support/property.ts";

const MIN_TTL_SECONDS = 2;

function lessorWith(...leases: Array<[bigint, number]>): Lessor {
  const lessor = new Lessor(MIN_TTL_SECONDS);
  for (const [id, ttlSeconds] of leases) lessor.grant(id, ttlSeconds, 0);
  return lessor;
}

test("LE1: a TTL is raised to the least one and bounded; a taken ID is refused", () => {
  const lessor = new Lessor(MIN_TTL_SECONDS);
  expect([-1, 0, 1, 2, 3].map((ttl, at) => lessor.grant(BigInt(at + 1), ttl, 0).ttlSeconds)).toEqual([2, 2, 2, 2, 3]);
  expect(lessor.grant(9n, 9_000_000_000, 0).ttlSeconds).toBe(9_000_000_000);
  expect(() => lessor.grant(10n, 9_000_000_001, 0)).toThrow("too large lease TTL");
  expect(() => lessor.grant(9n, 5, 0)).toThrow("lease already exists");
  expect(lessor.has(10n)).toBe(false);
});

test("LE2: a lease ends at its deadline to the millisecond, and is not renewed from then on", () => {
  const lessor = lessorWith([7n, 10]);
  expect([lessor.isExpired(7n, 9_999), lessor.isExpired(7n, 10_000)]).toEqual([false, true]);
  expect(lessor.renew(7n, 10_000)).toBeUndefined();
  expect(lessor.renew(7n, 9_999)?.ttlSeconds).toBe(10);
  expect([lessor.isExpired(7n, 19_998), lessor.isExpired(7n, 19_999)]).toEqual([false, true]);
  expect([lessor.renew(8n, 0), lessor.isExpired(8n, 0)]).toEqual([undefined, false]);
});

test("LE3: time to live is in whole seconds rounded down, never under 0, with the keys in order", () => {
  const lessor = lessorWith([7n, 10]);
  for (const key of ["b", "\xff", "a"]) lessor.attach(key, 7n);
  const left = [0, 1, 1000, 1001, 9_999, 10_000, 20_000].map((nowMs) => lessor.timeToLive(7n, nowMs)?.leftSeconds);
  expect(left).toEqual([10, 9, 9, 8, 0, 0, 0]);
  expect(lessor.timeToLive(7n, 0)).toEqual({ id: 7n, ttlSeconds: 10, leftSeconds: 10, keys: ["a", "b", "\xff"] });
  expect(lessor.timeToLive(8n, 0)).toBeUndefined();
});

test("LE3: a key is attached to the lease it was last written with, or to none", () => {
  const lessor = lessorWith([7n, 10], [8n, 10]);
  const keys = (id: bigint) => lessor.timeToLive(id, 0)?.keys.join("");
  lessor.attach("a", 7n);
  lessor.attach("b", 7n);
  expect([keys(7n), keys(8n), lessor.hasAttachedKeys]).toEqual(["ab", "", true]);
  lessor.attach("a", 8n);
  lessor.attach("a", 8n);
  expect([keys(7n), keys(8n)]).toEqual(["b", "a"]);
  lessor.attach("a", 0n);
  lessor.attach("b", 0n);
  expect([keys(7n), keys(8n), lessor.hasAttachedKeys]).toEqual(["", "", false]);
});

test("LE4: revoke gives the keys in order, once", () => {
  const lessor = lessorWith([7n, 10]);
  for (const key of ["c", "a", "b"]) lessor.attach(key, 7n);
  expect(lessor.revoke(7n)).toEqual(["a", "b", "c"]);
  expect([lessor.has(7n), lessor.hasAttachedKeys]).toEqual([false, false]);
  expect(() => lessor.revoke(7n)).toThrow("requested lease not found");
});

test("LE4: leases are listed by expiry, and expire in that order", () => {
  const lessor = lessorWith([1n, 30], [2n, 10], [3n, 20]);
  expect(lessor.list().map((lease) => lease.id)).toEqual([2n, 3n, 1n]);
  lessor.renew(2n, 9_000);
  lessor.renew(2n, 9_500);
  expect(lessor.list().map((lease) => lease.id)).toEqual([2n, 3n, 1n]);
  lessor.renew(3n, 15_000);
  expect(lessor.list().map((lease) => lease.id)).toEqual([2n, 1n, 3n]);
  expect([lessor.nextDeadlineMs(), lessor.expired(19_499), lessor.expired(19_500)]).toEqual([19_500, undefined, 2n]);
});

test("LE4: a deadline queue gives the earliest of what it holds", () => {
  const op = fc.oneof(fc.record({ deadlineMs: fc.nat(30) }), fc.constant("pop" as const));
  fc.assert(
    fc.property(fc.array(op, { maxLength: 80, size: "max" }), (ops) => {
      const queue = new DeadlineQueue();
      const list: number[] = [];
      ops.forEach((one, at) => {
        if (one === "pop") {
          queue.pop();
          list.shift();
        } else {
          queue.push(BigInt(at), one.deadlineMs);
          list.push(one.deadlineMs);
          list.sort((a, b) => a - b);
        }
        expect([queue.peek()?.deadlineMs, queue.size]).toEqual([list[0], list.length]);
      });
      queue.clear();
      expect([queue.peek(), queue.size]).toEqual([undefined, 0]);
    }),
    { numRuns: 200 },
  );
});

const id = fc.integer({ min: 1, max: 5 }).map(BigInt);
const key = fc.constantFrom("a", "b", "c", "d");

const lessorOp = fc.oneof(
  fc.record({ grant: id, ttl: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ renew: id }),
  fc.record({ revoke: id }),
  fc.record({ attach: key, id: fc.oneof(fc.constant(0n), id) }),
  fc.record({ advanceMs: fc.nat(3000) }),
);

/** Leases and the lease of each key, looked through from end to end for every question. */
class NaiveLessor {
  readonly leases = new Map<bigint, { ttlSeconds: number; expiryMs: number }>();
  readonly leaseOfKey = new Map<string, bigint>();

  keys(of: bigint): string[] {
    return [...this.leaseOfKey]
      .filter(([, lease]) => lease === of)
      .map(([name]) => name)
      .toSorted();
  }

  revoke(of: bigint): void {
    for (const name of this.keys(of)) this.leaseOfKey.delete(name);
    this.leases.delete(of);
  }

  firstToEnd(): [bigint, number] | undefined {
    const sorted = [...this.leases].sort(([, a], [, b]) => a.expiryMs - b.expiryMs);
    return sorted[0] && [sorted[0][0], sorted[0][1].expiryMs];
  }
}

test("LE1, LE2, LE3, LE4: a lessor is as a list of leases and keys", () => {
  fc.assert(
    fc.property(fc.array(lessorOp, { maxLength: 100, size: "max" }), (ops) => {
      const lessor = new Lessor(MIN_TTL_SECONDS);
      const naive = new NaiveLessor();
      let nowMs = 0;
      for (const op of ops) {
        if ("grant" in op) {
          if (naive.leases.has(op.grant)) {
            expect(() => lessor.grant(op.grant, op.ttl, nowMs)).toThrow("exists");
            continue;
          }
          const ttlSeconds = Math.max(op.ttl, MIN_TTL_SECONDS);
          lessor.grant(op.grant, op.ttl, nowMs);
          naive.leases.set(op.grant, { ttlSeconds, expiryMs: nowMs + ttlSeconds * 1000 });
        } else if ("renew" in op) {
          const lease = naive.leases.get(op.renew);
          const isAlive = lease !== undefined && lease.expiryMs > nowMs;
          expect(lessor.renew(op.renew, nowMs)?.ttlSeconds).toBe(isAlive ? lease.ttlSeconds : undefined);
          if (isAlive) lease.expiryMs = nowMs + lease.ttlSeconds * 1000;
        } else if ("revoke" in op) {
          if (!naive.leases.has(op.revoke)) continue;
          expect(lessor.revoke(op.revoke)).toEqual(naive.keys(op.revoke));
          naive.revoke(op.revoke);
        } else if ("attach" in op) {
          if (op.id !== 0n && !naive.leases.has(op.id)) continue;
          lessor.attach(op.attach, op.id);
          if (op.id === 0n) naive.leaseOfKey.delete(op.attach);
          else naive.leaseOfKey.set(op.attach, op.id);
        } else nowMs += op.advanceMs;
        const [first, deadlineMs] = naive.firstToEnd() ?? [];
        expect(lessor.nextDeadlineMs()).toBe(deadlineMs);
        const expired = lessor.expired(nowMs);
        const due = deadlineMs !== undefined && deadlineMs <= nowMs;
        expect(expired === undefined ? undefined : naive.leases.get(expired)?.expiryMs).toBe(
          due ? deadlineMs : undefined,
        );
        if (first !== undefined) expect(lessor.timeToLive(first, nowMs)?.keys).toEqual(naive.keys(first));
        expect(lessor.hasAttachedKeys).toBe(naive.leaseOfKey.size > 0);
      }
      expect(lessor.list().length).toBe(naive.leases.size);
    }),
    { numRuns: 200 },
  );
});

test("LE2: a lease renewed without end costs bounded memory", () => {
  const pushed: number[] = [];
  const push = DeadlineQueue.prototype.push;
  DeadlineQueue.prototype.push = function (this: DeadlineQueue, ...args) {
    push.apply(this, args);
    pushed.push(this.size);
  };
  try {
    const lessor = lessorWith([1n, 60], [2n, 3600]);
    for (let nowMs = 0; nowMs < 10_000; nowMs++) lessor.renew(1n, nowMs);
    expect(lessor.nextDeadlineMs()).toBe(69_999);
  } finally {
    DeadlineQueue.prototype.push = push;
  }
  expect(Math.max(...pushed)).toBeLessThanOrEqual(16);
});

test("LE1: a lease is restored with the time that was written down, be it less than its TTL", () => {
  const lessor = new Lessor(2);
  const left = [0, 4, 10, 11, -1].map((remainingSeconds, at) => {
    const id = BigInt(at + 1);
    lessor.restore({ id, ttlSeconds: 10, remainingSeconds }, 1_000);
    return lessor.timeToLive(id, 1_000)?.leftSeconds;
  });
  expect(left).toEqual([10, 4, 10, 10, 10]);
  expect(lessor.nextDeadlineMs()).toBe(5_000);
  expect(lessor.expired(5_000)).toBe(2n);
});

test("LE2: what is written down of a lease is told once, and a renewal tells that it no longer holds", () => {
  const lessor = new Lessor(2);
  lessor.grant(1n, 10, 0);
  expect(lessor.checkpoint(1n, 999)).toBeUndefined();
  expect(lessor.checkpoint(1n, 1_001)?.remainingSeconds).toBe(9);
  expect(lessor.checkpoint(1n, 1_999)).toBeUndefined();
  expect(lessor.checkpoint(1n, 20_000)?.remainingSeconds).toBe(1);
  expect(lessor.checkpoint(2n, 0)).toBeUndefined();
  const told: number[] = [];
  lessor.grant(3n, 10, 0);
  lessor.checkpoint(3n, 5_000);
  for (const nowMs of [6_000, 7_000]) lessor.renew(3n, nowMs, ({ remainingSeconds }) => told.push(remainingSeconds));
  expect(told).toEqual([0]);
});
