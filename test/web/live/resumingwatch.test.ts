import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ResumingWatch } from "../../../web/src/live/resumingwatch.ts";
import { fc } from "../../support/property.ts";
import { FakeServer, type Fault } from "./support/fakeserver.ts";

const RANGE = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watchOf(server: FakeServer, fromRevision = 0) {
  const seen: string[] = [];
  const started: number[] = [];
  const watch = new ResumingWatch({
    open: server.open,
    range: RANGE,
    fromRevision,
    random: () => 1,
    listener: {
      onStart: (revision) => started.push(revision),
      onEvents: (events) => {
        for (const { kv } of events) seen.push(`${kv?.modRevision}:${new TextDecoder().decode(kv?.key)}`);
      },
    },
  });
  return { watch, seen, started };
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

const fault: fc.Arbitrary<Fault> = fc.record({
  /** Responses until the stream ends. */
  after: fc.integer({ min: 0, max: 6 }),
  how: fc.constantFrom("unavailable", "internal", "end", "cancel"),
  /** Revisions before the one asked for that are sent again. */
  repeat: fc.integer({ min: 0, max: 3 }),
});

test("whatever ends its streams, it tells every event once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { maxLength: 12 }),
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 40 }),
      fc.boolean(),
      async (faults, writes, fromStart) => {
        const server = new FakeServer(faults);
        server.write(2);
        const { watch, seen, started } = watchOf(server, fromStart ? 2 : 0);
        watch.start();
        await vi.advanceTimersByTimeAsync(100_000);
        const expected = fromStart ? server.written(2) : [];
        const from = server.revision + 1;
        for (const size of writes) {
          if (size === 0) await vi.advanceTimersByTimeAsync(150);
          else server.write(size);
          await settle();
        }
        await vi.advanceTimersByTimeAsync(200_000);
        expect(seen).toEqual([...expected, ...server.written(from)]);
        expect(started).toEqual([fromStart ? 1 : from - 1]);
        expect(watch.position).toBe(server.revision + 1);
        watch.stop();
        await settle();
        expect(server.openStreams).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
});

test("a progress notification moves the position, so that a resume does not fall behind a compaction", async () => {
  const server = new FakeServer([]);
  const { watch } = watchOf(server);
  watch.start();
  await settle();
  server.revision = 500;
  server.progress();
  await settle();
  server.compact(400);
  server.disconnect();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(watch.state.value.phase).toBe("live");
  expect(server.requests.map((request) => request.startRevision)).toEqual([0n, 501n]);
  watch.stop();
});

test("a compacted position stops it and says where it can begin again", async () => {
  const server = new FakeServer([]);
  server.write(1, 9);
  server.compact(6);
  const { watch, seen } = watchOf(server, 3);
  watch.start();
  await settle();
  expect(watch.state.value).toMatchObject({ phase: "compacted", compactRevision: 6 });
  watch.restart(6);
  await settle();
  expect(seen).toEqual(server.written(6));
  watch.stop();
});

test("a server that is back with other data stops it", async () => {
  const server = new FakeServer([]);
  server.write(1, 9);
  const { watch } = watchOf(server);
  watch.start();
  await settle();
  server.forget();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(watch.state.value.phase).toBe("rewound");
  watch.restart();
  await settle();
  expect(watch.state.value.phase).toBe("live");
  expect(watch.position).toBe(server.revision + 1);
  watch.stop();
});

test("another member that lags behind is waited for", async () => {
  const server = new FakeServer([]);
  server.write(1, 9);
  const { watch, seen } = watchOf(server);
  watch.start();
  await settle();
  const from = server.revision + 1;
  server.memberId = 2n;
  server.lagBy = 3;
  server.disconnect();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(watch.state.value.phase).toBe("live");
  server.lagBy = 0;
  server.write(1);
  await settle();
  expect(seen).toEqual(server.written(from));
  watch.stop();
});

test("retries come later and later, and at once again after a stream that was live", async () => {
  const server = new FakeServer([]);
  server.refuse = new ConnectError("connection refused", Code.Unavailable);
  const { watch } = watchOf(server);
  watch.start();
  await vi.advanceTimersByTimeAsync(99);
  expect(server.requests).toHaveLength(1);
  expect(watch.state.value).toMatchObject({ phase: "reconnecting", error: { code: Code.Unavailable } });
  await vi.advanceTimersByTimeAsync(1 + 200 + 400 + 800 + 1_600 + 3_200 + 5_000);
  expect(server.requests).toHaveLength(8);
  server.refuse = undefined;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(watch.state.value.phase).toBe("live");
  server.disconnect();
  await vi.advanceTimersByTimeAsync(100);
  expect(watch.state.value.phase).toBe("live");
  watch.stop();
});

test("what no retry can mend fails with its reason", async () => {
  const server = new FakeServer([]);
  server.refuse = new ConnectError("etcdserver: permission denied", Code.PermissionDenied);
  const { watch } = watchOf(server);
  watch.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.requests).toHaveLength(1);
  expect(watch.state.value).toMatchObject({ phase: "failed", error: { code: Code.PermissionDenied } });
});

test("a stopped watch tells nothing, and goes on where it was", async () => {
  const server = new FakeServer([]);
  const { watch, seen } = watchOf(server);
  watch.start();
  await settle();
  server.write(1, 3);
  await settle();
  watch.stop();
  server.write(1, 3);
  await settle();
  expect(seen).toHaveLength(3);
  watch.start();
  await settle();
  expect(seen).toEqual(server.written(2));
  watch.stop();
});

test("each response is a sign of life", async () => {
  const server = new FakeServer([]);
  const { watch } = watchOf(server);
  expect(watch.lastResponseAtMs).toBe(0);
  watch.start();
  await settle();
  const created = watch.lastResponseAtMs;
  expect(created).toBe(Date.now());
  await vi.advanceTimersByTimeAsync(5_000);
  expect(watch.lastResponseAtMs).toBe(created);
  server.progress();
  await settle();
  expect(watch.lastResponseAtMs).toBe(created + 5_000);
  watch.stop();
});
