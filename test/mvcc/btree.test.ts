import { expect, test } from "vitest";
import { BTree } from "../../src/mvcc/btree.ts";
import { fc } from "../support/property.ts";

function keysFrom(tree: BTree<string>, from: string, limit = Number.POSITIVE_INFINITY): string[] {
  const found: string[] = [];
  tree.ascend(from, (value, key) => {
    expect(value).toBe(`value of ${key}`);
    found.push(key);
    return found.length < limit;
  });
  return found;
}

function treeOf(keys: Iterable<string>): BTree<string> {
  const tree = new BTree<string>();
  for (const key of keys) tree.insert(key, `value of ${key}`);
  return tree;
}

const numbered = Array.from({ length: 10_000 }, (_, at) => String(at).padStart(5, "0"));

test("KV4: an empty tree has no keys", () => {
  expect(new BTree().size).toBe(0);
  expect(keysFrom(treeOf([]), "")).toEqual([]);
});

test("KV4: keys come in order however they went in", () => {
  const shuffled = numbered.map((_, at) => numbered[(at * 7919) % numbered.length] ?? "");
  for (const keys of [numbered, numbered.toReversed(), shuffled]) {
    const tree = treeOf(keys);
    expect(tree.size).toBe(numbered.length);
    expect(keysFrom(tree, "")).toEqual(numbered);
    expect(keysFrom(tree, "04999x", 2)).toEqual(["05000", "05001"]);
    expect(keysFrom(tree, "09999")).toEqual(["09999"]);
    expect(keysFrom(tree, "09999\0")).toEqual([]);
  }
});

test("KV4: a walk stops when its visitor says so", () => {
  expect(keysFrom(treeOf(numbered), "00100", 3)).toEqual(["00100", "00101", "00102"]);
});

test("CO2: what is deleted is gone, the rest stays and the tree goes on growing", () => {
  const tree = treeOf(numbered);
  for (const key of numbered) if (!key.endsWith("7")) tree.delete(key);
  expect(tree.size).toBe(1000);
  expect(keysFrom(tree, "00010", 2)).toEqual(["00017", "00027"]);
  tree.insert("00018", "value of 00018");
  expect(keysFrom(tree, "00010", 3)).toEqual(["00017", "00018", "00027"]);
  for (const key of [...numbered, "00018", "missing"]) tree.delete(key);
  expect([tree.size, keysFrom(tree, "")]).toEqual([0, []]);
  tree.insert("a", "value of a");
  expect(keysFrom(tree, "")).toEqual(["a"]);
});

test("KV4: a tree is as a sorted array", () => {
  const key = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom("a", "b", "\0", "\xff") });
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 90 }), key, fc.nat(10), (keys, from, remainder) => {
      const tree = treeOf(keys);
      const sorted = keys.toSorted();
      expect(keysFrom(tree, from)).toEqual(sorted.filter((candidate) => candidate >= from));
      const kept = (candidate: string) => candidate.charCodeAt(0) % 11 !== remainder;
      for (const candidate of keys) if (!kept(candidate)) tree.delete(candidate);
      expect(keysFrom(tree, "")).toEqual(sorted.filter(kept));
    }),
    { numRuns: 300 },
  );
});

test("CO2: a tree from which keys go in any order is as a sorted array, forwards and backwards", () => {
  const number = fc.nat(2999);
  fc.assert(
    fc.property(number, fc.array(fc.tuple(number, fc.nat(400)), { maxLength: 12 }), number, (start, runs, from) => {
      const tree = treeOf(numbered.slice(0, 3000));
      const left = new Set(numbered.slice(0, 3000));
      // Runs of neighbours, so that nodes get small, are joined and disappear.
      for (const [at, length] of [...runs, [start, 500] as const]) {
        for (const key of numbered.slice(at, Math.min(3000, at + length))) {
          tree.delete(key);
          left.delete(key);
        }
      }
      for (const key of numbered.slice(start, Math.min(3000, start + 50))) {
        tree.insert(key, `value of ${key}`);
        left.add(key);
      }
      const first = numbered[from] as string;
      const sorted = [...left].sort().filter((key) => key >= first);
      expect(tree.size).toBe(left.size);
      expect(keysFrom(tree, first)).toEqual(sorted);
      const backwards: string[] = [];
      tree.descend(first, (_, key) => backwards.push(key) > 0);
      expect(backwards).toEqual(sorted.toReversed());
      expect(tree.liveIn(first, undefined)).toBe(sorted.length);
    }),
    { numRuns: 60 },
  );
});

