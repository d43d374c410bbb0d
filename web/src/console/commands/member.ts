/** member add, remove, update, promote, list. */
import {
  MemberAddResponseSchema,
  type MemberListResponse,
  MemberListResponseSchema,
  MemberPromoteResponseSchema,
  MemberRemoveResponseSchema,
  MemberUpdateResponseSchema,
} from "../../../../src/gen/etcdserverpb/cluster_pb.ts";
import { CommandError } from "../language/errors.ts";
import type { FlagSpec, Parsed } from "../language/flags.ts";
import { fromText, type GoString, quote, toText } from "../language/gostring.ts";
import { parseHexUint64 } from "../language/numbers.ts";
import { badArgs, isSerializable } from "../language/requests.ts";
import { printHeader, printJson } from "../print/kv.ts";
import type { Output, Style } from "../print/output.ts";
import { printRows } from "../print/rows.ts";
import type { Command } from "./command.ts";

const PEER_URLS: FlagSpec = { name: "peer-urls", type: "string", help: "the member's peer URLs, by commas" };

/** As `%16x` writes it. */
function idText(id: bigint | undefined): string {
  return (id ?? 0n).toString(16).padStart(16);
}

function urlsOf(parsed: Parsed): string[] {
  const urls = toText(parsed.text("peer-urls"));
  if (urls === "") throw badArgs("member peer urls not provided");
  return urls.split(",").map(checkUrl);
}

/** What clientv3 lets through. @throws CommandError in its words */
function checkUrl(text: string): string {
  const [, scheme, rest = ""] = /^(https?|unixs?):\/\/(.*)$/.exec(text.trim()) ?? [];
  if (scheme === undefined) throw new CommandError(`URL scheme must be http, https, unix, or unixs: ${text}`);
  if (scheme.startsWith("unix")) return text;
  const [, host = "", path = ""] = /^([^/]*)(.*)$/.exec(rest) ?? [];
  if (!/^(\[[^\]]*\]|[^:[\]]*):[^:]*$/.test(host)) {
    throw new CommandError(`URL address does not have the form "host:port": ${text}`);
  }
  if (path !== "") throw new CommandError(`URL must not contain a path: ${text}`);
  return text;
}

function memberId({ args }: Parsed): bigint {
  if (args.length !== 1) throw badArgs("member ID is not provided");
  try {
    return parseHexUint64(args[0] ?? "");
  } catch (error) {
    throw badArgs(`bad member ID arg (${(error as Error).message}), expecting ID in Hex`);
  }
}

const memberAdd: Command = {
  name: "member add",
  group: "Cluster maintenance",
  usage: "<memberName>",
  summary: "Tells the cluster of a member that is to be started",
  flags: [PEER_URLS, { name: "learner", type: "bool", help: "without a vote until it is promoted" }],
  async run(parsed, { clients, signal, style, output }) {
    const name = nameOf(parsed);
    const peerURLs = urlsOf(parsed);
    const isLearner = parsed.has("learner");
    const reply = await clients.cluster.memberAdd({ peerURLs, isLearner }, { signal });
    const { member, members, header } = reply;
    if (style.format !== "simple") return printJson(MemberAddResponseSchema, reply, style, output);
    const as = member?.isLearner === true ? " as learner " : " ";
    output.out(`Member ${idText(member?.ID)} added${as}to cluster ${idText(header?.clusterId)}\n`);
    const cluster = members.flatMap((one) =>
      one.peerURLs.map((url) => `${one.ID === member?.ID ? name : fromText(one.name)}=${fromText(url)}`),
    );
    output.out(`\nETCD_NAME=${quote(name)}\nETCD_INITIAL_CLUSTER=${quote(cluster.join(","))}\n`);
    output.out(`ETCD_INITIAL_ADVERTISE_PEER_URLS=${quote(parsed.text("peer-urls"))}\n`);
    output.out('ETCD_INITIAL_CLUSTER_STATE="existing"\n');
  },
};

