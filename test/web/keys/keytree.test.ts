import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KeyChange } from "../../../web/src/keys/model/change.ts";
import type { KeySource } from "../../../web/src/keys/model/source.ts";
import { toDisplay } from "../../../web/src/store/bytes.ts";
import { bytes } from "../../rpc/support/show.ts";
import { openAll, rowsOf, settled, storeWith, treeOf } from "./support.ts";

describe("a tree", () => {
  test("opens what is under the delimiter, and keeps /a, a and //a apart", async () => {
    const tree = treeOf((await storeWith("/a", "a", "//a", "/b/c/d", "/b/c/e", "\xff\xfe")).etcdlite);
    await tree.start();
    expect(rowsOf(tree)).toEqual(["v /", "  > //", "    /a", "  > /b/c/", "  a", "  \\xff\\xfe"]);
    expect(tree.root.total?.count).toBe(6);
    await openAll(tree);
    expect(rowsOf(tree)).toEqual([
      "v /",
      "  v //",
      "      //a",
      "    /a",
      "  v /b/c/",
      "      /b/c/d",
      "      /b/c/e",
      "  a",
      "  \\xff\\xfe",
    ]);
    for (let at = 0; at < tree.rowCount; at++) {
      const row = tree.row(at);
      expect(row?.kind === "entry" ? tree.locate(row.entry.path) : -1).toBe(at);
    }
  });

  test("tells places and sizes of sets", async () => {
    const tree = treeOf((await storeWith("x/1", "x/2/3", "y")).etcdlite);
    await tree.start();
    await openAll(tree);
    const places = Array.from({ length: tree.rowCount }, (_, at) => {
      const row = tree.row(at);
      return row?.kind === "entry" ? [row.level, row.position, row.setSize] : [];
    });
    expect(places).toEqual([
      [1, 1, 2],
      [2, 1, 2],
      [2, 2, 2],
      [3, 1, 1],
      [1, 2, 2],
    ]);
  });

  test("of an empty store has no rows", async () => {
    const tree = treeOf((await storeWith()).etcdlite);
    await tree.start();
    expect([tree.rowCount, tree.isStarting, tree.root.total?.count]).toEqual([0, false, 0]);
  });

  test.each(["etcdlite", "plain"] as const)("of one folder alone opens it, on %s", async (source) => {
    const tree = treeOf((await storeWith("config/app/a", "config/app/b", "config/db/c"))[source]);
    await tree.start();
    expect(rowsOf(tree)).toEqual(["v config/", "  > config/app/", "  > config/db/"]);
  });

  test("of one folder alone with one in it opens what both come to", async () => {
    const tree = treeOf((await storeWith("/a/b/c", "/a/b/d")).etcdlite);
    await tree.start();
    expect(rowsOf(tree)).toEqual(["v /a/b/", "    /a/b/c", "    /a/b/d"]);
  });

  test("of several folders leaves them closed", async () => {
    const tree = treeOf((await storeWith("a/1", "b/2")).etcdlite);
    await tree.start();
    expect(rowsOf(tree)).toEqual(["> a/", "> b/"]);
  });

  test("takes any delimiter, of bytes that are no text too", async () => {
    const store = await storeWith("a\xff\xfeb", "a\xff\xfec", "a\xffd");
    const tree = treeOf(store.etcdlite, { delimiter: bytes("\xff\xfe") });
    await tree.start();
    expect(rowsOf(tree)).toEqual(["  a\\xffd", "> a\\xff\\xfe"]);
  });

  test("lists a folder of 100,000 page by page, and says of how many", async () => {
    const tree = treeOf(numbered(100_000), { delimiter: bytes("/") });
    await tree.start();
    expect([tree.rowCount, rowsOf(tree).at(-1), tree.root.total?.count]).toEqual([501, "(more)", 100_000]);
    for (let page = 0; page < 120; page++) {
      tree.look(tree.rowCount - 30, tree.rowCount);
      await settledAt(tree, tree.rowCount - 30);
    }
    expect(tree.rowCount).toBeGreaterThan(60_000);
    expect(tree.loadedCount).toBeLessThanOrEqual(41 * 500);
    // What was let go is there again when it is looked at.
    tree.look(0, 30);
    await settledAt(tree, 0);
    expect(rowText(tree, 3)).toBe("000000003");
  });
});

