/** Files that are damaged, cut short, or made to do harm: a SnapshotError, in a time that their size bounds. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fnv64a } from "../../src/snapshot/format.ts";
import { SnapshotError } from "../../src/snapshot/index.ts";
import { fc } from "../support/property.ts";
import { fileOf, listOf, rowsIn } from "./support/lists.ts";

const PAGE_BYTES = 4096;
const META_AT = 16;
const CHECKSUM_AT = META_AT + 56;

/** With branches, leaves, overflow and buckets inline. */
const GOOD = fileOf([
  listOf("alarm", 0, () => ({ key: new Uint8Array(0), value: new Uint8Array(0) })),
  listOf("key", 3000, (at) => ({ key: numbered(at), value: new Uint8Array(at % 500 === 3 ? 9000 : at % 60).fill(at) })),
  listOf("meta", 5, (at) => ({ key: numbered(at), value: numbered(at) })),
]).subarray(0, -32);

function numbered(at: number): Uint8Array {
  const bytes = new Uint8Array(17);
  new DataView(bytes.buffer).setUint32(4, at);
  return bytes;
}

/** A copy of the good file, changed. */
function changed(change: (file: Buffer, view: DataView) => void): Buffer {
  const file = Buffer.from(GOOD);
  change(file, new DataView(file.buffer, file.byteOffset, file.length));
  return file;
}

/** Both heads changed, with checksums that are right. */
function withHeads(change: (view: DataView, at: number) => void): Buffer {
  return changed((file, view) => {
    for (const page of [0, PAGE_BYTES]) {
      change(view, page + META_AT);
      const sum = fnv64a(file.subarray(page + META_AT, page + CHECKSUM_AT));
      view.setBigUint64(page + CHECKSUM_AT, sum, true);
    }
  });
}

/** Where the first page of a kind is. */
function pageOf(flags: number): number {
  for (let at = 2 * PAGE_BYTES; at < GOOD.length; at += PAGE_BYTES) {
    if (GOOD.readUInt16LE(at + 8) === flags && GOOD.readBigUInt64LE(at) === BigInt(at / PAGE_BYTES)) return at;
  }
  throw new Error(`there is no page of kind ${flags}`);
}

function expectRefused(file: Uint8Array, why: RegExp): void {
  expect(() => rowsIn(file)).toThrow(SnapshotError);
  expect(() => rowsIn(file)).toThrow(why);
}

const BRANCH = pageOf(1);
const LEAF = pageOf(2);
const ELEMENT = 16;

describe("MA2: a file is refused that", () => {
  test("is none, or of another kind", () => {
    expectRefused(new Uint8Array(0), /a file of 0 bytes is no snapshot/);
    expectRefused(new Uint8Array(100_000), /is no snapshot of an etcd/);
    expectRefused(Buffer.from("etcdlite".repeat(1000)), /is no snapshot of an etcd/);
    expectRefused(
      withHeads((view, at) => view.setUint32(at + 4, 3, true)),
      /has version 3 of its format; known is version 2/,
    );
  });

  test("is cut short at any length", () => {
    const whole = Buffer.concat([GOOD, createHash("sha256").update(GOOD).digest()]);
    for (let length = 0; length < whole.length; length += 1 + Math.floor(length / 40)) {
      expect(() => rowsIn(whole.subarray(0, length)), `${length} bytes`).toThrow(SnapshotError);
    }
  });

  test("has another checksum", () => {
    expectRefused(Buffer.concat([GOOD, Buffer.alloc(32)]), /damaged: its checksum is not right/);
  });

  test("has two damaged heads", () => {
    const file = changed((file) => {
      file[META_AT + 20] = 1;
      file[PAGE_BYTES + META_AT + 20] = 1;
    });
    expectRefused(file, /the checksums of its head are not right/);
  });

  test("has pages of a size that there is not", () => {
    for (const size of [0, 1, 512, 4095, 2 ** 17, 2 ** 31]) {
      expectRefused(
        withHeads((view, at) => view.setUint32(at + 8, size, true)),
        /pages of \d+ bytes|cut short/,
      );
    }
  });

  test("claims more pages than it has", () => {
    expectRefused(
      withHeads((view, at) => view.setBigUint64(at + 40, 2n ** 63n, true)),
      /cut short/,
    );
  });

  test("has its root at a page that there is not, or that is no tree's", () => {
    for (const [page, why] of [
      [0n, /no page 0/],
      [1n, /no page 1/],
      [2n, /page 2 is of kind 16/],
      [2n ** 64n - 1n, /no page/],
    ] as const) {
      expectRefused(
        withHeads((view, at) => view.setBigUint64(at + 16, page, true)),
        why,
      );
    }
  });

  test("has the root of a bucket for its root", () => {
    expectRefused(
      withHeads((view, at) => view.setBigUint64(at + 16, BigInt(LEAF / PAGE_BYTES), true)),
      /outside of all buckets/,
    );
  });

  test("has a page with another's number", () => {
    expectRefused(
      changed((_, view) => view.setUint32(LEAF, 99_999, true)),
      /says that it is another/,
    );
  });

  test("has a circle, or a page in two places", () => {
    const own = BigInt(BRANCH / PAGE_BYTES);
    expectRefused(
      changed((_, view) => view.setBigUint64(BRANCH + ELEMENT + 8, own, true)),
      /is in two places/,
    );
    const first = GOOD.readBigUInt64LE(BRANCH + ELEMENT + 8);
    expectRefused(
      changed((_, view) => view.setBigUint64(BRANCH + 2 * ELEMENT + 8, first, true)),
      /is in two places/,
    );
  });

  test("has a page that goes on behind the end", () => {
    expectRefused(
      changed((_, view) => view.setUint32(LEAF + 12, 2 ** 32 - 1, true)),
      /goes on behind the end/,
    );
  });

  test("has a page with more elements than fit, an empty branch, or elements out of place", () => {
    expectRefused(
      changed((_, view) => view.setUint16(LEAF + 10, 0xffff, true)),
      /too many elements/,
    );
    expectRefused(
      changed((_, view) => view.setUint16(BRANCH + 10, 0, true)),
      /branch without children/,
    );
    for (const [field, value] of [
      [4, 0],
      [4, 2 ** 32 - 1],
      [8, 2 ** 32 - 1],
      [12, 2 ** 32 - 1],
    ] as const) {
      expectRefused(
        changed((_, view) => view.setUint32(LEAF + ELEMENT + field, value, true)),
        /element out of place/,
      );
    }
    expectRefused(
      changed((_, view) => view.setUint32(LEAF + ELEMENT + 8, 0, true)),
      /empty key/,
    );
  });

  test("has elements that share their bytes, with which a small file could become a large one", () => {
    const file = changed((_, view) => {
      const element = LEAF + ELEMENT;
      view.setUint32(element + ELEMENT + 4, view.getUint32(element + 4, true) - ELEMENT, true);
    });
    expectRefused(file, /element out of place/);
  });

  test("has keys out of order, in a page or under a branch", () => {
    const firstKey = LEAF + ELEMENT + GOOD.readUInt32LE(LEAF + ELEMENT + 4);
    expectRefused(
      changed((file) => file.fill(0xff, firstKey, firstKey + 8)),
      /out of order/,
    );
    const branchKey = BRANCH + 2 * ELEMENT + GOOD.readUInt32LE(BRANCH + 2 * ELEMENT);
    expectRefused(
      changed((file) => file.fill(0xff, branchKey, branchKey + 8)),
      /out of order/,
    );
  });

  test("has a bucket inside of another", () => {
    expectRefused(
      changed((_, view) => view.setUint32(LEAF + ELEMENT, 1, true)),
      /inside of another/,
    );
  });
});

