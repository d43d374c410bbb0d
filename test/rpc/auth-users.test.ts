import { expect, test } from "vitest";
import { bytes, expectError, text } from "./support/show.ts";
import { newTarget, type Target } from "./support/target.ts";
import { addUser, enableAuth, FROM_KEY, type Grant, grantTo, READ, READWRITE, signIn, WRITE } from "./support/users.ts";

const NOT_FOUND = "etcdserver: user name not found";
const ROLE_NOT_FOUND = "etcdserver: role name not found";
const DENIED = "etcdserver: permission denied";
const MANAGEMENT = "etcdserver: invalid auth management";

async function revision(target: Target): Promise<bigint> {
  return (await target.auth.authStatus({})).authRevision;
}

async function permissionsOf(target: Target, role: string): Promise<string[]> {
  const { perm } = await target.auth.roleGet({ role });
  return perm.map(({ permType, key, rangeEnd }) => `${permType} ${text(key)} ${text(rangeEnd)}`);
}

test("AU1: every change raises the auth revision by one, which begins at 1", async () => {
  const target = await newTarget();
  const { auth } = target;
  const revisions = [await revision(target)];
  const perm = { permType: READ, key: bytes("k") };
  const changes: Array<() => Promise<unknown>> = [
    () => auth.userAdd({ name: "a", password: "p" }),
    () => auth.roleAdd({ name: "r" }),
    () => auth.roleGrantPermission({ name: "r", perm }),
    () => auth.userGrantRole({ user: "a", role: "r" }),
    () => auth.userChangePassword({ name: "a", password: "q" }),
    () => auth.roleRevokePermission({ role: "r", key: bytes("k") }),
    () => auth.userRevokeRole({ name: "a", role: "r" }),
    () => auth.roleDelete({ role: "r" }),
    () => auth.userDelete({ name: "a" }),
  ];
  for (const change of changes) {
    await change();
    revisions.push(await revision(target));
  }
  expect(revisions).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n]);
});

test("AU1: what reads, and granting a role again, leaves the auth revision", async () => {
  const target = await newTarget();
  await addUser(target, "a");
  const before = await revision(target);
  await target.auth.userGrantRole({ user: "a", role: "a" });
  await target.auth.userGet({ name: "a" });
  await target.auth.userList({});
  await target.auth.roleGet({ role: "a" });
  await target.auth.roleList({});
  expect(await revision(target)).toBe(before);
});

test("AU1: replies carry the header of the store, and no other revision", async () => {
  const target = await newTarget();
  await target.kv.put({ key: bytes("k") });
  const { auth } = target;
  const headers = [
    (await auth.authStatus({})).header,
    (await auth.userAdd({ name: "root", password: "root's" })).header,
    (await auth.roleAdd({ name: "r" })).header,
    (await auth.roleGrantPermission({ name: "r", perm: { key: bytes("k") } })).header,
    (await auth.userGrantRole({ user: "root", role: "root" })).header,
    (await auth.userGet({ name: "root" })).header,
    (await auth.userList({})).header,
    (await auth.roleGet({ role: "r" })).header,
    (await auth.roleList({})).header,
    (await auth.roleRevokePermission({ role: "r", key: bytes("k") })).header,
    (await auth.roleDelete({ role: "r" })).header,
    (await auth.authEnable({})).header,
    (await auth.authenticate({ name: "root", password: "root's" })).header,
    (await (await signIn(target, "root")).auth.authDisable({})).header,
    (await auth.userChangePassword({ name: "root", password: "other" })).header,
    (await auth.userRevokeRole({ name: "root", role: "root" })).header,
    (await auth.userDelete({ name: "root" })).header,
  ];
  for (const header of headers) {
    expect([header?.revision, (header?.clusterId ?? 0n) > 0n, (header?.memberId ?? 0n) > 0n, header?.raftTerm]).toEqual(
      [2n, true, true, 2n],
    );
  }
});

