import { expect, test } from "vitest";
import { EVERYTHING, put, putAll, rangeOf } from "./support/ops.ts";
import { events, expectError, kvs } from "./support/show.ts";
import { newTarget } from "./support/target.ts";
import { openWatch } from "./support/watch.ts";

const COMPACTED = "etcdserver: mvcc: required revision has been compacted";
const FUTURE = "etcdserver: mvcc: required revision is a future revision";

test("CO1: a revision past the current one is a future one", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  for (const revision of [3n, 100n, 2n ** 63n - 1n]) {
    await expectError(target.kv.compact({ revision }), "OUT_OF_RANGE", FUTURE);
  }
});

test("CO1: a revision at or under the last compacted one has been compacted", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2", "a=3");
  await target.kv.compact({ revision: 3n });
  for (const revision of [3n, 2n, 1n, 0n, -1n, -5n]) {
    await expectError(target.kv.compact({ revision }), "OUT_OF_RANGE", COMPACTED);
  }
  await target.kv.compact({ revision: 4n });
});

test("CO1: revision 0 and 1 of a new store may be compacted, under −1 nothing was", async () => {
  const target = await newTarget();
  await expectError(target.kv.compact({ revision: -1n }), "OUT_OF_RANGE", COMPACTED);
  await target.kv.compact({ revision: 0n });
  await target.kv.compact({ revision: 1n });
  await expectError(target.kv.compact({ revision: 1n }), "OUT_OF_RANGE", COMPACTED);
});

test("CO1: it makes no revision; physical is taken as well", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2");
  expect((await target.kv.compact({ revision: 2n })).header?.revision).toBe(3n);
  expect((await target.kv.compact({ revision: 3n, physical: true })).header?.revision).toBe(3n);
});

test("CO2: the newest version of each key at the revision stays, later ones do", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=1", "a=2", "c=1", "a=3", "b=2");
  await target.kv.compact({ revision: 5n, physical: true });
  const at = async (revision: bigint) => kvs(await target.kv.range({ ...EVERYTHING, revision }));
  expect(await at(5n)).toEqual(["a=2 2/4/2", "b=1 3/3/1", "c=1 5/5/1"]);
  expect(await at(6n)).toEqual(["a=3 2/6/3", "b=1 3/3/1", "c=1 5/5/1"]);
  expect(await at(7n)).toEqual(["a=3 2/6/3", "b=2 3/7/2", "c=1 5/5/1"]);
});

test("CO2: tombstones under the revision go, the one at it is still seen by a watch from it", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=1");
  await target.kv.deleteRange(rangeOf("a"));
  await target.kv.deleteRange(rangeOf("b"));
  await target.kv.compact({ revision: 5n, physical: true });
  await putAll(target, "c=1");
  const watch = await openWatch(target, "\0", "\0", { startRevision: 5n });
  expect(events(await watch.next())).toEqual(["DELETE b@5", "PUT c=1 6/6/1"]);
});

test("CO2: of the events of the compacted revision those remain that its end left", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=1", "c=1");
  await target.kv.txn({ success: [put("a", "2"), put("c", "2")] });
  await target.kv.compact({ revision: 5n, physical: true });
  await putAll(target, "d=1");
  const watch = await openWatch(target, "\0", "\0", { startRevision: 5n });
  expect(events(await watch.next())).toEqual(["PUT a=2 2/5/2", "PUT c=2 4/5/2", "PUT d=1 6/6/1"]);
});

test("CO2: a key deleted and put again keeps its new generation only", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  await target.kv.deleteRange(rangeOf("a"));
  await putAll(target, "a=2", "a=3");
  await target.kv.compact({ revision: 4n, physical: true });
  expect(kvs(await target.kv.range(rangeOf("a", "", { revision: 4n })))).toEqual(["a=2 4/4/1"]);
  expect(kvs(await target.kv.range(rangeOf("a")))).toEqual(["a=3 4/5/2"]);
});

test("CO2: a deleted key is missing after compaction and begins anew when put", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  await target.kv.deleteRange(rangeOf("a"));
  await putAll(target, "b=1");
  await target.kv.compact({ revision: 4n, physical: true });
  expect((await target.kv.range(rangeOf("a", "", { revision: 4n }))).count).toBe(0n);
  await putAll(target, "a=2");
  expect(kvs(await target.kv.range(rangeOf("a")))).toEqual(["a=2 5/5/1"]);
});
