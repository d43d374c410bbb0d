/** What a restart leaves of the time of leases: never less than they had, and no more than is owed. */
import { expect, test } from "vitest";
import { decodeLease, MemoryStorage } from "../../src/journal/index.ts";
import { fc } from "../support/property.ts";
import { copyOf, KeptEtcd } from "./support/kept.ts";

const INTERVAL_SECONDS = 300;

/** Ends as a server does that is stopped properly. */
function stop(kept: KeptEtcd): KeptEtcd {
  kept.etcd.checkpointLeases();
  kept.etcd.close();
  kept.writeAll();
  return new KeptEtcd(kept.storage);
}

function remainingOf({ storage }: KeptEtcd): number[] {
  return [...(storage.buckets.get("lease")?.values() ?? [])].map(({ value }) => decodeLease(value).remainingSeconds);
}

function leftOf(kept: KeptEtcd, id: bigint): number | undefined {
  return kept.etcd.leaseTimeToLive(id)?.leftSeconds;
}

test("LE1: a proper stop keeps what each lease has left, rounded up; the time until the start does not count", () => {
  const kept = new KeptEtcd();
  kept.etcd.leaseGrant(1n, 10);
  kept.etcd.leaseGrant(2n, 1000);
  kept.clock.advance(2_500);
  kept.etcd.leaseGrant(3n, 50);
  const again = stop(kept);
  expect(remainingOf(again)).toEqual([8, 998, 0]);
  expect([1n, 2n, 3n].map((id) => leftOf(again, id))).toEqual([8, 998, 50]);
  expect(again.etcd.leaseTimeToLive(2n)?.ttlSeconds).toBe(1000);
  again.clock.advance(7_999);
  expect(again.etcd.hasLease(1n)).toBe(true);
  again.clock.advance(1);
  expect(again.etcd.hasLease(1n)).toBe(false);
});

test("LE1: a second start goes on from what the first one wrote, and one that wrote nothing changes nothing", () => {
  const kept = new KeptEtcd();
  kept.etcd.leaseGrant(1n, 100);
  kept.clock.advance(60_000);
  const crashed = stop(kept);
  crashed.clock.advance(30_000);
  const again = new KeptEtcd(crashed.storage);
  expect(leftOf(again, 1n)).toBe(40);
  again.clock.advance(30_000);
  expect(leftOf(stop(again), 1n)).toBe(10);
});

test("LE1: leases longer than 5 minutes are written down every 5 minutes; none are where nobody keeps them", () => {
  const kept = new KeptEtcd();
  kept.etcd.leaseGrant(1n, 300);
  kept.etcd.leaseGrant(2n, 301);
  kept.etcd.leaseGrant(3n, 1000);
  kept.clock.advance(INTERVAL_SECONDS * 1000 - 1);
  expect(remainingOf(stopless(kept))).toEqual([0, 0, 0]);
  kept.clock.advance(1);
  expect(remainingOf(stopless(kept))).toEqual([1, 700]);
  kept.clock.advance(INTERVAL_SECONDS * 1000);
  expect(remainingOf(stopless(kept))).toEqual([400]);
});

test("LE1: many leases are written down in turns", () => {
  const kept = new KeptEtcd();
  for (let id = 1n; id <= 2500n; id++) kept.etcd.leaseGrant(id, 1000);
  const written: number[] = [];
  for (let turn = 0; turn < 4; turn++) {
    kept.clock.advance(turn === 0 ? INTERVAL_SECONDS * 1000 : 10);
    written.push(remainingOf(stopless(kept)).filter((seconds) => seconds > 0).length);
  }
  expect(written).toEqual([1000, 2000, 2500, 2500]);
});

test("LE2: a renewal gives a lease all of its time back at the next start, too", () => {
  const kept = new KeptEtcd();
  kept.etcd.leaseGrant(1n, 1000);
  kept.clock.advance(INTERVAL_SECONDS * 1000);
  kept.etcd.leaseKeepAlive(1n);
  const crashed = stopless(kept);
  expect(remainingOf(crashed)).toEqual([0]);
  expect(leftOf(crashed, 1n)).toBe(1000);
});

/** What a crash leaves once all was written. */
function stopless(kept: KeptEtcd): KeptEtcd {
  kept.writeAll();
  return new KeptEtcd(copyOf(kept.storage));
}

const id = fc.constantFrom(1n, 2n, 3n);
const action = fc.oneof(
  { arbitrary: fc.record({ grant: id, ttl: fc.oneof(fc.integer({ min: 2, max: 20 }), fc.nat(2000)) }), weight: 2 },
  { arbitrary: fc.record({ renew: id }), weight: 3 },
  { arbitrary: fc.record({ waitMs: fc.oneof(fc.nat(5_000), fc.nat(400_000)) }), weight: 4 },
  { arbitrary: fc.constant("write" as const), weight: 5 },
  { arbitrary: fc.constant("crash" as const), weight: 2 },
  { arbitrary: fc.constant("stop" as const), weight: 1 },
);

/** Leases by the time, of that in which something ran, at which a client last was sure to have one. */
class Promised {
  readonly durable = new Map<bigint, { ttlMs: number; sinceMs: number }>();
  readonly applied = new Map<bigint, { ttlMs: number; sinceMs: number }>();
  runMs = 0;

  apply(id: bigint, ttlSeconds: number): void {
    this.applied.set(id, { ttlMs: ttlSeconds * 1000, sinceMs: this.runMs });
  }

  written(): void {
    for (const [id, lease] of this.applied) this.durable.set(id, lease);
    this.applied.clear();
  }

  expectKept(kept: KeptEtcd): void {
    for (const [id, { ttlMs, sinceMs }] of this.durable) {
      const leftMs = sinceMs + ttlMs - this.runMs;
      if (leftMs <= 0) {
        this.durable.delete(id);
        continue;
      }
      expect(leftOf(kept, id) ?? -1, `lease ${id}`).toBeGreaterThanOrEqual(Math.floor(leftMs / 1000));
    }
  }
}

test("LE1, LE2: no lease ends early, wherever a crash comes, and a proper stop gives none a second more", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60, size: "max" }), (actions) => {
      let kept = new KeptEtcd(new MemoryStorage(), { minLeaseTtlSeconds: 2 });
      const promised = new Promised();
      for (const one of actions) {
        if (one === "write") {
          kept.writeAll();
          promised.written();
        } else if (one === "crash") {
          promised.applied.clear();
          kept = new KeptEtcd(kept.storage);
        } else if (one === "stop") {
          const left = kept.etcd.leases().map(({ id }) => [id, leftOf(kept, id) ?? 0] as const);
          promised.written();
          kept = stop(kept);
          for (const [id, seconds] of left) expect(leftOf(kept, id)).toBeLessThanOrEqual(seconds + 1);
        } else if ("waitMs" in one) {
          kept.clock.advance(one.waitMs);
          promised.runMs += one.waitMs;
        } else if ("renew" in one) {
          const lease = kept.etcd.leaseKeepAlive(one.renew);
          if (lease !== undefined) promised.apply(lease.id, lease.ttlSeconds);
        } else if (!kept.etcd.hasLease(one.grant)) {
          promised.apply(one.grant, kept.etcd.leaseGrant(one.grant, one.ttl).ttlSeconds);
        }
        promised.expectKept(kept);
      }
    }),
    { numRuns: 300 },
  );
});
