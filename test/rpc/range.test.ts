import { expect, test } from "vitest";
import { EVERYTHING, putAll, putOf, type RangeInit, rangeOf } from "./support/ops.ts";
import { bytes, expectError, keys, kvs, text } from "./support/show.ts";
import { newTarget } from "./support/target.ts";

const KEY = 0;
const VERSION = 1;
const CREATE = 2;
const MOD = 3;
const VALUE = 4;
const NONE = 0;
const ASCEND = 1;
const DESCEND = 2;

test("KV1: a range without a key is refused", async () => {
  const target = await newTarget();
  await expectError(target.kv.range({}), "INVALID_ARGUMENT", "etcdserver: key is not provided");
  const call = target.kv.range(rangeOf("", "\0", { sortOrder: 9 }));
  await expectError(call, "INVALID_ARGUMENT", "etcdserver: key is not provided");
});

test("KV1: an unknown sort order or target is refused", async () => {
  const target = await newTarget();
  const unknown: RangeInit[] = [{ sortOrder: 3 }, { sortOrder: -1 }, { sortTarget: 5 }, { sortTarget: -1 }];
  for (const init of unknown) {
    const call = target.kv.range(rangeOf("a", "", init));
    await expectError(call, "INVALID_ARGUMENT", "etcdserver: invalid sort option");
  }
});

test("KV4: range_end names one key, every key from one on, or an interval without its end", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "aa=1", "b=1", "b\0=1", "c=1", "\0=1", "\xff=1", "\xff\xff=1");
  const all = ["\\x00", "a", "aa", "b", "b\\x00", "c", "\\xff", "\\xff\\xff"];
  const cases: Array<[string, string, string[]]> = [
    ["a", "", ["a"]],
    ["ab", "", []],
    ["a", "b", ["a", "aa"]],
    ["a", "a\0", ["a"]],
    ["ab", "b\0", ["b"]],
    ["b", "b\0\0", ["b", "b\\x00"]],
    ["b", "\0", ["b", "b\\x00", "c", "\\xff", "\\xff\\xff"]],
    ["c\0", "\0", ["\\xff", "\\xff\\xff"]],
    ["\xff", "\0", ["\\xff", "\\xff\\xff"]],
    ["\xff\xff\0", "\0", []],
    ["\0", "\0", all],
    ["\0", "\0\0", ["\\x00"]],
    ["\0", "\xff", all.slice(0, 6)],
  ];
  for (const [key, rangeEnd, expected] of cases) {
    const response = await target.kv.range(rangeOf(key, rangeEnd));
    expect([text(bytes(key)), text(bytes(rangeEnd)), keys(response)]).toEqual([
      text(bytes(key)),
      text(bytes(rangeEnd)),
      expected,
    ]);
    expect(response.count).toBe(BigInt(expected.length));
  }
});

test("KV4: a range_end at or before the key is an empty result, no error", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=1", "c=1");
  for (const [key, rangeEnd] of [
    ["b", "b"],
    ["b", "a"],
    ["c", "a\0"],
    ["b", "\0\0"],
  ] as const) {
    const response = await target.kv.range(rangeOf(key, rangeEnd));
    expect([response.kvs.length, response.count, response.more]).toEqual([0, 0n, false]);
  }
});

test("KV5: a new store is at revision 1 and empty", async () => {
  const target = await newTarget();
  const response = await target.kv.range(EVERYTHING);
  expect([response.header?.revision, response.count]).toEqual([1n, 0n]);
  expect((await target.kv.range({ ...EVERYTHING, revision: 1n })).count).toBe(0n);
});

test("KV5: revision 0 or less reads the latest, one not reached yet is an error", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2");
  for (const revision of [0n, -1n, -(2n ** 63n)]) {
    expect(kvs(await target.kv.range(rangeOf("a", "", { revision })))).toEqual(["a=2 2/3/2"]);
  }
  for (const revision of [4n, 2n ** 63n - 1n]) {
    const call = target.kv.range(rangeOf("a", "", { revision }));
    await expectError(call, "OUT_OF_RANGE", "etcdserver: mvcc: required revision is a future revision");
  }
});

test("KV5: the compacted revision is readable itself, under it nothing is", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2", "b=1", "a=3");
  await target.kv.compact({ revision: 4n });
  for (const revision of [1n, 2n, 3n]) {
    const call = target.kv.range(rangeOf("a", "", { revision }));
    await expectError(call, "OUT_OF_RANGE", "etcdserver: mvcc: required revision has been compacted");
  }
  const at = async (revision: bigint) => kvs(await target.kv.range({ ...EVERYTHING, revision }));
  expect(await at(4n)).toEqual(["a=2 2/3/2", "b=1 4/4/1"]);
  expect(await at(5n)).toEqual(["a=3 2/5/3", "b=1 4/4/1"]);
  expect(await at(0n)).toEqual(["a=3 2/5/3", "b=1 4/4/1"]);
});

