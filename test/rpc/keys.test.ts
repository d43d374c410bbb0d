import { describe, expect } from "vitest";
import type { Child, KeyInfo } from "../../src/gen/etcdlite/v1/keys_pb.ts";
import { EVERYTHING, putOf } from "./support/ops.ts";
import { bytes, expectError, text } from "./support/show.ts";
import { inProcess, type LocalTarget, localTarget } from "./support/target.ts";

/** `key create/mod/version size`, and `/lease` where there is one. */
function info(key: KeyInfo): string {
  const lease = key.lease === 0n ? "" : `/${key.lease}`;
  const revisions = `${key.createRevision}/${key.modRevision}/${key.version}`;
  return `${text(key.key)} ${revisions} ${key.valueSize}${lease}`;
}

/** A key's path; a folder's in brackets, with the end of its chain where it has one. */
function shown({ path, folder, chain, key }: Child): string {
  if (!folder) return text(path) === text(key?.key ?? bytes("?")) && chain.length === 0 ? text(path) : "unexpected";
  if (key !== undefined) return "unexpected";
  return text(chain) === text(path) ? `[${text(path)}]` : `[${text(path)} → ${text(chain)}]`;
}

interface Listing {
  readonly prefix?: string;
  readonly delimiter?: string;
  readonly revision?: bigint;
  readonly start?: string;
  readonly limit?: bigint;
}

async function list(target: LocalTarget, listing: Listing = {}) {
  const { prefix = "", delimiter = "", revision = 0n, start = "", limit = 0n } = listing;
  const [p, d, s] = [bytes(prefix), bytes(delimiter), bytes(start)];
  const response = await target.keys.listChildren({ prefix: p, delimiter: d, revision, start: s, limit });
  return { children: response.children.map(shown), next: text(response.next), header: response.header };
}

async function targetWith(...keys: string[]): Promise<LocalTarget> {
  const target = localTarget();
  for (const key of keys) await target.kv.put(putOf(key, "value"));
  return target;
}

interface Case {
  readonly name: string;
  readonly keys: readonly string[];
  readonly listing?: Listing;
  readonly children: readonly string[];
  readonly next?: string;
}

const CASES: readonly Case[] = [
  { name: "an empty store has none", keys: [], children: [] },
  { name: "/a, a and //a are three keys", keys: ["/a", "a", "//a"], children: ["[/]", "a"] },
  { name: "names may be empty", keys: ["/a", "//a"], listing: { prefix: "/" }, children: ["[//]", "/a"] },
  { name: "a key is no folder", keys: ["a", "a/b", "ab"], children: ["a", "[a/]", "ab"] },
  { name: "the prefix itself is a key", keys: ["a/", "a/b"], listing: { prefix: "a/" }, children: ["a/", "a/b"] },
  {
    name: "a prefix need not end with the delimiter",
    keys: ["/a", "/a/b", "/ab", "/b"],
    listing: { prefix: "/a" },
    children: ["/a", "[/a/]", "/ab"],
  },
  { name: "a chain ends where it forks", keys: ["a/b/c/d", "a/b/c/e/f"], children: ["[a/ → a/b/c/]"] },
  { name: "a chain ends at a key", keys: ["a/b/c", "a/b/d"], children: ["[a/ → a/b/]"] },
  { name: "half a shared name is none", keys: ["a/bc", "a/bd/e"], children: ["[a/]"] },
  { name: "a key that ends with the delimiter is in a folder", keys: ["a/b/"], children: ["[a/ → a/b/]"] },
  { name: "a folder's own key ends the chain", keys: ["a/b/", "a/b/c/d"], children: ["[a/ → a/b/]"] },
  {
    name: "a delimiter of several bytes",
    keys: ["a::b", "a:b", "a::c::d", "x:::y", "z::"],
    listing: { delimiter: "::" },
    children: ["[a::]", "a:b", "[x::]", "[z::]"],
  },
  {
    name: "a delimiter that overlaps with itself is read from the left",
    keys: ["a::::b", "a::::c"],
    listing: { delimiter: "::" },
    children: ["[a:: → a::::]"],
  },
  {
    name: "half a delimiter more is part of the name",
    keys: ["a:::"],
    listing: { delimiter: "::" },
    children: ["[a::]"],
  },
  {
    name: "bytes past every text",
    keys: ["\xff", "\xff/", "\xff\xff/x"],
    children: ["\\xff", "[\\xff/]", "[\\xff\\xff/]"],
  },
  {
    name: "a delimiter of the greatest byte",
    keys: ["\xff\xffa", "\xffa"],
    listing: { delimiter: "\xff" },
    children: ["[\\xff]"],
  },
  {
    name: "a folder that nothing can come after",
    keys: ["\xff", "\xff\xff"],
    listing: { delimiter: "\xff", limit: 1n },
    children: ["[\\xff]"],
  },
  {
    name: "a limit, and where to go on",
    keys: ["a", "b/1", "b/2", "c"],
    listing: { limit: 1n },
    children: ["a"],
    next: "b/",
  },
  { name: "the next page", keys: ["a", "b/1", "b/2", "c"], listing: { start: "b/" }, children: ["[b/]", "c"] },
  {
    name: "a start inside a folder is that folder",
    keys: ["a", "b/1", "c"],
    listing: { start: "b/7" },
    children: ["[b/]", "c"],
  },
  { name: "a start between two children", keys: ["a", "c"], listing: { start: "b" }, children: ["c"] },
  { name: "a start before the prefix", keys: ["a", "b/1"], listing: { prefix: "b/", start: "a" }, children: ["b/1"] },
  { name: "a start past the prefix", keys: ["a", "b/1", "c"], listing: { prefix: "b/", start: "c" }, children: [] },
  { name: "no limit below 1", keys: ["a", "b"], listing: { limit: -1n }, children: ["a", "b"] },
];

