import { expect, test } from "vitest";
import { EVERYTHING, putAll, putOf, rangeOf } from "./support/ops.ts";
import { bytes, events, expectError, keys, kv, kvs, text } from "./support/show.ts";
import { newTarget } from "./support/target.ts";
import { openWatch } from "./support/watch.ts";

test("KV1: a delete without a key is refused", async () => {
  const target = await newTarget();
  const call = target.kv.deleteRange({ rangeEnd: bytes("z") });
  await expectError(call, "INVALID_ARGUMENT", "etcdserver: key is not provided");
});

test("KV4: a delete takes one key, every key from one on, or an interval", async () => {
  const cases: Array<[string, string, string]> = [
    ["b", "", "a aa c"],
    ["nothing", "", "a aa b c"],
    ["a", "b", "b c"],
    ["aa", "\0", "a"],
    ["\0", "\0", ""],
    ["b", "a", "a aa b c"],
  ];
  const target = await newTarget();
  for (const [key, rangeEnd, left] of cases) {
    await putAll(target, "a=1", "aa=1", "b=1", "c=1");
    const { deleted } = await target.kv.deleteRange(rangeOf(key, rangeEnd));
    const found = keys(await target.kv.range(EVERYTHING)).join(" ");
    expect([key, text(bytes(rangeEnd)), found]).toEqual([key, text(bytes(rangeEnd)), left]);
    expect(deleted).toBe(4n - BigInt(left.split(" ").filter((name) => name !== "").length));
  }
});

test("KV11: a delete of nothing does not raise the revision", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  for (const range of [rangeOf("b"), rangeOf("b", "z"), rangeOf("b", "a")]) {
    const response = await target.kv.deleteRange({ ...range, prevKv: true });
    expect([response.deleted, response.prevKvs.length, response.header?.revision]).toEqual([0n, 0, 2n]);
  }
  await target.kv.deleteRange(rangeOf("a"));
  expect((await target.kv.deleteRange(rangeOf("a"))).header?.revision).toBe(3n);
});

test("KV11: a delete of many keys is one revision, in key order; prev_kvs are the pairs before it", async () => {
  const target = await newTarget();
  await putAll(target, "c=3", "a=1", "b=2");
  const watch = await openWatch(target, "\0", "\0");
  const response = await target.kv.deleteRange({ ...rangeOf("a", "z"), prevKv: true });
  expect(response.prevKvs.map(kv)).toEqual(["a=1 3/3/1", "b=2 4/4/1", "c=3 2/2/1"]);
  expect([response.deleted, response.header?.revision]).toEqual([3n, 5n]);
  expect(events(await watch.next())).toEqual(["DELETE a@5", "DELETE b@5", "DELETE c@5"]);
});

test("KV11: a tombstone carries key and mod_revision only, also of a key with a lease", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await target.kv.put(putOf("a", "1", { lease: 7n }));
  await target.kv.deleteRange(rangeOf("a"));
  const watch = await openWatch(target, "a", "", { startRevision: 3n });
  expect(events(await watch.next())).toEqual(["DELETE a@3"]);
  expect((await target.lease.leaseTimeToLive({ ID: 7n, keys: true })).keys).toEqual([]);
});

test("KV11: each generation of a key is seen at its own revisions", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2");
  await target.kv.deleteRange(rangeOf("a"));
  await putAll(target, "a=3");
  await target.kv.deleteRange(rangeOf("a"));
  await putAll(target, "other=1");
  const seen: string[] = [];
  for (let revision = 1n; revision <= 7n; revision++) {
    seen.push(kvs(await target.kv.range(rangeOf("a", "", { revision }))).join(""));
  }
  expect(seen).toEqual(["", "a=1 2/2/1", "a=2 2/3/2", "", "a=3 5/5/1", "", ""]);
});
