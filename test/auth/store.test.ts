import { create, fromBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { type AuthRow, AuthStore } from "../../src/auth/index.ts";
import {
  Permission_Type,
  PermissionSchema,
  RoleSchema,
  UserAddOptionsSchema,
  UserSchema,
} from "../../src/gen/authpb/auth_pb.ts";
import { fc } from "../support/property.ts";

const HASH = Uint8Array.from("$2a$04$hash", (character) => character.charCodeAt(0));
const NAMES = ["root", "a", "b", "ü", "\u{1f600}", "\uffee"];

function hex(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "deleted" : Buffer.from(bytes).toString("hex");
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function permission(permType: number, key: string, rangeEnd = "") {
  const encoder = new TextEncoder();
  return create(PermissionSchema, { permType, key: encoder.encode(key), rangeEnd: encoder.encode(rangeEnd) } as never);
}

function newStore(): { readonly store: AuthStore; readonly rows: AuthRow[] } {
  const rows: AuthRow[] = [];
  return { store: new AuthStore([], (row) => rows.push(row)), rows };
}

/** The rows that are left when changes have been made one after the other. */
function applied(changes: readonly AuthRow[]): Array<{ bucket: string; key: Uint8Array; value: Uint8Array }> {
  const rows = new Map<string, { bucket: string; key: Uint8Array; value: Uint8Array }>();
  for (const { bucket, key, value } of changes) {
    if (value === undefined) rows.delete(`${bucket}/${hex(key)}`);
    else rows.set(`${bucket}/${hex(key)}`, { bucket, key, value });
  }
  return [...rows.values()];
}

function shown(rows: readonly AuthRow[]): string[] {
  return rows.map(({ bucket, key, value }) => `${bucket} ${text(key)} ${hex(value)}`);
}

test("AU9: rows are etcd's, byte for byte", () => {
  const { store, rows } = newStore();
  store.addUser("root", HASH, undefined);
  store.addUser("cn", undefined, create(UserAddOptionsSchema, { noPassword: true }));
  store.addRole("r");
  store.grantPermission("r", permission(Permission_Type.READWRITE, "k", "l"));
  store.grantRole("root", "root");
  store.enable();
  expect(shown(rows)).toEqual([
    `authUsers root 0a04726f6f74120b${hex(HASH)}2200`,
    "auth authRevision 0000000000000002",
    "authUsers cn 0a02636e22020801",
    "auth authRevision 0000000000000003",
    "authRoles r 0a0172",
    "auth authRevision 0000000000000004",
    "authRoles r 0a017212080802" + "12016b1a016c",
    "auth authRevision 0000000000000005",
    `authUsers root 0a04726f6f74120b${hex(HASH)}1a04726f6f742200`,
    "auth authRevision 0000000000000006",
    "auth authEnabled 01",
  ]);
  rows.length = 0;
  store.disable();
  store.deleteUser("cn");
  store.deleteRole("r");
  expect(shown(rows)).toEqual([
    "auth authEnabled 00",
    "auth authRevision 0000000000000007",
    "authUsers cn deleted",
    "auth authRevision 0000000000000008",
    "authRoles r deleted",
    "auth authRevision 0000000000000009",
  ]);
});

test("AU9: without rows auth is off, at revision 1", () => {
  const { store, rows } = newStore();
  expect([store.enabled, store.revision, rows.length]).toEqual([false, 1, 0]);
  expect(shown(store.rows())).toEqual(["auth authRevision 0000000000000001"]);
});

test("AU9: a row that is no user or role is named", () => {
  for (const bucket of ["authUsers", "authRoles"]) {
    const row = { bucket, key: new TextEncoder().encode("alice"), value: Uint8Array.of(0x0a, 0x7f) };
    expect(() => new AuthStore([row], () => {})).toThrow(/^the row of authpb\.(User|Role) "alice" cannot be read/);
  }
});

test("AU1: names are listed, and roles of a user sorted, by their bytes", () => {
  const { store } = newStore();
  for (const name of NAMES) {
    store.addUser(name, HASH, undefined);
    store.addRole(name);
  }
  for (const name of NAMES) store.grantRole("a", name);
  // U+FFEE is before U+1F600 in UTF-8, and after its first half in UTF-16.
  const sorted = ["a", "b", "root", "ü", "\uffee", "\u{1f600}"];
  expect([store.userNames(), store.roleNames(), store.user("a").roles]).toEqual([sorted, sorted, sorted]);
});

test("AU1: a change that fails changes nothing", () => {
  const { store, rows } = newStore();
  store.addUser("a", HASH, undefined);
  rows.length = 0;
  const failing: Array<() => void> = [
    () => store.addUser("a", HASH, undefined),
    () => store.addUser("", HASH, undefined),
    () => store.deleteUser("b"),
    () => store.changePassword("a", undefined),
    () => store.grantRole("a", "r"),
    () => store.revokeRole("a", "r"),
    () => store.addRole(""),
    () => store.deleteRole("r"),
    () => store.grantPermission("r", permission(0, "k")),
    () => store.grantPermission("r", undefined),
    () => store.enable(),
  ];
  for (const change of failing) expect(change).toThrow();
  expect([rows.length, store.revision]).toEqual([0, 2]);
});

type Change = readonly [text: string, run: (store: AuthStore) => void];

const name = fc.constantFrom(...NAMES);
const granted = fc.tuple(fc.constantFrom(0, 1, 2), fc.constantFrom("k", "l", "m"), fc.constantFrom("", "l", "z", "\0"));
const change: fc.Arbitrary<Change> = fc.oneof(
  name.map((a): Change => [`add user ${a}`, (store) => store.addUser(a, HASH, undefined)]),
  name.map((a): Change => [`delete user ${a}`, (store) => store.deleteUser(a)]),
  name.map((a): Change => [`change password ${a}`, (store) => store.changePassword(a, HASH.subarray(1))]),
  name.map((a): Change => [`add role ${a}`, (store) => store.addRole(a)]),
  name.map((a): Change => [`delete role ${a}`, (store) => store.deleteRole(a)]),
  fc.tuple(name, name).map(([a, b]): Change => [`grant ${a} role ${b}`, (store) => store.grantRole(a, b)]),
  fc.tuple(name, name).map(([a, b]): Change => [`revoke ${a} role ${b}`, (store) => store.revokeRole(a, b)]),
  fc
    .tuple(name, granted)
    .map(([a, g]): Change => [`grant ${a} ${g}`, (store) => store.grantPermission(a, permission(...g))]),
  fc
    .tuple(name, granted)
    .map(([a, g]): Change => [`revoke ${a} ${g}`, (store) => store.revokePermission(a, permission(...g))]),
  fc.constant<Change>(["enable", (store) => store.enable()]),
  fc.constant<Change>(["disable", (store) => store.disable()]),
);

test("AU9: the rows that changes leave make the same store again, with the same rights", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const { store, rows } = newStore();
      for (const [, run] of changes) {
        const before = store.revision;
        try {
          run(store);
        } catch {
          expect(store.revision).toBe(before);
        }
      }
      const again = new AuthStore(applied(rows), () => {});
      expect([again.enabled, again.revision]).toEqual([store.enabled, store.revision]);
      expect(shown(again.rows())).toEqual(shown(store.rows()));
      const caller = { username: "a", revision: store.revision };
      for (const asked of ["k", "l", "m", "y"]) expect(may(again, caller, asked)).toBe(may(store, caller, asked));
    }),
    { numRuns: 300 },
  );
});

