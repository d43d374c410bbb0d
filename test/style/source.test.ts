import { expect, test } from "vitest";
import { parse } from "./support/source.ts";

const SAMPLE = `/* Blanked out: it must not see the word await here. */
import { readFileSync } from "node:fs";
import type { Span } from "./source.ts";

export { parse as renamed } from "../other.ts";

/** Has a docblock. */
export function documented(span: Span): string {
  return readFileSync(span.name, "utf8"); // nor this await
}

export class Undocumented {
  method() {
    return import("./later.ts");
  }
}

export type Kind = "sample";

const arrow = () => new Undocumented();

describe.each([1])("a group of tests is no function", () => {
  arrow();
});
`;

test("the parser of the style tests sees what it should", () => {
  const file = parse("test/style/sample.ts", SAMPLE);
  expect(file.imports.map(({ from, path, names }) => [from, path, names])).toEqual([
    ["node:fs", undefined, ["readFileSync"]],
    ["./source.ts", "test/style/source.ts", ["Span"]],
    ["../other.ts", "test/other.ts", ["parse"]],
    ["./later.ts", "test/style/later.ts", []],
  ]);
  expect(file.exportNames).toEqual(["renamed", "documented", "Undocumented", "Kind"]);
  expect(file.exportedValues).toEqual(["renamed", "documented", "Undocumented"]);
  expect(file.exported.map(({ name, lines, hasDocblock }) => [name, lines, hasDocblock])).toEqual([
    ["documented", 3, true],
    ["Undocumented", 5, false],
  ]);
  expect(file.functions.map(({ name, lines }) => [name, lines])).toEqual([
    ["documented", 3],
    ["method", 3],
    ["arrow", 1],
  ]);
  expect(file.code).not.toContain("await");
});

test("what it cannot parse it does not pass over", () => {
  expect(() => parse("test/style/sample.ts", "const = 1;")).toThrow("sample.ts");
});
