/** user and role, while authentication is off: what they print, and their errors. */
import type { Script } from "./script.ts";

export const users: Script = {
  name: "user",
  run: async (ctl) => {
    await ctl.run(["user", "list"]);
    await ctl.run(["user", "add", "alice:secret"]);
    await ctl.run(["user", "add", "alice:secret"]);
    await ctl.run(["user", "add", "bob", "--new-user-password=pw:with:colons", "-w", "json"]);
    await ctl.run(["user", "add", "carol", "--no-password"]);
    await ctl.run(["user", "add", "dave", "--interactive=false"], { stdin: "from-stdin\n" });
    await ctl.run(["user", "add", "eve:", "-w", "protobuf"]);
    await ctl.run(["user", "add", ":nameless"]);
    await ctl.run(["user", "add", "", "--no-password"]);
    await ctl.run(["user", "add"]);
    await ctl.run(["user", "list"]);
    await ctl.run(["user", "list", "-w", "json"]);
    await ctl.run(["user", "passwd", "alice", "--interactive=false"], { stdin: "changed\n" });
    await ctl.run(["user", "passwd", "carol", "--interactive=false"], { stdin: "first\n" });
    await ctl.run(["user", "passwd", "none", "--interactive=false"], { stdin: "x\n" });
    await ctl.run(["role", "add", "reader"]);
    await ctl.run(["role", "add", "another"]);
    for (const role of ["reader", "another", "reader", "none", "root"]) {
      await ctl.run(["user", "grant-role", "alice", role]);
    }
    await ctl.run(["user", "grant-role", "none", "reader"]);
    await ctl.run(["user", "get", "alice"]);
    await ctl.run(["user", "get", "alice", "-w", "json"]);
    await ctl.run(["user", "get", "alice", "-w", "protobuf"]);
    await ctl.run(["user", "get", "none"]);
    await ctl.run(["role", "grant-permission", "reader", "read", "key"]);
    await ctl.run(["user", "get", "alice", "--detail"]);
    await ctl.run(["user", "revoke-role", "alice", "another"]);
    await ctl.run(["user", "revoke-role", "alice", "another"]);
    await ctl.run(["user", "revoke-role", "alice", "none"]);
    await ctl.run(["user", "revoke-role", "none", "reader"]);
    await ctl.run(["role", "delete", "reader"]);
    await ctl.run(["user", "get", "alice"]);
    await ctl.run(["user", "delete", "bob"]);
    await ctl.run(["user", "delete", "bob"]);
    await ctl.run(["user", "delete", "carol", "-w", "json"]);
    await ctl.run(["user", "list"]);
    if (ctl.version === "3.7") await ctl.run(["auth", "status"]);
    await ctl.run(["get", "none", "-w", "json"]);
  },
};

const GRANTS = [
  ["read", "key"],
  ["write", "key"],
  ["readwrite", "range/a", "range/c"],
  ["read", "prefix/", "--prefix"],
  ["write", "from", "--from-key"],
  ["read", "", "--prefix"],
  ["execute", "key"],
  ["read", "z", "a"],
  ["read", "same", "same"],
  ["read", "bytes/ÿ", "bytes/€"],
  ["read", "a", "--prefix", "--from-key"],
  ["read", "a", "b", "--prefix"],
];

const REVOKES = [
  ["key"],
  ["key"],
  ["range/a", "range/b"],
  ["range/a", "range/c"],
  ["prefix/", "--prefix"],
  ["from", "--from-key"],
];

export const roles: Script = {
  name: "role",
  run: async (ctl) => {
    await ctl.run(["role", "list"]);
    for (const name of ["writer", "reader", "reader", "root", ""]) await ctl.run(["role", "add", name]);
    await ctl.run(["role", "list"]);
    await ctl.run(["role", "list", "-w", "json"]);
    await ctl.run(["role", "get", "reader"]);
    await ctl.run(["role", "get", "root"]);
    await ctl.run(["role", "get", "none"]);
    for (const grant of GRANTS) await ctl.run(["role", "grant-permission", "reader", ...grant]);
    await ctl.run(["role", "grant-permission", "none", "read", "key"]);
    await ctl.run(["role", "grant-permission", "writer", "readwrite", "key", "-w", "json"]);
    await ctl.run(["role", "grant-permission", "root", "read", "key"]);
    for (const format of ["simple", "json", "protobuf"]) await ctl.run(["role", "get", "reader", "-w", format]);
    await ctl.run(["role", "get", "root"]);
    for (const revoke of REVOKES) await ctl.run(["role", "revoke-permission", "reader", ...revoke]);
    await ctl.run(["role", "revoke-permission", "none", "key"]);
    await ctl.run(["role", "get", "reader"]);
    await ctl.run(["role", "delete", "reader"]);
    await ctl.run(["role", "delete", "reader"]);
    await ctl.run(["role", "delete", "writer", "-w", "json"]);
    await ctl.run(["role", "delete", "root"]);
    await ctl.run(["role", "list"]);
    if (ctl.version === "3.7") await ctl.run(["auth", "status"]);
  },
};
