import { expect, test } from "vitest";
import { child, del, put, putAll, putOf, rangeOf } from "./support/ops.ts";
import { events } from "./support/show.ts";
import { inProcess, localTarget, newTarget } from "./support/target.ts";
import { openWatch, WatchClient } from "./support/watch.ts";

const NOPUT = 0;
const NODELETE = 1;

test("WA1: an empty key is the least key there can be", async () => {
  const target = await newTarget();
  const all = await openWatch(target, "", "\0");
  const least = await openWatch(target, "");
  await putAll(target, "a=1", "\0=1");
  expect((await all.nextEvents(2)).flatMap(events)).toEqual(["PUT a=1 2/2/1", "PUT \\x00=1 3/3/1"]);
  expect(events(await least.next())).toEqual(["PUT \\x00=1 3/3/1"]);
});

test("WA1: a watch is of one key, of an interval, or of every key from one on", async () => {
  const target = await newTarget();
  const watches = await Promise.all([
    openWatch(target, "b"),
    openWatch(target, "a", "c"),
    openWatch(target, "b", "\0"),
    openWatch(target, "b\0", "\xff"),
  ]);
  await putAll(target, "a=1", "b=1", "c=1", "\xff=1", "end=1");
  // Each ends with what shows that nothing else came before it.
  await target.kv.txn({ success: [put("b", "end"), put("b\0", "end")] });
  const seen: string[] = [];
  for (const watch of watches) {
    const found: string[] = [];
    while (!found.some((line) => line.includes("=end "))) found.push(...events(await watch.next()));
    seen.push(
      found
        .filter((line) => !line.includes("=end "))
        .map((line) => line.slice(4, -6))
        .join(" "),
    );
  }
  expect(seen).toEqual(["b=1", "a=1 b=1", "b=1 c=1 \\xff=1 end=1", "c=1 end=1"]);
});

test("WA1: IDs are given from 0 up, past those a client chose, and are not given twice", async () => {
  const target = await newTarget();
  const watch = new WatchClient(target);
  const ids: bigint[] = [];
  for (const watchId of [0n, 2n, 0n, 0n, 9n, -5n, -1n, 0n]) {
    watch.create("a", "", { watchId });
    const response = await watch.next();
    expect([response.created, response.canceled, response.events.length]).toEqual([true, false, 0]);
    ids.push(response.watchId);
  }
  expect(ids).toEqual([0n, 2n, 1n, 3n, 9n, -5n, -1n, 4n]);
  watch.cancel(1n);
  await watch.next();
  watch.create("a");
  expect((await watch.next()).watchId).toBe(5n);
});

test("WA2: create replies come in order of the creates, and carry the current revision", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  const watch = new WatchClient(target);
  for (let at = 0; at < 20; at++) watch.create(`k${at}`);
  for (let at = 0; at < 20; at++) {
    const response = await watch.next();
    expect([response.watchId, response.created, response.header?.revision]).toEqual([BigInt(at), true, 2n]);
  }
});

test("WA2: one stream carries many watches, each with its own events", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a");
  watch.create("b");
  await watch.next();
  watch.create("a", "c");
  await watch.next();
  await target.kv.txn({ success: [put("a", "1"), put("b", "1")] });
  const seen: Record<string, string[]> = {};
  for (let count = 0; count < 3; count++) {
    const response = await watch.next();
    seen[String(response.watchId)] = events(response);
  }
  expect(seen).toEqual({
    "0": ["PUT a=1 2/2/1"],
    "1": ["PUT b=1 2/2/1"],
    "2": ["PUT a=1 2/2/1", "PUT b=1 2/2/1"],
  });
});

test("WA2: a canceled watch says so once and is silent from then on", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a");
  watch.create("b");
  await watch.next();
  watch.cancel(0n);
  const canceled = await watch.next();
  expect([canceled.watchId, canceled.canceled, canceled.created]).toEqual([0n, true, false]);
  expect([canceled.cancelReason, canceled.compactRevision, canceled.header?.revision]).toEqual(["", 0n, 1n]);
  await putAll(target, "a=1", "b=1");
  expect(events(await watch.next())).toEqual(["PUT b=1 3/3/1"]);
});

