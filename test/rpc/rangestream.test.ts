import { expect, test } from "vitest";
import type { RangeResponse } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { putAll, putOf, type RangeInit, rangeOf } from "./support/ops.ts";
import { expectError, keys, kvs } from "./support/show.ts";
import { inProcess, localTarget, newTarget, type Target } from "./support/target.ts";

async function chunks(target: Target, key: string, rangeEnd: string, init: RangeInit = {}): Promise<RangeResponse[]> {
  const responses: RangeResponse[] = [];
  for await (const { rangeResponse } of target.kv.rangeStream(rangeOf(key, rangeEnd, init))) {
    if (rangeResponse !== undefined) responses.push(rangeResponse);
  }
  return responses;
}

async function putMany(target: Target, count: number, value = "v"): Promise<string[]> {
  const names = Array.from({ length: count }, (_, at) => `k${String(at).padStart(4, "0")}`);
  for (const name of names) await target.kv.put(putOf(name, value));
  return names;
}

test("KV12: the chunks together are the range, in key order", async () => {
  const target = await newTarget();
  const names = await putMany(target, 75);
  const stream = await chunks(target, "k", "l");
  expect(stream.flatMap(keys)).toEqual(names);
  expect(stream.length).toBeGreaterThan(1);
});

test("KV12: the number of keys a chunk doubles from ten on", async () => {
  const target = await newTarget();
  await putMany(target, 75);
  expect((await chunks(target, "k", "l")).map((chunk) => chunk.kvs.length)).toEqual([10, 20, 40, 5]);
});

test("KV12: it stays where chunks are near the request limit and halves where they are far over it", async () => {
  const target = await newTarget({ maxRequestBytes: 2000 });
  await putMany(target, 40, "x".repeat(100));
  const near = (await chunks(target, "k", "l")).map((chunk) => chunk.kvs.length);
  await target.kv.deleteRange(rangeOf("k", "l"));
  await putMany(target, 40, "x".repeat(1000));
  const over = (await chunks(target, "k", "l")).map((chunk) => chunk.kvs.length);
  expect([near, over]).toEqual([
    [10, 10, 10, 10],
    [10, 5, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1],
  ]);
});

test("KV12: header, more and count come in the last chunk only", async () => {
  const target = await newTarget();
  await putMany(target, 35);
  const stream = await chunks(target, "k", "l", { limit: 32n });
  const last = stream.pop();
  for (const chunk of stream) expect([chunk.header, chunk.more, chunk.count]).toEqual([undefined, false, 0n]);
  expect(last?.header?.revision).toBe(36n);
  expect(last?.header?.clusterId).toBeGreaterThan(0n);
  expect([last?.more, last?.count]).toEqual([true, 35n]);
  expect(stream.concat(last ?? []).flatMap(keys).length).toBe(32);
});

test("KV12: a limit that covers everything leaves more unset", async () => {
  const target = await newTarget();
  await putMany(target, 12);
  for (const limit of [0n, 12n, 13n]) {
    const last = (await chunks(target, "k", "l", { limit })).pop();
    expect([last?.more, last?.count]).toEqual([false, 12n]);
  }
});

test("KV12: an empty range and a single key are one chunk", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  const empty = await chunks(target, "b", "z");
  expect(empty.map((chunk) => [keys(chunk), chunk.count, chunk.header?.revision])).toEqual([[[], 0n, 2n]]);
  const single = await chunks(target, "a", "");
  expect(single.map((chunk) => [kvs(chunk), chunk.count, chunk.header?.revision])).toEqual([[["a=1 2/2/1"], 1n, 2n]]);
});

test("KV12: count_only is one chunk with the count", async () => {
  const target = await newTarget();
  await putMany(target, 12);
  const stream = await chunks(target, "k", "l", { countOnly: true, limit: 3n });
  expect(stream.map((chunk) => [chunk.kvs.length, chunk.count, chunk.more, chunk.header?.revision])).toEqual([
    [0, 12n, false, 13n],
  ]);
});

test("KV12: keys_only leaves out values and leases", async () => {
  const target = await newTarget();
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  await target.kv.put(putOf("a", "1", { lease: 7n }));
  expect((await chunks(target, "a", "z", { keysOnly: true })).flatMap(kvs)).toEqual(["a= 2/2/1"]);
});

