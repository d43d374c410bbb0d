import { describe, expect, test } from "vitest";
import {
  compareBytes,
  fromDisplay,
  fromUrl,
  keyAfter,
  mapKey,
  prefixEnd,
  prefixRange,
  sizeText,
  startsWith,
  textOf,
  toDisplay,
  toUrl,
  utf8,
} from "../../../web/src/store/bytes.ts";
import { fc } from "../../support/property.ts";

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 24 }),
  fc.string({ unit: "binary", maxLength: 12 }).map(utf8),
  fc
    .array(fc.constantFrom(0x5c, 0x78, 0x6e, 0x30, 0xff, 0xc3, 0xa9, 0x0a), { maxLength: 12 })
    .map((list) => Uint8Array.from(list)),
);

test("bytes shown as text, and as a URL, are the same bytes when read back", () => {
  fc.assert(
    fc.property(bytes, (key) => {
      expect(fromDisplay(toDisplay(key))).toEqual(key);
      expect(fromUrl(toUrl(key))).toEqual(key);
    }),
  );
});

describe("shown as text", () => {
  test.each([
    ["/app/naïve – 値", "/app/naïve – 値"],
    ["a\nb", "a\\x0ab"],
    ["back\\slash", "back\\\\slash"],
    ["", ""],
  ])("%j is %s", (text, shown) => expect(toDisplay(utf8(text))).toBe(shown));

  test("bytes that are no UTF-8 stand among text that is", () => {
    expect(toDisplay(Uint8Array.of(0x61, 0xff, 0xc3, 0xa9, 0xc3))).toBe("a\\xffé\\xc3");
  });

  test("a byte order mark is not swallowed", () => {
    expect(fromDisplay(toDisplay(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)))).toEqual(
      Uint8Array.of(0xef, 0xbb, 0xbf, 0x61),
    );
  });

  test("what people type is read with the escapes they know", () => {
    expect(fromDisplay("a\\n\\t\\0\\x41\\q")).toEqual(Uint8Array.of(0x61, 10, 9, 0, 0x41, 0x5c, 0x71));
  });
});

test("a URL shows what is harmless as it is", () => {
  expect(toUrl(utf8("/a b&c=d%+é"))).toBe("/a%20b%26c%3Dd%25%2B%C3%A9");
  expect(fromUrl("é+%zz")).toEqual(utf8("é+%zz"));
});

test("text is only what is all UTF-8", () => {
  expect(textOf(utf8("é"))).toBe("é");
  expect(textOf(Uint8Array.of(0xc3))).toBeUndefined();
});

describe("the range of a prefix", () => {
  test("ends where its last byte is one more", () => {
    expect(prefixEnd(utf8("/a"))).toEqual(utf8("/b"));
    expect(prefixEnd(Uint8Array.of(0x61, 0xff))).toEqual(Uint8Array.of(0x62));
    expect(prefixEnd(Uint8Array.of(0xff, 0xff))).toEqual(Uint8Array.of(0));
    expect(prefixRange(new Uint8Array())).toEqual({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) });
  });

  test("holds exactly the keys that begin with it", () => {
    fc.assert(
      fc.property(bytes, fc.uint8Array({ minLength: 1, maxLength: 3 }), (key, prefix) => {
        const { rangeEnd } = prefixRange(prefix);
        const open = rangeEnd.length === 1 && rangeEnd[0] === 0;
        const inside = compareBytes(key, prefix) >= 0 && (open || compareBytes(key, rangeEnd) < 0);
        expect(inside).toBe(startsWith(key, prefix));
      }),
    );
  });
});

test("the least key after one is that key and a zero", () => {
  expect(keyAfter(utf8("a"))).toEqual(Uint8Array.of(0x61, 0));
});

test("keys of maps differ where the bytes do", () => {
  expect(mapKey(Uint8Array.of(0xff, 0))).toBe("\u00ff\0");
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [1024 * 1024, "1.0 MiB"],
  [2 ** 31, "2.0 GiB"],
])("%d bytes are %s", (size, text) => expect(sizeText(size)).toBe(text));