test("WA2: cancel of an unknown ID is silent, and so is a second cancel", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a");
  watch.cancel(7n);
  watch.cancel(-1n);
  watch.cancel(0n);
  watch.cancel(0n);
  watch.create("b");
  expect((await watch.next()).canceled).toBe(true);
  expect((await watch.next()).created).toBe(true);
});

test("WA2: a request of no kind is passed over", async () => {
  const target = await newTarget();
  const watch = new WatchClient(target);
  watch.send({});
  watch.create("a");
  expect((await watch.next()).created).toBe(true);
});

test("WA2: a half-closed stream goes on sending", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a");
  watch.halfClose();
  await putAll(target, "a=1", "a=2");
  expect((await watch.nextEvents(2)).flatMap(events)).toEqual(["PUT a=1 2/2/1", "PUT a=2 2/3/2"]);
});

test("WA3: a negative start revision is refused", async () => {
  const target = await newTarget();
  const watch = new WatchClient(target);
  watch.create("a", "", { startRevision: -1n, watchId: 5n });
  const response = await watch.next();
  expect([response.watchId, response.created, response.canceled]).toEqual([-1n, true, true]);
  expect(response.cancelReason).toBe("etcdserver: mvcc: required revision has been compacted");
  expect([response.compactRevision, response.header?.revision]).toEqual([0n, 1n]);
});

test("WA3: an end at or before the key is refused", async () => {
  const target = await newTarget();
  const watch = new WatchClient(target);
  for (const [key, rangeEnd] of [
    ["b", "b"],
    ["b", "a"],
    ["b", "\0\0"],
  ] as const) {
    watch.create(key, rangeEnd);
    const response = await watch.next();
    expect([response.watchId, response.created, response.canceled, response.cancelReason]).toEqual([
      -1n,
      true,
      true,
      "mvcc: watcher range is empty",
    ]);
  }
});

test("WA3: a taken ID is refused, and free again once it is canceled", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a", "", { watchId: 5n });
  watch.create("b", "", { watchId: 5n });
  const refused = await watch.next();
  expect([refused.watchId, refused.created, refused.canceled, refused.cancelReason]).toEqual([
    -1n,
    true,
    true,
    "mvcc: duplicate watch ID provided on the WatchStream",
  ]);
  watch.cancel(5n);
  await watch.next();
  watch.create("b", "", { watchId: 5n });
  const created = await watch.next();
  expect([created.watchId, created.created, created.canceled]).toEqual([5n, true, false]);
});

test("WA3: a refused create leaves the stream and its other watches alone", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a");
  watch.create("b", "a");
  await watch.next();
  watch.create("b");
  expect((await watch.next()).watchId).toBe(1n);
  await putAll(target, "a=1");
  expect(events(await watch.next())).toEqual(["PUT a=1 2/2/1"]);
});

test("WA4: a start under the compacted revision is created, then canceled with it and no reason", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2", "a=3");
  await target.kv.compact({ revision: 3n });
  const watch = await openWatch(target, "a", "", { startRevision: 2n });
  const canceled = await watch.next();
  expect([canceled.watchId, canceled.created, canceled.canceled]).toEqual([0n, false, true]);
  expect([canceled.compactRevision, canceled.cancelReason, canceled.events.length]).toEqual([3n, "", 0]);
  expect(canceled.header?.revision).toBe(0n);
});

test("WA4: a start at the compacted revision goes well", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2", "a=3");
  await target.kv.compact({ revision: 3n });
  const watch = await openWatch(target, "a", "", { startRevision: 3n });
  expect((await watch.nextEvents(2)).flatMap(events)).toEqual(["PUT a=2 2/3/2", "PUT a=3 2/4/3"]);
});

