import { expect, test } from "vitest";
import {
  type CompareInit,
  child,
  compare,
  del,
  EVERYTHING,
  get,
  put,
  putAll,
  putOf,
  type RequestOpInit,
  rangeOf,
  type TxnInit,
  txn,
} from "./support/ops.ts";
import { bytes, events, expectError, kvs, op } from "./support/show.ts";
import { newTarget, type Target } from "./support/target.ts";
import { openWatch } from "./support/watch.ts";

const EQUAL = 0;
const GREATER = 1;
const LESS = 2;
const NOT_EQUAL = 3;
const VERSION = 0;
const CREATE = 1;
const MOD = 2;
const VALUE = 3;
const LEASE = 4;

function puts(count: number, prefix = "k"): RequestOpInit[] {
  return Array.from({ length: count }, (_, at) => put(`${prefix}${at}`, "v"));
}

function compares(count: number): CompareInit[] {
  return Array.from({ length: count }, () => compare("k", VERSION, EQUAL));
}

async function everything(target: Target): Promise<string[]> {
  return kvs(await target.kv.range(EVERYTHING));
}

test("TX1: compares, success and failure may each have as many elements as max-txn-ops", async () => {
  const target = await newTarget();
  const message = "etcdserver: too many operations in txn request";
  await target.kv.txn({ compare: compares(128), success: puts(128), failure: puts(128) });
  const tooMany: TxnInit[] = [{ compare: compares(129) }, { success: puts(129) }, { failure: puts(129) }];
  for (const request of tooMany) await expectError(target.kv.txn(request), "INVALID_ARGUMENT", message);
});

test("TX1: a nested txn's budget is its parent's limit less its parent's count", async () => {
  const target = await newTarget({ maxTxnOps: 5 });
  const message = "etcdserver: too many operations in txn request";
  const fits = (inner: number, extra: number) => ({ success: [txn({ success: puts(inner) }), ...puts(extra, "x")] });
  await target.kv.txn(fits(4, 0));
  await expectError(target.kv.txn(fits(5, 0)), "INVALID_ARGUMENT", message);
  await target.kv.txn(fits(3, 1));
  await expectError(target.kv.txn(fits(4, 1)), "INVALID_ARGUMENT", message);
  // The longer of the parent's lists counts, be it the compares or the other branch.
  await expectError(target.kv.txn({ ...fits(3, 0), compare: compares(3) }), "INVALID_ARGUMENT", message);
  await expectError(target.kv.txn({ ...fits(3, 0), failure: puts(3, "y") }), "INVALID_ARGUMENT", message);
});

test("TX1: each level takes from the budget, and siblings do not share theirs", async () => {
  const target = await newTarget({ maxTxnOps: 3 });
  const message = "etcdserver: too many operations in txn request";
  await target.kv.txn({ success: [child(child(put("a", "1")))] });
  await expectError(target.kv.txn({ success: [child(child(child(put("a", "1"))))] }), "INVALID_ARGUMENT", message);
  await expectError(target.kv.txn({ success: [child(child(...puts(2)))] }), "INVALID_ARGUMENT", message);
  await target.kv.txn({ success: [child(put("a", "1")), child(put("b", "1"))] });
});

test("TX1: the number of ops is looked at before the ops", async () => {
  const target = await newTarget({ maxTxnOps: 1 });
  const request = { success: [put("", "v"), put("", "v")] };
  await expectError(target.kv.txn(request), "INVALID_ARGUMENT", "etcdserver: too many operations in txn request");
});

test("TX2: an op without a request is refused", async () => {
  const target = await newTarget();
  for (const request of [{ success: [{}] }, { failure: [{}] }, { success: [child({})] }]) {
    await expectError(target.kv.txn(request), "INVALID_ARGUMENT", "etcdserver: key not found");
  }
});

test("KV1: ops and compares without a key are refused, in either branch and at any depth", async () => {
  const target = await newTarget();
  const wrong: TxnInit[] = [
    { compare: [compare("", VERSION, EQUAL)] },
    { success: [get("")] },
    { failure: [put("", "v")] },
    { success: [del("")] },
    { success: [child(del(""))] },
    { success: [txn({ compare: [compare("", VERSION, EQUAL)] })] },
  ];
  for (const request of wrong) {
    await expectError(target.kv.txn(request), "INVALID_ARGUMENT", "etcdserver: key is not provided");
  }
});

