/** Timers by the one alarm of an object. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AlarmClock } from "../../../src/platform/workerd/clock.ts";
import type { ObjectStorage } from "../../../src/platform/workerd/types.ts";

const START_MS = 1_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A clock, the alarms that it has set, and the timers that ran. */
async function newClock(alarmAtMs: number | null = null) {
  const alarms: number[] = [];
  const ran: string[] = [];
  const storage = {
    getAlarm: async () => alarmAtMs,
    setAlarm: async (atMs: number) => void alarms.push(atMs - START_MS),
  } as unknown as ObjectStorage;
  const clock = await AlarmClock.open(storage);
  return {
    clock,
    alarms,
    ran,
    timer: (name: string, delayMs: number) => clock.setTimer(delayMs, () => ran.push(name)),
    alarmAt(ms: number): void {
      vi.setSystemTime(START_MS + ms);
      clock.alarm();
    },
  };
}

test("the alarm is at the earliest timer, and set no more often than that takes", async () => {
  const { alarms, timer } = await newClock();
  timer("b", 200);
  timer("c", 300);
  timer("a", 100.5);
  expect(alarms).toEqual([200, 101]);
});

test("an alarm from before a sleep is known", async () => {
  const { alarms, timer } = await newClock(START_MS + 150);
  timer("b", 200);
  timer("a", 100);
  expect(alarms).toEqual([100]);
});

test("at an alarm all that is due runs, in order, and the next alarm is set", async () => {
  const { alarms, ran, timer, alarmAt } = await newClock();
  timer("b", 200);
  timer("a", 100);
  timer("c", 300);
  alarmAt(250);
  expect([ran, alarms]).toEqual([
    ["a", "b"],
    [200, 100, 300],
  ]);
});

test("one that is cancelled does not run, also not where another one that is due cancels it", async () => {
  const { clock, alarms, ran, timer, alarmAt } = await newClock();
  timer("a", 100)();
  clock.setTimer(100, () => cancel());
  const cancel = timer("b", 150);
  alarmAt(200);
  expect([ran, alarms]).toEqual([[], [100]]);
});

test("what is only to let others have a turn needs no alarm", async () => {
  const { alarms, ran, timer } = await newClock();
  timer("a", 0);
  timer("b", 0)();
  expect(ran).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect([ran, alarms]).toEqual([["a"], []]);
});

test("time stands still where the time of day is set back", async () => {
  const { clock } = await newClock();
  expect(clock.now()).toBe(START_MS);
  vi.setSystemTime(START_MS - 5000);
  expect(clock.now()).toBe(START_MS);
});
