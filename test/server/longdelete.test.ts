/** Large deletes in slices: what they leave is what a delete in one step does, and until then nobody sees any of it. */
import { expect, test } from "vitest";
import { MemoryStorage } from "../../src/journal/index.ts";
import type { DeleteRangeResponse, PutRequest } from "../../src/mvcc/index.ts";
import type { Etcd } from "../../src/server/index.ts";
import { rangeRequest, utf8, watchRequest } from "../mvcc/support/requests.ts";
import { fc } from "../support/property.ts";
import { copyOf, KeptEtcd } from "./support/kept.ts";

const LEASE = 7n;
const OTHER_LEASE = 8n;

interface Shape {
  /** Keys with a lease, without, with another one, and keys that were deleted before: each so many of the range. */
  readonly leased: number;
  readonly plain: number;
  readonly others: number;
  readonly dead: number;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  leased: fc.integer({ min: 1001, max: 3500 }),
  plain: fc.nat(1500),
  others: fc.nat(1500),
  dead: fc.nat(3000),
});

function putRequest(key: string, value = "", lease = 0n): PutRequest {
  return { key, value: utf8(value), lease, prevKv: false, ignoreValue: false, ignoreLease: false };
}

function keyOf(at: number): string {
  return `k/${(Math.imul(at, 0x9e3779b1) >>> 0).toString(36)}`;
}

/** Outside of the range too there are some. */
function filled({ leased, plain, others, dead }: Shape, storage = new MemoryStorage()): KeptEtcd {
  const kept = new KeptEtcd(storage);
  const { etcd } = kept;
  etcd.leaseGrant(LEASE, 100);
  etcd.leaseGrant(OTHER_LEASE, 5000);
  let at = 0;
  const put = (count: number, lease: bigint): void => {
    for (let end = at + count; at < end; at++) etcd.put(putRequest(keyOf(at), `${at}`, lease));
  };
  put(dead, 0n);
  etcd.deleteRange({ key: "k/", rangeEnd: "k0", prevKv: false });
  put(leased, LEASE);
  put(plain, 0n);
  put(others, OTHER_LEASE);
  for (const key of ["j", "k", "k0", "l"]) etcd.put(putRequest(key, key, LEASE));
  return kept;
}

const KEYS = { key: "k/", rangeEnd: "k0", prevKv: true };

type Way = "range" | "revoke" | "expiry";
const WAYS: readonly Way[] = ["range", "revoke", "expiry"];

/** Begins it; what it answers is in the list when it is done. */
function begin({ etcd, clock }: KeptEtcd, way: Way): DeleteRangeResponse[] {
  const answers: DeleteRangeResponse[] = [];
  if (way === "range") etcd.beginDeleteRange(KEYS, undefined, (response) => answers.push(response));
  else if (way === "revoke") etcd.beginLeaseRevoke(LEASE, undefined, () => {});
  else for (let steps = 0; !etcd.isBusy && steps < 100; steps++) clock.step();
  expect(etcd.isBusy).toBe(true);
  return answers;
}

function atOnce({ etcd, clock }: KeptEtcd, way: Way): DeleteRangeResponse | undefined {
  if (way === "range") return etcd.deleteRange(KEYS);
  if (way === "expiry") clock.advance(100_000);
  if (etcd.hasLease(LEASE)) etcd.leaseRevoke(LEASE);
  return undefined;
}

/** Seen by who reads only; counts, which are kept in the index, as well as what there is to count. */
function seen(etcd: Etcd, from = etcd.store.revision) {
  const counts = [
    rangeRequest("", "\0"),
    rangeRequest("k/", "k0"),
    rangeRequest("k/8", "k/h"),
    rangeRequest("k/z", ""),
  ];
  return {
    revision: etcd.store.revision,
    counts: counts.map((request) => {
      const { count, entries } = etcd.range(request);
      expect(entries.length).toBe(count);
      expect(etcd.range({ ...request, countOnly: true }).count).toBe(count);
      expect(etcd.range({ ...request, limit: 1 }).count).toBe(count);
      return count;
    }),
    hash: etcd.hash(0),
    // Past the last revision there is nothing to read.
    events: pulled(etcd, from),
  };
}

