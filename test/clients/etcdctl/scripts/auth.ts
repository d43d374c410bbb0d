/**
 * auth enable, disable and status; who may do what while it is on: root, users with and without permissions,
 * wrong passwords, nobody.
 */
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ctl } from "../ctl.ts";
import type { Script } from "./script.ts";

/** Every command that names a user costs both sides one hash of a password: a cheap one. */
const CHEAP_PASSWORDS = "--bcrypt-cost=4";

/** The command as that user, whose password is "pw". */
const as = (user: string, ...args: string[]): string[] => ["--user", `${user}:pw`, ...args];

async function enable(ctl: Ctl): Promise<void> {
  await ctl.silent(["user", "add", "root:pw"]);
  await ctl.silent(["role", "add", "root"]);
  await ctl.silent(["user", "grant-role", "root", "root"]);
  await ctl.silent(["auth", "enable"]);
  ctl.note("root:pw exists, authentication is on");
}

/** A user with one role of the same name, and what it may do. */
async function add(ctl: Ctl, user: string, grants: readonly string[][]): Promise<void> {
  await ctl.silent(as("root", "user", "add", `${user}:pw`));
  await ctl.silent(as("root", "role", "add", user));
  for (const grant of grants) await ctl.silent(as("root", "role", "grant-permission", user, ...grant));
  await ctl.silent(as("root", "user", "grant-role", user, user));
  ctl.note(`${user}:pw may ${grants.map((grant) => grant.join(" ")).join(", ")}`);
}

export const enabling: Script = {
  name: "auth enable, disable, status",
  run: async (ctl) => {
    const status = async (...flags: string[]): Promise<void> => {
      if (ctl.version === "3.7") await ctl.run([...flags, "auth", "status"]);
    };
    await status();
    if (ctl.version === "3.7")
      for (const format of ["json", "protobuf"]) await ctl.run(["auth", "status", "-w", format]);
    await ctl.run(["auth", "disable"]);
    await ctl.run(["auth", "enable"]);
    await ctl.run(["put", "a", "1"]);
    await ctl.run(as("none", "get", "a"));
    await ctl.run(["user", "add", "root:pw"]);
    // Makes the root role and grants it by itself.
    await ctl.run(["auth", "enable"]);
    await status();
    await status("--user", "root:pw");
    await ctl.run(as("root", "auth", "enable"));
    await ctl.run(["get", "a"]);
    await ctl.run(as("root", "get", "a"));
    await ctl.run(["--user", "root", "--password", "pw", "get", "a"]);
    await ctl.run(["--user", "root", "--password", "wrong", "get", "a"]);
    await ctl.run(["--user", "none:pw", "get", "a"]);
    await ctl.run(["get", "a"], { env: { ETCDCTL_USER: "root:pw" } });
    await ctl.run(as("root", "user", "add", "carol", "--no-password"));
    await ctl.run(as("carol", "get", "a"));
    await ctl.run(as("root", "user", "delete", "root"));
    await ctl.run(as("root", "user", "revoke-role", "root", "root"));
    await ctl.run(as("root", "role", "delete", "root"));
    await ctl.run(["auth", "disable"]);
    await ctl.run(as("carol", "auth", "disable"));
    await ctl.run(as("root", "auth", "disable"));
    await status();
    await ctl.run(["get", "a", "-w", "json"]);
    await ctl.run(["auth", "enable"]);
    await ctl.run(as("root", "get", "a", "-w", "json"));
  },
};

