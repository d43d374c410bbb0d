/**
 * The numbers are a real etcd's: `RULES_AGAINST=etcd npx vitest run -u test/rpc/hashkv.test.ts` records them
 * anew, a plain run holds ours against them.
 */
import { expect, test } from "vitest";
import { child, del, put, putAll, putOf, rangeOf } from "./support/ops.ts";
import { bytes, expectError } from "./support/show.ts";
import { newTarget, type Target } from "./support/target.ts";

/** One line a revision asked for: what was hashed, or the error. */
async function hashes(target: Target, ...revisions: number[]): Promise<string[]> {
  const lines: string[] = [];
  for (const revision of revisions) {
    const line = await target.maintenance.hashKV({ revision: BigInt(revision) }).then(
      ({ hash, compactRevision, hashRevision, header }) =>
        `hash ${hash} of (${compactRevision}, ${hashRevision}] at ${header?.revision}`,
      (error: Error) => error.message.replace(/^\[\w+\] /, ""),
    );
    lines.push(`${revision}: ${line}`);
  }
  return lines;
}

test("MA4: of an empty store", async () => {
  const target = await newTarget();
  expect(await hashes(target, 0, 1, 2, -1)).toMatchInlineSnapshot(`
    [
      "0: hash 1084519789 of (-1, 1] at 1",
      "1: hash 1084519789 of (-1, 1] at 1",
      "2: etcdserver: mvcc: required revision is a future revision",
      "-1: hash 1084519789 of (-1, -1] at 1",
    ]
  `);
});

test("MA4: of puts, at each revision", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=2", "a=3");
  await target.kv.put(putOf("empty", ""));
  await target.kv.put(putOf("long", "x".repeat(1000)));
  expect(await hashes(target, 0, 1, 2, 3, 4, 5, 6, 7)).toMatchInlineSnapshot(`
    [
      "0: hash 304453921 of (-1, 6] at 6",
      "1: hash 1084519789 of (-1, 1] at 6",
      "2: hash 2587454935 of (-1, 2] at 6",
      "3: hash 1827592406 of (-1, 3] at 6",
      "4: hash 2069675932 of (-1, 4] at 6",
      "5: hash 1774401745 of (-1, 5] at 6",
      "6: hash 304453921 of (-1, 6] at 6",
      "7: etcdserver: mvcc: required revision is a future revision",
    ]
  `);
});

test("MA4: of tombstones and new generations", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=1", "c=1");
  await target.kv.deleteRange(rangeOf("b"));
  await putAll(target, "b=2");
  await target.kv.deleteRange(rangeOf("a", "z"));
  expect(await hashes(target, 0, 2, 3, 4, 5, 6, 7)).toMatchInlineSnapshot(`
    [
      "0: hash 3896499559 of (-1, 7] at 7",
      "2: hash 2587454935 of (-1, 2] at 7",
      "3: hash 2143169314 of (-1, 3] at 7",
      "4: hash 3870129361 of (-1, 4] at 7",
      "5: hash 140039863 of (-1, 5] at 7",
      "6: hash 1632717540 of (-1, 6] at 7",
      "7: hash 3896499559 of (-1, 7] at 7",
    ]
  `);
});

test("MA4: of txns with sub-revisions", async () => {
  const target = await newTarget();
  const many = Array.from({ length: 20 }, (_, at) => put(`k${at}`, String(at)));
  await target.kv.txn({ success: many });
  await target.kv.txn({ success: [child(put("a", "1"), put("k1", "x")), child(del("a"), del("k", "l"))] });
  expect(await hashes(target, 0, 2, 3)).toMatchInlineSnapshot(`
    [
      "0: hash 3728573870 of (-1, 3] at 3",
      "2: hash 4046801229 of (-1, 2] at 3",
      "3: hash 3728573870 of (-1, 3] at 3",
    ]
  `);
});

test("MA4: of leases, positive and negative, and of bytes that are no text", async () => {
  const target = await newTarget();
  for (const ID of [7n, -7n, 2n ** 63n - 1n, -(2n ** 63n)]) await target.lease.leaseGrant({ ID, TTL: 600n });
  await target.kv.put(putOf("a", "1", { lease: 7n }));
  await target.kv.put(putOf("b", "1", { lease: -7n }));
  await target.kv.put(putOf("c", "1", { lease: 2n ** 63n - 1n }));
  await target.kv.put(putOf("d", "1", { lease: -(2n ** 63n) }));
  const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  await target.kv.put({ key: everyByte, value: everyByte.toReversed() });
  await target.kv.put({ key: bytes("\xff\xfe\x00"), value: bytes("\x80") });
  await target.lease.leaseRevoke({ ID: -7n });
  expect(await hashes(target, 0, 2, 3, 4, 5, 6, 7, 8)).toMatchInlineSnapshot(`
    [
      "0: hash 1454138872 of (-1, 8] at 8",
      "2: hash 4202119179 of (-1, 2] at 8",
      "3: hash 3885951516 of (-1, 3] at 8",
      "4: hash 2930902559 of (-1, 4] at 8",
      "5: hash 1488983864 of (-1, 5] at 8",
      "6: hash 1575006885 of (-1, 6] at 8",
      "7: hash 645444505 of (-1, 7] at 8",
      "8: hash 1454138872 of (-1, 8] at 8",
    ]
  `);
});