test("KV5: a count or an empty range is checked for its revision too", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2");
  await target.kv.compact({ revision: 3n });
  for (const init of [{ countOnly: true }, { keysOnly: true }, {}]) {
    const compacted = target.kv.range(rangeOf("b", "a", { ...init, revision: 2n }));
    await expectError(compacted, "OUT_OF_RANGE", "etcdserver: mvcc: required revision has been compacted");
    const future = target.kv.range(rangeOf("b", "a", { ...init, revision: 4n }));
    await expectError(future, "OUT_OF_RANGE", "etcdserver: mvcc: required revision is a future revision");
  }
});

test("KV6: the header carries the current revision, also for a read of the past", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2", "a=3");
  const response = await target.kv.range(rangeOf("a", "", { revision: 2n }));
  expect(kvs(response)).toEqual(["a=1 2/2/1"]);
  expect(response.header?.revision).toBe(4n);
});

test("KV6: a header names cluster, member and term, the same in every reply", async () => {
  const target = await newTarget();
  const first = (await target.kv.range(rangeOf("a"))).header;
  const second = (await target.kv.put(putOf("a", "1"))).header;
  const identity = [first?.clusterId, first?.memberId, first?.raftTerm];
  expect(identity.every((id) => id !== undefined && id > 0n)).toBe(true);
  expect([second?.clusterId, second?.memberId, second?.raftTerm]).toEqual(identity);
});

test("KV7: count is of all keys in the range, whatever limit and filters say", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=1", "c=1", "d=1", "e=1");
  const cases: Array<[RangeInit, number]> = [
    [{}, 5],
    [{ limit: 2n }, 2],
    [{ limit: 5n }, 5],
    [{ limit: 6n }, 5],
    [{ minModRevision: 4n }, 3],
    [{ minModRevision: 4n, limit: 1n }, 1],
    [{ limit: 2n, sortOrder: DESCEND }, 2],
    [{ limit: -1n }, 5],
  ];
  for (const [init, returned] of cases) {
    const response = await target.kv.range(rangeOf("a", "z", init));
    expect([response.kvs.length, response.count]).toEqual([returned, 5n]);
  }
});

test("KV7: more is worked out after filtering", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=1", "c=1", "d=1", "e=1");
  const more = async (init: RangeInit) => (await target.kv.range(rangeOf("a", "z", init))).more;
  expect(await more({})).toBe(false);
  expect(await more({ limit: 4n })).toBe(true);
  expect(await more({ limit: 5n })).toBe(false);
  expect(await more({ limit: 2n, minModRevision: 5n })).toBe(false);
  expect(await more({ limit: 1n, minModRevision: 5n })).toBe(true);
  expect(await more({ limit: 2n, sortOrder: DESCEND, sortTarget: MOD })).toBe(true);
  expect(await more({ limit: 2n, countOnly: true })).toBe(false);
});

test("KV7: each filter bounds inclusively, 0 is no bound, and they add up", async () => {
  const target = await newTarget();
  // Of a: create 2, mod 7. Of b: 3, 3. Of c: 4, 6. Of d: 5, 5.
  await putAll(target, "a=1", "b=1", "c=1", "d=1", "c=2", "a=2");
  const cases: Array<[RangeInit, string]> = [
    [{ minModRevision: 6n }, "a c"],
    [{ maxModRevision: 5n }, "b d"],
    [{ minModRevision: 5n, maxModRevision: 6n }, "c d"],
    [{ minCreateRevision: 4n }, "c d"],
    [{ maxCreateRevision: 3n }, "a b"],
    [{ minCreateRevision: 3n, maxCreateRevision: 4n }, "b c"],
    [{ maxCreateRevision: 4n, minModRevision: 6n }, "a c"],
    [{ minModRevision: 8n }, ""],
    [{ maxModRevision: -1n }, ""],
    [{ minCreateRevision: -1n }, "a b c d"],
  ];
  for (const [init, expected] of cases) {
    expect([init, keys(await target.kv.range(rangeOf("a", "z", init))).join(" ")]).toEqual([init, expected]);
  }
});

/** Each target orders these five keys in its own way, without ties. */
async function sortable() {
  const target = await newTarget();
  await putAll(target, "c=z", "e=y", "b=x", "a=x", "d=x");
  await putAll(target, "e=1", "e=2", "e=3", "e=5", "a=1", "a=2", "a=4", "d=1", "d=2", "c=3");
  await putAll(target, "b=0", "b=0", "b=0", "b=0", "b=1");
  return target;
}

