import { expect, test } from "vitest";
import { KeyHistory } from "../../src/mvcc/history.ts";
import type { Entry } from "../../src/mvcc/index.ts";
import { rangeContains } from "../../src/mvcc/index.ts";
import { KeyIndex } from "../../src/mvcc/keyindex.ts";
import { RevisionLog } from "../../src/mvcc/revlog.ts";
import { fc } from "../support/property.ts";

function entry(modRevision: number, tombstone = false, subRevision = 0, key = "k"): Entry {
  const generation = { createRevision: tombstone ? 0 : 1, version: tombstone ? 0 : 1 };
  return { key, value: new Uint8Array(0), modRevision, subRevision, tombstone, lease: 0n, ...generation };
}

/** put(1) put(2) delete(3) put(4) delete(5): the history that history.ts draws. */
function drawn(): KeyHistory {
  const history = new KeyHistory("k");
  for (const [revision, tombstone] of [
    [1, false],
    [2, false],
    [3, true],
    [4, false],
    [5, true],
  ] as const) {
    history.append(entry(revision, tombstone));
  }
  return history;
}

function versions(history: KeyHistory): string {
  return history.versions.map((one) => `${one.modRevision}${one.tombstone ? "†" : ""}`).join(" ");
}

test("KV11: a reader sees the version of its revision, and nothing between generations", () => {
  const history = drawn();
  const seen = [0, 1, 2, 3, 4, 5, 6].map((revision) => history.at(revision)?.modRevision);
  expect(seen).toEqual([undefined, 1, 2, undefined, 4, undefined, undefined]);
});

test("CO2: what each compaction leaves of two generations", () => {
  const left = [0, 1, 2, 3, 4, 5, 6].map((revision) => {
    const history = drawn();
    const empty = history.compact(revision);
    expect(empty).toBe(history.versions.length === 0);
    return versions(history);
  });
  expect(left).toEqual(["1 2 3† 4 5†", "1 2 3† 4 5†", "2 3† 4 5†", "3† 4 5†", "4 5†", "5†", ""]);
});

test("CO2: the survivor is what a reader at the revision sees, or the tombstone of the revision itself", () => {
  const survivors = [0, 1, 2, 3, 4, 5, 6].map((revision) => drawn().survivor(revision)?.modRevision);
  expect(survivors).toEqual([undefined, 1, 2, 3, 4, 5, undefined]);
});

test("CO2: of several versions in one revision the last stays", () => {
  const history = new KeyHistory("k");
  for (const sub of [0, 1, 2]) history.append(entry(2, sub === 1, sub));
  expect(history.at(2)?.subRevision).toBe(2);
  history.compact(2);
  expect(history.versions.map((one) => one.subRevision)).toEqual([2]);
});

test("CO2: the index forgets keys with nothing left, and knows them again once they are put", () => {
  const index = new KeyIndex();
  index.append(entry(2, false, 0, "a"));
  index.append(entry(3, false, 0, "b"));
  index.append(entry(4, true, 0, "a"));
  index.compact(4);
  expect([index.size, index.get("a")?.versions.length]).toEqual([2, 1]);
  index.compact(5);
  expect([index.size, index.get("a")]).toEqual([1, undefined]);
  const visited: string[] = [];
  index.visit({ key: "", rangeEnd: "\0" }, (history) => visited.push(history.key) > 0);
  expect(visited).toEqual(["b"]);
  index.append(entry(6, false, 0, "a"));
  const everything = { key: "", rangeEnd: "\0" };
  expect(index.entriesAt(everything, 6).map((one) => one.key)).toEqual(["a", "b"]);
  expect(index.countAt(everything, 5)).toBe(1);
});

test("KV4: a range contains what its three forms say", () => {
  const keys = ["\0", "a", "ab", "b", "\xff"];
  const contained = (key: string, rangeEnd: string) => keys.filter((one) => rangeContains({ key, rangeEnd }, one));
  expect(contained("a", "")).toEqual(["a"]);
  expect(contained("a", "b")).toEqual(["a", "ab"]);
  expect(contained("ab", "\0")).toEqual(["ab", "b", "\xff"]);
  expect(contained("\0", "\0")).toEqual(keys);
  expect(contained("b", "a")).toEqual([]);
});

test("WA5: the log gives entries from any revision on, over segments and compactions", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(sizes, fc.array(fc.nat(45), { maxLength: 3 }), fc.nat(45), (counts, compactions, from) => {
      const log = new RevisionLog();
      let list: Entry[] = [];
      counts.forEach((count, at) => {
        for (let sub = 0; sub < count; sub++) {
          const one = entry(at + 2, false, sub);
          log.append(one);
          list.push(one);
        }
      });
      for (const revision of compactions) {
        const keep = (one: Entry) => one.subRevision % 3 === 0;
        log.compact(revision, keep);
        list = list.filter((one) => one.modRevision > revision || keep(one));
      }
      const found: Entry[] = [];
      log.ascend(from, (one) => found.push(one) > 0);
      const expected = list.filter((one) => one.modRevision >= from);
      expect(found.length).toBe(expected.length);
      expect(found.every((one, at) => one === expected[at])).toBe(true);
    }),
    { numRuns: 60 },
  );
});
