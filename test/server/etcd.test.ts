import { expect, test } from "vitest";
import type { PutRequest, TxnRequest } from "../../src/mvcc/index.ts";
import { AlarmType, type Clock, Etcd, type EtcdOptions } from "../../src/server/index.ts";
import { rangeRequest, utf8, watchRequest } from "../mvcc/support/requests.ts";
import { VirtualClock } from "../support/clock.ts";

function newEtcd(options: Partial<EtcdOptions> = {}) {
  const clock = new VirtualClock(5_000);
  return { clock, etcd: new Etcd({ clock, ...options }) };
}

function putRequest(key: string, value = "", lease = 0n): PutRequest {
  return { key, value: utf8(value), lease, prevKv: false, ignoreValue: false, ignoreLease: false };
}

function keys(etcd: Etcd): string {
  return etcd
    .range(rangeRequest("", "\0"))
    .entries.map((entry) => entry.key)
    .join(" ");
}

/** Time that a test moves by hand, without running timers. */
function stoppedClock(): Clock & { nowMs: number } {
  return {
    nowMs: 0,
    now() {
      return this.nowMs;
    },
    setTimer: () => () => undefined,
  };
}

test("LE2: an expired lease stays until the sweep revokes it, and is not kept alive any more", () => {
  const clock = stoppedClock();
  const etcd = new Etcd({ clock });
  etcd.leaseGrant(7n, 10);
  etcd.put(putRequest("a", "1", 7n));
  clock.nowMs = 10_500;
  expect(keys(etcd)).toBe("a");
  expect(etcd.hasLease(7n)).toBe(true);
  expect(etcd.leaseTimeToLive(7n)?.leftSeconds).toBe(0);
  etcd.put(putRequest("b", "1", 7n));
  expect(etcd.leases().map((lease) => lease.id)).toEqual([7n]);
});

test("LE2: keep-alive of an expired lease that the sweep has not reached answers nothing and ends it", () => {
  const clock = stoppedClock();
  const etcd = new Etcd({ clock });
  etcd.leaseGrant(7n, 10);
  etcd.put(putRequest("a", "1", 7n));
  clock.nowMs = 10_000;
  expect(etcd.leaseKeepAlive(7n)).toBeUndefined();
  expect([etcd.hasLease(7n), keys(etcd)]).toEqual([false, ""]);
  expect(etcd.leaseKeepAlive(7n)).toBeUndefined();
});

test("LE4: leases expire each in its own revision, the first to end first", () => {
  const { clock, etcd } = newEtcd();
  const log: string[] = [];
  etcd.store.onCommit((revision, changes) => log.push(`${revision}: ${changes.map((entry) => entry.key).join(" ")}`));
  etcd.leaseGrant(1n, 20);
  etcd.leaseGrant(2n, 10);
  etcd.leaseGrant(3n, 20);
  for (const [key, lease] of [
    ["b", 1n],
    ["a", 1n],
    ["d", 2n],
    ["c", 3n],
  ] as const)
    etcd.put(putRequest(key, "", lease));
  log.length = 0;
  clock.advance(60_000);
  expect(log[0]).toBe("6: d");
  expect(
    log
      .slice(1)
      .map((line) => line.slice(3))
      .toSorted(),
  ).toEqual(["a b", "c"]);
  expect([keys(etcd), clock.pending]).toEqual(["", 0]);
});

test("LE4: a lease without keys expires without a revision", () => {
  const { clock, etcd } = newEtcd();
  etcd.leaseGrant(1n, 10);
  clock.advance(10_000);
  expect([etcd.hasLease(1n), etcd.store.revision]).toEqual([false, 1]);
});

test("LE4: one timer serves all leases, for the one that ends first", () => {
  const { clock, etcd } = newEtcd();
  for (let id = 1n; id <= 100n; id++) etcd.leaseGrant(id, Number(200n - id));
  expect(clock.pending).toBe(1);
  clock.advance(99_999);
  expect(etcd.leases().length).toBe(100);
  clock.advance(1);
  expect(etcd.leases().length).toBe(99);
  expect(clock.pending).toBe(1);
  etcd.leaseGrant(1000n, 2);
  expect(clock.pending).toBe(1);
  clock.advance(2_000);
  expect(etcd.hasLease(1000n)).toBe(false);
});

test("LE4: very many leases that end together all end, in sweeps that let others in between", () => {
  const { clock, etcd } = newEtcd();
  for (let id = 1n; id <= 1200n; id++) etcd.leaseGrant(id, 10);
  const left: number[] = [];
  const setTimer = clock.setTimer.bind(clock);
  clock.setTimer = (delayMs, callback) => {
    left.push(etcd.leases().length);
    return setTimer(delayMs, callback);
  };
  clock.advance(10_000);
  expect(left).toEqual([700, 200]);
  expect(etcd.leases().length).toBe(0);
});