/** Everything that names a key, as a user who may read r/ and write w/ and both on rw. */
export const permissions: Script = {
  name: "permissions on keys",
  flags: () => [CHEAP_PASSWORDS],
  run: async (ctl) => {
    await enable(ctl);
    await add(ctl, "u", [
      ["read", "r/", "--prefix"],
      ["write", "w/", "--prefix"],
      ["readwrite", "rw"],
      ["readwrite", "x", "z"],
    ]);
    for (const key of ["r/1", "r/2", "w/1", "rw", "rw/1", "other"]) await ctl.run(as("root", "put", key, "v"));
    for (const key of ["r/1", "w/1", "rw", "rw/1", "other", "x", "z"]) {
      await ctl.run(as("u", "get", key));
      await ctl.run(as("u", "put", key, "u"));
    }
    await ctl.run(as("u", "get", "r/", "--prefix"));
    await ctl.run(as("u", "get", "r", "--prefix"));
    await ctl.run(as("u", "get", "rw", "--prefix"));
    await ctl.run(as("u", "get", "x", "y"));
    await ctl.run(as("u", "get", "x", "zz"));
    await ctl.run(as("u", "get", "", "--prefix"));
    await ctl.run(as("u", "get", "y", "--from-key"));
    await ctl.run(as("u", "get", "none/"));
    await ctl.run(as("u", "put", "w/1", "u", "--prev-kv"));
    await ctl.run(as("u", "put", "rw", "u", "--prev-kv"));
    await ctl.run(as("u", "del", "w/", "--prefix"));
    await ctl.run(as("u", "del", "x", "--prev-kv"));
    await ctl.run(as("u", "del", "w/1", "--prev-kv"));
    await ctl.run(as("u", "del", "r/1"));
    await ctl.run(as("u", "del", "", "--prefix"));
    if (ctl.version === "3.7") await ctl.run(as("u", "get", "r/", "--prefix", "--stream"));
    if (ctl.version === "3.7") await ctl.run(as("u", "get", "other", "--stream"));
    for (const [compare, success, failure] of [
      ['value("r/1") = "v"', "put w/2 u", "get r/2"],
      ['value("w/1") = "v"', "get r/1", ""],
      ["", "get other", ""],
      ["", "get r/1", "put r/1 u"],
      ["", "put w/3 u\ndel w/2", "get rw"],
      ['version("other") = "0"', "", "get rw"],
    ] as const) {
      const stdin = [compare, success, failure].map((part) => (part === "" ? "\n" : `${part}\n\n`)).join("");
      await ctl.run(as("u", "txn"), { stdin });
    }
    await ctl.run(as("root", "role", "revoke-permission", "u", "rw"));
    await ctl.run(as("u", "get", "rw"));
    await ctl.run(as("root", "user", "revoke-role", "u", "u"));
    await ctl.run(as("u", "get", "r/1"));
    await ctl.run(as("root", "get", "", "--prefix"));
  },
};

/** A watch, a lease, a lock: what lasts longer than one request. */
export const lasting: Script = {
  name: "permissions on watches and leases",
  flags: () => [CHEAP_PASSWORDS],
  run: async (ctl) => {
    await enable(ctl);
    await add(ctl, "u", [
      ["readwrite", "k/", "--prefix"],
      ["read", "one"],
    ]);
    const root = ["--user", "root:pw"];
    for (const key of ["k/1", "one", "other"]) await ctl.run(as("root", "put", key, "v"));
    for (const args of [["one"], ["k/", "--prefix"]]) {
      const watch = ctl.start(as("u", "watch", ...args, "--rev=2"));
      await watch.untilLines(3);
      await watch.interrupt();
    }
    for (const args of [["other"], ["one", "--prefix"], ["k", "--prefix"], ["", "--prefix"]]) {
      await ctl.run(as("u", "watch", ...args, "--rev=2"));
    }
    await ctl.run(["watch", "one", "--rev=2"]);
    const lease = await ctl.grant("LEASE", 600, root);
    const own = await ctl.grant("OWN", 600, ["--user", "u:pw"]);
    await ctl.run(as("root", "put", "other", "leased", `--lease=${lease}`));
    await ctl.run(as("u", "put", "k/2", "leased", `--lease=${own}`));
    await ctl.run(as("u", "put", "k/3", "leased", `--lease=${lease}`));
    await ctl.run(as("u", "put", "k/3", "leased"));
    await ctl.run(as("u", "lease", "timetolive", own, "--keys"));
    await ctl.run(as("u", "lease", "timetolive", lease, "--keys"));
    await ctl.run(as("u", "lease", "timetolive", lease));
    await ctl.run(as("u", "lease", "list"));
    await ctl.run(as("u", "lease", "keep-alive", lease, "--once"));
    await ctl.run(as("u", "lease", "revoke", lease));
    await ctl.run(as("u", "lease", "revoke", own));
    await ctl.run(["lease", "list"]);
    await ctl.run(["lease", "timetolive", lease]);
    await ctl.run(["lease", "revoke", lease]);
    await ctl.run(as("root", "lease", "revoke", lease));
    await ctl.run(as("u", "lock", "k/lock", "echo", "held"));
    await ctl.run(as("u", "lock", "other", "echo", "held"));
    await ctl.run(as("root", "get", "", "--prefix", "--keys-only"));
  },
};

