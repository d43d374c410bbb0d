import { expect, test } from "vitest";
import type { Entry } from "../../src/mvcc/index.ts";
import { rangeContains } from "../../src/mvcc/index.ts";
import { KeyIndex } from "../../src/mvcc/keyindex.ts";
import { RevisionLog } from "../../src/mvcc/revlog.ts";
import { fc } from "../support/property.ts";

function entry(modRevision: number, tombstone = false, subRevision = 0, key = "k"): Entry {
  const generation = { createRevision: tombstone ? 0 : 1, version: tombstone ? 0 : 1 };
  return { key, value: new Uint8Array(0), modRevision, subRevision, tombstone, lease: 0n, ...generation };
}

/** A log and its index, written to by entries. */
class Written {
  readonly log = new RevisionLog();
  readonly index = new KeyIndex(this.log);

  append(one: Entry): this {
    this.index.append(one, this.log.append(one), this.index.find(one.key));
    return this;
  }

  compact(revision: number): void {
    for (const _ of this.index.compacting(revision));
    for (const _ of this.log.compacting(revision, () => {}));
  }

  id(key = "k"): number {
    return this.index.find(key);
  }

  versions(key = "k"): string {
    const shown: string[] = [];
    this.index.visitVersions(key, 0, (one) => shown.push(`${one.modRevision}${one.tombstone ? "†" : ""}`) > 0);
    return shown.join(" ");
  }

  logged(): string {
    const shown: string[] = [];
    this.log.ascend(0, (at) => shown.push(`${at.modRevision}${at.tombstone ? "†" : ""}`) > 0);
    return shown.join(" ");
  }
}

/** put(1) put(2) delete(3) put(4) delete(5): the history that histories.ts draws. */
function drawn(): Written {
  const written = new Written();
  for (const [revision, tombstone] of [
    [1, false],
    [2, false],
    [3, true],
    [4, false],
    [5, true],
  ] as const) {
    written.append(entry(revision, tombstone));
  }
  return written;
}

test("KV11: a reader sees the version of its revision, and nothing between generations", () => {
  const { index } = drawn();
  const seen = [0, 1, 2, 3, 4, 5, 6].map((revision) => index.at(index.find("k"), revision)?.modRevision);
  expect(seen).toEqual([undefined, 1, 2, undefined, 4, undefined, undefined]);
});

test("CO2: what each compaction leaves of two generations, in the index and in the log", () => {
  const left = [0, 1, 2, 3, 4, 5, 6].map((revision) => {
    const written = drawn();
    written.compact(revision);
    expect(written.id() < 0).toBe(written.versions() === "");
    expect(written.logged()).toBe(written.versions());
    return written.versions();
  });
  expect(left).toEqual(["1 2 3† 4 5†", "1 2 3† 4 5†", "2 3† 4 5†", "3† 4 5†", "4 5†", "5†", ""]);
});

test("CO2: of several versions in one revision the last stays", () => {
  const written = new Written();
  for (const sub of [0, 1, 2]) written.append(entry(2, sub === 1, sub));
  expect(written.index.at(written.id(), 2)?.subRevision).toBe(2);
  written.compact(2);
  const left: number[] = [];
  written.log.ascend(0, (at) => left.push(at.entry().subRevision) > 0);
  expect([left, written.versions()]).toEqual([[2], "2"]);
});

test("CO2: the index forgets keys with nothing left, and knows them again once they are put", () => {
  const written = new Written();
  const { index } = written;
  written
    .append(entry(2, false, 0, "a"))
    .append(entry(3, false, 0, "b"))
    .append(entry(4, true, 0, "a"));
  written.compact(4);
  expect([index.size, written.versions("a")]).toEqual([2, "4†"]);
  written.compact(5);
  expect([index.size, index.find("a")]).toEqual([1, -1]);
  const visited: string[] = [];
  index.visit({ key: "", rangeEnd: "\0" }, (id) => visited.push(index.key(id)) > 0);
  expect(visited).toEqual(["b"]);
  written.append(entry(6, false, 0, "a"));
  const everything = { key: "", rangeEnd: "\0" };
  expect(index.entriesAt(everything, 6).map((one) => one.key)).toEqual(["a", "b"]);
  expect(index.countAt(everything, 5)).toBe(1);
});

test("CO2: many versions of many keys, compacted again and again, are those of a list", () => {
  const writes = fc.array(fc.record({ key: fc.nat(40), tombstone: fc.nat(5).map((n) => n === 0) }), { maxLength: 400 });
  fc.assert(
    fc.property(fc.array(fc.tuple(writes, fc.nat(100)), { maxLength: 6 }), (rounds) => {
      const written = new Written();
      let list: Entry[] = [];
      let revision = 1;
      let compacted = 0;
      for (const [some, percent] of rounds) {
        for (const { key, tombstone } of some) {
          const one = entry(++revision, tombstone, 0, `key ${key}`);
          written.append(one);
          list.push(one);
        }
        compacted += Math.floor(((revision - compacted) * percent) / 100);
        written.compact(compacted);
        const newest = new Map(list.filter((one) => one.modRevision <= compacted).map((one) => [one.key, one]));
        const isKept = (one: Entry) =>
          one.modRevision > compacted ||
          (newest.get(one.key) === one && (!one.tombstone || one.modRevision === compacted));
        list = list.filter(isKept);
        expect(written.logged()).toBe(list.map((one) => `${one.modRevision}${one.tombstone ? "†" : ""}`).join(" "));
        for (let key = 0; key <= 40; key += 8) {
          const own = list.filter((one) => one.key === `key ${key}`);
          expect(written.versions(`key ${key}`)).toBe(
            own.map((one) => `${one.modRevision}${one.tombstone ? "†" : ""}`).join(" "),
          );
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("KV11, CO2: each of a thousand versions of a key is found by its revision, whatever was compacted", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(300), fc.nat(100)), { minLength: 1, maxLength: 5 }), (rounds) => {
      const written = new Written();
      let revision = 1;
      let compacted = 0;
      for (const [count, percent] of rounds) {
        for (let at = 0; at < count; at++) written.append(entry(++revision, revision % 7 === 0));
        compacted += Math.floor(((revision - compacted) * percent) / 100);
        written.compact(compacted);
        const kept = written.versions().split(" ").filter(Boolean);
        const least = Math.max(compacted, 2);
        for (let read = least; read <= revision; read++) {
          const seen = written.index.at(written.id(), read)?.modRevision;
          expect(seen).toBe(read % 7 === 0 ? undefined : read);
        }
        for (const from of [least, Math.floor((least + revision) / 2), revision]) {
          const versions: number[] = [];
          written.index.visitVersions("k", from, (one) => versions.push(one.modRevision) > 0);
          expect(versions).toEqual(kept.map(Number.parseFloat).filter((one) => one >= from));
        }
      }
    }),
    { numRuns: 30 },
  );
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