test("LE4: a lease with a TTL past what timers can hold does not end early", () => {
  const delays: number[] = [];
  const clock: Clock = {
    now: () => 0,
    setTimer(delayMs) {
      delays.push(delayMs);
      return () => undefined;
    },
  };
  new Etcd({ clock }).leaseGrant(1n, 9_000_000_000);
  expect(delays).toEqual([9_000_000_000_000]);
});

test("MA1: under CORRUPT no lease is revoked; the sweep is tried again until it may", () => {
  const { clock, etcd } = newEtcd();
  const alarm = { memberId: 1n, type: AlarmType.CORRUPT };
  etcd.leaseGrant(1n, 10);
  etcd.put(putRequest("a", "1", 1n));
  etcd.activateAlarm(alarm);
  clock.advance(60_000);
  expect(etcd.hasLease(1n)).toBe(true);
  etcd.deactivateAlarm(alarm);
  clock.advance(3_000);
  expect([etcd.hasLease(1n), keys(etcd)]).toEqual([false, ""]);
});

test("LE3: put, delete and txn keep the attached keys of leases right", () => {
  const { etcd } = newEtcd();
  etcd.leaseGrant(1n, 10);
  etcd.leaseGrant(2n, 10);
  const attached = () => [1n, 2n].map((id) => etcd.leaseTimeToLive(id)?.keys.join(""));
  etcd.put(putRequest("a", "1", 1n));
  etcd.put(putRequest("b", "1", 1n));
  expect(attached()).toEqual(["ab", ""]);
  const success = [
    { kind: "put", request: putRequest("a", "2", 2n) },
    { kind: "deleteRange", request: { key: "b", rangeEnd: "", prevKv: false } },
    { kind: "put", request: putRequest("c", "1", 2n) },
  ] as const;
  etcd.txn({ compare: [], success, failure: [] }, false);
  expect(attached()).toEqual(["", "ac"]);
  etcd.deleteRange({ key: "", rangeEnd: "\0", prevKv: false });
  expect(attached()).toEqual(["", ""]);
});

test("LE3: attached keys are right by the time a watcher hears of the write", () => {
  const { etcd } = newEtcd();
  etcd.leaseGrant(1n, 10);
  const heard: Array<string | undefined> = [];
  const stream = etcd.watchStream(() => heard.push(etcd.leaseTimeToLive(1n)?.keys.join("")));
  stream.create(watchRequest("a"));
  stream.pull();
  heard.length = 0;
  etcd.put(putRequest("a", "1", 1n));
  expect(heard).toEqual(["a"]);
});

test("TX4: a refused txn leaves store and leases as they were", () => {
  const { etcd } = newEtcd();
  etcd.leaseGrant(1n, 10);
  const request: TxnRequest = {
    compare: [],
    success: [
      { kind: "put", request: putRequest("a", "1", 1n) },
      { kind: "put", request: putRequest("b", "1", 9n) },
    ],
    failure: [],
  };
  expect(() => etcd.txn(request, false)).toThrow("requested lease not found");
  expect([etcd.store.revision, etcd.leaseTimeToLive(1n)?.keys]).toEqual([1, []]);
});

test("MA3: the raft index goes up with each request that would go through consensus, refused ones too", () => {
  const { etcd } = newEtcd();
  const before = etcd.raftIndex;
  etcd.range(rangeRequest("a"));
  etcd.txn({ compare: [], success: [], failure: [] }, true);
  expect(etcd.raftIndex).toBe(before);
  etcd.put(putRequest("a"));
  expect(() => etcd.compact(99)).toThrow("future");
  etcd.activateAlarm({ memberId: 1n, type: AlarmType.NOSPACE });
  expect(() => etcd.put(putRequest("a"))).toThrow("space exceeded");
  expect(etcd.raftIndex).toBe(before + 4);
});

test("LE4: a closed etcd has no timers and takes no writes; reads go on", () => {
  const { clock, etcd } = newEtcd({ autoCompactionMode: "revision", autoCompactionRetentionRevisions: 1 });
  etcd.leaseGrant(1n, 10);
  etcd.put(putRequest("a", "1", 1n));
  expect(clock.pending).toBe(2);
  etcd.close();
  etcd.close();
  expect([clock.pending, etcd.stopReason]).toEqual([0, "etcdserver: server stopped"]);
  clock.advance(60_000);
  expect(keys(etcd)).toBe("a");
  expect(() => etcd.put(putRequest("b"))).toThrow("etcdserver: server stopped");
  expect(() => etcd.watchStream(() => undefined)).toThrow("etcdserver: server stopped");
});