test("KV2: what is wrong with an op by itself is wrong with the txn, whichever branch it is in", async () => {
  const target = await newTarget();
  const wrong: Array<[RequestOpInit, string]> = [
    [get("a", "", { sortOrder: 9 }), "invalid sort option"],
    [put("a", "v", { ignoreValue: true }), "value is provided"],
    [put("a", "v", { ignoreLease: true, lease: 7n }), "lease is provided"],
  ];
  for (const [one, message] of wrong) {
    await expectError(target.kv.txn({ success: [one] }), "INVALID_ARGUMENT", `etcdserver: ${message}`);
    await expectError(target.kv.txn({ failure: [child(one)] }), "INVALID_ARGUMENT", `etcdserver: ${message}`);
  }
});

test("TX4: all compares, nested ones too, see the state before the txn", async () => {
  const target = await newTarget();
  const response = await target.kv.txn({
    success: [
      put("a", "1"),
      txn({
        compare: [compare("a", VERSION, EQUAL, { case: "version", value: 0n })],
        success: [put("b", "was missing")],
        failure: [put("b", "was there")],
      }),
    ],
  });
  expect(response.responses.map(op)).toEqual(["put@2", "txn@0 true {put@2}"]);
  expect(await everything(target)).toEqual(["a=1 2/2/1", "b=was missing 2/2/1"]);
});

test("TX4: every compare must hold, and none at all hold", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  const isThere = compare("a", VERSION, GREATER);
  const isMissing = compare("a", VERSION, EQUAL);
  const succeeded = async (request: TxnInit) => (await target.kv.txn(request)).succeeded;
  expect(await succeeded({})).toBe(true);
  expect(await succeeded({ compare: [isThere] })).toBe(true);
  expect(await succeeded({ compare: [isThere, isThere] })).toBe(true);
  expect(await succeeded({ compare: [isThere, isMissing] })).toBe(false);
});

test("TX4: a failing op leaves nothing behind, be it first or last or in a child", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2");
  await target.kv.compact({ revision: 3n });
  const failing: Array<[RequestOpInit, "NOT_FOUND" | "INVALID_ARGUMENT" | "OUT_OF_RANGE", string]> = [
    [put("b", "1", { lease: 7n }), "NOT_FOUND", "requested lease not found"],
    [put("b", "", { ignoreValue: true }), "INVALID_ARGUMENT", "key not found"],
    [get("a", "", { revision: 2n }), "OUT_OF_RANGE", "mvcc: required revision has been compacted"],
    [get("a", "", { revision: 4n }), "OUT_OF_RANGE", "mvcc: required revision is a future revision"],
  ];
  for (const [one, status, message] of failing) {
    for (const success of [
      [put("x", "1"), one],
      [one, put("x", "1")],
      [put("x", "1"), del("a"), child(one)],
    ]) {
      await expectError(target.kv.txn({ success }), status, `etcdserver: ${message}`);
    }
  }
  const response = await target.kv.range(EVERYTHING);
  expect([kvs(response), response.header?.revision]).toEqual([["a=2 2/3/2"], 3n]);
});

test("TX4: the branch not taken is not checked against the state", async () => {
  const target = await newTarget();
  const response = await target.kv.txn({ failure: [put("b", "1", { lease: 7n })], success: [put("a", "1")] });
  expect([response.succeeded, response.responses.map(op)]).toEqual([true, ["put@2"]]);
});

/** A key with version 2, create 2, mod 3, value "m", lease 7. */
async function comparable(): Promise<Target> {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await putAll(target, "a=first");
  await target.kv.put(putOf("a", "m", { lease: 7n }));
  return target;
}

async function holds(target: Target, one: CompareInit): Promise<boolean> {
  return (await target.kv.txn({ compare: [one] })).succeeded;
}

test("TX5: every target with every operator, under, at and above what the key has", async () => {
  const target = await comparable();
  const unions: Array<[number, (offset: bigint) => CompareInit["targetUnion"]]> = [
    [VERSION, (offset) => ({ case: "version", value: 2n + offset })],
    [CREATE, (offset) => ({ case: "createRevision", value: 2n + offset })],
    [MOD, (offset) => ({ case: "modRevision", value: 3n + offset })],
    [VALUE, (offset) => ({ case: "value", value: bytes(["l", "m", "n"][Number(offset) + 1] ?? "") })],
    [LEASE, (offset) => ({ case: "lease", value: 7n + offset })],
  ];
  for (const [compareTarget, union] of unions) {
    for (const offset of [-1n, 0n, 1n]) {
      const found: boolean[] = [];
      for (const result of [EQUAL, GREATER, LESS, NOT_EQUAL]) {
        found.push(await holds(target, compare("a", compareTarget, result, union(offset))));
      }
      const expected = [offset === 0n, offset < 0n, offset > 0n, offset !== 0n];
      expect([compareTarget, offset, found]).toEqual([compareTarget, offset, expected]);
    }
  }
});

