/** lease grant, revoke, timetolive, list, keep-alive. */
import { ConnectError } from "@connectrpc/connect";
import { CommandError, EXIT } from "../language/errors.ts";
import type { Parsed } from "../language/flags.ts";
import { hexId } from "../language/gostring.ts";
import { parseInt64 } from "../language/numbers.ts";
import { badArgs, leaseId } from "../language/requests.ts";
import { printGrant, printKeepAlive, printLeases, printRevoke, printTimeToLive } from "../print/lease.ts";
import { type Command, pause } from "./command.ts";

const grant: Command = {
  name: "lease grant",
  group: "Key-value",
  usage: "<ttl>",
  summary: "Makes a lease that lasts so many seconds",
  flags: [],
  async run({ args }, { clients, signal, style, output }) {
    if (args.length !== 1) throw badArgs("lease grant command needs TTL argument");
    const TTL = ttlOf(args[0] ?? "");
    try {
      printGrant(await clients.lease.leaseGrant({ TTL }, { signal }), style, output);
    } catch (error) {
      throw failed("grant", error);
    }
  },
};

function ttlOf(text: string): bigint {
  try {
    return parseInt64(text, 10);
  } catch (error) {
    throw badArgs(`bad TTL (${(error as Error).message})`);
  }
}

const revoke: Command = {
  name: "lease revoke",
  group: "Key-value",
  usage: "<leaseID>",
  summary: "Ends a lease and deletes its keys",
  flags: [],
  completes: "leases",
  async run(parsed, { clients, signal, style, output }) {
    const ID = onlyId(parsed, "lease revoke command needs 1 argument");
    try {
      printRevoke(ID, await clients.lease.leaseRevoke({ ID }, { signal }), style, output);
    } catch (error) {
      throw failed("revoke", error);
    }
  },
};

function failed(what: string, error: unknown): unknown {
  if (!(error instanceof ConnectError)) return error;
  return new CommandError(`failed to ${what} lease (${error.rawMessage})`);
}

const timeToLive: Command = {
  name: "lease timetolive",
  group: "Key-value",
  usage: "<leaseID>",
  summary: "Prints how long a lease was granted for and what is left",
  flags: [{ name: "keys", type: "bool", help: "print the keys attached to it" }],
  completes: "leases",
  async run(parsed, { clients, signal, style, output }) {
    const ID = onlyId(parsed, "lease timetolive command needs lease ID as argument");
    const keys = parsed.has("keys");
    printTimeToLive(await clients.lease.leaseTimeToLive({ ID, keys }, { signal }), keys, style, output);
  },
};

const list: Command = {
  name: "lease list",
  group: "Key-value",
  usage: "",
  summary: "Lists all leases",
  flags: [],
  async run(_parsed, { clients, signal, style, output }) {
    printLeases(await clients.lease.leaseLeases({}, { signal }), style, output);
  },
};

const keepAlive: Command = {
  name: "lease keep-alive",
  group: "Key-value",
  usage: "<leaseID>",
  summary: "Renews a lease again and again, until Ctrl+C",
  flags: [{ name: "once", type: "bool", help: "only one time" }],
  completes: "leases",
  async run(parsed, { clients, signal, style, output }) {
    const ID = onlyId(parsed, "lease keep-alive command needs lease ID as argument");
    for (;;) {
      const reply = await clients.leaseKeepAlive.leaseKeepAlive({ ID }, { signal });
      if (reply.TTL <= 0n) break;
      printKeepAlive(reply, style, output);
      if (parsed.has("once")) return;
      await pause((Number(reply.TTL) * 1000) / 3, signal);
    }
    if (parsed.has("once")) throw new CommandError("etcdserver: requested lease not found", EXIT.badConnection);
    if (style.format === "simple") output.out(`lease ${hexId(ID)} expired or revoked.\n`);
  },
};

function onlyId({ args }: Parsed, complaint: string): bigint {
  if (args.length !== 1) throw badArgs(complaint);
  return leaseId(args[0] ?? "", "bad lease ID arg");
}

export const leaseCommands: readonly Command[] = [grant, keepAlive, list, revoke, timeToLive];