function nameOf({ args }: Parsed): GoString {
  const [name] = args;
  if (name === undefined) throw badArgs("member name not provided");
  if (args.length === 1) return name;
  const meant = args.filter((arg) => arg.toLowerCase().startsWith("http"));
  throw badArgs(`too many arguments${meant.map((arg) => `, did you mean --peer-urls=${toText(arg)}`).join("")}`);
}

const memberRemove: Command = {
  name: "member remove",
  group: "Cluster maintenance",
  usage: "<memberID>",
  summary: "Takes a member out of the cluster",
  flags: [],
  async run(parsed, { clients, signal, style, output }) {
    const ID = memberId(parsed);
    const reply = await clients.cluster.memberRemove({ ID }, { signal });
    const cluster = idText(reply.header?.clusterId);
    if (style.format === "simple") output.out(`Member ${idText(ID)} removed from cluster ${cluster}\n`);
    else printJson(MemberRemoveResponseSchema, reply, style, output);
  },
};

const memberUpdate: Command = {
  name: "member update",
  group: "Cluster maintenance",
  usage: "<memberID>",
  summary: "Replaces the peer URLs of a member",
  flags: [PEER_URLS],
  async run(parsed, { clients, signal, style, output }) {
    const ID = memberId(parsed);
    const reply = await clients.cluster.memberUpdate({ ID, peerURLs: urlsOf(parsed) }, { signal });
    const cluster = idText(reply.header?.clusterId);
    if (style.format === "simple") output.out(`Member ${idText(ID)} updated in cluster ${cluster}\n`);
    else printJson(MemberUpdateResponseSchema, reply, style, output);
  },
};

const memberPromote: Command = {
  name: "member promote",
  group: "Cluster maintenance",
  usage: "<memberID>",
  summary: "Gives a learner its vote",
  flags: [],
  async run(parsed, { clients, signal, style, output }) {
    const ID = memberId(parsed);
    const reply = await clients.cluster.memberPromote({ ID }, { signal });
    const cluster = idText(reply.header?.clusterId);
    if (style.format === "simple") output.out(`Member ${idText(ID)} promoted in cluster ${cluster}\n`);
    else printJson(MemberPromoteResponseSchema, reply, style, output);
  },
};

const memberList: Command = {
  name: "member list",
  group: "Cluster maintenance",
  usage: "",
  summary: "Lists the members of the cluster",
  flags: [
    { name: "consistency", type: "string", help: "l: linearizable (default), s: serializable", values: ["l", "s"] },
  ],
  async run(parsed, { clients, signal, style, output }) {
    const linearizable = !isSerializable(parsed.text("consistency"));
    const reply = await clients.cluster.memberList({ linearizable }, { signal });
    if (style.format === "fields") fieldsMembers(reply, style, output);
    else if (style.format === "json") printJson(MemberListResponseSchema, reply, style, output);
    else {
      const titles = ["ID", "Status", "Name", "Peer Addrs", "Client Addrs", "Is Learner"];
      const rows = reply.members.map(({ ID, name, peerURLs, clientURLs, isLearner }) => [
        ...[ID.toString(16), name === "" ? "unstarted" : "started", name],
        ...[peerURLs.join(","), clientURLs.join(","), String(isLearner)],
      ]);
      printRows(titles, rows, style, output);
    }
  },
};

function fieldsMembers({ header, members }: MemberListResponse, style: Style, output: Output): void {
  const text = (value: string): string => quote(fromText(value));
  printHeader(header, style, output);
  for (const { ID, name, peerURLs, clientURLs, isLearner } of members) {
    output.out(`"ID" : ${ID.toString(style.isHex ? 16 : 10)}\n"Name" : ${text(name)}\n`);
    for (const url of peerURLs) output.out(`"PeerURL" : ${text(url)}\n`);
    for (const url of clientURLs) output.out(`"ClientURL" : ${text(url)}\n`);
    output.out(`"IsLearner" : ${isLearner}\n\n`);
  }
}

export const memberCommands: readonly Command[] = [memberAdd, memberList, memberPromote, memberRemove, memberUpdate];
