import { expect, test } from "vitest";
import { sorting } from "../../src/server/sorting.ts";
import { fc } from "../support/property.ts";

test("LE4: sorting in steps gives what sorting does, and no step is long", () => {
  fc.assert(
    fc.property(fc.nat(15_000), fc.integer({ min: 1, max: 2 ** 31 - 1 }), (count, seed) => {
      const strings = Array.from({ length: count }, (_, at) => (Math.imul(at + 1, seed | 1) >>> 0).toString(36));
      const unique = [...new Set(strings)];
      const steps = sorting(unique);
      let number = 1;
      let next = steps.next();
      for (; next.done !== true; next = steps.next()) number++;
      expect(next.value).toEqual(unique.toSorted());
      // Each string is looked at once to be sorted, and once each time that runs are joined.
      expect(number).toBeGreaterThanOrEqual(Math.floor(unique.length / 2000));
    }),
    { numRuns: 20 },
  );
});
