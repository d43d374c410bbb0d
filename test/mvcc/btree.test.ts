import { expect, test } from "vitest";
import { BTree } from "../../src/mvcc/btree.ts";
import { headOf, type OrderedKeys } from "../../src/mvcc/treenodes.ts";
import { fc } from "../support/property.ts";

/** Keys by ID, and a tree of them. */
class Planted implements OrderedKeys {
  readonly tree = new BTree(this);
  readonly times = new Map<string, number>();
  readonly dead = new Set<string>();
  readonly #keys: string[] = [];

  /** @param time since when it is there */
  insert(key: string, time = 0): void {
    this.times.set(key, time);
    this.tree.insert(key, this.#keys.push(key) - 1);
  }

  delete(key: string): void {
    this.tree.delete(key);
    this.times.delete(key);
  }

  keysFrom(from: string, limit = Number.POSITIVE_INFINITY): string[] {
    const found: string[] = [];
    this.tree.ascend(from, (id) => found.push(this.key(id)) < limit);
    return found;
  }

  key(id: number, length?: number): string {
    return (this.#keys[id] as string).slice(0, length);
  }

  compare(id: number, key: string): number {
    const own = this.key(id);
    return own < key ? -1 : own > key ? 1 : 0;
  }

  head(id: number, from: number): number {
    return headOf(this.key(id), from);
  }

  since(id: number): number {
    return this.times.get(this.key(id)) as number;
  }

  isLive(id: number): boolean {
    return !this.dead.has(this.key(id));
  }
}

function planted(keys: Iterable<string>): Planted {
  const one = new Planted();
  for (const key of keys) one.insert(key);
  return one;
}

const numbered = Array.from({ length: 10_000 }, (_, at) => String(at).padStart(5, "0"));

test("KV4: an empty tree has no keys", () => {
  const { tree } = planted([]);
  expect([tree.size, tree.liveIn("", undefined)]).toEqual([0, 0]);
  expect(planted([]).keysFrom("")).toEqual([]);
});

test("KV4: keys come in order however they went in", () => {
  const shuffled = numbered.map((_, at) => numbered[(at * 7919) % numbered.length] ?? "");
  for (const keys of [numbered, numbered.toReversed(), shuffled]) {
    const one = planted(keys);
    expect(one.tree.size).toBe(numbered.length);
    expect(one.keysFrom("")).toEqual(numbered);
    expect(one.keysFrom("04999x", 2)).toEqual(["05000", "05001"]);
    expect(one.keysFrom("09999")).toEqual(["09999"]);
    expect(one.keysFrom("09999\0")).toEqual([]);
  }
});

test("KV4: a walk stops when its visitor says so", () => {
  expect(planted(numbered).keysFrom("00100", 3)).toEqual(["00100", "00101", "00102"]);
});

test("CO2: what is deleted is gone, the rest stays and the tree goes on growing", () => {
  const one = planted(numbered);
  for (const key of numbered) if (!key.endsWith("7")) one.delete(key);
  expect(one.tree.size).toBe(1000);
  expect(one.keysFrom("00010", 2)).toEqual(["00017", "00027"]);
  one.insert("00018");
  expect(one.keysFrom("00010", 3)).toEqual(["00017", "00018", "00027"]);
  for (const key of [...numbered, "00018", "missing"]) one.delete(key);
  expect([one.tree.size, one.keysFrom("")]).toEqual([0, []]);
  one.insert("a");
  expect(one.keysFrom("")).toEqual(["a"]);
});

test("CO2: a tree from which all goes, in any order, takes no more memory than a new one", () => {
  for (const step of [1, 9999, 7919]) {
    const one = planted(numbered);
    const empty = planted([]).tree.bytes;
    expect(one.tree.bytes).toBeGreaterThan(100 * empty);
    for (let at = 0; at < numbered.length; at++) one.delete(numbered[(at * step) % numbered.length] as string);
    expect(one.tree.bytes).toBe(empty);
  }
});

test("KV4: keys of every byte, of none, and of a megabyte that differ in the last one, are as a sorted array", () => {
  const bytes = Array.from({ length: 256 }, (_, at) => String.fromCharCode(at));
  const long = "x".repeat(2 ** 20);
  const keys = [
    "",
    ...bytes,
    ...bytes.map((byte) => `common${byte}`),
    ...bytes.map((byte) => `${byte}\0`),
    ...Array.from({ length: 100 }, (_, at) => `${long}${at}`),
    ...Array.from({ length: 100 }, (_, at) => "\0".repeat(at + 3)),
  ];
  const shuffled = keys.map((_, at) => keys[(at * 7919) % keys.length] as string);
  const one = planted(shuffled);
  const sorted = keys.toSorted();
  expect(one.keysFrom("")).toEqual(sorted);
  for (const from of [...bytes, `${long}5`, "commo", "common\x80\0", "\xff\xff"]) {
    expect(one.keysFrom(from)).toEqual(sorted.filter((key) => key >= from));
    expect(one.tree.liveIn(from, undefined)).toBe(sorted.filter((key) => key >= from).length);
  }
  for (const key of sorted.filter((_, at) => at % 3 > 0)) one.delete(key);
  expect(one.keysFrom("")).toEqual(sorted.filter((_, at) => at % 3 === 0));
});

test("KV4: a tree is as a sorted array", () => {
  const key = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom("a", "b", "\0", "\xff") });
  const keys = fc.uniqueArray(key, { maxLength: 400, size: "max" });
  fc.assert(
    fc.property(keys, key, fc.nat(10), (keys, from, remainder) => {
      const one = planted(keys);
      const sorted = keys.toSorted();
      expect(one.keysFrom(from)).toEqual(sorted.filter((candidate) => candidate >= from));
      const kept = (candidate: string) => (candidate.charCodeAt(0) + candidate.length) % 11 !== remainder;
      for (const candidate of keys) if (!kept(candidate)) one.delete(candidate);
      expect(one.keysFrom("")).toEqual(sorted.filter(kept));
    }),
    { numRuns: 200 },
  );
});

