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

test("CO2: what is not retained is gone, the rest stays and the tree goes on growing", () => {
  const tree = treeOf(numbered);
  tree.retain((_, key) => key.endsWith("7"));
  expect(tree.size).toBe(1000);
  expect(keysFrom(tree, "00010", 2)).toEqual(["00017", "00027"]);
  tree.insert("00018", "value of 00018");
  expect(keysFrom(tree, "00010", 3)).toEqual(["00017", "00018", "00027"]);
  tree.retain(() => false);
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
      tree.retain((_, candidate) => kept(candidate));
      expect(keysFrom(tree, "")).toEqual(sorted.filter(kept));
    }),
    { numRuns: 300 },
  );
});