test("KV7: the live values of a span are counted, whatever comes, goes and turns", () => {
  const number = fc.nat(1999);
  const change = fc.tuple(fc.constantFrom("insert", "delete", "turn"), number, fc.nat(300));
  fc.assert(
    fc.property(fc.boolean(), fc.array(change, { maxLength: 12 }), number, number, (isFilled, changes, from, to) => {
      const live = new Map<string, boolean>();
      const tree = new BTree<string>(
        () => 0,
        (key) => live.get(key) === true,
      );
      const first = numbered.slice(500, 1500);
      for (const [at, key] of first.entries()) live.set(key, at % 3 > 0);
      if (isFilled) tree.fill(first, first);
      else for (const key of first) tree.insert(key, key);
      for (const [kind, at, length] of changes) {
        for (const key of numbered.slice(at, Math.min(2000, at + length))) {
          const state = live.get(key);
          if (kind === "insert" && state === undefined) {
            live.set(key, at % 2 === 0);
            tree.insert(key, key);
          } else if (kind === "delete" && state !== undefined) {
            tree.delete(key);
            live.delete(key);
          } else if (kind === "turn" && state !== undefined) {
            live.set(key, !state);
            tree.turned(key, !state);
          }
        }
      }
      const [start, end] = [numbered[from] as string, numbered[to] as string];
      const counted = (limit: string | undefined) =>
        [...live].filter(([key, isLive]) => isLive && key >= start && (limit === undefined || key < limit)).length;
      expect([tree.liveIn(start, end), tree.liveIn(start, undefined)]).toEqual([counted(end), counted(undefined)]);
    }),
    { numRuns: 150 },
  );
});

/** The keys of a span, walked forwards, backwards, and what was visited beside them. */
function spanOf(tree: BTree<number>, from: string, end: string | undefined, time: number) {
  const wanted = (value: number, key: string) => key >= from && (end === undefined || key < end) && value <= time;
  const walk = (backwards: boolean) => {
    const found: string[] = [];
    let others = 0;
    const visit = (value: number, key: string): boolean => {
      if (wanted(value, key)) found.push(key);
      else others++;
      return backwards || end === undefined || key < end;
    };
    if (backwards) tree.descend(from, visit, { end, time });
    else tree.ascend(from, visit, { end, time });
    return { found, others };
  };
  return { forwards: walk(false), backwards: walk(true) };
}

test("KV4, KV5: a tree that was filled at once and one that grew are walked alike, both ways, at every time", () => {
  const key = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom("a", "b", "c", "\xff") });
  const keys = fc.uniqueArray(key, { maxLength: 60, size: "max" });
  const end = fc.option(key, { nil: undefined });
  fc.assert(
    fc.property(keys, keys, key, end, fc.nat(100), (filled, later, from, end, percent) => {
      const all = [...filled, ...later.filter((key) => !filled.includes(key))];
      const time = Math.floor((all.length * percent) / 100);
      const since = (key: string) => all.indexOf(key);
      const grown = new BTree<number>((value) => value);
      for (const key of all) grown.insert(key, since(key));
      const full = new BTree<number>((value) => value);
      full.fill(filled.toSorted(), filled.toSorted().map(since));
      for (const key of all.slice(filled.length)) full.insert(key, since(key));
      const sorted = all
        .filter((key) => key >= from && (end === undefined || key < end) && since(key) <= time)
        .toSorted();
      for (const tree of [grown, full]) {
        const { forwards, backwards } = spanOf(tree, from, end, time);
        expect([tree.size, forwards.found, backwards.found]).toEqual([all.length, sorted, sorted.toReversed()]);
      }
    }),
    { numRuns: 400 },
  );
});

test("KV5: what came later than the time of a walk is passed over a leaf at a time", () => {
  const rankOf = (at: number) => (at * 7919) % numbered.length;
  const grown = new BTree<number>((value) => value);
  const order = numbered.map((_, rank) => numbered[rankOf(rank)] ?? "");
  for (const [rank, key] of order.entries()) grown.insert(key, rank);
  const ranks = new Map(order.map((key, rank) => [key, rank]));
  const filled = new BTree<number>((value) => value);
  filled.fill(
    numbered,
    numbered.map((key) => ranks.get(key) ?? 0),
  );
  for (const tree of [grown, filled]) {
    for (const [from, end, time] of [
      ["", undefined, numbered.length],
      ["", undefined, 20],
      ["02000", "08000", 20],
      ["02000", "08000", 5000],
    ] as const) {
      const expected = numbered.filter((key) => {
        return key >= from && (end === undefined || key < end) && (ranks.get(key) ?? 0) <= time;
      });
      const { forwards, backwards } = spanOf(tree, from, end, time);
      expect([forwards.found, backwards.found]).toEqual([expected, expected.toReversed()]);
      if (time === 20) expect(forwards.others + backwards.others).toBeLessThan(2 * 22 * 64);
    }
  }
});
