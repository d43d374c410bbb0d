import { expect, test } from "vitest";
import { put, putAll, putOf, rangeOf } from "./support/ops.ts";
import { bytes, expectError, kv, kvs, text } from "./support/show.ts";
import { newTarget, type Target } from "./support/target.ts";

async function keysOfLease(target: Target, ID: bigint): Promise<string[]> {
  return (await target.lease.leaseTimeToLive({ ID, keys: true })).keys.map(text);
}

test("KV1: a put without a key is refused", async () => {
  const target = await newTarget();
  await expectError(target.kv.put(putOf("", "v")), "INVALID_ARGUMENT", "etcdserver: key is not provided");
});

test("KV2: ignore_value with a value is refused, whether the key exists or not", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  for (const key of ["a", "missing"]) {
    const call = target.kv.put(putOf(key, "v", { ignoreValue: true }));
    await expectError(call, "INVALID_ARGUMENT", "etcdserver: value is provided");
  }
});

test("KV2: ignore_lease with a lease is refused, whether the lease exists or not", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  for (const lease of [7n, 8n]) {
    const call = target.kv.put(putOf("a", "v", { ignoreLease: true, lease }));
    await expectError(call, "INVALID_ARGUMENT", "etcdserver: lease is provided");
  }
});

test("KV2: the value is looked at before the lease, and the key before both", async () => {
  const target = await newTarget();
  const wrong = { ignoreValue: true, ignoreLease: true, lease: 8n };
  await expectError(target.kv.put(putOf("", "v", wrong)), "INVALID_ARGUMENT", "etcdserver: key is not provided");
  await expectError(target.kv.put(putOf("a", "v", wrong)), "INVALID_ARGUMENT", "etcdserver: value is provided");
});

test("KV2: ignore_value and ignore_lease need the key to exist", async () => {
  const target = await newTarget();
  await putAll(target, "gone=1");
  await target.kv.deleteRange(rangeOf("gone"));
  const message = "etcdserver: key not found";
  for (const key of ["never", "gone"]) {
    await expectError(target.kv.put(putOf(key, "", { ignoreValue: true })), "INVALID_ARGUMENT", message);
    await expectError(target.kv.put(putOf(key, "v", { ignoreLease: true })), "INVALID_ARGUMENT", message);
    await expectError(
      target.kv.put(putOf(key, "", { ignoreValue: true, ignoreLease: true })),
      "INVALID_ARGUMENT",
      message,
    );
  }
  expect((await target.kv.range(rangeOf("never"))).header?.revision).toBe(3n);
});

test("KV2: an unknown lease is told before a missing key", async () => {
  const target = await newTarget();
  const call = target.kv.put(putOf("a", "", { ignoreValue: true, lease: 8n }));
  await expectError(call, "NOT_FOUND", "etcdserver: requested lease not found");
});

test("KV2: ignore_value keeps the value and takes the lease that the request names", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await putAll(target, "a=1");
  await target.kv.put(putOf("a", "", { ignoreValue: true, lease: 7n }));
  expect(kvs(await target.kv.range(rangeOf("a")))).toEqual(["a=1 2/3/2/7"]);
  await target.kv.put(putOf("a", "", { ignoreValue: true }));
  expect(kvs(await target.kv.range(rangeOf("a")))).toEqual(["a=1 2/4/3"]);
});

test("KV2: ignore_lease keeps the lease and takes the value; both together touch the key only", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await target.kv.put(putOf("a", "1", { lease: 7n }));
  await target.kv.put(putOf("a", "2", { ignoreLease: true }));
  expect(kvs(await target.kv.range(rangeOf("a")))).toEqual(["a=2 2/3/2/7"]);
  await target.kv.put(putOf("a", "", { ignoreLease: true, ignoreValue: true }));
  expect(kvs(await target.kv.range(rangeOf("a")))).toEqual(["a=2 2/4/3/7"]);
  expect(await keysOfLease(target, 7n)).toEqual(["a"]);
});

