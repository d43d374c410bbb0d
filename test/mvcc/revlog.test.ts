import { expect, test } from "vitest";
import type { Entry } from "../../src/mvcc/index.ts";
import { RevisionLog } from "../../src/mvcc/revlog.ts";
import { fc } from "../support/property.ts";

function entryOf(modRevision: number): Entry {
  const fields = { value: new Uint8Array(0), createRevision: 1, subRevision: 0, version: 1, lease: 0n };
  return { key: "k", modRevision, tombstone: false, ...fields };
}

/** A step of a log: so many entries more, or a compaction that keeps every so manieth. */
const steps = fc.array(
  fc.oneof(
    fc.record({ append: fc.integer({ min: 1, max: 6000 }) }),
    fc.record({ percent: fc.nat(100), keepEvery: fc.integer({ min: 1, max: 5 }) }),
  ),
  { maxLength: 8 },
);

test("a view of the log stays what it was, whatever is appended and compacted", () => {
  fc.assert(
    fc.property(steps, steps, (before, after) => {
      const log = new RevisionLog();
      let revision = 0;
      const run = (list: typeof before): void => {
        for (const step of list) {
          if ("append" in step) for (let n = 0; n < step.append; n++) log.append(entryOf(++revision));
          else log.compact((revision * step.percent) / 100, (entry) => entry.modRevision % step.keepEvery === 0);
        }
      };
      run(before);
      const expected: Entry[] = [];
      log.ascend(0, (entry) => expected.push(entry) > 0);
      const view = log.view();
      run(after);
      expect(view.length).toBe(expected.length);
      const different = expected.findIndex((entry, at) => view.at(at) !== entry);
      expect(different).toBe(-1);
      for (let at = expected.length - 1; at >= 0; at -= 997) expect(view.at(at)).toBe(expected[at]);
    }),
    { numRuns: 50 },
  );
});