test("WA4: the ID of a watch that compaction ended is taken until the client cancels it", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2");
  await target.kv.compact({ revision: 3n });
  const watch = await openWatch(target, "a", "", { startRevision: 1n, watchId: 5n });
  await watch.next();
  watch.create("a", "", { watchId: 5n });
  expect((await watch.next()).cancelReason).toBe("mvcc: duplicate watch ID provided on the WatchStream");
  watch.cancel(5n);
  const again = await watch.next();
  expect([again.watchId, again.canceled, again.compactRevision]).toEqual([5n, true, 0n]);
  watch.create("a", "", { watchId: 5n });
  expect((await watch.next()).watchId).toBe(5n);
});

test("WA4: compaction past what a live watch has seen does not touch it", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a");
  await putAll(target, "a=1", "b=1", "b=2");
  await watch.next();
  await target.kv.compact({ revision: 4n });
  await putAll(target, "a=2");
  expect(events(await watch.next())).toEqual(["PUT a=2 2/5/2"]);
});

test("WA5: a watch from a revision gets history and then what is new, in order, once", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=1", "a=2");
  const watch = await openWatch(target, "a", "z", { startRevision: 3n });
  expect((await watch.nextEvents(2)).flatMap(events)).toEqual(["PUT b=1 3/3/1", "PUT a=2 2/4/2"]);
  await target.kv.deleteRange(rangeOf("a", "z"));
  await putAll(target, "a=3");
  const rest = (await watch.nextEvents(3)).flatMap(events);
  expect(rest).toEqual(["DELETE a@5", "DELETE b@5", "PUT a=3 6/6/1"]);
});

test("WA5: a start in the future waits for it", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a", "", { startRevision: 4n });
  await putAll(target, "a=1", "a=2", "a=3", "a=4");
  expect((await watch.nextEvents(2)).flatMap(events)).toEqual(["PUT a=3 2/4/3", "PUT a=4 2/5/4"]);
});

test("WA5: start 0 is what comes after the create", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  const watch = await openWatch(target, "a", "", { startRevision: 0n });
  await putAll(target, "a=2");
  expect(events(await watch.next())).toEqual(["PUT a=2 2/3/2"]);
});

test("WA5: all events of a revision come in one response, in order of the ops", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "\0", "\0");
  const ops = Array.from({ length: 100 }, (_, at) => put(`k${at}`, "v"));
  await target.kv.txn({ success: ops.toReversed() });
  const response = await watch.next();
  expect(events(response)).toEqual(ops.map((_, at) => `PUT k${at}=v 2/2/1`).reverse());
  expect(response.header?.revision).toBe(2n);
});

test("WA5: each of two puts of different revisions keeps its own revision, however they are grouped", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "\0", "\0");
  for (let at = 0; at < 50; at++) await putAll(target, `k${at}=v`);
  const responses = await watch.nextEvents(50);
  expect(responses.flatMap(events)).toEqual(
    Array.from({ length: 50 }, (_, at) => `PUT k${at}=v ${at + 2}/${at + 2}/1`),
  );
  for (const response of responses) {
    expect(response.header?.revision).toBeGreaterThanOrEqual(response.events.at(-1)?.kv?.modRevision ?? 0n);
  }
});

test("WA6: prev_kv is what the key was before the revision, absent for a create", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a", "", { prevKv: true });
  await putAll(target, "a=1", "a=2");
  await target.kv.deleteRange(rangeOf("a"));
  await putAll(target, "a=3");
  expect((await watch.nextEvents(4)).flatMap(events)).toEqual([
    "PUT a=1 2/2/1",
    "PUT a=2 2/3/2 [a=1 2/2/1]",
    "DELETE a@4 [a=2 2/3/2]",
    "PUT a=3 5/5/1",
  ]);
});

