import { expect, test } from "vitest";
import { VirtualClock } from "../support/clock.ts";

test("timers run at their own time, in order, those of equal times as they were set", () => {
  const clock = new VirtualClock(100);
  const ran: string[] = [];
  const note = (name: string) => () => ran.push(`${name}@${clock.now()}`);
  clock.setTimer(20, note("b"));
  clock.setTimer(10, note("a"));
  clock.setTimer(20, note("c"));
  clock.setTimer(31, note("late"));
  clock.advance(30);
  expect(ran).toEqual(["a@110", "b@120", "c@120"]);
  expect(clock.now()).toBe(130);
  expect(clock.pending).toBe(1);
  clock.advance(1);
  expect(ran).toEqual(["a@110", "b@120", "c@120", "late@131"]);
});

test("a timer set by a timer runs in the same advance where it is due", () => {
  const clock = new VirtualClock();
  const ran: number[] = [];
  const again = (): void => {
    ran.push(clock.now());
    clock.setTimer(10, again);
  };
  clock.setTimer(10, again);
  clock.advance(35);
  expect(ran).toEqual([10, 20, 30]);
});

test("a canceled timer does not run, also when an earlier one cancels it", () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  const cancel = clock.setTimer(5, () => ran.push("canceled"));
  const cancelLater = clock.setTimer(20, () => ran.push("canceled later"));
  clock.setTimer(10, cancelLater);
  cancel();
  clock.advance(100);
  expect(ran).toEqual([]);
});