test("KV8: every target in every order", async () => {
  const target = await sortable();
  expect(kvs(await target.kv.range(rangeOf("a", "z")))).toEqual([
    "a=4 5/13/4",
    "b=1 4/21/6",
    "c=3 2/16/2",
    "d=2 6/15/3",
    "e=5 3/10/5",
  ]);
  const ascending: Record<number, string> = {
    [KEY]: "a b c d e",
    [VERSION]: "c d a e b",
    [CREATE]: "c e b a d",
    [MOD]: "e a d c b",
    [VALUE]: "b d c a e",
  };
  for (const [sortTarget, expected] of Object.entries(ascending)) {
    const sorted = async (sortOrder: number) =>
      keys(await target.kv.range(rangeOf("a", "z", { sortTarget: Number(sortTarget), sortOrder }))).join(" ");
    expect([sortTarget, await sorted(ASCEND)]).toEqual([sortTarget, expected]);
    expect([sortTarget, await sorted(NONE)]).toEqual([sortTarget, expected]);
    expect([sortTarget, await sorted(DESCEND)]).toEqual([sortTarget, expected.split(" ").reverse().join(" ")]);
  }
});

test("KV8: NONE with a target sorts only the first limit + 1 keys in key order", async () => {
  const target = await sortable();
  const init = { sortTarget: CREATE, limit: 2n };
  // Of a, b, c the first two by creation, though e was created before b.
  const none = await target.kv.range(rangeOf("a", "z", { ...init, sortOrder: NONE }));
  expect([keys(none), none.more, none.count]).toEqual([["c", "b"], true, 5n]);
  const ascend = await target.kv.range(rangeOf("a", "z", { ...init, sortOrder: ASCEND }));
  expect([keys(ascend), ascend.more, ascend.count]).toEqual([["c", "e"], true, 5n]);
});

test("KV8: a filter switches that push-down off: everything is filtered and sorted, then cut", async () => {
  const target = await sortable();
  const init = { sortTarget: CREATE, limit: 2n, minModRevision: 1n };
  const none = await target.kv.range(rangeOf("a", "z", { ...init, sortOrder: NONE }));
  expect([keys(none), none.more]).toEqual([["c", "e"], true]);
});

test("KV8: a limit with a descending order gives the last ones", async () => {
  const target = await sortable();
  const last = async (sortTarget: number) =>
    keys(await target.kv.range(rangeOf("a", "z", { sortTarget, sortOrder: DESCEND, limit: 1n })));
  expect(await last(KEY)).toEqual(["e"]);
  expect(await last(CREATE)).toEqual(["d"]);
  expect(await last(VALUE)).toEqual(["e"]);
});

test("KV9: keys_only leaves out the value and the lease, but the lease stays when sorted by value", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await target.kv.put(putOf("a", "2", { lease: 7n }));
  await target.kv.put(putOf("b", "1"));
  const keysOnly = async (init: RangeInit) =>
    kvs(await target.kv.range(rangeOf("a", "z", { ...init, keysOnly: true })));
  expect(await keysOnly({})).toEqual(["a= 2/2/1", "b= 3/3/1"]);
  for (const sortTarget of [KEY, VERSION, CREATE, MOD]) {
    expect((await keysOnly({ sortTarget, sortOrder: DESCEND })).toSorted()).toEqual(["a= 2/2/1", "b= 3/3/1"]);
  }
  expect(await keysOnly({ sortTarget: VALUE })).toEqual(["b= 3/3/1", "a= 2/2/1/7"]);
  expect(await keysOnly({ sortTarget: VALUE, sortOrder: DESCEND })).toEqual(["a= 2/2/1/7", "b= 3/3/1"]);
});

test("KV10: count_only gives the count alone, at any revision", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=1", "c=1");
  await target.kv.deleteRange(rangeOf("b"));
  const counted = async (init: RangeInit) => {
    const response = await target.kv.range(rangeOf("a", "z", { ...init, countOnly: true }));
    expect([response.kvs.length, response.more, response.header?.revision]).toEqual([0, false, 5n]);
    return Number(response.count);
  };
  expect(await counted({})).toBe(2);
  expect(await counted({ revision: 4n })).toBe(3);
  expect(await counted({ revision: 1n })).toBe(0);
  expect(await counted({ limit: 1n })).toBe(2);
  expect(await counted({ keysOnly: true, minModRevision: 5n, sortOrder: DESCEND })).toBe(2);
});
