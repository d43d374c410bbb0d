import { expect, test } from "vitest";
import { IntervalSet } from "../../src/mvcc/index.ts";
import { fc } from "../support/property.ts";

function stabbed<V>(set: IntervalSet<V>, key: string): V[] {
  const found: V[] = [];
  set.stab(key, (value) => found.push(value));
  return found;
}

test("WA1: an interval holds its start and not its end; without an end it holds every key from its start", () => {
  const set = new IntervalSet<string>();
  set.add("b", "d", "b-d");
  set.add("b", undefined, "b-");
  set.add("a", "z", "a-z");
  expect(stabbed(set, "a")).toEqual(["a-z"]);
  expect(stabbed(set, "b").toSorted()).toEqual(["a-z", "b-", "b-d"]);
  expect(stabbed(set, "cc").toSorted()).toEqual(["a-z", "b-", "b-d"]);
  expect(stabbed(set, "d").toSorted()).toEqual(["a-z", "b-"]);
  expect(stabbed(set, "\xff")).toEqual(["b-"]);
  expect([set.hits(""), set.hits("a"), set.hits("\xff\xff")]).toEqual([false, true, true]);
});

test("TX3: an interval that ends before it begins holds nothing", () => {
  const set = new IntervalSet<string>();
  set.add("c", "a", "empty");
  set.add("c", "c", "empty");
  for (const key of ["a", "b", "c", "d"]) expect(set.hits(key)).toBe(false);
});

test("WA1: several values may share an interval, and each is deleted by itself", () => {
  const set = new IntervalSet<number>();
  for (const value of [1, 2, 3]) set.add("a", "c", value);
  set.delete("a", "c", 2);
  set.delete("a", "c", 9);
  set.delete("a", "b", 1);
  expect(stabbed(set, "b")).toEqual([1, 3]);
});

test("WA1: the set is as a list of intervals", () => {
  const key = fc.constantFrom("", "a", "aa", "ab", "b", "c", "d\xff", "\xff");
  const interval = fc.record({ start: key, end: fc.option(key, { nil: undefined }), value: fc.nat(3) });
  const op = fc.record({ add: fc.boolean(), interval });
  fc.assert(
    fc.property(fc.array(op, { maxLength: 60 }), (ops) => {
      const set = new IntervalSet<string>();
      const list = new Map<string, { start: string; end: string | undefined; name: string }>();
      for (const { add, interval } of ops) {
        const name = JSON.stringify(interval);
        if (add) {
          set.add(interval.start, interval.end, name);
          list.set(name, { ...interval, name });
        } else {
          set.delete(interval.start, interval.end, name);
          list.delete(name);
        }
      }
      for (const at of ["", "a", "aa", "aaa", "ab", "b", "c", "d\xff", "z", "\xff", "\xff\xff"]) {
        const expected = [...list.values()].filter(({ start, end }) => at >= start && (end === undefined || at < end));
        expect(stabbed(set, at).toSorted()).toEqual(expected.map(({ name }) => name).toSorted());
        expect(set.hits(at)).toBe(expected.length > 0);
      }
    }),
    { numRuns: 300 },
  );
});

test("WA1: ten thousand intervals in order do not make it a list: a search stays short", () => {
  const set = new IntervalSet<number>();
  const name = (at: number): string => String(at).padStart(6, "0");
  for (let at = 0; at < 10_000; at++) set.add(name(at), name(at + 2), at);
  for (const at of [0, 1, 5000, 9999]) {
    expect(stabbed(set, name(at)).toSorted()).toEqual([at - 1, at].filter((value) => value >= 0));
  }
  for (let at = 0; at < 10_000; at += 2) set.delete(name(at), name(at + 2), at);
  expect(stabbed(set, name(5000))).toEqual([4999]);
});
