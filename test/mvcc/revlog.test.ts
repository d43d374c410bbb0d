import { expect, test } from "vitest";
import type { Entry } from "../../src/mvcc/index.ts";
import { DroppedRows, RevisionLog } from "../../src/mvcc/revlog.ts";
import { fc } from "../support/property.ts";
import { plainEntry, recordOf, recordSize } from "./support/entry.ts";

/** A log beside the list it should be. Keys are numbers; every fifth entry deletes. */
class Twin {
  readonly log = new RevisionLog();
  readonly dropped: Uint8Array[] = [];
  entries: Entry[] = [];
  revision = 1;
  readonly #slots = new Map<Entry, number>();
  readonly #newest = new Map<string, Entry>();

  append(count: number, keys: number, valueBytes: number): void {
    for (let at = 0; at < count; at++) {
      const key = `key ${at % keys}`;
      const tombstone = at % 5 === 4;
      // Some revisions have two entries.
      const subRevision = at % 3 === 2 ? 1 : 0;
      if (subRevision === 0) this.revision++;
      const generation = tombstone
        ? { createRevision: 0, version: 0, lease: 0n, value: new Uint8Array(0) }
        : { createRevision: 1, version: this.revision, lease: BigInt(at % 2), value: filled(valueBytes, at) };
      const entry = { key, modRevision: this.revision, subRevision, tombstone, ...generation };
      const before = this.#slots.get(this.#newest.get(key) as Entry);
      const slot = this.log.append(entry);
      if (before !== undefined) this.log.supersede(before, slot);
      this.#slots.set(entry, slot);
      this.#newest.set(key, entry);
      this.entries.push(entry);
    }
  }

  compact(percent: number): void {
    const revision = Math.floor((this.revision * percent) / 100);
    const newest = new Map(this.entries.filter((one) => one.modRevision <= revision).map((one) => [one.key, one]));
    for (const [key, one] of newest) {
      // The index forgets such a key.
      if (one.tombstone && one.modRevision < revision && this.#newest.get(key) === one) this.#newest.delete(key);
    }
    const steps = this.log.compacting(revision, (segment, drops) => {
      const rows = new DroppedRows(segment, drops);
      for (let at = 0; at < rows.length; at++) this.dropped.push(rows.key(at));
    });
    for (const _ of steps);
    this.entries = this.entries.filter(
      (one) =>
        one.modRevision > revision || (newest.get(one.key) === one && (!one.tombstone || one.modRevision === revision)),
    );
  }

  check(): void {
    const found: Entry[] = [];
    this.log.ascend(0, (at) => found.push(plainEntry(at.entry())) > 0);
    expect(found.length).toBe(this.entries.length);
    for (let at = 0; at < found.length; at += 1 + (found.length >> 6)) expect(found[at]).toEqual(this.entries[at]);
    for (const entry of this.entries.slice(0, 50)) {
      const slot = this.#slots.get(entry) as number;
      expect(plainEntry(this.log.entry(slot, entry.key))).toEqual(entry);
      expect(this.log.recordSize(slot)).toBe(recordSize(entry));
      expect([this.log.revision(slot), this.log.isTombstone(slot)]).toEqual([entry.modRevision, entry.tombstone]);
      expect([this.log.key(slot), this.log.key(slot, 2)]).toEqual([entry.key, entry.key.slice(0, 2)]);
    }
  }
}

function filled(bytes: number, fill: number): Uint8Array {
  return new Uint8Array(bytes).fill(fill);
}

/** A step of a log: so many entries more, or a compaction. Values from nothing to larger than a segment. */
const steps = fc.array(
  fc.oneof(
    { arbitrary: fc.tuple(fc.integer({ min: 1, max: 6000 }), fc.integer({ min: 1, max: 999 }), fc.nat(60)), weight: 4 },
    { arbitrary: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constant(5), fc.nat(1_500_000)), weight: 1 },
    { arbitrary: fc.nat(100), weight: 3 },
  ),
  { maxLength: 6 },
);

function run(twin: Twin, list: ReadonlyArray<number | [number, number, number]>): void {
  for (const step of list) {
    if (typeof step === "number") twin.compact(step);
    else twin.append(...step);
  }
}

test("WA5: the log gives entries from any revision on, over segments and compactions", () => {
  fc.assert(
    fc.property(steps, fc.nat(100), (list, percent) => {
      const twin = new Twin();
      run(twin, list);
      twin.check();
      const from = Math.floor((twin.revision * percent) / 100);
      const found: string[] = [];
      twin.log.ascend(from, (at) => found.push(`${at.modRevision} ${at.tombstone} ${at.entry().recordSize}`) > 0);
      const expected = twin.entries.filter(({ modRevision }) => modRevision >= from);
      const shown = expected.map((one) => `${one.modRevision} ${one.tombstone} ${recordSize(one)}`);
      expect(found.length).toBe(shown.length);
      expect(found.every((one, at) => one === shown[at])).toBe(true);
    }),
    { numRuns: 25 },
  );
});

test("WA1: a key is found to be in a range by its bytes as by its characters", () => {
  const key = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom("a", "b", "\0", "\xff") });
  fc.assert(
    fc.property(key, key, fc.oneof(key, fc.constant("\0")), (own, from, end) => {
      const log = new RevisionLog();
      const put = { value: new Uint8Array(2), createRevision: 2, modRevision: 2, subRevision: 0, version: 1 };
      log.append({ key: own, lease: 0n, tombstone: false, ...put });
      const isIn = own >= from && (end === "\0" || own < end);
      log.ascend(0, (at) => {
        expect(at.isIn({ key: from, rangeEnd: end })).toBe(isIn);
        return true;
      });
    }),
    { numRuns: 300 },
  );
});

test("a view of the log stays what it was, and tells its rows, whatever is appended and compacted", () => {
  fc.assert(
    fc.property(steps, steps, (before, after) => {
      const twin = new Twin();
      run(twin, before);
      const expected = [...twin.entries];
      const view = twin.log.view();
      run(twin, after);
      expect(view.length).toBe(expected.length);
      for (let at = expected.length - 1; at >= 0; at -= 1 + (expected.length >> 6)) {
        const record = recordOf(expected[at] as Entry);
        expect(view.at(at)).toEqual(expected[at]);
        expect([view.keySize(at), view.valueSize(at)]).toEqual([record.key.length, record.value.length]);
        const { key, value } = view.row(at);
        expect([Buffer.compare(key, record.key), Buffer.compare(value, record.value)]).toEqual([0, 0]);
      }
    }),
    { numRuns: 25 },
  );
});

test("CO2: a compaction tells the rows that it drops, the oldest first", () => {
  const twin = new Twin();
  twin.append(10_000, 700, 100);
  const before = twin.entries;
  twin.compact(60);
  const left = new Set(twin.entries);
  const expected = before.filter((entry) => !left.has(entry)).map((entry) => recordOf(entry).key);
  expect(twin.dropped.length).toBe(expected.length);
  expect(Buffer.compare(Buffer.concat(twin.dropped), Buffer.concat(expected))).toBe(0);
});

test("CO2: a log that is compacted again and again does not fall to pieces", () => {
  const twin = new Twin();
  for (let round = 0; round < 300; round++) {
    twin.append(5, 5, 10);
    twin.compact(100);
  }
  twin.check();
  expect(twin.log.view().segments.length).toBeLessThan(3);
});
