import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fittingColumns } from "../../../web/src/keys/grid/columns.ts";
import { destinationOf, parentOf, typedAhead } from "../../../web/src/keys/grid/keyboard.ts";
import { remainingText } from "../../../web/src/keys/grid/remaining.ts";
import { allRows, filteredRows } from "../../../web/src/keys/model/rowlist.ts";
import {
  type Extent,
  MAX_SCROLL_PX,
  scrollAtTop,
  scrollHeightOf,
  topAfterScroll,
  topAtScroll,
  topToShow,
} from "../../../web/src/keys/model/scale.ts";
import { NOTHING_SELECTED, toggled, withKeys, withoutKeys } from "../../../web/src/keys/model/selection.ts";
import { toDisplay } from "../../../web/src/store/bytes.ts";
import { bytes } from "../../rpc/support/show.ts";
import { openAll, storeWith, treeOf } from "./support.ts";

describe("a scrolled list", () => {
  const SHORT: Extent = { contentPx: 2_800, viewportPx: 600 };
  const LONG: Extent = { contentPx: 28 * 10_000_000, viewportPx: 600 };

  test("is as high as its rows, up to what browsers can", () => {
    expect([scrollHeightOf(SHORT), scrollHeightOf(LONG)]).toEqual([2_800, MAX_SCROLL_PX]);
  });

  test("is at its end where the scrollbar is, and the other way round", () => {
    for (const extent of [SHORT, LONG]) {
      const end = extent.contentPx - extent.viewportPx;
      expect(topAtScroll(scrollHeightOf(extent) - extent.viewportPx, extent)).toBe(end);
      expect(scrollAtTop(end, extent)).toBe(scrollHeightOf(extent) - extent.viewportPx);
      expect([topAtScroll(0, extent), scrollAtTop(0, extent)]).toEqual([0, 0]);
    }
  });

  test("moves px by px with the wheel, and in proportion with the scrollbar", () => {
    const from = scrollAtTop(1_000_000, LONG);
    expect(topAfterScroll(1_000_000, from, from + 100, LONG)).toBe(1_000_100);
    expect(topAfterScroll(1_000_000, from, from + 1_000_000, LONG)).toBeCloseTo(topAtScroll(from + 1_000_000, LONG));
    expect(topAfterScroll(0, 0, MAX_SCROLL_PX - 600, LONG)).toBe(LONG.contentPx - 600);
    expect(topAfterScroll(50, 100, 0, LONG)).toBe(0);
  });

  test("has a place for every place of the scrollbar, in order", () => {
    const place = fc.integer({ min: 0, max: MAX_SCROLL_PX });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), place, place, (rows, a, b) => {
        const extent = { contentPx: rows * 28, viewportPx: 600 };
        const [top, lower] = [topAtScroll(Math.min(a, b), extent), topAtScroll(Math.max(a, b), extent)];
        expect(top).toBeLessThanOrEqual(lower);
        expect(lower).toBeLessThanOrEqual(Math.max(0, extent.contentPx - 600));
      }),
    );
  });

  test("moves no more than it must to show a row", () => {
    expect(topToShow(5, 28, 0, SHORT)).toBe(0);
    expect(topToShow(0, 28, 300, SHORT)).toBe(0);
    expect(topToShow(30, 28, 0, SHORT)).toBe(31 * 28 - 600);
  });
});

describe("the keyboard", () => {
  const place = { at: 5, pageRows: 10, rows: { count: 30, row: () => undefined, locate: () => -1 } };

  test.each([
    ["ArrowDown", 6],
    ["ArrowUp", 4],
    ["PageDown", 15],
    ["PageUp", 0],
    ["Home", 0],
    ["End", 29],
    ["x", undefined],
  ])("%s goes to %s", (key, to) => {
    expect(destinationOf(key, place)).toBe(to);
  });

  test("finds parents, and rows by what is typed", async () => {
    const tree = treeOf((await storeWith("/apple", "/banana/x", "/blue", "zoo")).etcdlite);
    await tree.start();
    await openAll(tree);
    const rows = allRows(tree);
    const names = Array.from({ length: rows.count }, (_, at) => at).map((at) => {
      const row = rows.row(at);
      return row?.kind === "entry" ? toDisplay(row.entry.path) : "";
    });
    expect(names).toEqual(["/", "/apple", "/banana/", "/banana/x", "/blue", "zoo"]);
    const parents = names.map((_, at) => {
      const row = rows.row(at);
      return row === undefined ? -2 : parentOf(row, rows);
    });
    expect(parents).toEqual([-1, 0, 0, 2, 0, -1]);
    expect(typedAhead("b", 0, rows)).toBe(2);
    expect(typedAhead("b", 2, rows)).toBe(4);
    expect(typedAhead("bl", 2, rows)).toBe(4);
    expect(typedAhead("a", 4, rows)).toBe(1);
    expect(typedAhead("q", 0, rows)).toBe(-1);
  });
});

test("the filter looks through what is loaded, whatever the case", async () => {
  const tree = treeOf((await storeWith("/One/a", "/one/b", "/two/c", "/two/ONE")).etcdlite);
  await tree.start();
  const found = (text: string): string[] => {
    const rows = filteredRows(tree, text);
    return Array.from({ length: rows.count }, (_, at) => {
      const row = rows.row(at);
      if (row?.kind !== "entry") return "";
      expect([rows.locate(row.entry.path), row.position, row.setSize]).toEqual([at, at + 1, rows.count]);
      return toDisplay(row.entry.path);
    });
  };
  expect(found("one")).toEqual(["/One/", "/one/"]);
  await openAll(tree);
  expect(found("one")).toEqual(["/One/", "/One/a", "/one/", "/one/b", "/two/ONE"]);
  expect(found("nothing")).toEqual([]);
});

test("a selection is of keys, whatever becomes of their rows", () => {
  const [a, b, c] = [bytes("a"), bytes("b"), bytes("\xff")];
  const both = withKeys(toggled(NOTHING_SELECTED, a), [b, c]);
  expect([...both.values()]).toEqual([a, b, c]);
  expect([...toggled(both, bytes("b")).values()]).toEqual([a, c]);
  expect([...withoutKeys(both, [bytes("\xff")]).values()]).toEqual([a, b]);
  expect(withoutKeys(both, [bytes("z")])).toBe(both);
});

test("columns that do not fit are left out, the less wanted ones first", () => {
  const all = ["size", "mod", "version", "ttl"] as const;
  const ids = (widthPx: number): string[] => fittingColumns(all, widthPx).map(({ id }) => id);
  expect(ids(1_000)).toEqual(["size", "mod", "version", "ttl"]);
  expect(ids(406)).toEqual(["size", "mod", "ttl"]);
  expect(ids(300)).toEqual(["size"]);
  expect(ids(100)).toEqual([]);
  expect(fittingColumns(["version"], 1_000).map(({ id }) => id)).toEqual(["version"]);
});

test("what is left of a lease is said in seconds while they matter", () => {
  expect([0, 1, 119_000, 121_000, 7_300_000, 200_000_000].map(remainingText)).toEqual([
    "0 s",
    "1 s",
    "119 s",
    "2 min",
    "2 h",
    "2 d",
  ]);
});
