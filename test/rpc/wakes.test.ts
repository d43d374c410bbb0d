import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Signal } from "../../src/rpc/signal.ts";
import { Wakes } from "../../src/rpc/wakes.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const signals = (count: number): Signal[] => Array.from({ length: count }, () => new Signal());
const set = (all: readonly Signal[]): number => all.filter(({ isSet }) => isSet).length;

test("what several wake in one step is woken when that is over, once", () => {
  const wakes = new Wakes();
  const all = signals(250);
  for (const signal of [...all, ...all]) wakes.wake(signal);
  expect(set(all)).toBe(0);
  vi.advanceTimersToNextTimer();
  expect(set(all)).toBe(250);
  expect(vi.getTimerCount()).toBe(0);
});

test("of many, so many in a turn, in their order", () => {
  const wakes = new Wakes();
  const all = signals(600);
  for (const signal of all) wakes.wake(signal);
  for (const count of [250, 500, 600]) {
    vi.advanceTimersToNextTimer();
    expect(set(all)).toBe(count);
    expect(set(all.slice(0, count))).toBe(count);
  }
  expect(vi.getTimerCount()).toBe(0);
});

test("where there is no setImmediate, the first turn is at the end of the step, the others are turns of the loop", async () => {
  vi.stubGlobal("setImmediate", undefined);
  const wakes = new Wakes();
  const all = signals(300);
  for (const signal of all) wakes.wake(signal);
  expect(set(all)).toBe(0);
  await Promise.resolve();
  expect(set(all)).toBe(250);
  await Promise.resolve();
  expect(set(all)).toBe(250);
  vi.advanceTimersToNextTimer();
  expect(set(all)).toBe(300);
});

test("where those that are woken take long, who waits behind them has a turn in between", () => {
  let nowMs = 0;
  const now = vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  const wakes = new Wakes();
  const all = signals(5);
  all.forEach((signal, at) => {
    signal.whenSet(() => {
      nowMs += at === 0 ? 1 : 0.5;
    });
    wakes.wake(signal);
  });
  const turns: number[] = [];
  for (let beforeMs = nowMs; vi.getTimerCount() > 0; beforeMs = nowMs) {
    vi.advanceTimersToNextTimer();
    turns.push(nowMs - beforeMs);
  }
  now.mockRestore();
  expect(turns).toEqual([1, 1, 1]);
});

test("one that rests is woken when it has rested, once, and only where it was to be woken", () => {
  const wakes = new Wakes();
  const [first, second] = signals(2) as [Signal, Signal];
  wakes.rest(first);
  wakes.rest(second);
  wakes.rest(second);
  wakes.wake(first);
  wakes.wake(first);
  vi.advanceTimersByTime(7);
  expect(set([first, second])).toBe(0);
  vi.advanceTimersByTime(2);
  expect([first.isSet, second.isSet, vi.getTimerCount()]).toEqual([true, false, 0]);
  wakes.wake(second);
  vi.advanceTimersToNextTimer();
  expect(second.isSet).toBe(true);
});