describe("ListChildren", () => {
  for (const { name, keys, listing, children, next = "" } of CASES) {
    inProcess(name, async () => {
      expect(await list(await targetWith(...keys), listing)).toMatchObject({ children, next });
    });
  }

  inProcess(
    "deleted keys are not there, nor are the folders of which nothing is left, but before they are",
    async () => {
      const target = await targetWith("a/1", "b/1", "b/2", "b/3");
      for (const key of ["a/1", "b/1", "b/3"]) await target.kv.deleteRange({ key: bytes(key) });
      expect(await list(target)).toMatchObject({ children: ["[b/]"], header: { revision: 8n } });
      expect(await list(target, { revision: 5n })).toMatchObject({
        children: ["[a/]", "[b/]"],
        header: { revision: 8n },
      });
      expect(await list(target, { revision: 2n })).toMatchObject({ children: ["[a/]"] });
      expect(await list(target, { revision: -1n, prefix: "b/" })).toMatchObject({ children: ["b/2"] });
    },
  );

  inProcess("a chain is that of the revision read", async () => {
    const target = await targetWith("a/b/1", "a/b/2", "a/c");
    expect(await list(target)).toMatchObject({ children: ["[a/]"] });
    expect(await list(target, { revision: 3n })).toMatchObject({ children: ["[a/ → a/b/]"] });
  });

  inProcess("revisions that cannot be read are refused as a Range's are", async () => {
    const target = await targetWith("a", "b", "c");
    await target.kv.compact({ revision: 3n });
    const compacted = "etcdserver: mvcc: required revision has been compacted";
    const future = "etcdserver: mvcc: required revision is a future revision";
    for (const [revision, message] of [
      [2n, compacted],
      [5n, future],
    ] as const) {
      await expectError(target.keys.listChildren({ revision }), "OUT_OF_RANGE", message);
      await expectError(target.keys.listKeys({ ...EVERYTHING, revision }), "OUT_OF_RANGE", message);
      await expectError(target.keys.listAnchors({ ...EVERYTHING, revision }), "OUT_OF_RANGE", message);
    }
  });

  inProcess("a key comes with all but its value", async () => {
    const target = localTarget();
    await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
    await target.kv.put(putOf("a", "one"));
    await target.kv.put(putOf("a", "three", { lease: 7n }));
    const { children } = await target.keys.listChildren({});
    expect(children.map(({ key }) => key && info(key))).toEqual(["a 2/3/2 5/7"]);
  });

  inProcess("at most 10,000 children, 500 unless asked for", async () => {
    const target = localTarget({ maxTxnOps: 10_001 });
    fill(target, 10_001);
    const all = await target.keys.listChildren({ limit: 1_000_000n });
    expect([all.children.length, text(all.next)]).toEqual([10_000, "010000"]);
    expect((await target.keys.listChildren({})).children.length).toBe(500);
  });
});

