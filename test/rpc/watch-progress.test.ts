import { expect, test } from "vitest";
import type { WatchResponse } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { VirtualClock } from "../support/clock.ts";
import { putAll } from "./support/ops.ts";
import { events } from "./support/show.ts";
import { inProcess, localTarget, newTarget } from "./support/target.ts";
import { openWatch, WatchClient } from "./support/watch.ts";

const MINUTE_MS = 60_000;

function progress(response: WatchResponse): unknown[] {
  expect([response.created, response.canceled, response.events.length]).toEqual([false, false, 0]);
  return [response.watchId, response.header?.revision];
}

test("WA7: a progress request is answered once for the stream, with watch_id −1 and the revision", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a");
  watch.create("b");
  await watch.next();
  await putAll(target, "c=1", "d=1");
  watch.requestProgress();
  expect(progress(await watch.next())).toEqual([-1n, 3n]);
  watch.requestProgress();
  expect(progress(await watch.next())).toEqual([-1n, 3n]);
});

test("WA7: a stream without a watch gets no answer", async () => {
  const target = await newTarget();
  const watch = new WatchClient(target);
  watch.requestProgress();
  watch.create("a");
  expect((await watch.next()).created).toBe(true);
  watch.cancel(0n);
  expect((await watch.next()).canceled).toBe(true);
  watch.requestProgress();
  watch.create("a");
  expect((await watch.next()).created).toBe(true);
});

test("WA7: a stream with a watch that begins in the future gets no answer until then", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a");
  watch.create("a", "", { startRevision: 3n });
  await watch.next();
  watch.requestProgress();
  watch.create("x");
  expect((await watch.next()).created).toBe(true);
  await putAll(target, "b=1", "b=2");
  watch.requestProgress();
  expect(progress(await watch.next())).toEqual([-1n, 3n]);
});

test("WA7: a stream with a watch that compaction ended gets no answer until it is canceled", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "a=2");
  await target.kv.compact({ revision: 3n });
  const watch = await openWatch(target, "a", "", { startRevision: 1n });
  watch.create("b");
  const seen = [await watch.next(), await watch.next()];
  expect(seen.map((response) => response.canceled).toSorted()).toEqual([false, true]);
  watch.requestProgress();
  watch.cancel(0n);
  expect((await watch.next()).canceled).toBe(true);
  watch.requestProgress();
  expect(progress(await watch.next())).toEqual([-1n, 3n]);
});

inProcess("WA7: the answer comes after the events up to its revision, not before", async () => {
  const target = localTarget();
  const watch = await openWatch(target, "a");
  watch.create("b");
  await watch.next();
  await putAll(target, "a=1", "b=1");
  watch.requestProgress();
  await new Promise((resolve) => setImmediate(resolve));
  await putAll(target, "a=2");
  const seen: string[] = [];
  for (let count = 0; count < 3; count++) {
    const response = await watch.next();
    seen.push(...(response.events.length > 0 ? events(response) : [progress(response).join(" ")]));
  }
  expect(seen).toEqual(["PUT a=1 2/2/1", "PUT a=2 2/4/2", "PUT b=1 3/3/1", "-1 3"]);
});

inProcess(
  "WA7: an idle watch with progress_notify hears of the revision every ten minutes and up to a tenth more",
  async () => {
    const target = localTarget();
    const watch = await openWatch(target, "a", "", { progressNotify: true });
    watch.create("a");
    await watch.next();
    await putAll(target, "b=1");
    target.clock.advance(10 * MINUTE_MS - 1);
    await putAll(target, "b=2");
    target.clock.advance(MINUTE_MS + 1);
    expect(progress(await watch.next())).toEqual([0n, 3n]);
    await putAll(target, "b=3");
    target.clock.advance(11 * MINUTE_MS);
    expect(progress(await watch.next())).toEqual([0n, 4n]);
  },
);

inProcess("WA7: nothing before ten minutes have passed", async () => {
  const target = localTarget();
  const watch = await openWatch(target, "a", "", { progressNotify: true });
  target.clock.advance(10 * MINUTE_MS - 1);
  watch.create("b");
  expect((await watch.next()).created).toBe(true);
});

inProcess("WA7: the notification after events is skipped, the next one is not", async () => {
  const target = localTarget({ watchProgressNotifyIntervalMs: 1000 });
  const watch = await openWatch(target, "a", "", { progressNotify: true });
  await putAll(target, "a=1");
  expect(events(await watch.next())).toEqual(["PUT a=1 2/2/1"]);
  target.clock.advance(1100);
  watch.create("x");
  expect((await watch.next()).created).toBe(true);
  target.clock.advance(1100);
  expect(progress(await watch.next())).toEqual([0n, 2n]);
});

inProcess("WA7: a watch that has not caught up or begins in the future is not notified", async () => {
  const target = localTarget({ watchProgressNotifyIntervalMs: 1000 });
  const watch = await openWatch(target, "a", "", { progressNotify: true });
  watch.create("b", "", { progressNotify: true, startRevision: 9n });
  await watch.next();
  await putAll(target, "a=1");
  target.clock.advance(1100);
  expect(events(await watch.next())).toEqual(["PUT a=1 2/2/1"]);
  watch.create("x");
  expect((await watch.next()).created).toBe(true);
});

inProcess("WA7: the interval is an option, and at least 100 ms", async () => {
  const target = localTarget({ watchProgressNotifyIntervalMs: 1 });
  const watch = await openWatch(target, "a", "", { progressNotify: true });
  target.clock.advance(99);
  watch.create("x");
  expect((await watch.next()).created).toBe(true);
  target.clock.advance(11);
  expect(progress(await watch.next())).toEqual([0n, 1n]);
});

inProcess(
  "WA7: each stream puts its notifications off by a random part of a tenth, and sets no timer for none",
  async () => {
    const delaysMs: number[] = [];
    class RecordingClock extends VirtualClock {
      override setTimer(delayMs: number, callback: () => void): () => void {
        delaysMs.push(delayMs);
        return super.setTimer(delayMs, callback);
      }
    }
    const target = localTarget({ clock: new RecordingClock() });
    await openWatch(target, "a");
    expect(delaysMs.length).toBe(0);
    for (let stream = 0; stream < 20; stream++) await openWatch(target, "a", "", { progressNotify: true });
    expect(delaysMs.length).toBe(20);
    expect(new Set(delaysMs).size).toBeGreaterThan(1);
    expect(Math.min(...delaysMs)).toBeGreaterThanOrEqual(10 * MINUTE_MS);
    expect(Math.max(...delaysMs)).toBeLessThan(11 * MINUTE_MS);
  },
);
