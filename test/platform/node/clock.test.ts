/** The machine's clock, with the machine's timers under the test's control. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { realClock } from "../../../src/platform/node/clock.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const DAY_MS = 86_400_000;

test("a timer calls back once, after its delay", () => {
  const calls: number[] = [];
  const startMs = realClock.now();
  realClock.setTimer(1500, () => calls.push(realClock.now() - startMs));
  vi.advanceTimersByTime(1499);
  expect(calls).toEqual([]);
  vi.advanceTimersByTime(10_000);
  expect(calls).toEqual([1500]);
});

test("a timer beyond what setTimeout takes does not fire at once", () => {
  let calls = 0;
  realClock.setTimer(60 * DAY_MS, () => calls++);
  vi.advanceTimersByTime(60 * DAY_MS - 1);
  expect(calls).toBe(0);
  vi.advanceTimersByTime(1);
  expect(calls).toBe(1);
});

test("a timer that is cancelled never fires, in its first step or a later one", () => {
  let calls = 0;
  realClock.setTimer(10, () => calls++)();
  const cancel = realClock.setTimer(60 * DAY_MS, () => calls++);
  vi.advanceTimersByTime(40 * DAY_MS);
  cancel();
  vi.advanceTimersByTime(60 * DAY_MS);
  expect(calls).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("a delay of nothing or less is the next turn", () => {
  let calls = 0;
  realClock.setTimer(-5, () => calls++);
  expect(calls).toBe(0);
  vi.advanceTimersByTime(0);
  expect(calls).toBe(1);
});