/** What root alone may do, and a few that others may too. */
const ADMINISTRATION = [
  ["endpoint", "health"],
  ["endpoint", "status", "-w", "json"],
  ["endpoint", "hashkv"],
  ["alarm", "list"],
  ["alarm", "disarm"],
  ["member", "list"],
  ["member", "remove", "1234"],
  ["member", "promote", "1234"],
  ["member", "update", "1234", "--peer-urls=http://192.0.2.1:2380"],
  ["move-leader", "1234"],
  ["compaction", "2"],
  ["defrag"],
  ["user", "list"],
  ["user", "get", "u"],
  ["user", "get", "root"],
  ["role", "list"],
  ["role", "get", "u"],
  ["role", "get", "root"],
  ["user", "add", "x:pw"],
  ["user", "grant-role", "x", "u"],
  ["user", "revoke-role", "x", "u"],
  ["user", "delete", "x"],
  ["role", "add", "x"],
  ["role", "grant-permission", "x", "read", "a"],
  ["role", "revoke-permission", "x", "a"],
  ["role", "delete", "x"],
];

export const administration: Script = {
  name: "what root alone may do",
  onlyFor: "3.7",
  flags: () => [CHEAP_PASSWORDS],
  run: async (ctl) => {
    await enable(ctl);
    await add(ctl, "u", [["readwrite", "", "--prefix"]]);
    await ctl.run(as("u", "put", "a", "1"));
    for (const command of ADMINISTRATION) {
      await ctl.run(command);
      await ctl.run(as("u", ...command));
      await ctl.run(as("root", ...command));
    }
    // Not by root, as the outcome is another script's matter.
    const learner = ["member", "add", "m", "--learner", "--peer-urls=http://192.0.2.1:2380"];
    const snapshot = ["snapshot", "save", join(ctl.folder, "snapshot.db")];
    for (const command of [learner, snapshot, ["downgrade", "validate", "3.6"]]) {
      await ctl.run(command);
      await ctl.run(as("u", ...command));
    }
    await ctl.run(as("root", "user", "passwd", "u", "--interactive=false"), { stdin: "new\n" });
    await ctl.run(as("u", "get", "a"));
    await ctl.run(["--user", "u:new", "get", "a"]);
    await ctl.run(["--user", "u:new", "user", "passwd", "u", "--interactive=false"], { stdin: "pw\n" });
  },
};

/** A token that was made elsewhere with the server's key. */
function jwt(key: string, claims: Record<string, unknown>): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

const JWT_KEY = "a key of these tests alone, of 48 characters at least";

export const jwtTokens: Script = {
  name: "auth with JWT tokens",
  onlyFor: "3.7",
  flags: (folder) => {
    const file = join(folder, "jwt.key");
    writeFileSync(file, JWT_KEY);
    return ["--auth-token", `jwt,sign-method=HS256,priv-key=${file},ttl=10m`];
  },
  run: async (ctl) => {
    ctl.hide(/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, "TOKEN");
    await enable(ctl);
    await add(ctl, "u", [["readwrite", "k"]]);
    await ctl.run(as("root", "put", "k", "1"));
    await ctl.run(as("u", "get", "k"));
    await ctl.run(as("u", "get", "other"));
    await ctl.run(["--user", "u:wrong", "get", "k"]);
    const exp = Math.floor(Date.now() / 1000) + 600;
    for (const [what, key, claims] of [
      ["good", JWT_KEY, { username: "u", revision: 8, exp }],
      ["of a user who is not there", JWT_KEY, { username: "none", revision: 8, exp }],
      ["expired", JWT_KEY, { username: "u", revision: 8, exp: 1_000_000_000 }],
      ["without an end", JWT_KEY, { username: "u", revision: 8 }],
      ["of an old revision", JWT_KEY, { username: "u", revision: 1, exp }],
      ["without a revision", JWT_KEY, { username: "u", exp }],
      ["of another key", "another", { username: "u", revision: 8, exp }],
    ] as const) {
      ctl.note(`a token ${what}`);
      const token = jwt(key, claims);
      for (const command of [
        ["get", "k"],
        ["put", "k", "2"],
        ["get", "other"],
      ]) {
        await ctl.run(command, { env: { ETCDCTL_AUTH_JWT_TOKEN: token } });
      }
    }
    ctl.note("a token that is none");
    await ctl.run(["--auth-jwt-token", "none", "get", "k"]);
    await ctl.run(["--auth-jwt-token", "none", "--user", "u:pw", "get", "k"]);
  },
};