test("KV12: a read of the past gives the past; the header's revision is the one when the stream began", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2", "b=1");
  const stream = await chunks(target, "a", "z", { revision: 2n });
  expect(stream.flatMap(kvs)).toEqual(["a=1 2/2/1"]);
  expect(stream.at(-1)?.header?.revision).toBe(4n);
});

test("KV12: a custom sort is not supported, key order ascending and NONE are", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  const message = "RangeStream does not support custom sort orders";
  for (const init of [{ sortOrder: 2 }, { sortOrder: 1, sortTarget: 3 }]) {
    await expectError(chunks(target, "a", "z", init), "UNIMPLEMENTED", message);
  }
  for (const init of [{ sortOrder: 1 }, { sortOrder: 0, sortTarget: 3 }]) {
    expect((await chunks(target, "a", "z", init)).flatMap(keys)).toEqual(["a"]);
  }
});

test("KV12: NONE with another target sorts each chunk by itself, so that keys may come twice or not at all", async () => {
  const target = await newTarget();
  await putMany(target, 25);
  await target.kv.put(putOf("k0003", "v"));
  const stream = await chunks(target, "k", "l", { sortTarget: 1 });
  const first = [0, 1, 2, 4, 5, 6, 7, 8, 9, 10].map((at) => `k${String(at).padStart(4, "0")}`);
  expect(stream[0] && keys(stream[0])).toEqual(first);
  expect(stream.flatMap(keys)).not.toContain("k0003");
});

test("KV12: revision filters are not supported", async () => {
  const target = await newTarget();
  const message = "RangeStream does not support revision filters";
  for (const init of [
    { minModRevision: 1n },
    { maxModRevision: 1n },
    { minCreateRevision: 1n },
    { maxCreateRevision: 1n },
  ]) {
    await expectError(chunks(target, "a", "z", init), "UNIMPLEMENTED", message);
  }
});

test("KV12: what is wrong with a range is wrong with its stream", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2");
  await target.kv.compact({ revision: 3n });
  await expectError(chunks(target, "", "z"), "INVALID_ARGUMENT", "etcdserver: key is not provided");
  await expectError(chunks(target, "a", "z", { sortOrder: 7 }), "INVALID_ARGUMENT", "etcdserver: invalid sort option");
  await expectError(
    chunks(target, "a", "z", { revision: 2n }),
    "OUT_OF_RANGE",
    "etcdserver: mvcc: required revision has been compacted",
  );
  await expectError(
    chunks(target, "a", "z", { revision: 4n }),
    "OUT_OF_RANGE",
    "etcdserver: mvcc: required revision is a future revision",
  );
});

inProcess("KV12: the revision is pinned: writes while the stream goes on are not in it", async () => {
  const target = localTarget();
  const names = await putMany(target, 30);
  const stream = target.kv.rangeStream(rangeOf("k", "l"));
  const seen: string[] = [];
  let revision: bigint | undefined;
  for await (const { rangeResponse } of stream) {
    seen.push(...keys(rangeResponse ?? { kvs: [] }));
    revision = rangeResponse?.header?.revision;
    await target.kv.deleteRange(rangeOf("k0020", "l"));
    await target.kv.put(putOf("k0015a", "new"));
  }
  expect(seen).toEqual(names);
  expect(revision).toBe(31n);
});

inProcess("KV12: compaction past the pinned revision midway ends the stream with an error", async () => {
  const target = localTarget();
  await putMany(target, 30);
  const read = async (): Promise<void> => {
    for await (const { rangeResponse } of target.kv.rangeStream(rangeOf("k", "l"))) {
      expect(rangeResponse?.kvs.length).toBe(10);
      await target.kv.put(putOf("other", "1"));
      await target.kv.compact({ revision: 32n });
    }
  };
  await expectError(read(), "OUT_OF_RANGE", "etcdserver: mvcc: required revision has been compacted");
});

inProcess("KV12: compaction at the pinned revision midway changes nothing", async () => {
  const target = localTarget();
  const names = await putMany(target, 30);
  const seen: string[] = [];
  for await (const { rangeResponse } of target.kv.rangeStream(rangeOf("k", "l"))) {
    seen.push(...keys(rangeResponse ?? { kvs: [] }));
    if (seen.length === 10) await target.kv.compact({ revision: 31n });
  }
  expect(seen).toEqual(names);
});
