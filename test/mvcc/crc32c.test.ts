import { expect, test } from "vitest";
import { crc32c } from "../../src/mvcc/crc32c.ts";
import { fc } from "../support/property.ts";

test("MA4: CRC-32C gives the published check values", () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, at) => at);
  const readCommand = new Uint8Array(48);
  readCommand.set([0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14]);
  readCommand.set([0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02], 28);
  const cases: Array<[string, Uint8Array, number]> = [
    ["nothing", new Uint8Array(0), 0],
    ["the digits", new TextEncoder().encode("123456789"), 0xe3069283],
    ["32 zeros (RFC 3720)", new Uint8Array(32), 0x8a9136aa],
    ["32 ones (RFC 3720)", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["ascending (RFC 3720)", ascending, 0x46dd794e],
    ["descending (RFC 3720)", ascending.toReversed(), 0x113fdb5c],
    ["an iSCSI read command (RFC 3720)", readCommand, 0xd9963a56],
  ];
  for (const [name, bytes, expected] of cases) expect([name, crc32c(0, bytes)]).toEqual([name, expected]);
});

test("MA4: it may be computed in parts, and of a part of a buffer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      const whole = crc32c(0, bytes);
      expect(crc32c(crc32c(0, bytes.subarray(0, cut)), bytes.subarray(cut))).toBe(whole);
      const padded = new Uint8Array(bytes.length + 18).fill(7);
      padded.set(bytes, 9);
      expect(crc32c(0, padded, 9, 9 + bytes.length)).toBe(whole);
    }),
    { numRuns: 200 },
  );
});