test("AU1: users are listed by their bytes, and told with their roles in that order", async () => {
  const { auth } = await newTarget();
  const names = ["\u{1f600}", "\uffee", "b", "A", "a"];
  for (const name of names) {
    await auth.userAdd({ name, password: "p" });
    await auth.roleAdd({ name });
    await auth.userGrantRole({ user: "\u{1f600}", role: name });
  }
  const sorted = ["A", "a", "b", "\uffee", "\u{1f600}"];
  expect((await auth.userList({})).users).toEqual(sorted);
  expect((await auth.roleList({})).roles).toEqual(sorted);
  expect((await auth.userGet({ name: "\u{1f600}" })).roles).toEqual(sorted);
});

test("AU1: a user needs a name that nobody has", async () => {
  const { auth } = await newTarget();
  await expectError(auth.userAdd({ password: "p" }), "INVALID_ARGUMENT", "etcdserver: user name is empty");
  await auth.userAdd({ name: "a", password: "p" });
  const again = auth.userAdd({ name: "a", password: "q" });
  await expectError(again, "FAILED_PRECONDITION", "etcdserver: user name already exists");
});

test("AU1: a role needs a name that no role has", async () => {
  const { auth } = await newTarget();
  await expectError(auth.roleAdd({}), "INVALID_ARGUMENT", "etcdserver: role name is empty");
  await auth.roleAdd({ name: "r" });
  await expectError(auth.roleAdd({ name: "r" }), "FAILED_PRECONDITION", "etcdserver: role name already exists");
});

test("AU1: users and roles that are not there", async () => {
  const { auth } = await newTarget();
  await auth.userAdd({ name: "a", password: "p" });
  await auth.roleAdd({ name: "r" });
  const perm = { key: bytes("k") };
  for (const call of [
    () => auth.userGet({ name: "b" }),
    () => auth.userDelete({ name: "b" }),
    () => auth.userChangePassword({ name: "b", password: "p" }),
    () => auth.userGrantRole({ user: "b", role: "nor this" }),
    () => auth.userRevokeRole({ name: "b", role: "r" }),
  ]) {
    await expectError(call(), "FAILED_PRECONDITION", NOT_FOUND);
  }
  for (const call of [
    () => auth.userGrantRole({ user: "a", role: "q" }),
    () => auth.roleGet({ role: "q" }),
    () => auth.roleDelete({ role: "q" }),
    () => auth.roleGrantPermission({ name: "q", perm }),
    () => auth.roleRevokePermission({ role: "q", key: bytes("k") }),
  ]) {
    await expectError(call(), "FAILED_PRECONDITION", ROLE_NOT_FOUND);
  }
  const notGranted = auth.userRevokeRole({ name: "a", role: "r" });
  await expectError(notGranted, "FAILED_PRECONDITION", "etcdserver: role is not granted to the user");
});

test("AU1: the role root can be granted without being there, and grants everything once it is", async () => {
  const target = await newTarget();
  await target.auth.userAdd({ name: "a", password: "p" });
  await target.auth.userGrantRole({ user: "a", role: "root" });
  expect((await target.auth.userGet({ name: "a" })).roles).toEqual(["root"]);
  await expectError(target.auth.roleGet({ role: "root" }), "FAILED_PRECONDITION", ROLE_NOT_FOUND);
  await target.auth.roleAdd({ name: "root" });
  await grantTo(target, "root", [READ, "k"]);
  expect(await permissionsOf(target, "root")).toEqual(["2  \\x00"]);
});

test("AU1: a role that is deleted is taken from its users", async () => {
  const target = await newTarget();
  await addUser(target, "a");
  await addUser(target, "b");
  await target.auth.userGrantRole({ user: "b", role: "a" });
  await target.auth.roleDelete({ role: "a" });
  expect((await target.auth.userGet({ name: "a" })).roles).toEqual([]);
  expect((await target.auth.userGet({ name: "b" })).roles).toEqual(["b"]);
});

