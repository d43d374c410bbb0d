import { expect, test } from "vitest";
import { type Child, prefixRange, rangeContains, Store } from "../../src/mvcc/index.ts";
import { fc } from "../support/property.ts";
import { rangeRequest, write } from "./support/requests.ts";

const key = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom("a", "/", "b", "\xff", "\0") });
const prefix = fc.string({ maxLength: 3, unit: fc.constantFrom("a", "/", "\xff") });
const delimiter = fc.constantFrom("/", "/", "/", "//", "/a", "a/a", "\xff", "\xff\xff", "\0");
const revisions = fc.array(fc.record({ key, isDelete: fc.nat(3).map((n) => n === 0) }), { maxLength: 40 });

interface NaiveChild {
  readonly path: string;
  readonly isFolder: boolean;
}

/** By splitting every key. */
function naive(keys: readonly string[], prefix: string, delimiter: string): NaiveChild[] {
  const children = new Map<string, NaiveChild>();
  for (const key of keys.filter((candidate) => candidate.startsWith(prefix))) {
    const [name = "", ...rest] = key.slice(prefix.length).split(delimiter);
    const isFolder = rest.length > 0;
    const path = isFolder ? prefix + name + delimiter : key;
    children.set(path, { path, isFolder });
  }
  return [...children.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** By going down for as long as there is one folder and nothing else. */
function naiveChain(keys: readonly string[], path: string, delimiter: string): string {
  const [child, another] = naive(keys, path, delimiter);
  return child?.isFolder && another === undefined ? naiveChain(keys, child.path, delimiter) : path;
}

function storeOf(steps: ReadonlyArray<{ key: string; isDelete: boolean }>): Store {
  const store = new Store();
  for (const { key, isDelete } of steps) {
    const txn = store.write();
    if (isDelete) txn.deleteRange({ key, rangeEnd: `${key}\xff` });
    else txn.put(key, new Uint8Array(1), 0n);
    txn.commit();
  }
  return store;
}

/** All pages; the limit is kept, and only the last page may be short. */
function allChildren(store: Store, prefix: string, delimiter: string, revision: number, limit: number): Child[] {
  const children: Child[] = [];
  for (let start = ""; ; ) {
    const page = store.children({ prefix, delimiter, revision, start, limit });
    children.push(...page.children);
    if (page.next === "") return children;
    expect(page.children.length).toBe(limit);
    start = page.next;
  }
}

test("children and chains are those of every key split, at every revision and in pages of any size", () => {
  fc.assert(
    fc.property(revisions, prefix, delimiter, fc.integer({ min: 1, max: 4 }), (steps, prefix, delimiter, limit) => {
      const store = storeOf(steps);
      for (let revision = 1; revision <= store.revision; revision++) {
        const keys = store.range(rangeRequest("", "\0", { revision })).entries.map((entry) => entry.key);
        const expected = naive(keys, prefix, delimiter).map(({ path, isFolder }) => {
          return { path, isFolder, chain: isFolder ? naiveChain(keys, path, delimiter) : path };
        });
        const found = allChildren(store, prefix, delimiter, revision, limit);
        expect(found.map(({ path, chain, entry }) => ({ path, isFolder: entry === undefined, chain }))).toEqual(
          expected,
        );
        expect(found.every(({ path, entry }) => entry === undefined || entry.key === path)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("a start anywhere is the child that it belongs to, or the next", () => {
  fc.assert(
    fc.property(revisions, prefix, delimiter, fc.nat(9), key, (steps, prefix, delimiter, near, name) => {
      const store = storeOf(steps);
      const start = (steps[near]?.key.slice(0, 2) ?? "") + name;
      const from = (start: string) => store.children({ prefix, delimiter, revision: 0, start, limit: 100 }).children;
      const isInside = ({ path, entry }: Child) => entry === undefined && start.startsWith(path);
      expect(from(start)).toEqual(from("").filter((child) => child.path >= start || isInside(child)));
    }),
    { numRuns: 500 },
  );
});

test("the range of a prefix holds just the keys that begin with it", () => {
  fc.assert(
    fc.property(prefix, key, (prefix, key) => {
      expect(rangeContains(prefixRange(prefix), key)).toBe(key.startsWith(prefix));
    }),
  );
  const ends = ["a", "a\xff", "a\xff\xff", "\xff", ""].map((prefix) => prefixRange(prefix).rangeEnd);
  expect(ends).toEqual(["b", "b", "b", "\0", "\0"]);
});

test("KV4: a range is listed from its end as it is from its start", () => {
  fc.assert(
    fc.property(
      revisions,
      key,
      fc.constantFrom("", "\0", "a", "b", "\xff"),
      fc.nat(5),
      (steps, key, rangeEnd, limit) => {
        const store = storeOf(steps);
        for (let revision = 1; revision <= store.revision; revision++) {
          const range = { key, rangeEnd };
          const all = store.range(rangeRequest(key, rangeEnd, { revision })).entries;
          const most = limit === 0 ? all.length : limit;
          expect(store.list(range, revision, limit, false)).toEqual(all.slice(0, most));
          expect(store.list(range, revision, limit, true)).toEqual(all.toReversed().slice(0, most));
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("anchors are every step-th key of the revision read", () => {
  fc.assert(
    fc.property(revisions, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), (steps, step, most) => {
      const store = storeOf(steps);
      const all = store.range(rangeRequest("", "\0")).entries.map((entry) => entry.key);
      const anchors = store.anchors({ key: "", rangeEnd: "\0" }, 0, step, most);
      expect(anchors.count).toBe(all.length);
      expect(anchors.keys).toEqual(all.filter((_, at) => at % anchors.step === 0));
      let least = step;
      while (Math.ceil(all.length / least) > most) least *= 2;
      expect(anchors.step).toBe(least);
    }),
    { numRuns: 300 },
  );
});

test("a child costs the same however much is in it", () => {
  const store = new Store();
  for (let folder = 0; folder < 3; folder++) {
    write(store, ...Array.from({ length: 5000 }, (_, at) => `${folder}/${String(at).padStart(5, "0")}=x`));
  }
  let looks = 0;
  const { entriesAt } = store.index;
  store.index.entriesAt = (...args) => {
    const entries = entriesAt.apply(store.index, args);
    looks += entries.length;
    return entries;
  };
  const { children } = store.children({ prefix: "", delimiter: "/", revision: 0, start: "", limit: 10 });
  expect(children.map(({ path }) => path)).toEqual(["0/", "1/", "2/"]);
  expect(looks).toBe(6);
});
