import { expect, test } from "vitest";
import { bytesFromKey, compareBytes, keyFromBytes } from "../../src/mvcc/index.ts";
import { fc } from "../support/property.ts";

test("KV4: every byte survives as a character of a key and comes back", () => {
  const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const key = keyFromBytes(everyByte);
  expect(key.length).toBe(256);
  expect(bytesFromKey(key)).toEqual(everyByte);
});

test("KV4: keys longer than a function takes arguments", () => {
  for (const length of [8191, 8192, 8193, 16_384, 1_500_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 31) % 256);
    expect(Buffer.compare(bytesFromKey(keyFromBytes(bytes)), bytes)).toBe(0);
  }
});

test("KV4: keys are ordered as their bytes are, a prefix before what it is a prefix of", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ maxLength: 8 }), (a, b) => {
      const [left, right] = [keyFromBytes(a), keyFromBytes(b)];
      expect(bytesFromKey(left)).toEqual(Uint8Array.from(a));
      expect(Math.sign(left < right ? -1 : left > right ? 1 : 0)).toBe(Buffer.compare(a, b));
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
    }),
    { numRuns: 500 },
  );
});
