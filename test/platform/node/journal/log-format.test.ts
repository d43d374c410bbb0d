/** What is read of a log: whole records that follow one another, whatever else is in its files. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { headOf, readLog, recordsBehind, recordsIn } from "../../../../src/platform/node/journal/log-format.ts";
import { fc } from "../../../support/property.ts";

function recordOf(commit: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([headOf(commit, parts), ...parts]);
}

function recordsOf(first: number, sizes: readonly number[]): Buffer {
  return Buffer.concat(sizes.map((size, at) => recordOf(first + at, new Uint8Array(size).fill(first + at))));
}

function commitsIn(bytes: Uint8Array): number[] {
  return [...recordsIn(bytes)].map(({ commit }) => commit);
}

const SIZES = fc.array(fc.nat(300), { minLength: 1, maxLength: 8 });

test("a record is its write's number and the bytes of its parts", () => {
  const [record] = recordsIn(recordOf(2 ** 40, Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)));
  expect(record).toEqual({ commit: 2 ** 40, changes: Buffer.from([1, 2, 3]) });
  expect(commitsIn(new Uint8Array())).toEqual([]);
  expect(commitsIn(new Uint8Array(1000))).toEqual([]);
});

test("behind a byte that has changed, or where it is cut, nothing is read, and before it everything", () => {
  fc.assert(
    fc.property(SIZES, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (sizes, place, change, isCut) => {
      const bytes = recordsOf(1, sizes);
      const at = place % bytes.length;
      const whole = commitsIn(bytes.subarray(0, at));
      const damaged = Buffer.from(isCut ? bytes.subarray(0, at) : bytes);
      if (!isCut) damaged.writeUInt8((bytes[at] ?? 0) ^ change, at);
      expect(commitsIn(damaged)).toEqual(whole);
    }),
  );
});

test("what is left of an earlier turn is not read", () => {
  fc.assert(
    fc.property(SIZES, SIZES, (earlier, later) => {
      const [old, bytes] = [recordsOf(1, earlier), recordsOf(100, later)];
      const file = Buffer.concat([bytes, old.subarray(Math.min(bytes.length, old.length))]);
      expect(commitsIn(file)).toEqual(later.map((_, at) => 100 + at));
    }),
  );
});

test("two files are read by the numbers in them, up to what is missing", () => {
  const directory = mkdtempSync(join(tmpdir(), "etcdlite-log-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const behind = (commit: number): number[] => recordsBehind(commit, readLog(directory)).map((record) => record.commit);
  expect(behind(0)).toEqual([]);
  writeFileSync(join(directory, "etcdlite.log0"), recordsOf(8, [1, 1]));
  expect(behind(7)).toEqual([8, 9]);
  writeFileSync(join(directory, "etcdlite.log1"), recordsOf(4, [1, 1, 1, 1]));
  expect(behind(3)).toEqual([4, 5, 6, 7, 8, 9]);
  expect(behind(6)).toEqual([7, 8, 9]);
  expect(behind(9)).toEqual([]);
  expect(behind(2)).toEqual([]);
  writeFileSync(join(directory, "etcdlite.log1"), recordsOf(4, [1, 1]));
  expect(behind(3)).toEqual([4, 5]);
});