function may(store: AuthStore, caller: { username: string; revision: number }, key: string): boolean {
  try {
    store.checkRead(caller, key, "");
    return true;
  } catch {
    return false;
  }
}

test("AU1: what is granted again on a range is replaced where it is the first at its key, else stays beside", () => {
  const { store } = newStore();
  store.addRole("r");
  store.grantPermission("r", permission(Permission_Type.READ, "k", "l"));
  store.grantPermission("r", permission(Permission_Type.READ, "k", "m"));
  store.grantPermission("r", permission(Permission_Type.WRITE, "k", "l"));
  store.grantPermission("r", permission(Permission_Type.WRITE, "k", "m"));
  const grants = store.permissions("r").map(({ permType, rangeEnd }) => `${permType} ${text(rangeEnd)}`);
  expect(grants).toEqual(["1 l", "0 m", "1 m"]);
  store.revokePermission("r", permission(Permission_Type.READ, "k", "m"));
  expect(store.permissions("r").map(({ rangeEnd }) => text(rangeEnd))).toEqual(["l"]);
});

test("AU9: what is kept holds nothing of the request that it came in", () => {
  const { store, rows } = newStore();
  store.addRole("r");
  const granted = permission(Permission_Type.READ, "k", "l");
  store.grantPermission("r", granted);
  granted.key.fill(0);
  granted.rangeEnd.fill(0);
  const stored = fromBinary(RoleSchema, store.rows()[1]?.value ?? new Uint8Array(0));
  expect(text(stored.keyPermission[0]?.key ?? new Uint8Array(0))).toBe("k");
  expect(rows.map(({ bucket }) => bucket)).toEqual(["authRoles", "auth", "authRoles", "auth"]);
  store.addUser("a", HASH, undefined);
  const [, userRow] = store.rows();
  expect(text(fromBinary(UserSchema, userRow?.value ?? new Uint8Array(0)).name)).toBe("a");
});