async function compactable(): Promise<Target> {
  const target = await newTarget();
  await putAll(target, "a=1", "b=1", "a=2", "c=1");
  await target.kv.deleteRange(rangeOf("b"));
  await putAll(target, "a=3", "b=2");
  await target.kv.deleteRange(rangeOf("c"));
  await putAll(target, "d=1");
  return target;
}

test("MA4: after a compaction: under it an error, at it what the compaction stored, above it the rest", async () => {
  const target = await compactable();
  await target.kv.compact({ revision: 5n, physical: true });
  expect(await hashes(target, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11)).toMatchInlineSnapshot(`
    [
      "0: hash 2349993059 of (5, 10] at 10",
      "3: etcdserver: mvcc: required revision has been compacted",
      "4: etcdserver: mvcc: required revision has been compacted",
      "5: hash 1552270801 of (-1, 5] at 10",
      "6: hash 1749830759 of (5, 6] at 10",
      "7: hash 1848271298 of (5, 7] at 10",
      "8: hash 1311637495 of (5, 8] at 10",
      "9: hash 2203518729 of (5, 9] at 10",
      "10: hash 2349993059 of (5, 10] at 10",
      "11: etcdserver: mvcc: required revision is a future revision",
    ]
  `);
});

test("MA4: at a compacted revision with a tombstone", async () => {
  const target = await compactable();
  await target.kv.compact({ revision: 6n, physical: true });
  expect(await hashes(target, 0, 5, 6, 7, 8, 10)).toMatchInlineSnapshot(`
    [
      "0: hash 3690558070 of (6, 10] at 10",
      "5: etcdserver: mvcc: required revision has been compacted",
      "6: hash 1106805189 of (-1, 6] at 10",
      "7: hash 185727024 of (6, 7] at 10",
      "8: hash 4080930752 of (6, 8] at 10",
      "10: hash 3690558070 of (6, 10] at 10",
    ]
  `);
});

test("MA4: hashes of earlier compactions stay, of the newest ten", async () => {
  const target = await newTarget();
  for (let at = 0; at < 15; at++) {
    await target.kv.put(putOf("a", String(at)));
    await target.kv.put(putOf(`k${at}`, "v"));
    await target.kv.compact({ revision: BigInt(2 * at + 2), physical: true });
  }
  expect(await hashes(target, 2, 10, 12, 14, 20, 29, 30, 31, 0)).toMatchInlineSnapshot(`
    [
      "2: etcdserver: mvcc: required revision has been compacted",
      "10: etcdserver: mvcc: required revision has been compacted",
      "12: hash 3266020726 of (10, 12] at 31",
      "14: hash 234978425 of (12, 14] at 31",
      "20: hash 65924716 of (18, 20] at 31",
      "29: etcdserver: mvcc: required revision has been compacted",
      "30: hash 431500014 of (28, 30] at 31",
      "31: hash 4223940221 of (30, 31] at 31",
      "0: hash 4223940221 of (30, 31] at 31",
    ]
  `);
});

test("MA4: after a compaction of everything at a tombstone", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  await target.kv.deleteRange(rangeOf("a"));
  await target.kv.compact({ revision: 3n, physical: true });
  expect(await hashes(target, 0, 3)).toMatchInlineSnapshot(`
    [
      "0: hash 1084519789 of (3, 3] at 3",
      "3: hash 3520211144 of (-1, 3] at 3",
    ]
  `);
  await putAll(target, "a=2");
  expect(await hashes(target, 0, 3, 4)).toMatchInlineSnapshot(`
    [
      "0: hash 2665832701 of (3, 4] at 4",
      "3: hash 3520211144 of (-1, 3] at 4",
      "4: hash 2665832701 of (3, 4] at 4",
    ]
  `);
});

test("MA4: writes after the revision do not change its hash", async () => {
  const target = await compactable();
  const [before] = await hashes(target, 8);
  await putAll(target, "a=4", "z=1");
  const [after] = await hashes(target, 8);
  expect(after).toBe(before?.replace("at 10", "at 12"));
});

test("MA4: the errors have their codes", async () => {
  const target = await compactable();
  await target.kv.compact({ revision: 5n, physical: true });
  const compacted = target.maintenance.hashKV({ revision: 4n });
  await expectError(compacted, "OUT_OF_RANGE", "etcdserver: mvcc: required revision has been compacted");
  const future = target.maintenance.hashKV({ revision: 99n });
  await expectError(future, "OUT_OF_RANGE", "etcdserver: mvcc: required revision is a future revision");
});
