import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { type Permission, Permission_Type, PermissionSchema } from "../../../src/gen/authpb/auth_pb.ts";
import { compareBytes, equalBytes, prefixEnd, startsWith, toDisplay, utf8 } from "../../../web/src/store/bytes.ts";
import {
  givers,
  mergedRights,
  prefixesOf,
  type Rights,
  type Role,
  rangeOf,
  rightsAt,
} from "../../../web/src/users/permissions.ts";
import { fc } from "../../support/property.ts";

const { READ, WRITE, READWRITE } = Permission_Type;

function permission(permType: Permission_Type, key: Uint8Array, rangeEnd: Uint8Array = new Uint8Array()): Permission {
  return create(PermissionSchema, { permType, key, rangeEnd });
}

/** What etcd says of one permission and one key. */
function permits({ key: first, rangeEnd }: Permission, key: Uint8Array): boolean {
  if (rangeEnd.length === 0) return equalBytes(key, first);
  const isOpen = rangeEnd.length === 1 && rangeEnd[0] === 0;
  return compareBytes(first, key) <= 0 && (isOpen || compareBytes(key, rangeEnd) < 0);
}

function permittedBy(roles: readonly Role[], key: Uint8Array, denied: Permission_Type): string[] {
  return roles
    .filter(({ permissions }) => permissions.some((one) => one.permType !== denied && permits(one, key)))
    .map(({ name }) => name);
}

/** Few bytes, so that ranges meet. */
const key = fc
  .array(fc.constantFrom(0, 1, 97, 254, 255), { minLength: 1, maxLength: 3 })
  .map((bytes) => Uint8Array.from(bytes));
const rangeEnd = fc.oneof(fc.constant(new Uint8Array()), fc.constant(Uint8Array.of(0)), key);
const role = (name: string): fc.Arbitrary<Role> =>
  fc
    .array(
      fc.tuple(fc.constantFrom(READ, WRITE, READWRITE), key, rangeEnd).map((parts) => permission(...parts)),
      {
        maxLength: 6,
      },
    )
    .map((permissions) => ({ name, permissions }));
const roles = fc.tuple(role("a"), role("b"), role("c"));

test("merged rights say of every key what its permissions say, one by one", () => {
  fc.assert(
    fc.property(roles, fc.array(key, { minLength: 1, maxLength: 12 }), (held, tried) => {
      const rights = mergedRights(held);
      const places = held.flatMap(({ permissions }) => permissions.flatMap((one) => [one.key, one.rangeEnd]));
      for (const one of [...tried, ...places.filter(({ length }) => length > 0)]) {
        const readBy = permittedBy(held, one, WRITE);
        const writeBy = permittedBy(held, one, READ);
        expect(givers(held, one)).toEqual({ readBy, writeBy });
        const found = rightsAt(rights, one);
        expect([found.readBy.length > 0, found.writeBy.length > 0]).toEqual([readBy.length > 0, writeBy.length > 0]);
        expect(found.readBy).toEqual(expect.arrayContaining(readBy));
        expect(found.writeBy).toEqual(expect.arrayContaining(writeBy));
      }
    }),
    { numRuns: 600 },
  );
});

test("they are in order, apart from one another, and no neighbours permit the same", () => {
  fc.assert(
    fc.property(roles, (held) => {
      const rights = mergedRights(held);
      for (const [at, { start, end, readBy, writeBy }] of rights.entries()) {
        const next = rights[at + 1];
        expect(readBy.length + writeBy.length).toBeGreaterThan(0);
        if (end !== undefined) expect(compareBytes(start, end)).toBeLessThan(0);
        if (next === undefined) continue;
        const gap = end === undefined ? 1 : compareBytes(end, next.start);
        expect(gap).toBeLessThanOrEqual(0);
        const isSame = readBy.length > 0 === next.readBy.length > 0 && writeBy.length > 0 === next.writeBy.length > 0;
        if (isSame) expect(gap).toBeLessThan(0);
      }
    }),
    { numRuns: 600 },
  );
});

test("the prefixes of a range hold its keys, and no others", () => {
  fc.assert(
    fc.property(roles, key, (held, tried) => {
      for (const one of mergedRights(held)) {
        const prefixes = prefixesOf(one, 8);
        if (prefixes === undefined) continue;
        expect(prefixes.length).toBeGreaterThan(0);
        const isIn = compareBytes(one.start, tried) <= 0 && compareBytes(tried, one.end ?? tried) < 0;
        expect(prefixes.some((prefix) => startsWith(tried, prefix))).toBe(isIn);
      }
    }),
    { numRuns: 600 },
  );
});

function words(rights: readonly Rights[]): string[] {
  return rights.map((one) => {
    const { key: first, rangeEnd: end } = rangeOf(one);
    return `${toDisplay(first)}..${toDisplay(end)} r:${one.readBy.join("+")} w:${one.writeBy.join("+")}`;
  });
}

test("ranges that meet become one, single keys and open ends stay what they are", () => {
  const prefix = (permType: Permission_Type, text: string) => permission(permType, utf8(text), prefixEnd(utf8(text)));
  const app = { name: "app", permissions: [prefix(READWRITE, "/app/"), permission(READ, utf8("/shared"))] };
  const reader = { name: "reader", permissions: [permission(READ, utf8("/app0"), utf8("/b")), prefix(READ, "/app/")] };
  const rest = { name: "rest", permissions: [permission(WRITE, utf8("z"), Uint8Array.of(0))] };
  expect(words(mergedRights([app, reader, rest]))).toEqual([
    "/app/../app0 r:app+reader w:app",
    "/app0../b r:reader w:",
    "/shared.. r:app w:",
    "z..\\x00 r: w:rest",
  ]);
  expect(mergedRights([])).toEqual([]);
  expect(mergedRights([{ name: "empty", permissions: [permission(READ, utf8("b"), utf8("a"))] }])).toEqual([]);
});

test("root may do everything, whatever its permissions are", () => {
  expect(words(mergedRights([{ name: "root", permissions: [] }]))).toEqual(["\\x00..\\x00 r:root w:root"]);
});

test("a range that is a handful of prefixes is told as these", () => {
  const texts = (start: string, end: string) =>
    prefixesOf({ start: utf8(start), end: utf8(end) }, 3)?.map((prefix) => toDisplay(prefix));
  expect(texts("/app/", "/app0")).toEqual(["/app/"]);
  expect(texts("/a", "/c")).toEqual(["/a", "/b"]);
  expect(texts("/a", "/z")).toBeUndefined();
  expect(texts("/a", "/a5")).toBeUndefined();
  expect(prefixesOf({ start: utf8("/a"), end: undefined }, 3)).toBeUndefined();
});
