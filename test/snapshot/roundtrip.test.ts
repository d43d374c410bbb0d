import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Row } from "../../src/journal/index.ts";
import { type ReadRequest, readSnapshot, writeSnapshot } from "../../src/snapshot/index.ts";
import { fc } from "../support/property.ts";
import { fileOf, linesOf, listOf, rowsIn, sortedList } from "./support/lists.ts";

const PAGE_BYTES = 4096;
const BUCKETS = ["alarm", "auth", "authUsers", "cluster", "key", "lease", "members", "meta"];

const size = fc.oneof(
  { arbitrary: fc.nat(40), weight: 10 },
  fc.nat(1500),
  fc.integer({ min: PAGE_BYTES - 60, max: PAGE_BYTES + 20 }),
  fc.integer({ min: 2 * PAGE_BYTES - 60, max: 5 * PAGE_BYTES }),
);
/** Cheaper to make than random bytes; the seed at the end tells them apart. */
const bytes = fc.tuple(size, fc.uint8Array({ minLength: 1, maxLength: 3 })).map(([length, seed]) => {
  return Uint8Array.of(...new Uint8Array(length).fill(0x41), ...seed);
});
const row: fc.Arbitrary<Row> = fc.record({ key: bytes, value: fc.oneof(bytes, fc.constant(new Uint8Array(0))) });
const rows = fc.oneof(fc.array(row, { maxLength: 5 }), fc.array(row, { minLength: 50, maxLength: 300 }));
const lists = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...BUCKETS), rows), { selector: ([bucket]) => bucket, maxLength: 8 })
  .map((made) => made.map(([bucket, rows]) => sortedList(bucket, rows)));

describe("MA2: what is written is read back", () => {
  test("rows of all sizes in any buckets", () => {
    fc.assert(
      fc.property(lists, (lists) => {
        expect(rowsIn(fileOf(lists))).toEqual(linesOf(lists));
      }),
      { numRuns: 60 },
    );
  });

  test("nothing at all, and empty buckets", () => {
    expect(rowsIn(fileOf([]))).toEqual({});
    expect(rowsIn(fileOf([listOf("key", 0, () => neverAsked())]))).toEqual({ key: [] });
  });

  test("values that are larger than a page, and keys", () => {
    const large = [1, 4094, 4095, 4096, 4097, 8192, 100_000, 1_500_000].map((length, at) => ({
      key: Uint8Array.of(at, ...new Uint8Array(at % 2 === 0 ? 0 : 5000)),
      value: new Uint8Array(length).fill(at),
    }));
    const lists = [listOf("key", large.length, (at) => large[at] as Row)];
    expect(rowsIn(fileOf(lists))).toEqual(linesOf(lists));
  });

  test("100,000 keys, whose bytes are asked for one after the other and shared", () => {
    const key = new Uint8Array(17);
    const value = new Uint8Array(100);
    const list = listOf("key", 100_000, (at) => {
      new DataView(key.buffer).setUint32(4, at);
      new DataView(value.buffer).setUint32(96, at * 3);
      return { key, value };
    });
    let expected = 0;
    const visitorOf = () => (key: Uint8Array, value: Uint8Array) => {
      const [at, times3] = [key, value.subarray(92)].map((b) => new DataView(b.buffer, b.byteOffset).getUint32(4));
      if (at !== expected || times3 !== expected * 3) throw new Error(`row ${expected} is ${at}`);
      expected++;
    };
    const file = fileOf([list]);
    readAll(readSnapshot(file.length, visitorOf), file);
    expect(expected).toBe(100_000);
  });

  test("only the buckets that are asked for are read", () => {
    const lists = BUCKETS.map((bucket) => listOf(bucket, 1000, (at) => ({ key: numbered(at), value: numbered(at) })));
    const file = fileOf(lists);
    let count = 0;
    let readBytes = 0;
    const visitorOf = (bucket: string) => (bucket === "meta" ? () => count++ : undefined);
    readAll(readSnapshot(file.length - 32, visitorOf), file, ({ length }) => {
      readBytes += length;
    });
    expect(count).toBe(1000);
    expect(readBytes).toBeLessThan(file.length);
  });
});

describe("MA2: what a file is like", () => {
  test("whole pages, and the SHA-256 of them", () => {
    const file = fileOf([listOf("key", 1000, (at) => ({ key: numbered(at), value: numbered(at) }))]);
    expect(file.length % PAGE_BYTES).toBe(32);
    const hash = createHash("sha256").update(file.subarray(0, -32)).digest();
    expect(file.subarray(-32).equals(hash)).toBe(true);
  });

  test("it comes in parts of a size, each of which tells how much is still to come, and is told the size before", () => {
    const list = listOf("key", 3000, (at) => ({ key: numbered(at), value: new Uint8Array(at) }));
    for (const partBytes of [1000, PAGE_BYTES, 32 * 1024, 10_000_000]) {
      const parts = [...writeSnapshot([list], partBytes)].filter((part) => part !== undefined);
      const sizes = parts.map(({ bytes }) => bytes.length);
      expect(sizes.at(-1)).toBe(32);
      expect(sizes.slice(0, -2).every((size) => size === partBytes)).toBe(true);
      const total = sizes.slice(0, -1).reduce((sum, size) => sum + size, 0);
      let left = total;
      for (const { bytes, remainingBytes } of parts.slice(0, -1)) {
        left -= bytes.length;
        expect(remainingBytes).toBe(left);
      }
      expect([left, parts.at(-1)?.remainingBytes]).toEqual([0, 0]);
      expect(Buffer.concat(parts.map(({ bytes }) => bytes)).equals(fileOf([list]))).toBe(true);
    }
  });

  test("it is begun before a long list has been looked through", () => {
    const list = listOf("key", 100_000, (at) => ({ key: numbered(at), value: numbered(at) }));
    expect(writeSnapshot([list], PAGE_BYTES).next().value).toBe(undefined);
  });

  test("without its checksum it is a database, and is read too", () => {
    const lists = [listOf("key", 10, (at) => ({ key: numbered(at), value: numbered(at) }))];
    expect(rowsIn(fileOf(lists).subarray(0, -32))).toEqual(linesOf(lists));
  });

  test("a database that was cut off in a transaction has one good head, and that counts", () => {
    const lists = [listOf("key", 10, (at) => ({ key: numbered(at), value: numbered(at) }))];
    for (const page of [0, 1]) {
      const file = Buffer.from(fileOf(lists).subarray(0, -32));
      file.fill(0, page * PAGE_BYTES, page * PAGE_BYTES + 100);
      expect(rowsIn(file)).toEqual(linesOf(lists));
    }
  });
});

function numbered(at: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(4, at);
  return bytes;
}

function neverAsked(): never {
  throw new Error("there is no row");
}

/** As readBytes, with somebody who is told of each read. */
function readAll<T>(
  reading: Generator<ReadRequest, T, Uint8Array>,
  file: Uint8Array,
  onRead: (request: ReadRequest) => void = () => {},
): T {
  let next = reading.next();
  while (!next.done) {
    const { offset, length } = next.value;
    onRead(next.value);
    next = reading.next(file.subarray(offset, offset + length));
  }
  return next.value;
}
