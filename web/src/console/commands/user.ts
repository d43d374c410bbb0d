/** user add, delete, get, list, passwd, grant-role, revoke-role. A password that is asked for is not shown. */
import type { DescMessage, Message } from "@bufbuild/protobuf";
import {
  AuthUserAddResponseSchema,
  AuthUserChangePasswordResponseSchema,
  AuthUserDeleteResponseSchema,
  AuthUserGetResponseSchema,
  AuthUserGrantRoleResponseSchema,
  AuthUserListResponseSchema,
  AuthUserRevokeRoleResponseSchema,
} from "../../../../src/gen/etcdserverpb/auth_pb.ts";
import type { ResponseHeader } from "../../../../src/gen/etcdserverpb/header_pb.ts";
import type { FlagSpec, Parsed } from "../language/flags.ts";
import { fromText, type GoString, toText } from "../language/gostring.ts";
import { badArgs } from "../language/requests.ts";
import { printRole } from "../print/auth.ts";
import { printHeader, printJson } from "../print/kv.ts";
import type { Output, Style } from "../print/output.ts";
import type { Command, Context } from "./command.ts";

const INTERACTIVE: FlagSpec = {
  ...{ name: "interactive", type: "bool", help: "ask for the password (default); =false reads it as input" },
};

/** What is said in one line, or only by its header. */
export function printDone(
  text: GoString,
  type: DescMessage,
  reply: Message & { readonly header?: ResponseHeader },
  style: Style,
  output: Output,
): void {
  if (style.format === "simple") output.out(`${text}\n`);
  else if (style.format === "fields") printHeader(reply.header, style, output);
  else printJson(type, reply, style, output);
}

function only({ args }: Parsed, complaint: string): GoString {
  if (args.length !== 1) throw badArgs(complaint);
  return args[0] ?? "";
}

const add: Command = {
  name: "user add",
  group: "Authentication",
  usage: "<user name or user:password>",
  summary: "Adds a user",
  notes: "Without a password it is asked for: it is then neither shown nor kept in the history.",
  flags: [
    INTERACTIVE,
    { name: "new-user-password", type: "string", help: "the password" },
    { name: "no-password", type: "bool", help: "known by a client certificate only" },
  ],
  async run(parsed, context) {
    const { clients, signal, style, output } = context;
    const given = only(parsed, "user add command requires user name as its argument");
    const noPassword = parsed.has("no-password");
    const { user, password } = noPassword ? { user: given, password: "" } : await named(given, parsed, context);
    const request = { name: toText(user), password: toText(password), options: { noPassword } };
    const reply = await clients.auth.userAdd(request, { signal });
    printDone(`User ${user} created`, AuthUserAddResponseSchema, reply, style, output);
  },
};

async function named(
  given: GoString,
  parsed: Parsed,
  context: Context,
): Promise<Record<"user" | "password", GoString>> {
  const flag = parsed.text("new-user-password");
  if (flag !== "") return { user: given, password: flag };
  const at = given.indexOf(":");
  if (at < 0) return { user: given, password: await readPassword(given, parsed, context) };
  if (at === 0) throw badArgs("empty user name is not allowed");
  return { user: given.slice(0, at), password: given.slice(at + 1) };
}

async function readPassword(user: GoString, parsed: Parsed, { readLine, output }: Context): Promise<GoString> {
  const isInteractive = parsed.text("interactive") === "" || parsed.has("interactive");
  if (!isInteractive) return ((await readLine(true)) ?? "").trim().split(/\s/)[0] ?? "";
  output.out(`Password of ${user}: `);
  const first = await readLine(true);
  if (first === undefined || first === "") throw badArgs("empty password");
  output.out(`Type password of ${user} again for confirmation: `);
  const second = await readLine(true);
  if (first !== second) throw badArgs("given passwords are different");
  return first;
}

const remove: Command = {
  name: "user delete",
  group: "Authentication",
  usage: "<user name>",
  summary: "Deletes a user",
  flags: [],
  completes: "users",
  async run(parsed, { clients, signal, style, output }) {
    const user = only(parsed, "user delete command requires user name as its argument");
    const reply = await clients.auth.userDelete({ name: toText(user) }, { signal });
    printDone(`User ${user} deleted`, AuthUserDeleteResponseSchema, reply, style, output);
  },
};

const get: Command = {
  name: "user get",
  group: "Authentication",
  usage: "<user name>",
  summary: "Prints the roles of a user",
  flags: [{ name: "detail", type: "bool", help: "and what these permit" }],
  completes: "users",
  async run(parsed, { clients, signal, style, output }) {
    const user = only(parsed, "user get command requires user name as its argument");
    const reply = await clients.auth.userGet({ name: toText(user) }, { signal });
    if (parsed.has("detail")) {
      output.out(`User: ${user}\n`);
      for (const role of reply.roles) {
        output.out("\n");
        printRole(fromText(role), await clients.auth.roleGet({ role }, { signal }), style, output);
      }
    } else if (style.format === "simple") {
      output.out(`User: ${user}\nRoles:${reply.roles.map((role) => ` ${fromText(role)}`).join("")}\n`);
    } else printJson(AuthUserGetResponseSchema, reply, style, output);
  },
};

const list: Command = {
  name: "user list",
  group: "Authentication",
  usage: "",
  summary: "Lists all users",
  flags: [],
  async run({ args }, { clients, signal, style, output }) {
    if (args.length > 0) throw badArgs("user list command requires no arguments");
    const reply = await clients.auth.userList({}, { signal });
    if (style.format !== "simple") return printJson(AuthUserListResponseSchema, reply, style, output);
    output.out(reply.users.map((user) => `${fromText(user)}\n`).join(""));
  },
};

const passwd: Command = {
  name: "user passwd",
  group: "Authentication",
  usage: "<user name>",
  summary: "Changes the password of a user",
  flags: [INTERACTIVE],
  completes: "users",
  async run(parsed, context) {
    const { clients, signal, style, output } = context;
    const user = only(parsed, "user passwd command requires user name as its argument");
    const password = toText(await readPassword(user, parsed, context));
    const reply = await clients.auth.userChangePassword({ name: toText(user), password }, { signal });
    printDone("Password updated", AuthUserChangePasswordResponseSchema, reply, style, output);
  },
};

const grantRole: Command = {
  name: "user grant-role",
  group: "Authentication",
  usage: "<user name> <role name>",
  summary: "Gives a user a role",
  flags: [],
  completes: "users",
  async run({ args }, { clients, signal, style, output }) {
    const [user = "", role = ""] = args;
    if (args.length !== 2) throw badArgs("user grant command requires user name and role name as its argument");
    const reply = await clients.auth.userGrantRole({ user: toText(user), role: toText(role) }, { signal });
    printDone(`Role ${role} is granted to user ${user}`, AuthUserGrantRoleResponseSchema, reply, style, output);
  },
};

const revokeRole: Command = {
  name: "user revoke-role",
  group: "Authentication",
  usage: "<user name> <role name>",
  summary: "Takes a role from a user",
  flags: [],
  completes: "users",
  async run({ args }, { clients, signal, style, output }) {
    const [user = "", role = ""] = args;
    if (args.length !== 2) throw badArgs("user revoke-role requires user name and role name as its argument");
    const reply = await clients.auth.userRevokeRole({ name: toText(user), role: toText(role) }, { signal });
    printDone(`Role ${role} is revoked from user ${user}`, AuthUserRevokeRoleResponseSchema, reply, style, output);
  },
};

export const userCommands: readonly Command[] = [add, remove, get, grantRole, list, passwd, revokeRole];