test("KV2: in a txn the key must exist before it, not only after an earlier op", async () => {
  const target = await newTarget();
  const success = [put("other", "1"), put("a", "", { ignoreValue: true })];
  await expectError(target.kv.txn({ success }), "INVALID_ARGUMENT", "etcdserver: key not found");
});

test("KV3: a put with a lease that is not there is refused", async () => {
  const target = await newTarget();
  for (const lease of [7n, -7n, 2n ** 63n - 1n]) {
    await expectError(target.kv.put(putOf("a", "v", { lease })), "NOT_FOUND", "etcdserver: requested lease not found");
  }
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await target.lease.leaseRevoke({ ID: 7n });
  const call = target.kv.put(putOf("a", "v", { lease: 7n }));
  await expectError(call, "NOT_FOUND", "etcdserver: requested lease not found");
});

test("KV3: a put with another lease moves the key to it, one with none detaches it", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await target.lease.leaseGrant({ ID: 8n, TTL: 60n });
  await target.kv.put(putOf("a", "1", { lease: 7n }));
  await target.kv.put(putOf("b", "1", { lease: 7n }));
  expect(await keysOfLease(target, 7n)).toEqual(["a", "b"]);
  await target.kv.put(putOf("a", "2", { lease: 8n }));
  expect([await keysOfLease(target, 7n), await keysOfLease(target, 8n)]).toEqual([["b"], ["a"]]);
  await target.kv.put(putOf("a", "3"));
  expect(await keysOfLease(target, 8n)).toEqual([]);
  await target.lease.leaseRevoke({ ID: 8n });
  expect(kvs(await target.kv.range(rangeOf("a")))).toEqual(["a=3 2/5/3"]);
});

test("KV5: the first write is revision 2; version and mod_revision go up with each put, create_revision stays", async () => {
  const target = await newTarget();
  for (const revision of [2n, 3n, 4n]) {
    expect((await target.kv.put(putOf("a", "v"))).header?.revision).toBe(revision);
  }
  expect(kvs(await target.kv.range(rangeOf("a")))).toEqual(["a=v 2/4/3"]);
});

test("KV5: prev_kv is the pair before the put, and absent where there was none", async () => {
  const target = await newTarget();
  const previous = async (value: string) => {
    const { prevKv } = await target.kv.put(putOf("a", value, { prevKv: true }));
    return prevKv === undefined ? undefined : kv(prevKv);
  };
  expect(await previous("1")).toBeUndefined();
  expect(await previous("2")).toBe("a=1 2/2/1");
  await target.kv.deleteRange(rangeOf("a"));
  expect(await previous("3")).toBeUndefined();
  expect((await target.kv.put(putOf("a", "4"))).prevKv).toBeUndefined();
});

test("KV11: a put after a delete begins anew at version 1 with a new create_revision", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2");
  await target.kv.deleteRange(rangeOf("a"));
  await putAll(target, "a=3");
  expect(kvs(await target.kv.range(rangeOf("a")))).toEqual(["a=3 5/5/1"]);
  expect(kvs(await target.kv.range(rangeOf("a", "", { revision: 3n })))).toEqual(["a=2 2/3/2"]);
  expect(kvs(await target.kv.range(rangeOf("a", "", { revision: 4n })))).toEqual([]);
});

test("KV6: keys and values are bytes: none is changed, also not those that are no text", async () => {
  const target = await newTarget();
  const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  await target.kv.put({ key: everyByte, value: everyByte });
  await target.kv.put({ key: bytes("\xff\xfe"), value: bytes("") });
  const response = await target.kv.range({ key: bytes("\0"), rangeEnd: bytes("\0") });
  expect(response.kvs.map((pair) => [pair.key, pair.value])).toEqual([
    [everyByte, everyByte],
    [bytes("\xff\xfe"), bytes("")],
  ]);
});
