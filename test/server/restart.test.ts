import { expect, test } from "vitest";
import { EtcdError } from "../../src/errors.ts";
import { encodeRevision, JournalError, MemoryStorage, MetaName, metaKey } from "../../src/journal/index.ts";
import type { PutRequest, RequestOp } from "../../src/mvcc/index.ts";
import { AlarmType, type Etcd, Restoration } from "../../src/server/index.ts";
import { key, range } from "../mvcc/support/arbitrary.ts";
import { utf8 } from "../mvcc/support/requests.ts";
import { fc } from "../support/property.ts";
import { copyOf, everythingOf, KeptEtcd } from "./support/kept.ts";

const leaseId = fc.constantFrom(1n, 2n, -3n);
const value = fc.uint8Array({ maxLength: 3 });

function putRequest(key: string, value: Uint8Array, lease: bigint): PutRequest {
  return { key, value, lease, prevKv: false, ignoreValue: false, ignoreLease: false };
}

type Step = (kept: KeptEtcd) => void;

/** Steps print as what they are made of. */
function step<T>(name: string, arbitrary: fc.Arbitrary<T>, run: (etcd: Etcd, value: T) => void): fc.Arbitrary<Step> {
  return arbitrary.map((made) => {
    const one: Step = ({ etcd }) => run(etcd, made);
    return Object.assign(one, { [fc.toStringMethod]: () => `${name} ${fc.stringify(made)}` });
  });
}

const put = fc.record({ key, value, lease: fc.oneof({ arbitrary: fc.constant(0n), weight: 2 }, leaseId) });
const deletion = fc.record({ range });

const puts = step("put", put, (etcd, { key, value, lease }) => etcd.put(putRequest(key, value, lease)));
const deletes = step("delete", deletion, (etcd, { range }) => etcd.deleteRange({ ...range, prevKv: false }));
const txns = step("txn", fc.array(fc.oneof(put, deletion), { maxLength: 4 }), (etcd, ops) => {
  const success = ops.map((op): RequestOp => {
    if ("range" in op) return { kind: "deleteRange", request: { ...op.range, prevKv: false } };
    return { kind: "put", request: putRequest(op.key, op.value, op.lease) };
  });
  etcd.txn({ compare: [], success, failure: [] }, false);
});
const compactions = step("compact", fc.integer({ min: 1, max: 100 }), (etcd, percent) => {
  const from = Math.max(0, etcd.store.compactRevision);
  etcd.compact(from + Math.ceil(((etcd.store.revision - from) * percent) / 100));
});
const grants = step("grant", fc.tuple(leaseId, fc.integer({ min: 1, max: 9 })), (etcd, [id, ttl]) => {
  etcd.leaseGrant(id, ttl);
});
const revokes = step("revoke", leaseId, (etcd, id) => etcd.leaseRevoke(id));
const keepAlives = step("keep alive", leaseId, (etcd, id) => etcd.leaseKeepAlive(id));
const alarms = step("alarm", fc.tuple(fc.boolean(), fc.constantFrom(0n, 5n), fc.constantFrom(3, 4)), (etcd, alarm) => {
  const [raise, memberId, type] = alarm;
  if (raise) etcd.activateAlarm({ memberId, type });
  else etcd.deactivateAlarm({ memberId, type });
});
const defragments = step("defragment", fc.constant(undefined), (etcd) => etcd.defragment());
const waits: fc.Arbitrary<Step> = fc.nat(4_000).map(
  (ms) =>
    ({ clock }) =>
      clock.advance(ms),
);
/** One write: all that was applied, and some deletes. Without one in between, several steps share the next. */
const writes: fc.Arbitrary<Step> = fc.constant((kept: KeptEtcd) => void kept.write());

const steps = fc.array(
  fc.oneof(
    { arbitrary: puts, weight: 10 },
    { arbitrary: deletes, weight: 4 },
    { arbitrary: txns, weight: 4 },
    { arbitrary: compactions, weight: 3 },
    { arbitrary: grants, weight: 3 },
    { arbitrary: revokes, weight: 2 },
    { arbitrary: keepAlives, weight: 1 },
    { arbitrary: alarms, weight: 1 },
    { arbitrary: defragments, weight: 1 },
    { arbitrary: waits, weight: 2 },
    { arbitrary: writes, weight: 12 },
  ),
  { maxLength: 40, size: "max" },
);

