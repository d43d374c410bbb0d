import { expect, test } from "vitest";
import { SimpleTokens } from "../../src/rpc/index.ts";
import { LOCAL_PASSWORDS, type Passwords } from "../../src/rpc/passwords.ts";
import { putOf, rangeOf } from "./support/ops.ts";
import { bytes, expectError } from "./support/show.ts";
import {
  DROPS_EMPTY_HEADERS,
  inProcess,
  type LocalTarget,
  localTarget,
  newTarget,
  type Target,
} from "./support/target.ts";
import { addUser, enableAuth, READWRITE, signIn, tokenOf, withHeaders, withToken } from "./support/users.ts";

const FAILED = "etcdserver: authentication failed, invalid user ID or password";
const NO_PASSWORD = "auth: authentication failed, password was given for no password user";
const INVALID_TOKEN = "etcdserver: invalid auth token";
const TTL_MS = 300_000;

async function authFailed(target: Target, name: string, password: string): Promise<void> {
  await expectError(target.auth.authenticate({ name, password }), "INVALID_ARGUMENT", FAILED);
}

async function isValid(target: Target, token: string): Promise<boolean> {
  return withToken(target, token)
    .kv.range(rangeOf("k"))
    .then(
      () => true,
      async (error: unknown) => {
        await expectError(Promise.reject(error), "UNAUTHENTICATED", INVALID_TOKEN);
        return false;
      },
    );
}

/** Counts what it is asked, and lets a test do something while it is at work. */
class WatchedPasswords implements Passwords {
  readonly asked: string[] = [];
  during: (() => Promise<void>) | undefined;

  async hash(password: string, salt: string): Promise<string> {
    this.asked.push(`hash ${salt.slice(0, 7)}`);
    return await LOCAL_PASSWORDS.hash(password, salt);
  }

  async matches(password: string, hash: string): Promise<boolean> {
    this.asked.push(`compare ${hash.slice(0, 7)}`);
    const isMatch = await LOCAL_PASSWORDS.matches(password, hash);
    const { during } = this;
    this.during = undefined;
    await during?.();
    return isMatch;
  }
}

test("AU3: a user and its password give a token; anything else fails alike", async () => {
  const target = await newTarget();
  await addUser(target, "alice");
  await enableAuth(target);
  expect(await tokenOf(target, "alice")).toMatch(/^[a-zA-Z]{16}\.\d+$/);
  await authFailed(target, "alice", "bob's");
  await authFailed(target, "alice", "");
  await authFailed(target, "bob", "alice's");
  await authFailed(target, "", "");
});

test("AU3: with auth off there are no tokens", async () => {
  const target = await newTarget();
  await addUser(target, "alice");
  const message = "etcdserver: authentication is not enabled";
  await expectError(target.auth.authenticate({ name: "alice", password: "x" }), "FAILED_PRECONDITION", message);
});

test("AU3: an empty password is one too, and no password at all is none", async () => {
  const target = await newTarget();
  await target.auth.userAdd({ name: "empty" });
  await target.auth.userAdd({ name: "none", password: "p", options: { noPassword: true } });
  await enableAuth(target);
  await tokenOf(target, "empty", "");
  for (const password of ["", "p"]) {
    await expectError(target.auth.authenticate({ name: "none", password }), "UNKNOWN", NO_PASSWORD);
  }
});

test("AU3: a password has at most 72 bytes, of which all count", async () => {
  const target = await newTarget();
  const longest = "ü".repeat(36);
  const message = "bcrypt: password length exceeds 72 bytes";
  await expectError(target.auth.userAdd({ name: "a", password: `${longest}x` }), "UNKNOWN", message);
  await target.auth.userAdd({ name: "a", password: longest });
  await expectError(target.auth.userChangePassword({ name: "a", password: `${longest}x` }), "UNKNOWN", message);
  await enableAuth(target);
  await expectError(target.auth.userAdd({ name: "b", password: `${longest}x` }), "UNKNOWN", message);
  await tokenOf(target, "a", longest);
  await tokenOf(target, "a", `${longest}x`);
  await authFailed(target, "a", `${longest.slice(1)}x`);
});

