import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byteDiff } from "../../../web/src/detail/bytediff.ts";
import { differenceOf } from "../../../web/src/detail/difference.ts";
import { type DiffRow, lineDiff } from "../../../web/src/detail/linediff.ts";
import { utf8 } from "../../../web/src/store/bytes.ts";

const text = (row: DiffRow): string =>
  row.mark === "skipped" ? `… ${row.count}` : `${row.mark[0]}${row.before}/${row.after} ${row.text}`;

describe("lines", () => {
  test("what changed, with three lines around it", () => {
    const lines = Array.from({ length: 20 }, (_, at) => `line ${at + 1}`);
    const after = lines.map((line, at) => (at === 9 ? "LINE 10" : line)).join("\n");
    expect(lineDiff(lines.join("\n"), after).rows.map(text)).toEqual([
      "… 6",
      "s7/7 line 7",
      "s8/8 line 8",
      "s9/9 line 9",
      "r10/10 line 10",
      "a11/10 LINE 10",
      "s11/11 line 11",
      "s12/12 line 12",
      "s13/13 line 13",
      "… 7",
    ]);
  });

  test("from nothing and to nothing", () => {
    expect(lineDiff("", "a\nb\n")).toMatchObject({ added: 2, removed: 0 });
    expect(lineDiff("a\nb\n", "")).toMatchObject({ added: 0, removed: 2 });
  });

  test("a line end is a difference", () => {
    expect(lineDiff("a\r\n", "a\n")).toMatchObject({ added: 1, removed: 1 });
    expect(lineDiff("a", "a\n")).toMatchObject({ added: 1, removed: 1 });
  });

  test("removed and added lines make the one from the other", () => {
    const some = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 }).map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(some, some, (before, after) => {
        const { added, removed } = lineDiff(before, after);
        const count = (whole: string): number => (whole === "" ? 0 : whole.split("\n").length);
        expect(count(before) - removed).toBe(count(after) - added);
      }),
    );
  });
});

describe("bytes", () => {
  test("rows that differ, of values of one size", () => {
    const before = Uint8Array.from({ length: 64 }, (_, at) => at);
    const after = before.with(20, 0xff).with(40, 0xee);
    const { rows, alikeBefore, alikeAfter } = byteDiff(before, after);
    expect(rows.map(({ mark, offset }) => `${mark} ${offset}`)).toEqual([
      "removed 00000010",
      "added 00000010",
      "removed 00000020",
      "added 00000020",
    ]);
    expect([alikeBefore, alikeAfter]).toEqual([16, 23]);
  });

  test("what was put in, of values of two sizes", () => {
    const { rows } = byteDiff(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 9, 2, 3));
    expect(rows.map(({ mark, hex }) => `${mark} ${hex}`)).toEqual(["removed 01 02 03", "added 01 09 02 03"]);
  });

  test("a mebibyte that is all different is cut off, and says so", () => {
    const size = 1024 * 1024;
    const { rows, leftOut } = byteDiff(new Uint8Array(size), new Uint8Array(size).fill(1));
    expect(rows).toHaveLength(1_000);
    expect(leftOut).toBe(2 * (size / 16) - 1_000);
  });
});

describe("two values", () => {
  test.each([
    ["a", "a", "none"],
    ["a", "b", "lines"],
    ["", "b", "lines"],
  ])("%j and %j: %s", (before, after, kind) => {
    expect(differenceOf(utf8(before), utf8(after)).kind).toBe(kind);
  });

  test("bytes as soon as one is no text", () => {
    expect(differenceOf(utf8("a"), Uint8Array.of(0xff)).kind).toBe("bytes");
  });

  test("JSON on one long line is indented to be compared", () => {
    const json = (replicas: number) => utf8(JSON.stringify({ name: "shop", replicas, more: "x".repeat(100) }));
    const found = differenceOf(json(1), json(2));
    expect(found).toMatchObject({ kind: "lines", indented: true, diff: { added: 1, removed: 1 } });
  });

  test("JSON of which only white space changed is compared as it is", () => {
    const before = utf8(`{"a":"${"x".repeat(100)}"}`);
    const after = utf8(`{ "a": "${"x".repeat(100)}" }`);
    expect(differenceOf(before, after)).toMatchObject({ kind: "lines", indented: false });
  });
});