/** Refusals are part of the history: they must leave nothing behind. */
function perform(kept: KeptEtcd, step: Step): void {
  try {
    step(kept);
  } catch (error) {
    if (!(error instanceof EtcdError)) throw error;
  }
}

test("CO2, MA4, LE4: an etcd restored after any write is the one that had done just what was written", () => {
  fc.assert(
    fc.property(steps, (steps) => {
      const kept = new KeptEtcd();
      for (const one of steps) {
        perform(kept, one);
        while (kept.recorder.hasChanges) {
          kept.write();
          const again = new KeptEtcd(copyOf(kept.storage));
          expect(everythingOf(again.etcd)).toEqual(everythingOf(kept.etcd));
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("CO2, MA4: what was not written is as if it had not been, and what comes after a restart is as before", () => {
  fc.assert(
    fc.property(steps, fc.array(fc.nat(100), { minLength: 3, maxLength: 3 }), (steps, cuts) => {
      let kept = new KeptEtcd();
      let durable = everythingOf(kept.etcd);
      steps.forEach((one, at) => {
        const { writes } = kept;
        perform(kept, one);
        if (kept.writes !== writes) durable = everythingOf(kept.etcd);
        if (!cuts.includes(at)) return;
        kept = new KeptEtcd(kept.storage);
        expect(everythingOf(kept.etcd)).toEqual(durable);
      });
    }),
    { numRuns: 60 },
  );
});

test("CO2: rows are those of what is kept, and no others, once compaction is through", () => {
  fc.assert(
    fc.property(steps, (steps) => {
      const kept = new KeptEtcd();
      for (const one of steps) perform(kept, one);
      kept.writeAll();
      let entries = 0;
      kept.etcd.store.log.ascend(0, () => ++entries > 0);
      expect(kept.storage.buckets.get("key")?.size).toBe(entries);
      expect(kept.storage.buckets.get("lease")?.size).toBe(kept.etcd.leases().length);
      expect(kept.storage.buckets.get("alarm")?.size).toBe(kept.etcd.alarms().length);
    }),
    { numRuns: 60 },
  );
});

test("CO2: a compaction that is cut anywhere is finished at the next start, and no deleted key comes back", () => {
  const kept = new KeptEtcd(new MemoryStorage(), {}, 2);
  for (const name of ["a", "b", "c"]) kept.etcd.put(putRequest(name, utf8("1"), 0n));
  kept.etcd.deleteRange({ key: "a", rangeEnd: "c", prevKv: false });
  kept.etcd.put(putRequest("d", utf8("1"), 0n));
  kept.writeAll();
  kept.etcd.compact(6);
  const sizes: Array<number | undefined> = [];
  while (kept.write()) {
    const again = new KeptEtcd(copyOf(kept.storage), {}, 2);
    sizes.push(again.storage.buckets.get("key")?.size);
    expect(everythingOf(again.etcd)).toEqual(everythingOf(kept.etcd));
    again.writeAll();
    expect(again.storage.buckets.get("key")?.size).toBe(2);
    expect(new KeptEtcd(again.storage).restored.unfinished).toBeUndefined();
  }
  expect(sizes).toEqual([4, 2]);
});

test("CO2: where a compaction has dropped the newest revision of all, it is current still", () => {
  const restoration = new Restoration();
  restoration.add("meta", [{ key: metaKey(MetaName.finishedCompaction), value: encodeRevision(9) }]);
  const { store } = restoration.finish().state ?? expect.fail("nothing restored");
  expect([store.revision, store.compactRevision]).toEqual([9, 9]);
});

test("LE1: leases whose time left nobody wrote down begin it anew at a start, and then end as they would", () => {
  const kept = new KeptEtcd();
  kept.etcd.leaseGrant(7n, 10);
  kept.etcd.put(putRequest("a", utf8("1"), 7n));
  kept.clock.advance(9_000);
  kept.writeAll();
  const again = new KeptEtcd(kept.storage);
  expect(again.etcd.leaseTimeToLive(7n)).toEqual({ id: 7n, ttlSeconds: 10, leftSeconds: 10, keys: ["a"] });
  again.clock.advance(9_999);
  expect(again.etcd.hasLease(7n)).toBe(true);
  again.clock.advance(1);
  expect([again.etcd.hasLease(7n), again.etcd.store.revision]).toEqual([false, 3]);
  again.writeAll();
  const last = new KeptEtcd(again.storage);
  expect([last.etcd.leases(), last.etcd.store.get("a")]).toEqual([[], undefined]);
});

test("LE1: a lease of less than the least TTL of now is raised to it", () => {
  const kept = new KeptEtcd();
  kept.etcd.leaseGrant(7n, 5);
  kept.writeAll();
  expect(new KeptEtcd(kept.storage, { minLeaseTtlSeconds: 8 }).etcd.leases()[0]?.ttlSeconds).toBe(8);
});

test("MA1: NOSPACE outlasts a restart, and so does the size that it was raised for", () => {
  const quotaBackendBytes = 100_000;
  const kept = new KeptEtcd(new MemoryStorage(), { quotaBackendBytes });
  const large = new Uint8Array(45_000);
  kept.etcd.put(putRequest("a", large, 0n));
  expect(() => kept.etcd.put(putRequest("b", large, 0n))).toThrow("database space exceeded");
  kept.etcd.deleteRange({ key: "a", rangeEnd: "", prevKv: false });
  kept.etcd.compact(3);
  expect(kept.etcd.databaseSize.totalBytes).toBeGreaterThan(60_000);
  kept.writeAll();
  const again = new KeptEtcd(kept.storage, { quotaBackendBytes });
  expect(again.etcd.alarms().map(({ type }) => type)).toEqual([AlarmType.NOSPACE]);
  expect(again.etcd.databaseSize).toEqual(kept.etcd.databaseSize);
  again.etcd.defragment();
  again.writeAll();
  expect(new KeptEtcd(again.storage).etcd.databaseSize.totalBytes).toBeLessThan(40_000);
});

test("an etcd stays who it is; each start is a term and two entries of its log further, as with etcd 3.7.1", () => {
  const kept = new KeptEtcd(new MemoryStorage(), { memberId: 5n, clusterId: 6n });
  expect([kept.etcd.raftTerm, kept.etcd.raftIndex]).toEqual([2, 4]);
  kept.etcd.put(putRequest("a", utf8("1"), 0n));
  kept.writeAll();
  const again = new KeptEtcd(kept.storage, { memberId: 1n, clusterId: 2n });
  const { memberId, clusterId } = again.etcd.options;
  expect([memberId, clusterId, again.etcd.raftTerm, again.etcd.raftIndex]).toEqual([5n, 6n, 3, 7]);
  again.writeAll();
  expect(new KeptEtcd(again.storage).etcd.raftTerm).toBe(4);
});

test("auto-compaction counts from the revision that was restored", () => {
  const kept = new KeptEtcd();
  for (let at = 0; at < 9; at++) kept.etcd.put(putRequest("a", utf8(String(at)), 0n));
  kept.writeAll();
  const options = { autoCompactionMode: "revision", autoCompactionRetentionRevisions: 4 } as const;
  const again = new KeptEtcd(kept.storage, options);
  again.clock.advance(5 * 60 * 1000);
  expect(again.etcd.store.compactRevision).toBe(6);
  again.writeAll();
  expect(new KeptEtcd(again.storage).etcd.store.compactRevision).toBe(6);
});

const KEY_ROW = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 2, 0x5f, 0, 0, 0, 0, 0, 0, 0, 0]);
const KEY_VALUE = Uint8Array.from([0x0a, 1, 0x61, 0x10, 2, 0x18, 2, 0x20, 1, 0x2a, 1, 0x78]);

test("rows that make no sense are refused, and so are those of a layout to come", () => {
  const restore = (key: Uint8Array, value: Uint8Array, again = false) => {
    const restoration = new Restoration();
    restoration.add("key", [{ key, value }]);
    if (again) restoration.add("key", [{ key, value }]);
    return restoration.finish();
  };
  expect(restore(KEY_ROW, KEY_VALUE).state?.store.get("a")).toMatchObject({ version: 1, modRevision: 2 });
  expect(() => restore(KEY_ROW, KEY_VALUE, true)).toThrow(JournalError);
  expect(() => restore(KEY_ROW.subarray(1), KEY_VALUE)).toThrow("no version of a key");
  expect(() => restore(KEY_ROW, KEY_VALUE.subarray(0, 11))).toThrow("no version of a key");
  // What etcdutl leaves where it has raised the revision.
  expect(restore(KEY_ROW, new Uint8Array(0)).state?.store.revision).toBe(2);
  expect(() => restore(KEY_ROW, Uint8Array.of(0x7f, 1))).toThrow("no version of a key");
  const restoration = new Restoration();
  const row = { key: utf8("etcdlite.schema"), value: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9) };
  expect(() => restoration.add("meta", [row])).toThrow("layout 9");
});