/** Keys of six digits, from 000000 on, in one revision. */
function fill(target: LocalTarget, count: number): void {
  const write = target.etcd.store.write();
  for (let at = 0; at < count; at++) write.put(String(at).padStart(6, "0"), bytes("x"), 0n);
  write.commit();
}

describe("ListKeys", () => {
  inProcess("from either end, with what is left", async () => {
    const target = await targetWith("a", "b", "c", "d");
    const range = { key: bytes("b"), rangeEnd: bytes("\0") };
    const first = await target.keys.listKeys({ ...range, limit: 2n });
    expect([first.keys.map(info), first.more, first.count]).toEqual([["b 3/3/1 5", "c 4/4/1 5"], true, 0n]);
    const last = await target.keys.listKeys({ ...range, limit: 2n, descending: true, countTotal: true });
    expect([last.keys.map(info), last.more, last.count]).toEqual([["d 5/5/1 5", "c 4/4/1 5"], true, 3n]);
    const rest = await target.keys.listKeys({ ...range, rangeEnd: bytes("c"), descending: true });
    expect([rest.keys.map(info), rest.more]).toEqual([["b 3/3/1 5"], false]);
    expect(rest.header?.revision).toBe(5n);
  });

  inProcess("one key, and an earlier revision", async () => {
    const target = await targetWith("a", "b");
    const one = await target.keys.listKeys({ key: bytes("b"), countTotal: true, descending: true });
    expect([one.keys.map(info), one.count]).toEqual([["b 3/3/1 5"], 1n]);
    const before = await target.keys.listKeys({ ...EVERYTHING, revision: 2n, countTotal: true });
    expect([before.keys.map(info), before.count]).toEqual([["a 2/2/1 5"], 1n]);
  });

  inProcess("at most 10,000 keys, 500 unless asked for; an empty key is refused", async () => {
    const target = localTarget();
    fill(target, 10_001);
    const many = await target.keys.listKeys({ ...EVERYTHING, limit: 20_000n, countTotal: true });
    expect([many.keys.length, many.more, many.count]).toEqual([10_000, true, 10_001n]);
    expect((await target.keys.listKeys(EVERYTHING)).keys.length).toBe(500);
    const empty = "etcdserver: key is not provided";
    await expectError(target.keys.listKeys({ rangeEnd: bytes("\0") }), "INVALID_ARGUMENT", empty);
    await expectError(target.keys.listAnchors({ rangeEnd: bytes("\0") }), "INVALID_ARGUMENT", empty);
  });
});

describe("ListAnchors", () => {
  inProcess("every step-th key, and how many there are", async () => {
    const target = await targetWith("a", "b", "c", "d", "e");
    const anchors = async (step: bigint, revision = 0n) => {
      const response = await target.keys.listAnchors({ ...EVERYTHING, step, revision });
      return [response.anchors.map(text).join(""), response.count, response.step];
    };
    expect(await anchors(2n)).toEqual(["ace", 5n, 2n]);
    expect(await anchors(5n)).toEqual(["a", 5n, 5n]);
    expect(await anchors(0n)).toEqual(["abcde", 5n, 1n]);
    expect(await anchors(2n, 4n)).toEqual(["ac", 3n, 2n]);
  });

  inProcess("the step is doubled until there are at most 100,000", async () => {
    const target = localTarget();
    fill(target, 200_001);
    const { anchors, count, step } = await target.keys.listAnchors({ ...EVERYTHING, step: 1n });
    expect([anchors.length, count, step]).toEqual([50_001, 200_001n, 4n]);
    expect(anchors.every((key, at) => Number(text(key)) === at * 4)).toBe(true);
    const exact = await target.keys.listAnchors({ ...EVERYTHING, rangeEnd: bytes("100000"), step: 1n });
    expect([exact.anchors.length, exact.count, exact.step]).toEqual([100_000, 100_000n, 1n]);
  });
});
