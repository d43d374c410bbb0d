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