test("WA6: prev_kv is of the revision before, also where the txn wrote the key already", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  const watch = await openWatch(target, "a", "z", { prevKv: true });
  await target.kv.txn({ success: [child(put("a", "2"), put("b", "1")), child(del("a", "z"))] });
  expect(events(await watch.next())).toEqual([
    "PUT a=2 2/3/2 [a=1 2/2/1]",
    "PUT b=1 3/3/1",
    "DELETE a@3 [a=1 2/2/1]",
    "DELETE b@3",
  ]);
});

test("WA6: prev_kv is absent where the revision before was compacted", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2", "b=1", "a=3", "a=4");
  await target.kv.compact({ revision: 5n, physical: true });
  const watch = await openWatch(target, "a", "", { prevKv: true, startRevision: 5n });
  expect((await watch.nextEvents(2)).flatMap(events)).toEqual(["PUT a=3 2/5/3", "PUT a=4 2/6/4 [a=3 2/5/3]"]);
});

test("WA6: without prev_kv there is none", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  const watch = await openWatch(target, "a");
  await putAll(target, "a=2");
  await target.kv.deleteRange(rangeOf("a"));
  expect((await watch.nextEvents(2)).flatMap(events)).toEqual(["PUT a=2 2/3/2", "DELETE a@4"]);
});

test("WA6: NOPUT and NODELETE leave out their kind; a batch filtered to nothing is not sent", async () => {
  const target = await newTarget();
  const deletes = await openWatch(target, "a", "z", { filters: [NOPUT] });
  const puts = await openWatch(target, "a", "z", { filters: [NODELETE] });
  await putAll(target, "a=1", "b=1");
  await target.kv.txn({ success: [del("a"), put("c", "1")] });
  await target.kv.deleteRange(rangeOf("b"));
  await putAll(target, "d=1");
  const responses = [...(await deletes.nextEvents(2)), ...(await puts.nextEvents(4))];
  for (const response of responses) expect(response.events.length).toBeGreaterThan(0);
  expect(responses.flatMap(events)).toEqual([
    "DELETE a@4",
    "DELETE b@5",
    "PUT a=1 2/2/1",
    "PUT b=1 3/3/1",
    "PUT c=1 4/4/1",
    "PUT d=1 6/6/1",
  ]);
});

test("WA6: both filters together leave out everything, an unknown one nothing", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a", "", { filters: [NOPUT, NODELETE] });
  watch.create("a", "", { filters: [7] });
  await watch.next();
  await putAll(target, "a=1");
  await target.kv.deleteRange(rangeOf("a"));
  const responses = await watch.nextEvents(2);
  expect(responses.flatMap(events)).toEqual(["PUT a=1 2/2/1", "DELETE a@3"]);
  for (const response of responses) expect(response.watchId).toBe(1n);
});

test("WA6: filters hold for history too", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  await target.kv.deleteRange(rangeOf("a"));
  await putAll(target, "a=2");
  const watch = await openWatch(target, "a", "", { startRevision: 1n, filters: [NOPUT], prevKv: true });
  expect(events(await watch.next())).toEqual(["DELETE a@3 [a=1 2/2/1]"]);
});

inProcess("WA4: a watch that falls behind a compaction is canceled when it is read", async () => {
  const target = localTarget();
  const watch = await openWatch(target, "a");
  await putAll(target, "a=1", "a=2", "a=3");
  await target.kv.compact({ revision: 4n });
  const response = await watch.next();
  expect([response.canceled, response.compactRevision, response.events.length]).toEqual([true, 4n, 0]);
  expect(target.etcd.watchers).toBe(0);
});

inProcess("WA2: a client that goes away takes its watches with it", async () => {
  const target = localTarget();
  const watch = await openWatch(target, "a");
  watch.create("b", "c");
  await watch.next();
  expect(target.etcd.watchers).toBe(2);
  watch.close();
  await expect(watch.next()).rejects.toThrow();
  expect(target.etcd.watchers).toBe(0);
  expect(target.clock.pending).toBe(0);
  await target.kv.put(putOf("a", "1"));
});
