import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NO_FILTER } from "../../../web/src/watch/filter.ts";
import { type Bounds, WatchSession } from "../../../web/src/watch/watchsession.ts";
import { fc } from "../../support/property.ts";
import { FakeServer, type Fault } from "../live/support/fakeserver.ts";

const SPEC = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };
const FRAME_MS = 300;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function sessionOf(server: FakeServer, bounds: Partial<Bounds> = {}): WatchSession {
  return new WatchSession(1, SPEC, server.open, { maxRows: 1_000, maxHeldRows: 1_000, maxBytes: 1e9, ...bounds });
}

function keptBy(session: WatchSession): string[] {
  return [...session.kept].map(({ revision, kv }) => `${revision}:${new TextDecoder().decode(kv.key)}`);
}

async function frame(): Promise<void> {
  await vi.advanceTimersByTimeAsync(FRAME_MS);
}

const fault: fc.Arbitrary<Fault> = fc.record({
  after: fc.integer({ min: 0, max: 4 }),
  how: fc.constantFrom("unavailable", "internal", "end", "cancel"),
  repeat: fc.integer({ min: 0, max: 2 }),
});
const step = fc.oneof(
  fc.record({ do: fc.constant("write" as const), size: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constantFrom("pause" as const, "resume" as const, "frame" as const, "late" as const) }),
);

test("through pauses, full buffers and lost streams it keeps every event once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { maxLength: 6 }),
      fc.array(step, { minLength: 1, maxLength: 60 }),
      // Small: most pauses outlast it.
      fc.integer({ min: 1, max: 12 }),
      async (faults, steps, heldRows) => {
        const server = new FakeServer(faults);
        const session = sessionOf(server, { maxHeldRows: heldRows });
        await vi.advanceTimersByTimeAsync(60_000);
        const from = server.revision + 1;
        for (const one of steps) {
          if (one.do === "write") server.write(one.size);
          else if (one.do === "pause") session.pause();
          else if (one.do === "resume") session.resume();
          await vi.advanceTimersByTimeAsync(one.do === "late" ? 10_000 : one.do === "frame" ? FRAME_MS : 0);
        }
        session.resume();
        await vi.advanceTimersByTimeAsync(60_000);
        expect(keptBy(session)).toEqual(server.written(from));
        expect(session.forgotten).toBe(0);
        session.close();
      },
    ),
    { numRuns: 100 },
  );
});

test("a pause freezes what is shown and counts what comes in", async () => {
  const server = new FakeServer([]);
  const session = sessionOf(server);
  await frame();
  server.write(1, 3);
  await frame();
  session.pause();
  const version = session.version.value;
  server.write(1, 4);
  await frame();
  expect(session.shown.length).toBe(3);
  expect(session.version.value).toBe(version);
  expect(session.heldCount).toBe(4);
  session.resume();
  expect(session.shown.length).toBe(7);
  expect(session.heldCount).toBe(0);
  session.close();
});

test("a pause past the buffer closes the stream, and the resume reads on after the last event", async () => {
  const server = new FakeServer([]);
  const session = sessionOf(server, { maxRows: 10, maxHeldRows: 10 });
  await frame();
  session.pause();
  server.write(1, 9);
  await frame();
  expect(session.isHeldFull).toBe(false);
  server.write(2);
  await frame();
  expect(session.isHeldFull).toBe(true);
  expect(server.openStreams).toBe(0);
  const { position } = session.watch;
  server.write(1, 5);
  await frame();
  expect(session.heldCount).toBe(11);
  session.resume();
  await frame();
  expect(server.requests.at(-1)?.startRevision).toBe(BigInt(position));
  expect(session.received).toBe(16);
  expect(keptBy(session)).toEqual(server.written(2).slice(-10));
  session.close();
});

test("a resume whose place was compacted says so, and can begin where it can", async () => {
  const server = new FakeServer([]);
  const session = sessionOf(server, { maxHeldRows: 2 });
  await frame();
  session.pause();
  server.write(1, 8);
  await frame();
  server.compact(server.revision);
  session.resume();
  await frame();
  expect(session.watch.state.value).toMatchObject({ phase: "compacted", compactRevision: server.revision });
  session.restart(server.revision);
  await frame();
  expect(session.watch.state.value.phase).toBe("live");
  expect(keptBy(session).at(-1)).toBe(`${server.revision}:k0`);
  session.close();
});

test("the oldest go by count and by bytes, and are counted", async () => {
  const server = new FakeServer([]);
  const session = sessionOf(server, { maxRows: 50, maxBytes: 3_000 });
  await frame();
  server.write(1, 40);
  await frame();
  expect(session.kept.length).toBe(7);
  expect(session.kept.sizeBytes).toBeLessThanOrEqual(3_000);
  expect(session.forgotten).toBe(33);
  expect(keptBy(session)).toEqual(server.written(2).slice(-7));
  session.close();
});

test("a filter hides without dropping", async () => {
  const server = new FakeServer([]);
  const session = sessionOf(server);
  await frame();
  server.write(3, 4);
  await frame();
  session.setFilter({ ...NO_FILTER, prefix: "k2" });
  expect(session.shown.length).toBe(4);
  server.write(3);
  await frame();
  expect(session.shown.length).toBe(5);
  session.setFilter(NO_FILTER);
  expect(session.shown.length).toBe(15);
  session.close();
});

test("what is shown changes once a frame, however many responses come", async () => {
  const server = new FakeServer([]);
  const session = sessionOf(server);
  await frame();
  let changes = 0;
  session.version.subscribe(() => changes++);
  for (let times = 0; times < 50; times++) {
    server.write(1);
    await vi.advanceTimersByTimeAsync(1);
  }
  await frame();
  expect(session.shown.length).toBe(50);
  expect(changes).toBe(1);
  session.close();
});
