import { expect, test } from "vitest";
import { child, compare, del, get, put, putOf, rangeOf } from "./support/ops.ts";
import { bytes, expectError } from "./support/show.ts";
import { newTarget } from "./support/target.ts";

const TOO_LARGE = "etcdserver: request is too large";
const MAX_BYTES = 2000;

/**
 * Bytes of a put of key "k" that are not its value: tags and lengths, and the envelope that etcd counts too.
 * The envelope holds a request ID of 9 or 10 bytes, so the last few bytes before the limit are anyone's.
 */
const PUT_OVERHEAD_BYTES = 22;
const SLACK_BYTES = 3;

test("KV2: a put may be as large as the limit with its envelope, and no larger", async () => {
  const target = await newTarget({ maxRequestBytes: MAX_BYTES });
  const fits = MAX_BYTES - PUT_OVERHEAD_BYTES;
  await target.kv.put(putOf("k", "x".repeat(fits - SLACK_BYTES)));
  const call = target.kv.put(putOf("k", "x".repeat(fits + SLACK_BYTES)));
  await expectError(call, "INVALID_ARGUMENT", TOO_LARGE);
  expect((await target.kv.range(rangeOf("k"))).kvs[0]?.version).toBe(1n);
});

test("KV2: the limit is 1.5 MiB by default, key and value together", async () => {
  const target = await newTarget();
  const half = "x".repeat(768 * 1024);
  await target.kv.put(putOf(half, half.slice(100)));
  await expectError(target.kv.put(putOf(half, half)), "INVALID_ARGUMENT", TOO_LARGE);
});

test("KV4: a delete is limited too, a range is not", async () => {
  const target = await newTarget({ maxRequestBytes: MAX_BYTES });
  const long = "x".repeat(MAX_BYTES);
  await target.kv.deleteRange(rangeOf(long.slice(100)));
  await expectError(target.kv.deleteRange(rangeOf(long)), "INVALID_ARGUMENT", TOO_LARGE);
  await expectError(target.kv.deleteRange(rangeOf("a", long)), "INVALID_ARGUMENT", TOO_LARGE);
  expect((await target.kv.range(rangeOf(long, long))).count).toBe(0n);
});

test("TX1: a txn is limited as a whole, both branches and the compares, but not one that only reads", async () => {
  const target = await newTarget({ maxRequestBytes: MAX_BYTES });
  const half = "x".repeat(MAX_BYTES / 2);
  await target.kv.txn({ success: [put("a", half)] });
  await expectError(target.kv.txn({ success: [put("a", half), put("b", half)] }), "INVALID_ARGUMENT", TOO_LARGE);
  await expectError(
    target.kv.txn({ success: [put("a", half)], failure: [put("a", half)] }),
    "INVALID_ARGUMENT",
    TOO_LARGE,
  );
  await expectError(target.kv.txn({ success: [child(put("a", half)), del(half)] }), "INVALID_ARGUMENT", TOO_LARGE);
  const large = compare("a", 3, 0, { case: "value", value: bytes(half + half) });
  await expectError(target.kv.txn({ compare: [large], success: [del("a")] }), "INVALID_ARGUMENT", TOO_LARGE);
  expect((await target.kv.txn({ compare: [large], failure: [get(half, half)] })).succeeded).toBe(false);
});

test("TX1: what is wrong with a request is told before its size", async () => {
  const target = await newTarget({ maxRequestBytes: MAX_BYTES });
  const call = target.kv.put(putOf("", "x".repeat(MAX_BYTES)));
  await expectError(call, "INVALID_ARGUMENT", "etcdserver: key is not provided");
});
