/** role add, delete, get, list, grant-permission, revoke-permission. */
import { Permission_Type } from "../../../../src/gen/authpb/auth_pb.ts";
import {
  AuthRoleAddResponseSchema,
  AuthRoleDeleteResponseSchema,
  AuthRoleGrantPermissionResponseSchema,
  AuthRoleListResponseSchema,
  AuthRoleRevokePermissionResponseSchema,
} from "../../../../src/gen/etcdserverpb/auth_pb.ts";
import { prefixEnd } from "../../store/bytes.ts";
import { CommandError, EXIT } from "../language/errors.ts";
import type { FlagSpec, Parsed } from "../language/flags.ts";
import { fromBytes, fromText, type GoString, quote, toBytes, toText } from "../language/gostring.ts";
import { badArgs } from "../language/requests.ts";
import { printRole, rangeText } from "../print/auth.ts";
import { printHeader, printJson } from "../print/kv.ts";
import type { Command } from "./command.ts";
import { printDone } from "./user.ts";

function only({ args }: Parsed, complaint: string): GoString {
  if (args.length !== 1) throw badArgs(complaint);
  return args[0] ?? "";
}

const add: Command = {
  name: "role add",
  group: "Authentication",
  usage: "<role name>",
  summary: "Adds a role",
  flags: [],
  async run(parsed, { clients, signal, style, output }) {
    const role = only(parsed, "role add command requires role name as its argument");
    const reply = await clients.auth.roleAdd({ name: toText(role) }, { signal });
    printDone(`Role ${role} created`, AuthRoleAddResponseSchema, reply, style, output);
  },
};

const remove: Command = {
  name: "role delete",
  group: "Authentication",
  usage: "<role name>",
  summary: "Deletes a role, and takes it from all users",
  flags: [],
  completes: "roles",
  async run(parsed, { clients, signal, style, output }) {
    const role = only(parsed, "role delete command requires role name as its argument");
    const reply = await clients.auth.roleDelete({ role: toText(role) }, { signal });
    printDone(`Role ${role} deleted`, AuthRoleDeleteResponseSchema, reply, style, output);
  },
};

const get: Command = {
  name: "role get",
  group: "Authentication",
  usage: "<role name>",
  summary: "Prints what a role permits",
  flags: [],
  completes: "roles",
  async run(parsed, { clients, signal, style, output }) {
    const role = only(parsed, "role get command requires role name as its argument");
    printRole(role, await clients.auth.roleGet({ role: toText(role) }, { signal }), style, output);
  },
};

const list: Command = {
  name: "role list",
  group: "Authentication",
  usage: "",
  summary: "Lists all roles",
  flags: [],
  async run({ args }, { clients, signal, style, output }) {
    if (args.length > 0) throw badArgs("role list command requires no arguments");
    const reply = await clients.auth.roleList({}, { signal });
    if (style.format === "simple") output.out(reply.roles.map((role) => `${fromText(role)}\n`).join(""));
    else if (style.format === "fields") {
      printHeader(reply.header, style, output);
      output.out(`"Roles" :${reply.roles.map((role) => ` ${quote(fromText(role))}`).join("")}\n`);
    } else printJson(AuthRoleListResponseSchema, reply, style, output);
  },
};

const RANGE_FLAGS: readonly FlagSpec[] = [
  { name: "from-key", type: "bool", help: "the key and every key after it" },
  { name: "prefix", type: "bool", help: "every key that begins with the key" },
];

/** The key and the range end of the arguments; for no key, of every one. */
function permissionRange(parsed: Parsed, args: readonly GoString[]): Record<"key" | "rangeEnd", GoString> {
  const [key = "", end] = args;
  const isPrefix = parsed.has("prefix");
  const isFrom = parsed.has("from-key");
  const both = (): CommandError => badArgs("--from-key and --prefix flags are mutually exclusive");
  if (key === "") {
    if (isPrefix && isFrom) throw both();
    return { key: "\0", rangeEnd: isPrefix || isFrom ? "\0" : "" };
  }
  if (args.length > 1) {
    if (isPrefix) throw badArgs("unexpected endkey argument with --prefix flag");
    if (isFrom) throw badArgs("unexpected endkey argument with --from-key flag");
    return { key, rangeEnd: end ?? "" };
  }
  if (isPrefix && isFrom) throw both();
  if (isPrefix) return { key, rangeEnd: fromBytes(prefixEnd(toBytes(key))) };
  return { key, rangeEnd: isFrom ? "\0" : "" };
}

const ACCESS: Record<string, Permission_Type> = {
  READ: Permission_Type.READ,
  WRITE: Permission_Type.WRITE,
  READWRITE: Permission_Type.READWRITE,
};

const grant: Command = {
  name: "role grant-permission",
  group: "Authentication",
  usage: "<role name> <permission type> <key> [endkey]",
  summary: "Permits a role to read, write or readwrite keys",
  flags: RANGE_FLAGS,
  completes: "roles",
  async run(parsed, { clients, signal, style, output }) {
    const [role = "", access = "", ...rest] = parsed.args;
    if (rest.length === 0) {
      throw badArgs("role grant command requires role name, permission type, and key [endkey] as its argument");
    }
    const permType = ACCESS[access.toUpperCase()];
    if (permType === undefined) throw new CommandError(`invalid permission type: ${toText(access)}`, EXIT.badArgs);
    const { key, rangeEnd } = permissionRange(parsed, rest);
    const perm = { permType, key: toBytes(key), rangeEnd: toBytes(rangeEnd) };
    const reply = await clients.auth.roleGrantPermission({ name: toText(role), perm }, { signal });
    printDone(`Role ${role} updated`, AuthRoleGrantPermissionResponseSchema, reply, style, output);
  },
};

const revoke: Command = {
  name: "role revoke-permission",
  group: "Authentication",
  usage: "<role name> <key> [endkey]",
  summary: "Takes a permission from a role",
  flags: RANGE_FLAGS,
  completes: "roles",
  async run(parsed, { clients, signal, style, output }) {
    const [role = "", ...rest] = parsed.args;
    if (rest.length === 0) {
      throw badArgs("role revoke-permission command requires role name and key [endkey] as its argument");
    }
    const { key, rangeEnd } = permissionRange(parsed, rest);
    const request = { role: toText(role), key: toBytes(key), rangeEnd: toBytes(rangeEnd) };
    const reply = await clients.auth.roleRevokePermission(request, { signal });
    // The key as it was given.
    const given = rest[0] ?? "";
    const what = rangeEnd === "" ? `key ${given}` : `range ${rangeText(given, rangeEnd)}`;
    const text = `Permission of ${what} is revoked from role ${role}`;
    printDone(text, AuthRoleRevokePermissionResponseSchema, reply, style, output);
  },
};

export const roleCommands: readonly Command[] = [add, remove, get, grant, list, revoke];