test("CO2: a tree from which keys go in any order is as a sorted array, forwards and backwards", () => {
  const number = fc.nat(2999);
  fc.assert(
    fc.property(number, fc.array(fc.tuple(number, fc.nat(400)), { maxLength: 12 }), number, (start, runs, from) => {
      const one = planted(numbered.slice(0, 3000));
      const left = new Set(numbered.slice(0, 3000));
      // Runs of neighbours, so that nodes get small, are joined and disappear.
      for (const [at, length] of [...runs, [start, 500] as const]) {
        for (const key of numbered.slice(at, Math.min(3000, at + length))) {
          one.delete(key);
          left.delete(key);
        }
      }
      for (const key of numbered.slice(start, Math.min(3000, start + 50))) {
        one.insert(key);
        left.add(key);
      }
      const first = numbered[from] as string;
      const sorted = [...left].sort().filter((key) => key >= first);
      expect(one.tree.size).toBe(left.size);
      expect(one.keysFrom(first)).toEqual(sorted);
      const backwards: string[] = [];
      one.tree.descend(first, (id) => backwards.push(one.key(id)) > 0);
      expect(backwards).toEqual(sorted.toReversed());
      expect(one.tree.liveIn(first, undefined)).toBe(sorted.length);
    }),
    { numRuns: 60 },
  );
});

test("KV7: the live keys of a span are counted, whatever comes, goes and turns", () => {
  const number = fc.nat(1999);
  const change = fc.tuple(fc.constantFrom("insert", "delete", "turn"), number, fc.nat(300));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), number, number, (changes, from, to) => {
      const one = new Planted();
      for (const [at, key] of numbered.slice(500, 1500).entries()) {
        if (at % 3 === 0) one.dead.add(key);
        one.insert(key);
      }
      for (const [kind, at, length] of changes) {
        for (const key of numbered.slice(at, Math.min(2000, at + length))) {
          const isThere = one.times.has(key);
          if (kind === "insert" && !isThere) {
            if (at % 2 === 0) one.dead.add(key);
            else one.dead.delete(key);
            one.insert(key);
          } else if (kind === "delete" && isThere) one.delete(key);
          else if (kind === "turn" && isThere) {
            const isLive = one.dead.delete(key);
            if (!isLive) one.dead.add(key);
            one.tree.turned(key, isLive);
          }
        }
      }
      const [start, end] = [numbered[from] as string, numbered[to] as string];
      const counted = (limit: string | undefined) =>
        [...one.times.keys()].filter(
          (key) => !one.dead.has(key) && key >= start && (limit === undefined || key < limit),
        ).length;
      expect([one.tree.liveIn(start, end), one.tree.liveIn(start, undefined)]).toEqual([
        counted(end),
        counted(undefined),
      ]);
    }),
    { numRuns: 150 },
  );
});

/** The keys of a span, walked forwards, backwards, and what was visited beside them. */
function spanOf(one: Planted, from: string, end: string | undefined, time: number) {
  const walk = (backwards: boolean) => {
    const found: string[] = [];
    let others = 0;
    const visit = (id: number): boolean => {
      const key = one.key(id);
      expect(key >= from && (end === undefined || key < end)).toBe(true);
      if (one.since(id) <= time) found.push(key);
      else others++;
      return true;
    };
    if (backwards) one.tree.descend(from, visit, { end, time });
    else one.tree.ascend(from, visit, { end, time });
    return { found, others };
  };
  return { forwards: walk(false), backwards: walk(true) };
}

test("KV4, KV5: a tree is walked alike both ways, at every time, and nothing outside of the span is visited", () => {
  const key = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom("a", "b", "c", "\xff") });
  const keys = fc.uniqueArray(key, { maxLength: 150, size: "max" });
  const end = fc.option(key, { nil: undefined });
  fc.assert(
    fc.property(keys, key, end, fc.nat(100), (all, from, end, percent) => {
      const time = Math.floor((all.length * percent) / 100);
      const one = new Planted();
      for (const [at, key] of all.entries()) one.insert(key, at);
      const sorted = all.filter((key, at) => key >= from && (end === undefined || key < end) && at <= time).toSorted();
      const { forwards, backwards } = spanOf(one, from, end, time);
      expect([one.tree.size, forwards.found, backwards.found]).toEqual([all.length, sorted, sorted.toReversed()]);
    }),
    { numRuns: 400 },
  );
});

test("KV5: what came later than the time of a walk is passed over a leaf at a time", () => {
  const one = new Planted();
  for (let rank = 0; rank < numbered.length; rank++) {
    one.insert(numbered[(rank * 7919) % numbered.length] as string, rank);
  }
  for (const [from, end, time] of [
    ["", undefined, numbered.length],
    ["", undefined, 20],
    ["02000", "08000", 20],
    ["02000", "08000", 5000],
  ] as const) {
    const expected = numbered.filter(
      (key) => key >= from && (end === undefined || key < end) && (one.times.get(key) as number) <= time,
    );
    const { forwards, backwards } = spanOf(one, from, end, time);
    expect([forwards.found, backwards.found]).toEqual([expected, expected.toReversed()]);
    if (time === 20) expect(forwards.others + backwards.others).toBeLessThan(2 * 22 * 64);
  }
});
