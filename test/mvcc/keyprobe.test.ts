import { expect, test } from "vitest";
import { bytesFromKey } from "../../src/mvcc/bytes.ts";
import { type HashSeed, KeyProbe } from "../../src/mvcc/keyprobe.ts";
import { fc } from "../support/property.ts";

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** HalfSipHash as its reference has it, for any number of rounds. */
function halfSipHash(key: Uint8Array, { low, high }: HashSeed, wordRounds: number, lastRounds: number): number {
  const v = new Uint32Array([low, high, 0x6c796765 ^ low, 0x74656462 ^ high]);
  const at = (index: number): number => v[index] as number;
  const add = (to: number, from: number, bits: number): void => {
    v[to] = at(to) + at(from);
    v[from] = rotated(at(from), bits) ^ at(to);
  };
  const rounds = (count: number): void => {
    for (let round = 0; round < count; round++) {
      add(0, 1, 5);
      v[0] = rotated(at(0), 16);
      add(2, 3, 8);
      add(0, 3, 7);
      add(2, 1, 13);
      v[2] = rotated(at(2), 16);
    }
  };
  const padded = new Uint8Array((key.length & ~3) + 4);
  padded.set(key);
  padded[padded.length - 1] = key.length;
  const words = new DataView(padded.buffer);
  for (let word = 0; word < padded.length; word += 4) {
    v[3] = at(3) ^ words.getUint32(word, true);
    rounds(wordRounds);
    v[0] = at(0) ^ words.getUint32(word, true);
  }
  v[2] = at(2) ^ 0xff;
  rounds(lastRounds);
  return at(1) ^ at(3);
}

test("the reference is the one its authors' vectors are of", () => {
  const seed = { low: 0x03020100, high: 0x07060504 };
  const hashes = [0, 1, 2, 3].map((length) => {
    return (
      halfSipHash(
        Uint8Array.from({ length }, (_, at) => at),
        seed,
        2,
        4,
      ) >>> 0
    );
  });
  expect(hashes).toEqual([0x5b9f35a9, 0xb85a4727, 0x03a662fa, 0x04e7fe8a]);
});

test("a key is hashed as HalfSipHash-1-3 does it, and its bytes are at hand, whatever was taken before", () => {
  const key = fc.uint8Array({ maxLength: 600 }).map((bytes) => String.fromCharCode(...bytes));
  const word = fc.nat(0xffff_ffff);
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 5 }), word, word, (keys, low, high) => {
      const probe = new KeyProbe({ low, high });
      for (const key of keys) {
        probe.take(key);
        expect(probe.bytes.subarray(0, probe.length)).toEqual(bytesFromKey(key));
        expect(probe.hash | 0).toBe(halfSipHash(bytesFromKey(key), { low, high }, 1, 3) | 0);
      }
    }),
    { numRuns: 300 },
  );
});