test("TX5: values compare byte by byte, a prefix before what it is a prefix of", async () => {
  const target = await newTarget();
  await target.kv.put({ key: bytes("a"), value: bytes("m\xff") });
  const cases: Array<[string, number, boolean]> = [
    ["m", GREATER, true],
    ["m\xff\0", LESS, true],
    ["m\x7f", GREATER, true],
    ["", GREATER, true],
    ["m\xff", EQUAL, true],
    ["M\xff", EQUAL, false],
  ];
  for (const [value, result, expected] of cases) {
    const one = compare("a", VALUE, result, { case: "value", value: bytes(value) });
    expect([value, await holds(target, one)]).toEqual([value, expected]);
  }
});

test("TX5: of a missing key a VALUE compare is false whatever the operator", async () => {
  const target = await newTarget();
  for (const result of [EQUAL, GREATER, LESS, NOT_EQUAL]) {
    for (const value of ["", "v"]) {
      expect(await holds(target, compare("a", VALUE, result, { case: "value", value: bytes(value) }))).toBe(false);
    }
  }
});

test("TX5: of a missing key the other targets compare with 0", async () => {
  const target = await newTarget();
  await putAll(target, "gone=1");
  await target.kv.deleteRange(rangeOf("gone"));
  const unions: Array<[number, CompareInit["targetUnion"], CompareInit["targetUnion"]]> = [
    [VERSION, { case: "version", value: 0n }, { case: "version", value: 1n }],
    [CREATE, { case: "createRevision", value: 0n }, { case: "createRevision", value: 1n }],
    [MOD, { case: "modRevision", value: 0n }, { case: "modRevision", value: 1n }],
    [LEASE, { case: "lease", value: 0n }, { case: "lease", value: 1n }],
  ];
  for (const key of ["never", "gone"]) {
    for (const [compareTarget, zero, one] of unions) {
      expect(await holds(target, compare(key, compareTarget, EQUAL, zero))).toBe(true);
      expect(await holds(target, compare(key, compareTarget, NOT_EQUAL, zero))).toBe(false);
      expect(await holds(target, compare(key, compareTarget, LESS, one))).toBe(true);
      expect(await holds(target, compare(key, compareTarget, GREATER, one))).toBe(false);
    }
  }
});

test("TX5: a missing or other union field compares with 0 or the empty value", async () => {
  const target = await comparable();
  expect(await holds(target, compare("a", VERSION, GREATER))).toBe(true);
  expect(await holds(target, compare("a", VERSION, EQUAL, { case: "modRevision", value: 2n }))).toBe(false);
  expect(await holds(target, compare("a", VALUE, GREATER, { case: "version", value: 9n }))).toBe(true);
  expect(await holds(target, compare("a", LEASE, GREATER, { case: "version", value: 9n }))).toBe(true);
});

test("TX5: a compare with range_end must hold for every key in it", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=1", "c=2");
  const value = (text: string) => ({ case: "value", value: bytes(text) }) as const;
  const cases: Array<[CompareInit, boolean]> = [
    [compare("a", VALUE, EQUAL, value("1"), "c"), true],
    [compare("a", VALUE, EQUAL, value("1"), "d"), false],
    [compare("a", VALUE, EQUAL, value("1"), "\0"), false],
    [compare("b", VERSION, EQUAL, { case: "version", value: 1n }, "\0"), true],
    [compare("a", MOD, LESS, { case: "modRevision", value: 4n }, "c"), true],
    [compare("a", MOD, LESS, { case: "modRevision", value: 3n }, "c"), false],
    // Where no key is in the range it is as with a missing key.
    [compare("x", VERSION, EQUAL, { case: "version", value: 0n }, "z"), true],
    [compare("x", VERSION, GREATER, { case: "version", value: 0n }, "z"), false],
    [compare("x", VALUE, NOT_EQUAL, value("1"), "z"), false],
    [compare("c", CREATE, EQUAL, { case: "createRevision", value: 0n }, "a"), true],
  ];
  for (const [one, expected] of cases) expect([one, await holds(target, one)]).toEqual([one, expected]);
});

test("TX5: an unknown operator holds always, an unknown target is as if equal", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  expect(await holds(target, compare("a", VERSION, 9, { case: "version", value: 5n }))).toBe(true);
  expect(await holds(target, compare("a", 9, EQUAL, { case: "version", value: 5n }))).toBe(true);
  expect(await holds(target, compare("a", 9, LESS, { case: "version", value: 5n }))).toBe(false);
  expect(await holds(target, compare("missing", 9, EQUAL))).toBe(true);
});