test("AU1: permissions are told by their keys, each with its range", async () => {
  const target = await newTarget();
  await target.auth.roleAdd({ name: "r" });
  const grants: Grant[] = [
    [READ, "m"],
    [WRITE, "a", "b"],
    [READWRITE, "z", FROM_KEY],
    [READ, FROM_KEY, FROM_KEY],
    [READ, "a\xff", ""],
  ];
  for (const grant of grants) await grantTo(target, "r", grant);
  expect(await permissionsOf(target, "r")).toEqual(["0 \\x00 \\x00", "1 a b", "0 a\\xff ", "0 m ", "2 z \\x00"]);
});

test("AU1: granting again on a range replaces the first grant at its key, and stands beside a later one", async () => {
  const target = await newTarget();
  await target.auth.roleAdd({ name: "r" });
  await grantTo(target, "r", [READ, "k", "l"]);
  await grantTo(target, "r", [READ, "k", "m"]);
  await grantTo(target, "r", [WRITE, "k", "l"]);
  await grantTo(target, "r", [WRITE, "k", "m"]);
  expect(await permissionsOf(target, "r")).toEqual(["1 k l", "0 k m", "1 k m"]);
  await target.auth.roleRevokePermission({ role: "r", key: bytes("k"), rangeEnd: bytes("m") });
  expect(await permissionsOf(target, "r")).toEqual(["1 k l"]);
  const again = target.auth.roleRevokePermission({ role: "r", key: bytes("k"), rangeEnd: bytes("m") });
  await expectError(again, "FAILED_PRECONDITION", "etcdserver: permission is not granted to the role");
});

test("AU1: a permission needs a range, whether or not there is such a role", async () => {
  const { auth } = await newTarget();
  await auth.roleAdd({ name: "r" });
  for (const name of ["r", "q"]) {
    await expectError(auth.roleGrantPermission({ name }), "INVALID_ARGUMENT", "etcdserver: permission not given");
    for (const [key, end] of [
      ["", ""],
      ["", FROM_KEY],
      ["b", "a"],
      ["b", "b"],
    ] as const) {
      const perm = { permType: READ, key: bytes(key), rangeEnd: bytes(end) };
      await expectError(auth.roleGrantPermission({ name, perm }), "INVALID_ARGUMENT", MANAGEMENT);
    }
  }
});

test("AU1: a request that is too large is refused, whoever sends it", async () => {
  const target = await newTarget({ maxRequestBytes: 1000 });
  await enableAuth(target);
  const name = "n".repeat(1000);
  const message = "etcdserver: request is too large";
  await expectError(target.auth.roleAdd({ name }), "INVALID_ARGUMENT", message);
  await expectError(target.auth.userAdd({ name, options: { noPassword: true } }), "INVALID_ARGUMENT", message);
});

test("AU2: auth needs the user root with the role root", async () => {
  const { auth } = await newTarget();
  await expectError(auth.authEnable({}), "FAILED_PRECONDITION", "etcdserver: root user does not exist");
  await auth.userAdd({ name: "root", password: "p" });
  await expectError(auth.authEnable({}), "FAILED_PRECONDITION", "etcdserver: root user does not have root role");
  await auth.userGrantRole({ user: "root", role: "root" });
  expect((await auth.authStatus({})).enabled).toBe(false);
  await auth.authEnable({});
  const status = await auth.authStatus({});
  expect([status.enabled, status.authRevision]).toEqual([true, 3n]);
});

test("AU2: enabling leaves the auth revision, and again does nothing; disabling raises it, once", async () => {
  const target = await newTarget();
  const root = await enableAuth(target);
  expect(await revision(target)).toBe(3n);
  await root.auth.authEnable({});
  expect(await revision(target)).toBe(3n);
  await root.auth.authDisable({});
  await target.auth.authDisable({});
  const status = await target.auth.authStatus({});
  expect([status.enabled, status.authRevision]).toEqual([false, 4n]);
});