describe("a flat list", () => {
  test("of a million keys is entered anywhere, and never held whole", async () => {
    const tree = treeOf(numbered(1_000_000), { delimiter: undefined });
    await tree.start();
    expect([tree.rowCount, tree.loadedCount]).toEqual([1_000_000, 0]);
    tree.look(999_970, 1_000_000);
    await settledAt(tree, 999_970);
    expect([rowText(tree, 999_999), tree.loadedCount]).toEqual(["000999999", 500]);
    for (let at = 0; at < 1_000_000; at += 9_000) {
      tree.look(at, at + 30);
      await settledAt(tree, at);
      expect(rowText(tree, at)).toBe(String(at).padStart(9, "0"));
    }
    expect(tree.loadedCount).toBeLessThanOrEqual(41 * 500);
  });

  test("of a plain etcd goes on as it is scrolled", async () => {
    const keys = Array.from({ length: 1_200 }, (_, at) => `/k/${String(at).padStart(4, "0")}`);
    const tree = treeOf((await storeWith(...keys)).plain, { delimiter: undefined });
    await tree.start();
    expect([tree.rowCount, tree.root.total?.count]).toEqual([501, 1_200]);
    await openAll(tree);
    expect(rowsOf(tree)).toEqual(keys.map((key) => `  ${key}`));
  });
});

const KEY = fc.string({ unit: fc.constantFrom("/", "a", "b", "c"), minLength: 1, maxLength: 6 });
const OP = fc.record({ key: KEY, isPut: fc.boolean() });

describe("changes", () => {
  test.each(["tree", "flat"])("leave a %s as one that is read anew", async (mode) => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(KEY, { maxLength: 20 }), fc.array(OP, { maxLength: 40 }), async (keys, ops) => {
        const store = await storeWith(...keys);
        const delimiter = mode === "tree" ? bytes("/") : undefined;
        // Each time it is asked it is later: what is stale is read at once.
        let nowMs = 0;
        const tree = treeOf(store.etcdlite, { delimiter, now: () => (nowMs += 10_000) });
        await tree.start();
        await openAll(tree);
        await settled(tree);
        for (const { key, isPut } of ops) {
          const changes: KeyChange[] = isPut ? [await store.put(key)] : await store.remove(key);
          tree.apply(changes);
        }
        await settled(tree);
        await openAll(tree);
        await settled(tree);
        const fresh = treeOf(store.etcdlite, { delimiter });
        await fresh.start();
        await openAll(fresh);
        await settled(fresh);
        expect(rowsOf(tree)).toEqual(rowsOf(fresh));
        expect(tree.root.total?.count).toBe(fresh.root.total?.count);
      }),
      { numRuns: 40 },
    );
  });

  test("that fill an empty tree open the folder that they all are in", async () => {
    const store = await storeWith();
    const tree = treeOf(store.etcdlite);
    await tree.start();
    for (const key of ["/config/app/a", "/config/app/b", "/services/web"]) tree.apply([await store.put(key)]);
    await settled(tree);
    expect(rowsOf(tree)).toEqual(["v /", "  > /config/app/", "  > /services/"]);
  });

  test("that were missed by an empty tree open that folder too", async () => {
    const store = await storeWith();
    let nowMs = 0;
    const tree = treeOf(store.etcdlite, { now: () => (nowMs += 10_000) });
    await tree.start();
    await store.put("/config/a");
    tree.missed(2);
    await settled(tree);
    expect(rowsOf(tree)).toEqual(["v /config/", "    /config/a"]);
  });

  test("leave a folder closed that was closed by hand", async () => {
    const store = await storeWith("/a/b");
    const tree = treeOf(store.etcdlite);
    await tree.start();
    const row = tree.row(0);
    if (row?.kind === "entry") tree.collapse(row.entry);
    tree.apply([await store.put("/c")]);
    await settled(tree);
    expect(rowsOf(tree)).toEqual(["> /"]);
  });

  test("that a page has already are not applied again", async () => {
    const store = await storeWith("a");
    const change = await store.put("b");
    const tree = treeOf(store.etcdlite, { delimiter: undefined });
    await tree.start();
    tree.apply([change]);
    expect([tree.rowCount, tree.root.total?.count]).toEqual([2, 2]);
  });

  test("that come in while a page is on its way are not lost", async () => {
    const store = await storeWith("a");
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: KeySource = {
      ...store.etcdlite,
      listChildren: async (request) => {
        const page = await store.etcdlite.listChildren(request);
        await gate;
        return page;
      },
    };
    const tree = treeOf(slow);
    const started = tree.start();
    tree.apply([await store.put("b"), ...(await store.remove("a"))]);
    release();
    await started;
    expect(rowsOf(tree)).toEqual(["  b"]);
    expect(tree.root.total?.count).toBe(1);
  });

  test("that were missed are made up for by reading again", async () => {
    const store = await storeWith("a", "b");
    let nowMs = 0;
    const tree = treeOf(store.etcdlite, { now: () => (nowMs += 10_000) });
    await tree.start();
    await store.put("c");
    await store.remove("a");
    tree.missed(4);
    await settled(tree);
    expect(rowsOf(tree)).toEqual(["  b", "  c"]);
    expect(tree.root.total?.count).toBe(2);
  });

  test("mark the row that changed, and no other", async () => {
    const store = await storeWith("a", "b");
    const tree = treeOf(store.etcdlite, { now: () => 7 });
    await tree.start();
    tree.apply([await store.put("b")]);
    const marks = [0, 1].map((at) => {
      const row = tree.row(at);
      return row?.kind === "entry" ? row.entry.changedAtMs : -1;
    });
    expect(marks).toEqual([0, 7]);
  });

  test("in their thousands make long stretches shorter ones", async () => {
    const tree = treeOf((await storeWith("m")).etcdlite, { delimiter: undefined });
    await tree.start();
    await settled(tree);
    for (let at = 0; at < 5_000; at++) {
      const info = { key: bytes(`k${String(at).padStart(5, "0")}`), modRevision: 10 + at, createRevision: 10 + at };
      tree.apply([{ type: "put", info: { ...info, version: 1, lease: 0n, sizeBytes: 1 } }]);
    }
    expect(tree.rowCount).toBe(5_001);
    expect(Math.max(...tree.root.slots.map(({ size }) => size))).toBeLessThanOrEqual(1_000);
    expect(rowText(tree, 5_000)).toBe("m");
  });
});