test("TX6: one revision for the whole txn, in order of the ops", async () => {
  const target = await newTarget();
  await putAll(target, "c=1");
  const watch = await openWatch(target, "\0", "\0");
  const response = await target.kv.txn({ success: [put("b", "1"), del("c"), put("a", "1"), child(put("d", "1"))] });
  expect(response.header?.revision).toBe(3n);
  const expected = ["PUT b=1 3/3/1", "DELETE c@3", "PUT a=1 3/3/1", "PUT d=1 3/3/1"];
  expect(events(await watch.next())).toEqual(expected);
});

test("TX6: a txn that changes nothing has no revision of its own", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  const requests: TxnInit[] = [
    {},
    { success: [get("a")] },
    { success: [del("missing")] },
    { success: [child(get("a"), del("missing"))] },
    { compare: [compare("a", VERSION, EQUAL)], success: [put("a", "2")] },
  ];
  for (const request of requests) expect((await target.kv.txn(request)).header?.revision).toBe(2n);
});

test("TX6: later ops see earlier ones, and the revision from the first change on", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=1");
  const response = await target.kv.txn({
    success: [
      get("a", "z"),
      child(put("a", "2", { prevKv: true })),
      get("a", "z"),
      del("b", "", true),
      get("a", "z", { limit: 1n }),
      get("a", "z", { revision: 3n }),
      child(put("c", "1"), get("c"), del("a", "", true)),
      get("a", "z", { countOnly: true }),
    ],
  });
  expect(response.responses.map(op)).toEqual([
    "range@3 a=1 2/2/1, b=1 3/3/1 count=2",
    "txn@0 true {put@4 [a=1 2/2/1]}",
    "range@4 a=2 2/4/2, b=1 3/3/1 count=2",
    "delete@4 1 [b=1 3/3/1]",
    "range@4 a=2 2/4/2 count=1",
    "range@4 a=1 2/2/1, b=1 3/3/1 count=2",
    "txn@0 true {put@4; range@4 c=1 4/4/1 count=1; delete@4 1 [a=2 2/4/2]}",
    "range@4  count=1",
  ]);
  expect(await everything(target)).toEqual(["c=1 4/4/1"]);
});

test("TX6: ops before the first change carry the revision before it, a delete of nothing too", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  const response = await target.kv.txn({
    success: [del("missing", "", true), get("a"), put("b", "1"), del("missing")],
  });
  expect(response.responses.map(op)).toEqual(["delete@2 0 []", "range@2 a=1 2/2/1 count=1", "put@3", "delete@3 0 []"]);
});

test("TX6: a key put and then deleted by a child is gone; its versions were of this revision", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "\0", "\0");
  const response = await target.kv.txn({ success: [child(put("a", "1")), child(del("a", "", true))] });
  expect(response.responses.map(op)).toEqual(["txn@0 true {put@2}", "txn@0 true {delete@2 1 [a=1 2/2/1]}"]);
  expect(events(await watch.next())).toEqual(["PUT a=1 2/2/1", "DELETE a@2"]);
  expect(await everything(target)).toEqual([]);
});

test("TX6: the branch taken of each child is told in its own reply", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  const isMissing = compare("a", VERSION, EQUAL);
  const nested = txn({ compare: [isMissing], success: [put("x", "1")], failure: [child(get("a")), txn({})] });
  const response = await target.kv.txn({ compare: [isMissing], failure: [nested] });
  expect(response.succeeded).toBe(false);
  expect(response.responses.map(op)).toEqual(["txn@0 false {txn@0 true {range@2 a=1 2/2/1 count=1}; txn@0 true {}}"]);
});

test("TX7: in a txn revision 0 alone means latest: a negative one has been compacted", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2");
  const message = "etcdserver: mvcc: required revision has been compacted";
  const at = (revision: bigint) => target.kv.txn({ success: [get("a", "", { revision })] });
  expect((await at(0n)).responses.map(op)).toEqual(["range@3 a=2 2/3/2 count=1"]);
  expect((await at(2n)).responses.map(op)).toEqual(["range@3 a=1 2/2/1 count=1"]);
  await expectError(at(-2n), "OUT_OF_RANGE", message);
  await target.kv.compact({ revision: 2n });
  await expectError(at(-1n), "OUT_OF_RANGE", message);
  await expectError(at(1n), "OUT_OF_RANGE", message);
  await expectError(at(4n), "OUT_OF_RANGE", "etcdserver: mvcc: required revision is a future revision");
});

test("TX7: the revision that the txn itself makes cannot be asked for", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  const call = target.kv.txn({ success: [put("a", "2"), get("a", "", { revision: 3n })] });
  await expectError(call, "OUT_OF_RANGE", "etcdserver: mvcc: required revision is a future revision");
});