test("AU2: with auth on root stays root", async () => {
  const target = await newTarget();
  const root = await enableAuth(target);
  await root.auth.roleAdd({ name: "root" });
  for (const call of [
    () => root.auth.userDelete({ name: "root" }),
    () => root.auth.roleDelete({ role: "root" }),
    () => root.auth.userRevokeRole({ name: "root", role: "root" }),
  ]) {
    await expectError(call(), "INVALID_ARGUMENT", MANAGEMENT);
  }
  await root.auth.authDisable({});
  await target.auth.userRevokeRole({ name: "root", role: "root" });
  await target.auth.roleDelete({ role: "root" });
  await target.auth.userDelete({ name: "root" });
});

test("AU2: with auth off anyone may change users, with it on only root", async () => {
  const target = await newTarget();
  await addUser(target, "alice");
  const root = await enableAuth(target);
  const alice = await signIn(target, "alice");
  const perm = { key: bytes("k") };
  const calls: Array<(target: Target) => Promise<unknown>> = [
    ({ auth }) => auth.authEnable({}),
    ({ auth }) => auth.userAdd({ name: "new", password: "p" }),
    ({ auth }) => auth.userAdd({ password: "p" }),
    ({ auth }) => auth.userDelete({ name: "alice" }),
    ({ auth }) => auth.userDelete({ name: "root" }),
    ({ auth }) => auth.userChangePassword({ name: "alice", password: "p" }),
    ({ auth }) => auth.userGrantRole({ user: "alice", role: "root" }),
    ({ auth }) => auth.userRevokeRole({ name: "alice", role: "alice" }),
    ({ auth }) => auth.userList({}),
    ({ auth }) => auth.roleAdd({ name: "new" }),
    ({ auth }) => auth.roleDelete({ role: "alice" }),
    ({ auth }) => auth.roleGrantPermission({ name: "alice", perm }),
    ({ auth }) => auth.roleGrantPermission({ name: "alice" }),
    ({ auth }) => auth.roleRevokePermission({ role: "alice", key: bytes("k") }),
    ({ auth }) => auth.roleList({}),
    ({ auth }) => auth.authDisable({}),
  ];
  for (const call of calls) {
    await expectError(call(target), "INVALID_ARGUMENT", "etcdserver: user name is empty");
    await expectError(call(alice), "PERMISSION_DENIED", DENIED);
  }
  expect((await root.auth.userList({})).users).toEqual(["alice", "root"]);
});

test("AU2: a user is told of itself and of its roles, and root of all", async () => {
  const target = await newTarget();
  await addUser(target, "alice");
  await addUser(target, "bob");
  const root = await enableAuth(target);
  const alice = await signIn(target, "alice");
  expect((await alice.auth.userGet({ name: "alice" })).roles).toEqual(["alice"]);
  expect((await alice.auth.roleGet({ role: "alice" })).perm).toEqual([]);
  expect((await root.auth.userGet({ name: "bob" })).roles).toEqual(["bob"]);
  await expectError(alice.auth.userGet({ name: "bob" }), "PERMISSION_DENIED", DENIED);
  await expectError(alice.auth.userGet({ name: "nobody" }), "PERMISSION_DENIED", DENIED);
  await expectError(alice.auth.roleGet({ role: "bob" }), "PERMISSION_DENIED", DENIED);
  await expectError(target.auth.userGet({ name: "bob" }), "INVALID_ARGUMENT", "etcdserver: user name is empty");
  await expectError(target.auth.userGet({}), "FAILED_PRECONDITION", NOT_FOUND);
  await expectError(target.auth.roleGet({ role: "bob" }), "INVALID_ARGUMENT", "etcdserver: user name is empty");
  await expectError(root.auth.userGet({ name: "nobody" }), "FAILED_PRECONDITION", NOT_FOUND);
});

test("AU2: with auth off nothing is asked, and a token of no worth does no harm", async () => {
  const target = await newTarget();
  const root = await enableAuth(target);
  await root.auth.authDisable({});
  await root.kv.put({ key: bytes("k"), value: bytes("v") });
  expect(text((await target.kv.range({ key: bytes("k") })).kvs[0]?.value ?? bytes(""))).toBe("v");
});
