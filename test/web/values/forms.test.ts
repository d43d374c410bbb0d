import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../../web/src/store/bytes.ts";
import { FORMS, fromForm, toForm } from "../../../web/src/values/forms.ts";
import { hexRow, hexRowCount } from "../../../web/src/values/hex.ts";
import { prettyJson } from "../../../web/src/values/json.ts";

describe("a value's forms", () => {
  test("keep every byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...FORMS), (bytes, form) => {
        const text = toForm(bytes, form);
        if (text === undefined) return form === "text";
        const parsed = fromForm(text, form);
        return "bytes" in parsed && Buffer.from(parsed.bytes).equals(Buffer.from(bytes));
      }),
    );
  });

  test("text keeps line ends and a byte order mark", () => {
    const bytes = utf8("\ufeffa\r\nb\rc\n");
    expect(fromForm(toForm(bytes, "text") ?? "", "text")).toEqual({ bytes });
  });

  test("hex and base64 are read with white space and without", () => {
    expect(fromForm("68 65\n6C6c 6f", "hex")).toEqual({ bytes: utf8("hello") });
    expect(fromForm(" aGVs\nbG8= ", "base64")).toEqual({ bytes: utf8("hello") });
  });

  test.each([
    ["6", "hex", "missing"],
    ["6g", "hex", "“g”"],
    ["aGVsbG8", "base64", ""],
    ["a-b=", "base64", "“-”"],
    ["a", "base64", "padding"],
  ] as const)("%j as %s: %s", (text, form, words) => {
    const parsed = fromForm(text, form);
    if (words === "") expect(parsed).toEqual({ bytes: utf8("hello") });
    else expect("error" in parsed && parsed.error).toContain(words);
  });

  test("a mebibyte goes through every form", () => {
    const bytes = Uint8Array.from({ length: 1024 * 1024 }, (_, at) => (at * 7) % 128);
    for (const form of FORMS) expect(fromForm(toForm(bytes, form) ?? "", form)).toEqual({ bytes });
  });
});

test("a hex dump has offsets, bytes and what is printable", () => {
  const bytes = utf8("0123456789abcdef\n!");
  expect(hexRowCount(bytes)).toBe(2);
  expect(hexRow(bytes, 0)).toEqual({
    offset: "00000000",
    hex: "30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66",
    ascii: "0123456789abcdef",
  });
  expect(hexRow(bytes, 1)).toEqual({ offset: "00000010", hex: "0a 21", ascii: ".!" });
  expect(hexRowCount(bytes, 8)).toBe(3);
  expect(hexRow(bytes, 2, 8)).toEqual({ offset: "00000010", hex: "0a 21", ascii: ".!" });
});

describe("indenting JSON", () => {
  test("changes white space only", () => {
    const text = '{"a":[1,{"b":"x, {y}: \\"z\\""}],"big":12345678901234567890,"a":1.0e2,"e":{},"l":[ ]}';
    const pretty = prettyJson(text);
    expect(pretty).toContain('"big": 12345678901234567890');
    expect(pretty).toContain('"a": 1.0e2');
    expect(pretty).toContain('"e": {}');
    expect(pretty).toContain('"l": []');
    expect(prettyJson(pretty)).toBe(pretty);
  });

  test("is what JSON.stringify makes of what it can hold", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(prettyJson(text)).toBe(JSON.stringify(JSON.parse(text), undefined, 2));
      }),
    );
  });
});