test("a list that cannot be read says why, and can be tried again", async () => {
  const store = await storeWith("a");
  let isDown = true;
  const shaky: KeySource = {
    ...store.etcdlite,
    listChildren: (request) => (isDown ? Promise.reject(new Error("down")) : store.etcdlite.listChildren(request)),
  };
  const tree = treeOf(shaky);
  await tree.start();
  expect([tree.root.moreState, String(tree.root.moreError), tree.isStarting]).toEqual(["failed", "Error: down", false]);
  isDown = false;
  tree.retry(tree.root);
  await settled(tree);
  expect(rowsOf(tree)).toEqual(["  a"]);
});

test("reveal opens the folders down to a key", async () => {
  const tree = treeOf((await storeWith("/a/b/c/d", "/a/b/e", "/f/g")).etcdlite);
  await tree.start();
  await tree.reveal(bytes("/a/b/c/d"));
  expect(rowsOf(tree)).toEqual(["v /", "  v /a/b/", "    v /a/b/c/", "        /a/b/c/d", "      /a/b/e", "  > /f/"]);
});

/** A store of numbers as keys, without any store. */
function numbered(count: number): KeySource {
  const key = (at: number): Uint8Array => bytes(String(at).padStart(9, "0"));
  const info = (at: number) => ({
    key: key(at),
    createRevision: 1,
    modRevision: 1,
    version: 1,
    lease: 0n,
    sizeBytes: 1,
  });
  const page: KeySource["listKeys"] = async ({ start, limit }) => {
    const from = start === undefined ? 0 : Number(toDisplay(start));
    const to = Math.min(count, from + limit);
    const children = Array.from({ length: to - from }, (_, step) => {
      const path = key(from + step);
      return { path, chain: path, info: info(from + step) };
    });
    return { children, next: to < count ? key(to) : undefined, revision: 1 };
  };
  return {
    listChildren: page,
    listKeys: page,
    listAnchors: async (_prefix, _revision, step) => {
      const keys = Array.from({ length: Math.ceil(count / step) }, (_, at) => key(at * step));
      return { keys, step, count, revision: 1 };
    },
    count: async () => ({ count, revision: 1 }),
  };
}

async function settledAt(tree: ReturnType<typeof treeOf>, first: number): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    tree.look(first, Math.min(first + 30, tree.rowCount));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function rowText(tree: ReturnType<typeof treeOf>, at: number): string | undefined {
  const row = tree.row(at);
  return row?.kind === "entry" ? toDisplay(row.entry.path) : row?.kind;
}
