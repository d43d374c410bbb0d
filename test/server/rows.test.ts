import { expect, test } from "vitest";
import { BUCKETS, MemoryStorage } from "../../src/journal/index.ts";
import { AlarmType, databaseRowsOf, type Etcd, rowsOf } from "../../src/server/index.ts";
import { key, range } from "../mvcc/support/arbitrary.ts";
import { fc } from "../support/property.ts";
import { everythingOf, KeptEtcd } from "./support/kept.ts";

type Step = (etcd: Etcd) => void;

const put = fc.record({ key, lease: fc.constantFrom(0n, 1n), fill: fc.nat(255) });
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    put.map(({ key, lease, fill }) => (etcd) => {
      const flags = { prevKv: false, ignoreValue: false, ignoreLease: false };
      etcd.put({ key, value: new Uint8Array(3).fill(fill), lease: etcd.hasLease(lease) ? lease : 0n, ...flags });
    }),
    range.map((range) => (etcd) => void etcd.deleteRange({ ...range, prevKv: false })),
    fc.nat(100).map((percent) => (etcd) => {
      const from = Math.max(0, etcd.store.compactRevision);
      const revision = from + Math.ceil(((etcd.store.revision - from) * percent) / 100);
      if (revision > from) etcd.compact(revision);
    }),
    fc.constant((etcd) => void (etcd.hasLease(1n) ? etcd.leaseRevoke(1n) : etcd.leaseGrant(1n, 100))),
    fc.constant((etcd) => void etcd.activateAlarm({ memberId: 5n, type: 3 })),
    fc.constant((etcd) => etcd.defragment()),
  ),
  { maxLength: 30 },
);

/** A copy of all rows, as a storage. */
function storageOf(etcd: Etcd, lists = rowsOf(etcd)): MemoryStorage {
  const storage = new MemoryStorage();
  for (const list of lists) {
    for (let at = 0; at < list.length; at++) {
      const { key, value } = list.row(at);
      expect([list.keySize(at), list.valueSize(at)]).toEqual([key.length, value.length]);
      storage.apply([{ bucket: list.bucket, key: key.slice(), value: value.slice() }]);
    }
  }
  return storage;
}

test("an etcd can be made again of its rows, and what happens after they were asked for is not in them", () => {
  fc.assert(
    fc.property(steps, steps, (before, after) => {
      const kept = new KeptEtcd();
      for (const step of before) step(kept.etcd);
      const expected = everythingOf(kept.etcd);
      const lists = rowsOf(kept.etcd);
      for (const step of after) step(kept.etcd);
      expect(everythingOf(new KeptEtcd(storageOf(kept.etcd, lists)).etcd)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test("the rows are those that the journal keeps", () => {
  fc.assert(
    fc.property(steps, (steps) => {
      const kept = new KeptEtcd();
      for (const step of steps) step(kept.etcd);
      kept.writeAll();
      const all = storageOf(kept.etcd);
      for (const bucket of ["key", "lease", "alarm"] as const) {
        expect(all.buckets.get(bucket)).toEqual(kept.storage.buckets.get(bucket));
      }
    }),
    { numRuns: 100 },
  );
});

test("MA2: a database has a list for each of etcd's buckets, sorted, and nothing of etcdlite's own", () => {
  const { etcd } = new KeptEtcd();
  etcd.activateAlarm({ memberId: 1n, type: AlarmType.NOSPACE });
  etcd.deactivateAlarm({ memberId: 1n, type: AlarmType.NOSPACE });
  etcd.activateAlarm({ memberId: 2n, type: AlarmType.CORRUPT });
  const lists = databaseRowsOf(etcd);
  expect(lists.map(({ bucket }) => bucket)).toEqual(BUCKETS);
  const shown = lists.map((list) => Array.from({ length: list.length }, (_, at) => list.row(at)));
  const meta = shown[0]?.map(({ key, value }) => [new TextDecoder().decode(key), new TextDecoder().decode(value)]);
  expect(meta).toEqual([
    ["confState", `{"voters":[${etcd.options.memberId}],"auto_leave":false}`],
    ["consistent_index", "\0\0\0\0\0\0\0\x07"],
    ["storageVersion", "3.7.0"],
    ["term", "\0\0\0\0\0\0\0\x02"],
  ]);
  expect(shown[BUCKETS.indexOf("alarm")]).toEqual([{ key: Uint8Array.of(8, 2, 16, 2), value: new Uint8Array(0) }]);
});

test("MA2: added members are in it, and the learners among them do not vote", () => {
  const { etcd } = new KeptEtcd();
  etcd.members.add({ id: 2n ** 63n + 1n, peerUrls: ["http://127.0.0.1:1"], isLearner: true });
  const [meta, members] = (["meta", "members"] as const).map((name) => {
    return databaseRowsOf(etcd).find(({ bucket }) => bucket === name);
  });
  const text = (bytes?: Uint8Array) => new TextDecoder().decode(bytes);
  expect(text(meta?.row(0).value)).toBe(
    `{"voters":[${etcd.options.memberId}],"learners":[9223372036854775809],"auto_leave":false}`,
  );
  expect([members?.length, text(members?.row(0).key)]).toEqual([2, "8000000000000001"]);
});
