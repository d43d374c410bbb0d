import fc from "fast-check";
import { expect, test } from "vitest";
import { oldestReadable } from "../../../web/src/travel/oldest.ts";
import { stepBack, stepForward, toRevision } from "../../../web/src/travel/steps.ts";

test("steps stay between the oldest revision and now", () => {
  const span = { oldest: 3, latest: 6 };
  expect(stepBack(undefined, span)).toBe(5);
  expect([5, 4, 3].map((revision) => stepBack(revision, span))).toEqual([4, 3, 3]);
  expect([3, 4, 5].map((revision) => stepForward(revision, span))).toEqual([4, 5, undefined]);
  expect(stepForward(undefined, span)).toBeUndefined();
  expect([0, 3, 5.4, 6, 99, Number.NaN].map((revision) => toRevision(revision, span))).toEqual([
    3,
    3,
    5,
    undefined,
    undefined,
    undefined,
  ]);
});

test("the oldest readable revision is found, in few calls", async () => {
  const revision = fc.integer({ min: 1, max: 1_000_000 });
  await fc.assert(
    fc.asyncProperty(revision, revision, async (a, b) => {
      const [oldest, latest] = [Math.min(a, b), Math.max(a, b)];
      let calls = 0;
      const isReadable = async (asked: number): Promise<boolean> => {
        calls++;
        expect(asked).toBeLessThanOrEqual(latest);
        return asked >= oldest;
      };
      expect(await oldestReadable(isReadable, 1, latest)).toBe(oldest);
      expect(calls).toBeLessThanOrEqual(21);
      calls = 0;
      expect(await oldestReadable(isReadable, oldest, latest)).toBe(oldest);
      expect(calls).toBeLessThanOrEqual(1);
    }),
  );
});
