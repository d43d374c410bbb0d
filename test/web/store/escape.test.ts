import fc from "fast-check";
import { expect, test } from "vitest";
import { textOf } from "../../../web/src/store/bytes.ts";
import { escapeBytes, unescapeBytes } from "../../../web/src/store/escape.ts";

test.for([
  [[0x2f, 0xff, 0x61], "/\\xffa"],
  [[0xc3, 0xbc, 0x5c], "ü\\\\"],
  [[0xe0, 0x80, 0x80], "\\xe0\\x80\\x80"],
  [[0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"],
  [[0xf0, 0x9f, 0x98, 0x80, 0xf0, 0x9f], "😀\\xf0\\x9f"],
  [[0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"],
] as const)("%j is %s", ([bytes, text]) => expect(escapeBytes(Uint8Array.from(bytes))).toBe(text));

test("any bytes come back, and text is only touched at its backslashes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const text = escapeBytes(bytes);
      expect([...unescapeBytes(text)]).toEqual([...bytes]);
      const plain = textOf(bytes);
      if (plain !== undefined) expect(text).toBe(plain.replaceAll("\\", "\\\\"));
    }),
    { numRuns: 300 },
  );
});
