/** auth enable, disable, status. */
import { ConnectError } from "@connectrpc/connect";
import { AuthStatusResponseSchema } from "../../../../src/gen/etcdserverpb/auth_pb.ts";
import { badArgs } from "../language/requests.ts";
import { printJson } from "../print/kv.ts";
import type { Command } from "./command.ts";

const enable: Command = {
  name: "auth enable",
  group: "Authentication",
  usage: "",
  summary: "Turns authentication on",
  notes: "The user root has to be there. From then on the page asks who you are.",
  flags: [],
  async run({ args }, { clients: { auth }, signal, output }) {
    if (args.length > 0) throw badArgs("auth enable command does not accept any arguments");
    try {
      await auth.authEnable({}, { signal });
    } catch (error) {
      if (!/root user does not have root role/.test(ConnectError.from(error).rawMessage)) throw error;
      await auth.roleAdd({ name: "root" }, { signal });
      await auth.userGrantRole({ user: "root", role: "root" }, { signal });
      await auth.authEnable({}, { signal });
    }
    output.out("Authentication Enabled\n");
  },
};

const disable: Command = {
  name: "auth disable",
  group: "Authentication",
  usage: "",
  summary: "Turns authentication off",
  flags: [],
  async run({ args }, { clients: { auth }, signal, output }) {
    if (args.length > 0) throw badArgs("auth disable command does not accept any arguments");
    await auth.authDisable({}, { signal });
    output.out("Authentication Disabled\n");
  },
};

const status: Command = {
  name: "auth status",
  group: "Authentication",
  usage: "",
  summary: "Says whether authentication is on",
  flags: [],
  async run({ args }, { clients: { auth }, signal, style, output }) {
    if (args.length > 0) throw badArgs("auth status command does not accept any arguments");
    const reply = await auth.authStatus({}, { signal });
    if (style.format !== "simple") return printJson(AuthStatusResponseSchema, reply, style, output);
    output.out(`Authentication Status: ${reply.enabled}\nAuthRevision: ${reply.authRevision}\n`);
  },
};

export const authCommands: readonly Command[] = [disable, enable, status];
