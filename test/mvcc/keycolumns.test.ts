import { expect, test } from "vitest";
import { KeyColumns } from "../../src/mvcc/keycolumns.ts";
import { fc } from "../support/property.ts";

function version(modRevision: number, tombstone = false) {
  return { modRevision, tombstone, createRevision: modRevision - 1, version: 2 * modRevision };
}

test("IDs are used again, the lowest first, and what is known of the others stays", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -90, max: 90 }), { maxLength: 30 }), (changes) => {
      const columns = new KeyColumns();
      const known = new Map<number, number>();
      let slot = 0;
      for (const change of changes) {
        for (const id of [...known.keys()].slice(0, Math.max(0, -change))) {
          columns.free(id);
          known.delete(id);
        }
        for (let count = 0; count < change; count++) {
          const id = columns.take();
          expect(known.has(id)).toBe(false);
          expect(columns.marks(id)).toEqual([]);
          columns.setNewest(id, ++slot, version(slot + 1, slot % 2 === 0));
          columns.setFirst(id, slot - 1);
          columns.addMark(id, slot);
          known.set(id, slot);
        }
      }
      const used: number[] = [];
      for (let id = columns.nextUsed(0); id >= 0; id = columns.nextUsed(id + 1)) used.push(id);
      expect(used).toEqual([...known.keys()].sort((a, b) => a - b));
      for (const [id, slot] of known) {
        expect([columns.slot(id), columns.revision(id), columns.first(id)]).toEqual([slot, slot + 1, slot - 1]);
        expect([columns.isTombstone(id), columns.createRevision(id)]).toEqual([slot % 2 === 0, slot]);
        expect([columns.version(id), columns.marks(id)]).toEqual([2 * slot + 2, [slot]]);
      }
    }),
    { numRuns: 200 },
  );
});

test("many keys are in several chunks, which go when their last key does and come again", () => {
  const columns = new KeyColumns();
  const take = (): void => {
    const id = columns.take();
    columns.setNewest(id, id, version(id + 2));
  };
  for (let count = 0; count < 50_000; count++) take();
  expect(columns.slot(49_999)).toBe(49_999);
  for (let id = 10_000; id < 50_000; id++) columns.free(id);
  expect(columns.nextUsed(10_000)).toBe(-1);
  expect(columns.bytes).toBeLessThan(10_000 * 48);
  for (let count = 0; count < 10_000; count++) take();
  expect(columns.nextUsed(19_999)).toBe(19_999);
  expect(columns.nextUsed(20_000)).toBe(-1);
  for (let id = 0; id < 20_000; id++) expect(columns.slot(id)).toBe(id);
});

test("a revision is a number up to 2^53, of a tombstone too", () => {
  const columns = new KeyColumns();
  const id = columns.take();
  for (const tombstone of [true, false]) {
    columns.setNewest(id, 2 ** 52, version(2 ** 53 - 1, tombstone));
    expect([columns.revision(id), columns.isTombstone(id), columns.slot(id)]).toEqual([
      2 ** 53 - 1,
      tombstone,
      2 ** 52,
    ]);
  }
});
