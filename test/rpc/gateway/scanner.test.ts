/** Where a JSON value ends, in however many pieces it comes. */
import { describe, expect, test } from "vitest";
import { EtcdError } from "../../../src/errors.ts";
import { JsonScanner } from "../../../src/rpc/json/scanner.ts";
import { fc } from "../../support/property.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Cuts the text before each of the places; says where the value ends, or what is wrong. */
function scan(text: string, places: readonly number[] = []): number | "none" | string {
  const bytes = encode(text);
  const scanner = new JsonScanner();
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  let start = 0;
  try {
    for (const end of [...ends, bytes.length]) {
      const found = scanner.scan(bytes, start, end);
      if (found !== undefined) return found;
      start = end;
    }
    return scanner.finish() ? bytes.length : "none";
  } catch (error) {
    if (error instanceof EtcdError) return error.message;
    throw error;
  }
}

describe("where a value ends", () => {
  test.each([
    ["{}", 2],
    [" {} ", 3],
    ["{}{}", 2],
    ['{"a":[1,{"b":"}"}]}x', 19],
    ["[]]", 2],
    ['"a\\"b" 1', 6],
    ["12", 2],
    ["12 ", 2],
    ["-0.5e+10,", 8],
    ["0{", 1],
    ["true", 4],
    ["null{}", 4],
    ["", "none"],
    [" \r\n\t", "none"],
  ])("%j", (text, end) => {
    expect(scan(text)).toBe(end);
  });

  test("is at the nesting of ten thousand, and not one deeper", () => {
    expect(scan("[".repeat(10_000) + "]".repeat(10_000))).toBe(20_000);
    expect(scan("[".repeat(10_001))).toBe("invalid character '[' exceeded max depth");
  });

  test("is the same however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), fc.array(fc.nat()), (json, behind, places) => {
        const text = `${json} ${behind}`;
        expect(scan(text, places)).toBe(scan(text));
        expect(scan(text)).toBe(encode(json.trimEnd()).length);
      }),
    );
  });
});

test("HT2: what JSON.parse refuses is refused, and nothing else", () => {
  const pieces = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "\\u00e9",
    "0",
    "1",
    "-",
    ".",
    "e",
    "true",
    "nul",
    "l",
    " ",
    "é",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), fc.array(fc.nat()), (parts, places) => {
      const text = parts.join("");
      const found = scan(text);
      expect(scan(text, places)).toBe(found);
      // Where it ends before the text does, what is behind it is none of the scanner's business.
      const value = typeof found === "number" ? new TextDecoder().decode(encode(text).subarray(0, found)) : text;
      let parses = true;
      try {
        JSON.parse(value);
      } catch {
        parses = false;
      }
      expect(typeof found === "number").toBe(parses);
    }),
    { numRuns: 2000 },
  );
});
