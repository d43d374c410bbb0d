import type { Client } from "@connectrpc/connect";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Keys } from "../../../src/gen/etcdlite/v1/keys_pb.ts";
import { keySourceOf } from "../../../web/src/keys/model/choose.ts";
import type { Child, KeySource } from "../../../web/src/keys/model/source.ts";
import { toDisplay } from "../../../web/src/store/bytes.ts";
import { bytes } from "../../rpc/support/show.ts";
import { SLASH, storeWith, unimplemented } from "./support.ts";

function shown({ path, chain, info }: Child): string {
  return info === undefined ? `${toDisplay(path)} → ${toDisplay(chain)}` : `${toDisplay(path)} ${info.modRevision}`;
}

async function children(source: KeySource, prefix: string, delimiter: Uint8Array, limit: number): Promise<string[]> {
  const found: string[] = [];
  let start: Uint8Array | undefined;
  do {
    const request = { prefix: bytes(prefix), delimiter, revision: 0, start, limit };
    const page = await source.listChildren(request);
    found.push(...page.children.map(shown));
    start = page.next;
  } while (start !== undefined);
  return found;
}

const KEY = fc.string({ unit: fc.constantFrom("/", "a", "b", "\xff", "\0", ":"), minLength: 1, maxLength: 7 });

describe("children by Range alone", () => {
  test("are those that etcdlite.v1.Keys lists", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(KEY, { maxLength: 30 }),
        fc.constantFrom("/", ":", "::", "\xff"),
        fc.constantFrom("", "/", "a", "/a/"),
        fc.integer({ min: 1, max: 5 }),
        async (keys, delimiter, prefix, limit) => {
          const store = await storeWith(...new Set(keys));
          const plain = await children(store.plain, prefix, bytes(delimiter), limit);
          expect(plain).toEqual(await children(store.etcdlite, prefix, bytes(delimiter), limit));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("are found past folders of more than a page, chains and all", async () => {
    const many = Array.from({ length: 1_300 }, (_, at) => `/x/y/${String(at).padStart(5, "0")}`);
    const forked = Array.from({ length: 700 }, (_, at) => `/z/${at < 650 ? "a" : "b"}/${String(at).padStart(5, "0")}`);
    const store = await storeWith("/a", ...many, ...forked, "/zz");
    const expected = ["/a 2", "/x/ → /x/y/", "/z/ → /z/", "/zz 17"];
    const found = await children(store.plain, "/", SLASH, 500);
    expect(found.map((line) => line.replace(/ \d+$/, ""))).toEqual(expected.map((line) => line.replace(/ \d+$/, "")));
    expect(found).toEqual(await children(store.etcdlite, "/", SLASH, 500));
  });

  test("under the last prefix there can be", async () => {
    const store = await storeWith("\xff/a", "\xff/b/c", "\xff\xff");
    expect(await children(store.plain, "\xff", SLASH, 1)).toEqual(await children(store.etcdlite, "\xff", SLASH, 1));
  });
});

test("keys page by page are the same from both", async () => {
  const keys = Array.from({ length: 23 }, (_, at) => `/k/${at}`);
  const store = await storeWith("/", ...keys, "/l");
  for (const source of [store.etcdlite, store.plain]) {
    const found: string[] = [];
    let start: Uint8Array | undefined;
    do {
      const page = await source.listKeys({ prefix: bytes("/k/"), revision: 0, start, limit: 5 });
      expect(page.children.length).toBeLessThanOrEqual(5);
      found.push(...page.children.map(({ path }) => toDisplay(path)));
      start = page.next;
    } while (start !== undefined);
    expect(found).toEqual([...keys].sort());
  }
});

test("a server without etcdlite.v1.Keys is asked for it once", async () => {
  const store = await storeWith("/a", "/b/c");
  let asked = 0;
  const keys = new Proxy({} as Client<typeof Keys>, {
    get: () => async () => {
      asked++;
      unimplemented();
    },
  });
  const source = keySourceOf({ keys, kv: store.target.kv });
  expect(await children(source, "", SLASH, 10)).toEqual(["/ → /"]);
  expect(await source.listAnchors(bytes(""), 0, 10)).toBeUndefined();
  expect((await source.count({ key: bytes("/"), rangeEnd: bytes("0") }, 0)).count).toBe(2);
  expect(asked).toBe(1);
  expect(keySourceOf({ keys, kv: store.target.kv })).toBe(source);
});

test("other errors are not taken for a missing service", async () => {
  const store = await storeWith("/a");
  await store.target.kv.compact({ revision: 2n });
  const source = keySourceOf({ keys: store.target.keys, kv: store.target.kv });
  await expect(source.count({ key: bytes("/"), rangeEnd: bytes("0") }, 1)).rejects.toThrow("compacted");
});
