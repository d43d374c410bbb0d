import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type LiveBatch, LiveWatch } from "../../../web/src/live/livewatch.ts";
import { ResumingWatch, type WatchRange } from "../../../web/src/live/resumingwatch.ts";
import { StreamBudget } from "../../../web/src/live/streambudget.ts";
import type { OpenWatchStream } from "../../../web/src/live/watchstream.ts";
import { equalBytes, keyAfter, utf8 } from "../../../web/src/store/bytes.ts";
import { fc } from "../../support/property.ts";
import { FakeServer, type Fault } from "./support/fakeserver.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const ALL: WatchRange = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };
const K1: WatchRange = { key: utf8("k1"), rangeEnd: new Uint8Array() };

class Watcher {
  readonly seen: string[] = [];
  readonly watch: ResumingWatch;

  constructor(open: OpenWatchStream, range: WatchRange, fromRevision = 0) {
    this.watch = new ResumingWatch({
      open,
      range,
      fromRevision,
      random: () => 1,
      listener: {
        onEvents: (events) => {
          for (const { kv } of events) this.seen.push(`${kv?.modRevision}:${new TextDecoder().decode(kv?.key)}`);
        },
      },
    });
    this.watch.start();
  }
}

const fault: fc.Arbitrary<Fault> = fc.record({
  after: fc.integer({ min: 0, max: 6 }),
  how: fc.constantFrom("unavailable", "internal", "end", "cancel"),
  repeat: fc.integer({ min: 0, max: 2 }),
});

test("watchers that share a stream are each told every event of theirs once, whoever comes, goes or fails", async () => {
  const step = fc.constantFrom("write", "join", "joinOne", "leave", "late");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { maxLength: 10 }),
      fc.array(step, { maxLength: 50 }),
      fc.integer({ min: 0, max: 2 }),
      async (faults, steps, maxOwn) => {
        const server = new FakeServer(faults);
        const open = new StreamBudget(server.open, maxOwn).within(server.open);
        server.write(2, 3);
        const watchers: Array<{ readonly watcher: Watcher; readonly isOne: boolean }> = [];
        for (const one of steps) {
          if (one === "write") server.write(2);
          else if (one === "leave") watchers.shift()?.watcher.watch.stop();
          else if (one === "join") watchers.push({ watcher: new Watcher(open, ALL, 2), isOne: false });
          else if (one === "joinOne") watchers.push({ watcher: new Watcher(open, K1, 3), isOne: true });
          await vi.advanceTimersByTimeAsync(one === "late" ? 20_000 : 0);
          expect(server.openStreams).toBeLessThanOrEqual(maxOwn + 1);
        }
        await vi.advanceTimersByTimeAsync(200_000);
        for (const { watcher, isOne } of watchers) {
          expect(watcher.seen).toEqual(
            isOne ? server.written(3).filter((one) => one.endsWith("k1")) : server.written(2),
          );
          watcher.watch.stop();
        }
        await vi.advanceTimersByTimeAsync(0);
        expect(server.openStreams).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
});

test("one that joins for what comes after now is not told of what came before", async () => {
  const server = new FakeServer([]);
  const open = new StreamBudget(server.open, 0).within(server.open);
  server.write(2, 3);
  const early = new Watcher(open, ALL, 2);
  await vi.advanceTimersByTimeAsync(0);
  const late = new Watcher(open, K1);
  await vi.advanceTimersByTimeAsync(0);
  const from = server.revision + 1;
  server.write(2, 2);
  await vi.advanceTimersByTimeAsync(0);
  expect(early.seen).toEqual(server.written(2));
  expect(late.seen).toEqual(server.written(from).filter((one) => one.endsWith("k1")));
  expect(server.openStreams).toBe(1);
  early.watch.stop();
  late.watch.stop();
});

test("a compaction ends only those whose revision is gone", async () => {
  const server = new FakeServer([]);
  const open = new StreamBudget(server.open, 0).within(server.open);
  server.write(2, 9);
  server.compact(6);
  const kept = new Watcher(open, ALL, 8);
  await vi.advanceTimersByTimeAsync(0);
  const gone = new Watcher(open, K1, 3);
  await vi.advanceTimersByTimeAsync(0);
  expect(gone.watch.state.value).toMatchObject({ phase: "compacted", compactRevision: 6 });
  expect(kept.watch.state.value.phase).toBe("live");
  expect(kept.seen).toEqual(server.written(8));
  kept.watch.stop();
});

test("a user who may not read what lies between two ranges watches each on a stream of its own", async () => {
  const server = new FakeServer([]);
  const denied = new ConnectError("etcdserver: permission denied", Code.PermissionDenied);
  // Permitted are single keys.
  const guarded: OpenWatchStream = (request, signal) => {
    if (request.rangeEnd.length > 0 && !equalBytes(request.rangeEnd, keyAfter(request.key))) throw denied;
    return server.open(request, signal);
  };
  const open = new StreamBudget(guarded, 0).within(guarded);
  server.write(3, 2);
  const first = new Watcher(open, { key: utf8("k0"), rangeEnd: new Uint8Array() }, 2);
  await vi.advanceTimersByTimeAsync(0);
  const second = new Watcher(open, { key: utf8("k2"), rangeEnd: new Uint8Array() }, 3);
  await vi.advanceTimersByTimeAsync(0);
  const third = new Watcher(open, ALL, 2);
  await vi.advanceTimersByTimeAsync(0);
  server.write(3);
  await vi.advanceTimersByTimeAsync(0);
  expect(first.seen).toEqual(server.written(2).filter((one) => one.endsWith("k0")));
  expect(second.seen).toEqual(server.written(3).filter((one) => one.endsWith("k2")));
  expect(third.watch.state.value).toMatchObject({ phase: "failed", error: denied });
  for (const { watch } of [first, second, third]) watch.stop();
});

test("a watch that is refused for good says why, and goes on when it is told to", async () => {
  const server = new FakeServer([]);
  server.refuse = new ConnectError("etcdserver: permission denied", Code.PermissionDenied);
  const batches: LiveBatch[] = [];
  const live = new LiveWatch(server.open, ALL);
  live.add((batch) => batches.push(batch));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(live.state.value).toMatchObject({ phase: "failed", error: server.refuse });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.requests).toHaveLength(1);
  server.refuse = undefined;
  live.retry();
  await vi.advanceTimersByTimeAsync(1_000);
  server.write(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(batches.map(({ reload, events }) => [reload, events.length])).toEqual([
    ["started", 0],
    [undefined, 1],
  ]);
  live.close();
});