test("AU3: a hash in a request counts where the password is changed and empty, else not", async () => {
  const target = await newTarget();
  const hashedPassword = btoa(await LOCAL_PASSWORDS.hash("hashed", `$2a$04$${"a".repeat(21)}e`));
  await target.auth.userAdd({ name: "a", password: "p", hashedPassword });
  await target.auth.userAdd({ name: "none", options: { noPassword: true } });
  const root = await enableAuth(target);
  await tokenOf(target, "a", "p");
  await root.auth.userChangePassword({ name: "a", hashedPassword });
  await tokenOf(target, "a", "hashed");
  await root.auth.userChangePassword({ name: "a", password: "q", hashedPassword });
  await tokenOf(target, "a", "q");
  const bad = { name: "a", hashedPassword: "no base 64" };
  await expectError(root.auth.userChangePassword(bad), "UNKNOWN", NO_PASSWORD);
  await root.auth.userChangePassword({ ...bad, name: "none" });
  await root.auth.userChangePassword({ name: "a" });
  for (const password of ["", "q", "hashed"]) await authFailed(target, "a", password);
});

test("AU3: a user without a password gets none by changing it", async () => {
  const target = await newTarget();
  await target.auth.userAdd({ name: "none", options: { noPassword: true } });
  const root = await enableAuth(target);
  await root.auth.userChangePassword({ name: "none", password: "p" });
  await expectError(target.auth.authenticate({ name: "none", password: "p" }), "UNKNOWN", NO_PASSWORD);
});

inProcess("AU3: a wrong user, and a hash that is none, cost as much as a wrong password", async () => {
  const passwords = new WatchedPasswords();
  const target = localTarget({}, { passwords, bcryptCost: 5 });
  await target.auth.userAdd({ name: "alice", password: "p" });
  await target.auth.userAdd({ name: "broken", password: "p" });
  await target.auth.userChangePassword({ name: "broken", hashedPassword: btoa("no hash") });
  await enableAuth(target);
  passwords.asked.length = 0;
  for (const name of ["alice", "bob", "broken"]) await authFailed(target, name, "wrong");
  expect(passwords.asked).toEqual(["compare $2a$05$", "compare $2a$05$", "compare $2a$05$"]);
});

inProcess("AU3: who may not set a password makes nobody hash one", async () => {
  const passwords = new WatchedPasswords();
  const target = localTarget({}, { passwords });
  await addUser(target, "alice");
  await enableAuth(target);
  const alice = await signIn(target, "alice");
  passwords.asked.length = 0;
  await expectError(
    target.auth.userAdd({ name: "b", password: "p" }),
    "INVALID_ARGUMENT",
    "etcdserver: user name is empty",
  );
  const change = alice.auth.userChangePassword({ name: "root", password: "p" });
  await expectError(change, "PERMISSION_DENIED", "etcdserver: permission denied");
  expect(passwords.asked).toEqual([]);
});

inProcess("AU3: a cost that bcrypt does not have is 10", async () => {
  for (const bcryptCost of [3, 32, 4.5, Number.NaN]) {
    const passwords = new WatchedPasswords();
    passwords.hash = async (_password, salt) => `${salt}${"a".repeat(31)}`;
    const target = localTarget({}, { passwords, bcryptCost });
    await target.auth.userAdd({ name: "a", password: "p" });
    expect(new TextDecoder().decode(target.etcd.auth.findUser("a")?.password)).toMatch(/^\$2a\$10\$/);
  }
});

inProcess("AU3: a login that a change of users overtakes is checked again", async () => {
  const passwords = new WatchedPasswords();
  const target = localTarget({}, { passwords });
  await addUser(target, "alice");
  const root = await enableAuth(target);
  passwords.during = async () => {
    await root.auth.userChangePassword({ name: "alice", password: "other" });
  };
  await authFailed(target, "alice", "alice's");
  passwords.during = async () => {
    await root.auth.roleAdd({ name: "new" });
  };
  passwords.asked.length = 0;
  await tokenOf(target, "alice", "other");
  expect(passwords.asked).toEqual(["compare $2a$04$", "compare $2a$04$"]);
});

test("AU4: a token counts in `token`, else in `authorization`, with `Bearer ` before it or not", async () => {
  const target = await newTarget();
  await addUser(target, "alice", [READWRITE, "k"]);
  const root = await enableAuth(target);
  const token = await tokenOf(target, "alice");
  const valid = [
    { token },
    { token: `Bearer ${token}` },
    { authorization: token },
    { authorization: `Bearer ${token}` },
    { token, authorization: "other" },
  ];
  for (const headers of valid) await withHeaders(target, headers as Record<string, string>).kv.put(putOf("k", "v"));
  const invalid = [
    ...(DROPS_EMPTY_HEADERS ? [] : [{ token: "" }, { authorization: "" }]),
    { token: "no token" },
    { token: `x${token}` },
    { token: "other", authorization: token },
    { authorization: `Basic ${token}` },
    { authorization: `bearer ${token}` },
  ];
  for (const headers of invalid) {
    const call = withHeaders(target, headers as Record<string, string>).kv.put(putOf("k", "v"));
    await expectError(call, "UNAUTHENTICATED", INVALID_TOKEN);
  }
  expect((await root.kv.range(rangeOf("k"))).kvs[0]?.version).toBe(5n);
});