describe("MA2: whatever is done to a file", () => {
  const pages = GOOD.length / PAGE_BYTES;
  const flips = fc.array(fc.tuple(fc.nat(GOOD.length - 1), fc.nat(7)), { minLength: 1, maxLength: 20 });
  const copies = fc.array(fc.tuple(fc.nat(pages - 1), fc.nat(pages - 1)), { minLength: 1, maxLength: 5 });
  const noise = fc.array(fc.tuple(fc.nat(pages - 1), fc.uint8Array({ minLength: 1, maxLength: 200 })), {
    maxLength: 3,
  });
  const numbers = fc.array(
    fc.tuple(fc.nat(GOOD.length - 8), fc.constantFrom(0, 1, 2, 3, 0xffff, 2 ** 31, 2 ** 32 - 1)),
    {
      maxLength: 10,
    },
  );

  /** Rows or a SnapshotError, and nothing else. */
  function expectTotal(file: Uint8Array): void {
    try {
      rowsIn(file);
    } catch (error) {
      expect(error).toBeInstanceOf(SnapshotError);
    }
  }

  test("it gives rows or a SnapshotError: bits flipped, pages copied and filled with noise, numbers replaced", () => {
    fc.assert(
      fc.property(flips, copies, noise, numbers, fc.nat(14), (flips, copies, noise, numbers, which) => {
        const file = changed((file, view) => {
          if ((which & 1) === 0) for (const [at, bit] of flips) file[at] = (file[at] as number) ^ (1 << bit);
          if ((which & 2) === 0)
            for (const [to, from] of copies)
              GOOD.copy(file, to * PAGE_BYTES, from * PAGE_BYTES, (from + 1) * PAGE_BYTES);
          if ((which & 4) === 0) for (const [page, bytes] of noise) file.set(bytes, page * PAGE_BYTES);
          if ((which & 8) === 0) for (const [at, value] of numbers) view.setUint32(at - (at % 4), value, true);
        });
        expectTotal(file);
      }),
      { numRuns: 1000 },
    );
  });

  test("the same where only what leads from page to page is touched", () => {
    const heads = fc.array(
      fc.tuple(fc.nat(pages - 1), fc.nat(40), fc.constantFrom(0, 1, 2, 3, 5, 40, 200, 0xffffffff)),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(heads, (heads) => {
        expectTotal(
          changed((_, view) => {
            for (const [page, word, value] of heads) view.setUint32(page * PAGE_BYTES + word * 4, value, true);
          }),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("random bytes behind a good head", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: PAGE_BYTES, maxLength: 4 * PAGE_BYTES }), (bytes) => {
        expectTotal(changed((file) => file.set(bytes, 2 * PAGE_BYTES)));
      }),
      { numRuns: 50 },
    );
  });
});