function pulled(etcd: Etcd, startRevision: number): string[] {
  const stream = etcd.watchStream(() => {});
  stream.create(watchRequest("", "\0", { startRevision }));
  const events: string[] = [];
  while (stream.hasMore) for (const { entry } of stream.pull()?.events ?? []) events.push(entry.key);
  stream.close();
  return events;
}

const everything = (etcd: Etcd) => {
  const { revision } = etcd.store;
  const { size, leases, hash } = shownOf(etcd);
  return { revision, size, leases, hash, events: pulled(etcd, revision), seen: seen(etcd, revision) };
};

/** Without reading at each of thousands of revisions. */
function shownOf(etcd: Etcd) {
  return {
    size: etcd.databaseSize,
    hash: etcd.hash(0),
    leases: etcd
      .leases()
      .map(({ id }) => ({ id, keys: etcd.leaseTimeToLive(id)?.keys }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

test.each(WAYS)("KV11, LE4: %s in slices leaves what it does in one step, and is not seen before", (way) => {
  fc.assert(
    fc.property(shape, (shape) => {
      const whole = filled(shape);
      const answer = atOnce(whole, way);
      const kept = filled(shape);
      const before = seen(kept.etcd);
      const answers = begin(kept, way);
      for (let steps = 0; kept.etcd.isBusy; steps++) {
        expect(steps).toBeLessThan(100);
        if (kept.etcd.store.revision === before.revision) {
          expect(seen(kept.etcd)).toEqual(before);
          expect([kept.etcd.hasLease(LEASE), answers.length]).toEqual([true, 0]);
        } else expect(seen(kept.etcd).revision).toBe(before.revision + 1);
        kept.clock.step();
      }
      expect(everything(kept.etcd)).toEqual(everything(whole.etcd));
      expect(answers.map(shownAnswer)).toEqual(answer === undefined ? [] : [shownAnswer(answer)]);
      kept.writeAll();
      whole.writeAll();
      expect(kept.storage.buckets.get("key")).toEqual(whole.storage.buckets.get("key"));
      expect(kept.storage.buckets.get("lease")).toEqual(whole.storage.buckets.get("lease"));
      kept.etcd.close();
      whole.etcd.close();
    }),
    { numRuns: 5 },
  );
});

function shownAnswer({ revision, deleted, prevKvs }: DeleteRangeResponse) {
  return { revision, deleted, prevKvs: prevKvs.map(({ key, modRevision, lease }) => [key, modRevision, lease]) };
}

const SHAPE: Shape = { leased: 2500, plain: 300, others: 300, dead: 0 };

test.each(WAYS)("TX6: whatever writes while %s is under way comes after all of it", (way) => {
  const writes: Record<string, (etcd: Etcd) => unknown> = {
    put: (etcd) => etcd.put(putRequest(keyOf(3), "new", OTHER_LEASE)),
    delete: (etcd) => etcd.deleteRange({ ...KEYS, key: keyOf(5), rangeEnd: "" }),
    txn: (etcd) =>
      etcd.txn({ compare: [], success: [{ kind: "put", request: putRequest("k/", "") }], failure: [] }, false),
    grant: (etcd) => etcd.leaseGrant(9n, 60),
    compact: (etcd) => etcd.compact(etcd.store.revision),
    ttl: (etcd) => etcd.leaseTimeToLive(OTHER_LEASE),
    alarm: (etcd) => etcd.activateAlarm({ memberId: 1n, type: 1 }),
    close: (etcd) => etcd.close(),
  };
  for (const [name, write] of Object.entries(writes)) {
    for (const steps of [0, 1, 2]) {
      const kept = filled(SHAPE);
      const { revision } = kept.etcd.store;
      begin(kept, way);
      for (let step = 0; step < steps; step++) kept.clock.step();
      expect([name, kept.etcd.isBusy]).toEqual([name, true]);
      write(kept.etcd);
      expect([name, kept.etcd.isBusy, kept.etcd.hasLease(LEASE)]).toEqual([name, false, way === "range"]);
      const left = way === "range" ? 0 : SHAPE.plain + SHAPE.others;
      expect(kept.etcd.range(rangeRequest("k/", "k0", { revision: revision + 1 })).count).toBe(left);
      kept.etcd.close();
    }
  }
});

test("LE4: a lease's ID that is given again while its keys go has none of them", () => {
  const kept = filled(SHAPE);
  begin(kept, "revoke");
  kept.clock.step();
  kept.etcd.leaseGrant(LEASE, 60);
  kept.etcd.put(putRequest(keyOf(0), "", LEASE));
  expect(kept.etcd.leaseTimeToLive(LEASE)?.keys).toEqual([keyOf(0)]);
});

test("LE2: a keep-alive of a large lease that has run out has it ended, and one that is being ended is gone", () => {
  const kept = filled(SHAPE);
  const { etcd, clock } = kept;
  let nowMs = clock.now();
  // The sweep's timer does not come in time.
  clock.now = () => nowMs;
  nowMs += 100_000;
  expect([etcd.leaseKeepAlive(LEASE), etcd.isBusy, etcd.hasLease(LEASE)]).toEqual([undefined, true, true]);
  expect([etcd.leaseKeepAlive(LEASE), etcd.isBusy, etcd.hasLease(LEASE)]).toEqual([undefined, false, false]);
});

test("LE4: many leases of a few hundred keys each end by and by, each in its own revision", () => {
  const kept = new KeptEtcd();
  const { etcd, clock } = kept;
  for (let lease = 1; lease <= 12; lease++) {
    etcd.leaseGrant(BigInt(lease), 100);
    for (let at = 0; at < 300; at++) etcd.put(putRequest(`${lease}/${at}`, "", BigInt(lease)));
  }
  const { revision } = etcd.store;
  const turns: number[] = [];
  etcd.store.onCommit((current) => turns.push(current));
  clock.advance(99_999);
  expect(turns).toEqual([]);
  clock.advance(1);
  expect(turns).toEqual(Array.from({ length: 12 }, (_, at) => revision + at + 1));
  expect(etcd.leases()).toEqual([]);
});

test("WA5: watches get the whole delete, those that came and went meanwhile too", () => {
  const kept = filled(SHAPE);
  const { etcd, clock } = kept;
  const { revision } = etcd.store;
  const wakes: string[] = [];
  const watch = (name: string, key: string, rangeEnd: string) => {
    const stream = etcd.watchStream(() => wakes.push(name));
    stream.create(watchRequest(key, rangeEnd));
    stream.pull();
    return stream;
  };
  const streams = [watch("all", "", "\0"), watch("key", keyOf(1), ""), watch("none", "m", "n")];
  const gone = watch("gone", "", "\0");
  begin(kept, "range");
  clock.step();
  streams.push(watch("late", "k/", "k0"), watch("late none", "m", ""));
  gone.close();
  wakes.length = 0;
  while (etcd.store.revision === revision) {
    expect([wakes, streams.map((stream) => stream.hasMore)]).toEqual([[], streams.map(() => false)]);
    clock.step();
  }
  expect(wakes).toEqual(expect.arrayContaining(["all", "key", "late"]));
  expect(wakes).not.toContain("none");
  expect(wakes).not.toContain("gone");
  const counts = streams.map((stream) => {
    let events = 0;
    while (stream.hasMore) events += stream.pull()?.events.length ?? 0;
    return events;
  });
  expect(counts).toEqual([3100, 1, 0, 3100, 0]);
});

test("a watch that is made when the watchers have been looked at is woken too", () => {
  const kept = filled(SHAPE);
  const { etcd, clock } = kept;
  // Looked at first, with later watches when that is over.
  const first = etcd.watchStream(() => {});
  first.create(watchRequest("m", ""));
  // More than are looked at in one go.
  const many = etcd.watchStream(() => {});
  for (let at = 0; at < 6000; at++) many.create(watchRequest(`m/${at}`, ""));
  const { revision } = etcd.store;
  begin(kept, "range");
  const streams = [];
  while (etcd.store.revision === revision) {
    const stream = etcd.watchStream(() => {});
    stream.create(watchRequest("k/", "k0"));
    stream.pull();
    streams.push(stream);
    first.create(watchRequest("k/", "k0"));
    clock.step();
  }
  expect(streams.length).toBe(4);
  for (const stream of streams) {
    let events = 0;
    while (stream.hasMore) events += stream.pull()?.events.length ?? 0;
    expect(events).toBe(3100);
  }
  let events = 0;
  while (first.hasMore) events += first.pull()?.events.length ?? 0;
  expect(events).toBe(4 * 3100);
});

test("CO1: a compaction that is under way goes on while keys are deleted", () => {
  const whole = filled({ ...SHAPE, dead: 3000 });
  const kept = filled({ ...SHAPE, dead: 3000 });
  for (const { etcd } of [whole, kept]) etcd.compact(etcd.store.revision - 2);
  expect(kept.etcd.store.isCompacting).toBe(true);
  const answers = begin(kept, "range");
  while (kept.etcd.isBusy || kept.etcd.store.isCompacting) kept.clock.step();
  whole.clock.advance(100);
  const answer = atOnce(whole, "range") as DeleteRangeResponse;
  expect(answers.map(shownAnswer)).toEqual([shownAnswer(answer)]);
  expect(everything(kept.etcd)).toEqual(everything(whole.etcd));
  for (const one of [whole, kept]) one.writeAll();
  expect(kept.storage.buckets.get("key")).toEqual(whole.storage.buckets.get("key"));
});

test("a snapshot and a hash that are begun meanwhile are of the revision before", () => {
  const kept = filled(SHAPE);
  const { etcd, clock } = kept;
  const rows = etcd.store.view().length;
  const hash = etcd.hash(0);
  begin(kept, "revoke");
  for (let step = 0; step < 3; step++) clock.step();
  const view = etcd.store.view();
  const hashing = etcd.hashing(0);
  while (etcd.isBusy) clock.step();
  expect([view.length, etcd.store.view().length]).toEqual([rows, rows + 2504]);
  let next = hashing.next();
  while (next.done !== true) next = hashing.next();
  expect(next.value).toEqual(hash);
});

test.each(WAYS)("what is durable while %s is under way has nothing of it, and afterwards all", (way) => {
  const kept = filled(SHAPE);
  kept.writeAll();
  const { revision } = kept.etcd.store;
  begin(kept, way);
  while (kept.etcd.store.revision === revision) {
    // Others may have something to write.
    kept.etcd.checkpointLeases();
    kept.writeAll();
    const crashed = new KeptEtcd(copyOf(kept.storage));
    expect([crashed.etcd.store.revision, crashed.etcd.hasLease(LEASE)]).toEqual([revision, true]);
    expect(crashed.etcd.hash(0)).toEqual(kept.etcd.hash(0));
    crashed.etcd.close();
    kept.clock.step();
  }
  const storage = copyOf(kept.storage);
  expect(new KeptEtcd(copyOf(storage)).etcd.store.revision).toBe(revision);
  while (kept.etcd.isBusy) kept.clock.step();
  kept.writeAll();
  const restarted = new KeptEtcd(copyOf(kept.storage));
  expect(everything(restarted.etcd)).toEqual({ ...everything(kept.etcd), size: restarted.etcd.databaseSize });
});

test("a small delete takes one step", () => {
  const kept = filled({ leased: 900, plain: 0, others: 0, dead: 0 });
  const answers: DeleteRangeResponse[] = [];
  kept.etcd.beginDeleteRange(KEYS, undefined, (response) => answers.push(response));
  expect([answers[0]?.deleted, kept.etcd.isBusy]).toEqual([900, false]);
});
