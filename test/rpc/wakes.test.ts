import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Signal } from "../../src/rpc/signal.ts";
import { Wakes } from "../../src/rpc/wakes.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const signals = (count: number): Signal[] => Array.from({ length: count }, () => new Signal());
const set = (all: readonly Signal[]): number => all.filter(({ isSet }) => isSet).length;

test("few are woken at once", () => {
  const wakes = new Wakes();
  for (const signal of signals(250)) {
    wakes.wake(signal);
    expect(signal.isSet).toBe(true);
  }
});

test("of many, so many in a turn, in their order, each once", () => {
  const wakes = new Wakes();
  const all = signals(600);
  for (const signal of [...all, ...all]) wakes.wake(signal);
  expect(set(all)).toBe(250);
  vi.advanceTimersToNextTimer();
  expect(set(all)).toBe(500);
  expect(set(all.slice(0, 500))).toBe(500);
  vi.advanceTimersToNextTimer();
  expect(set(all)).toBe(600);
});

test("a turn after that they are woken at once again, and nothing is left to be done", () => {
  const wakes = new Wakes();
  for (const signal of signals(300)) wakes.wake(signal);
  vi.runAllTimers();
  expect(vi.getTimerCount()).toBe(0);
  const more = signals(250);
  for (const signal of more) wakes.wake(signal);
  expect(set(more)).toBe(250);
});
