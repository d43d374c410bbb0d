/** Who has sent a lot goes on in turns, and not for long. */
import { expect, test } from "vitest";
import { Turns } from "../../../src/platform/node/h2/turns.ts";

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function startTurns(): { readonly turns: Turns; pass(ms: number): void } {
  let nowMs = 0;
  const clock = { now: () => nowMs, setTimer: () => () => {} };
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { turns: new Turns(clock), pass };
}

test("a turn is over after its time", () => {
  const { turns, pass } = startTurns();
  turns.begin(0);
  expect(turns.isOver).toBe(false);
  pass(0.9);
  expect(turns.isOver).toBe(false);
  pass(0.1);
  expect(turns.isOver).toBe(true);
  turns.begin(1);
  expect(turns.isOver).toBe(false);
});

test("those that wait go on one after another, and in each turn of the loop only for so long", async () => {
  const { turns, pass } = startTurns();
  const order: string[] = [];
  const work = (name: string, left: number): void => {
    order.push(name);
    pass(1);
    if (left > 1) turns.next(() => work(name, left - 1));
  };
  for (const name of ["a", "b", "c", "d", "e", "f"]) turns.next(() => work(name, 2));
  const rounds: string[] = [];
  while (order.length < 12 && rounds.length < 20) {
    const before = order.length;
    await immediate();
    rounds.push(order.slice(before).join(""));
  }
  expect(rounds.filter((round) => round !== "")).toEqual(["abcd", "efab", "cdef"]);
});

test("nobody goes on before the loop has turned", async () => {
  const { turns } = startTurns();
  let rounds = 0;
  const again = (): void => {
    if (++rounds < 3) turns.next(again);
  };
  turns.next(again);
  expect(rounds).toBe(0);
  await immediate();
  expect(rounds).toBe(1);
  await immediate();
  await immediate();
  expect(rounds).toBe(3);
});
