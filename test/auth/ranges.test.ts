import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { RangePermissions } from "../../src/auth/ranges.ts";
import { Permission_Type, RoleSchema } from "../../src/gen/authpb/auth_pb.ts";
import { fc } from "../support/property.ts";

type Grant = readonly [permType: number, key: string, rangeEnd: string];

const { READ, WRITE, READWRITE } = Permission_Type;
const FROM_KEY = "\0";

function bytes(key: string): Uint8Array {
  return Uint8Array.from(key, (character) => character.charCodeAt(0));
}

function permissions(...grants: Grant[]): RangePermissions {
  const keyPermission = grants.map(([permType, key, end]) => ({ permType, key: bytes(key), rangeEnd: bytes(end) }));
  return new RangePermissions([create(RoleSchema, { keyPermission } as never)]);
}

test("AU5: a key by itself is that key alone", () => {
  const { read } = permissions([READ, "b", ""]);
  const asked = ["a", "b", "b\0", "bb", "c"].map((key) => read.covers(key, ""));
  expect(asked).toEqual([false, true, false, false, false]);
  expect([read.covers("b", "b\0"), read.covers("b", "b\0\0"), read.covers("b", FROM_KEY)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("AU5: a range holds its beginning and not its end; an open one every key from its beginning on", () => {
  const { read } = permissions([READ, "b", "d"], [READ, "x", FROM_KEY]);
  const asked = ["a", "b", "c\xff", "d", "w", "x", "\xff\xff"].map((key) => read.covers(key, ""));
  expect(asked).toEqual([false, true, true, false, false, true, true]);
  const ranges: Array<[string, string]> = [
    ["b", "d"],
    ["b", "d\0"],
    ["a", "c"],
    ["b", FROM_KEY],
    ["x", FROM_KEY],
    ["y", "z"],
    ["w", FROM_KEY],
    [FROM_KEY, FROM_KEY],
  ];
  expect(ranges.map(([key, end]) => read.covers(key, end))).toEqual([
    true,
    false,
    false,
    false,
    true,
    true,
    false,
    false,
  ]);
});

test("AU5: ranges that touch or overlap are one, those with a gap are not", () => {
  const { read } = permissions([READ, "d", "f"], [READ, "a", "c"], [READ, "b", "d"], [READ, "g", "h"]);
  expect([read.covers("a", "f"), read.covers("a", "g"), read.covers("e", "h")]).toEqual([true, false, false]);
  const points = permissions([READ, "a", ""], [READ, "a\0", ""]).read;
  expect([points.covers("a", "a\0\0"), points.covers("a", "b")]).toEqual([true, false]);
});

test("AU5: of a range that ends before it begins, one grant by itself is asked for the beginning", () => {
  const { read } = permissions([READ, "b", "d"]);
  expect([read.covers("c", "a"), read.covers("c", "c"), read.covers("d", "a"), read.covers("a", "a")]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("AU5: of a range that ends before it begins, a grant behind its end hides those after it in etcd's tree", () => {
  const { read } = permissions([READ, "a", ""], [READ, "ca", ""]);
  expect([read.covers("ca", "a"), read.covers("ca", "b"), read.covers("ca", "ca")]).toEqual([false, true, true]);
  expect([read.covers("a", "a"), read.covers("b", "a")]).toEqual([true, false]);
});

test("AU5: to read and to write are granted apart, or together", () => {
  const { read, write } = permissions([READ, "r", ""], [WRITE, "w", ""], [READWRITE, "x", ""], [3, "y", ""]);
  expect(["r", "w", "x", "y"].map((key) => read.covers(key, ""))).toEqual([true, false, true, false]);
  expect(["r", "w", "x", "y"].map((key) => write.covers(key, ""))).toEqual([false, true, true, false]);
});

const LETTERS = "abcd";
const key = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 2 });
const rangeEnd = fc.oneof(key, fc.constantFrom("", FROM_KEY));
const grant = fc
  .tuple(fc.constantFrom(READ, WRITE, READWRITE), key, rangeEnd)
  .filter(([, start, end]) => end === "" || end === FROM_KEY || start < end);

/** Keys enough that two ranges which differ hold different ones among them. */
const UNIVERSE = universe();

function universe(): string[] {
  const words = ["", ...LETTERS].flatMap((first) => ["", ...LETTERS].map((second) => first + second));
  return [...new Set(words)]
    .filter((word) => word !== "")
    .flatMap((word) => [word, `${word}\0`, `${word}zz`])
    .sort();
}

function holds(start: string, end: string, candidate: string): boolean {
  if (end === "") return candidate === start;
  return candidate >= start && (end === FROM_KEY || candidate < end);
}

test("AU5: as a model that looks at every key", () => {
  fc.assert(
    fc.property(fc.array(grant, { maxLength: 6 }), key, rangeEnd, (grants, start, end) => {
      const { read } = permissions(...(grants as Grant[]));
      const isGranted = (candidate: string): boolean =>
        grants.some(([type, from, to]) => type !== WRITE && holds(from, to, candidate));
      fc.pre(end === "" || end === FROM_KEY || start < end);
      const asked = UNIVERSE.filter((candidate) => holds(start, end, candidate));
      expect(read.covers(start, end)).toBe(asked.every(isGranted));
    }),
    { numRuns: 2000 },
  );
});