test("AU4: a token that is none is refused also where no user is needed", async () => {
  const target = await newTarget();
  await enableAuth(target);
  const lost = withToken(target, "abcdefghijklmnop.1");
  await expectError(lost.auth.authStatus({}), "UNAUTHENTICATED", INVALID_TOKEN);
  expect((await lost.auth.authenticate({ name: "root", password: "root's" })).token).not.toBe("");
});

test("AU4: each login has its token, and all of them end with the user's password or the user", async () => {
  const target = await newTarget();
  await addUser(target, "alice", [READWRITE, "k"]);
  await addUser(target, "bob", [READWRITE, "k"]);
  const root = await enableAuth(target);
  const tokens = [await tokenOf(target, "alice"), await tokenOf(target, "alice")];
  const bobs = await tokenOf(target, "bob");
  expect(new Set(tokens).size).toBe(2);
  for (const token of [...tokens, bobs]) expect(await isValid(target, token)).toBe(true);
  await root.auth.userChangePassword({ name: "alice", password: "alice's" });
  for (const token of tokens) expect(await isValid(target, token)).toBe(false);
  expect(await isValid(target, bobs)).toBe(true);
  await root.auth.userDelete({ name: "bob" });
  expect(await isValid(target, bobs)).toBe(false);
});

test("AU4: a token outlasts a change of the user's roles, which count at once", async () => {
  const target = await newTarget();
  await addUser(target, "alice", [READWRITE, "k"]);
  const root = await enableAuth(target);
  const alice = await signIn(target, "alice");
  await alice.kv.put(putOf("k", "v"));
  await root.auth.userRevokeRole({ name: "alice", role: "alice" });
  await expectError(alice.kv.put(putOf("k", "v")), "PERMISSION_DENIED", "etcdserver: permission denied");
  await root.auth.userGrantRole({ user: "alice", role: "alice" });
  await alice.kv.put(putOf("k", "v"));
});

test("AU4: disabling auth ends all tokens", async () => {
  const target = await newTarget();
  const root = await enableAuth(target);
  const token = await tokenOf(target, "root");
  await root.auth.authDisable({});
  await target.auth.authEnable({});
  expect(await isValid(target, token)).toBe(false);
});

function withClock(): LocalTarget & { readonly advance: (ms: number) => void } {
  const target = localTarget();
  return Object.assign(target, { advance: (ms: number) => target.clock.advance(ms) });
}

inProcess("AU4: a simple token lasts 300 s from its last use", async () => {
  const target = withClock();
  await enableAuth(target);
  const used = await tokenOf(target, "root");
  const unused = await tokenOf(target, "root");
  for (let use = 0; use < 4; use++) {
    target.advance(TTL_MS);
    expect(await isValid(target, used)).toBe(true);
  }
  expect(await isValid(target, unused)).toBe(false);
  target.advance(TTL_MS + 1);
  expect(await isValid(target, used)).toBe(false);
});

inProcess("AU4: the number in a token is that of the last request before the login", async () => {
  const target = localTarget();
  await enableAuth(target);
  const before = target.etcd.raftIndex;
  expect(await tokenOf(target, "root")).toMatch(new RegExp(`\\.${before}$`));
});

inProcess("AU4: tokens that have run out take no room for long", () => {
  let nowMs = 0;
  const tokens = new SimpleTokens({ nowMs: () => nowMs, ttlMs: 10 });
  const given: string[] = [];
  for (let index = 0; index < 5000; index++) {
    nowMs++;
    given.push(tokens.assign("a", 1, index));
  }
  expect(given.filter((token) => tokens.find(token, 1) !== undefined).length).toBe(11);
  expect(tokens.size).toBeLessThan(1100);
});

test("AU4: the letters of tokens are all of the alphabet", () => {
  const tokens = new SimpleTokens({ nowMs: () => 0, ttlMs: 1 });
  let letters = "";
  for (let index = 0; index < 500; index++) letters += tokens.assign("a", 1, index).slice(0, 16);
  expect(new Set(letters).size).toBe(52);
  expect(bytes(letters).length).toBe(8000);
});
