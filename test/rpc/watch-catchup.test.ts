import { expect, test } from "vitest";
import { put, putAll, putOf } from "./support/ops.ts";
import { bytes, events } from "./support/show.ts";
import { inProcess, localTarget, newTarget, type Target } from "./support/target.ts";
import { openWatch, Queue, type WatchClient } from "./support/watch.ts";

/** Makes so many revisions, of which some are asked for at once: each is a round trip to some runtime. */
async function makeRevisions(count: number, make: (at: number) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < count; first += 50) {
    const batch = Array.from({ length: Math.min(50, count - first) }, (_, at) => make(first + at));
    await Promise.all(batch);
  }
}

function revisions(response: { events: Array<{ kv?: { modRevision: bigint } }> }): bigint[] {
  return response.events.map((event) => event.kv?.modRevision ?? 0n);
}

test("WA5: catch-up sends at most 1000 revisions a response", async () => {
  const target = await newTarget();
  await makeRevisions(2100, (at) => target.kv.put(putOf("a", String(at))));
  const watch = await openWatch(target, "a", "", { startRevision: 1n });
  const responses = await watch.nextEvents(2100);
  expect(responses.map((response) => response.events.length)).toEqual([1000, 1000, 100]);
  expect(responses.flatMap(revisions)).toEqual(Array.from({ length: 2100 }, (_, at) => BigInt(at + 2)));
  for (const response of responses) expect(response.header?.revision).toBe(2101n);
});

test("WA5: a revision is never split: it is revisions that are counted, not events", async () => {
  const target = await newTarget();
  await makeRevisions(1010, () => target.kv.txn({ success: [put("a", "1"), put("b", "1"), put("c", "1")] }));
  const watch = await openWatch(target, "a", "z", { startRevision: 2n });
  const responses = await watch.nextEvents(3030);
  expect(responses.map((response) => response.events.length)).toEqual([3000, 30]);
});

/** Six values of 250 kB in one revision, then the same again with the old ones beside them: 3 MB. */
async function largeRevision(watch: WatchClient, target: Target): Promise<void> {
  const success = Array.from({ length: 6 }, (_, at) => put(`k${at}`, "x".repeat(250_000)));
  await target.kv.txn({ success });
  expect((await watch.next()).events.length).toBe(6);
  await target.kv.txn({ success });
}

test("WA5: a large response comes whole where fragments were not asked for", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "k", "l", { prevKv: true });
  await largeRevision(watch, target);
  const response = await watch.next();
  expect([response.events.length, response.fragment]).toEqual([6, false]);
});

test("WA5: with fragment it comes in parts under 2 MiB, the last one with fragment unset", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "k", "l", { prevKv: true, fragment: true });
  await largeRevision(watch, target);
  const parts = [await watch.next(), await watch.next()];
  expect(parts.map((part) => [part.events.length, part.fragment])).toEqual([
    [4, true],
    [2, false],
  ]);
  expect(parts.flatMap(revisions)).toEqual([3n, 3n, 3n, 3n, 3n, 3n]);
  for (const part of parts) expect([part.watchId, part.header?.revision, part.canceled]).toEqual([0n, 3n, false]);
  await putAll(target, "k9=small");
  const small = await watch.next();
  expect([events(small), small.fragment]).toEqual([["PUT k9=small 4/4/1"], false]);
});

test("WA5: an event that is too large by itself is one fragment", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "k", "l", { prevKv: true, fragment: true });
  const success = [put("k0", "x".repeat(1_200_000)), put("k1", "small")];
  await target.kv.txn({ success });
  await watch.next();
  await target.kv.txn({ success });
  const parts = [await watch.next(), await watch.next()];
  expect(parts.map((part) => [part.events.length, part.fragment])).toEqual([
    [1, true],
    [1, false],
  ]);
});

inProcess("WA8: a reader that stops loses nothing, and others are not held up", async () => {
  const target = localTarget();
  const slow = await openWatch(target, "a");
  const quick = await openWatch(target, "a");
  const seen: bigint[] = [];
  for (let at = 0; at < 3000; at++) {
    await target.kv.put(putOf("a", String(at)));
    seen.push(...revisions(await quick.next()));
  }
  const expected = Array.from({ length: 3000 }, (_, at) => BigInt(at + 2));
  expect(seen).toEqual(expected);
  const late = await slow.nextEvents(3000);
  expect(late.flatMap(revisions)).toEqual(expected);
  for (const response of late) expect(response.events.length).toBeLessThanOrEqual(1000);
});

inProcess(
  "WA5: what is written before a stream has its turn comes in one response, and what comes later by itself",
  async () => {
    const target = localTarget();
    const watch = await openWatch(target, "a");
    const one = { key: "a", value: bytes("1"), lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false };
    for (let at = 0; at < 3; at++) target.etcd.put(one);
    expect(revisions(await watch.next())).toEqual([2n, 3n, 4n]);
    target.etcd.put(one);
    expect(revisions(await watch.next())).toEqual([5n]);
  },
);

inProcess("WA8: a response to a slow reader ends at the first whole revision past 32 KiB", async () => {
  const target = localTarget();
  const slow = await openWatch(target, "a");
  for (let at = 0; at < 10; at++) await target.kv.put({ key: bytes("a"), value: new Uint8Array(10_000) });
  const late = await slow.nextEvents(10);
  expect(late.map((response) => response.events.length)).toEqual([4, 4, 2]);
});

inProcess(
  "WA8: a response of a catch-up ends at the first whole revision past 1 MiB, and then it is as any other",
  async () => {
    const target = localTarget();
    const put = () => target.kv.put({ key: bytes("a"), value: new Uint8Array(300_000) });
    for (let at = 0; at < 10; at++) await put();
    const watch = await openWatch(target, "a", "", { startRevision: 1n });
    const past = await watch.nextEvents(10);
    expect(past.map((response) => response.events.length)).toEqual([4, 4, 2]);
    for (let at = 0; at < 2; at++) await put();
    expect((await watch.nextEvents(2)).map((response) => response.events.length)).toEqual([1, 1]);
  },
);

inProcess("WA8: a client that sends but does not read is not read from either", async () => {
  const target = localTarget();
  const requests = new Queue<object>();
  const create = { requestUnion: { case: "createRequest", value: { key: bytes("a") } } };
  requests.push(create);
  const responses = target.watch.watch(requests)[Symbol.asyncIterator]();
  await responses.next();
  for (let at = 0; at < 5000; at++) requests.push(create);
  let waiting = -1;
  while (waiting !== requests.length) {
    waiting = requests.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(5000 - waiting).toBe(1024);
  for (let at = 0; at < 5000; at++) expect((await responses.next()).value?.watchId).toBe(BigInt(at + 1));
  await responses.return?.();
  expect(target.etcd.watchers).toBe(0);
});
