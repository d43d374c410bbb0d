/** alarm, defrag, endpoint. */
import { ConnectError } from "@connectrpc/connect";
import {
  AlarmRequest_AlarmAction,
  type AlarmResponse,
  AlarmResponseSchema,
  AlarmTypeSchema,
  type HashKVResponse,
  HashKVResponseSchema,
  type StatusResponse,
  StatusResponseSchema,
} from "../../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { CommandError } from "../language/errors.ts";
import type { FlagSpec } from "../language/flags.ts";
import { fromText, quote } from "../language/gostring.ts";
import { badArgs } from "../language/requests.ts";
import { jsonText, messageJson } from "../print/json.ts";
import { enumName, printHeader, printJson } from "../print/kv.ts";
import type { Output, Style } from "../print/output.ts";
import { printRows } from "../print/rows.ts";
import { bytesText, durationText } from "../print/units.ts";
import type { Command, Context } from "./command.ts";

const CLUSTER_FLAG: FlagSpec = { name: "cluster", type: "bool", help: "every member; here there is the one server" };

const alarmList: Command = {
  name: "alarm list",
  group: "Cluster maintenance",
  usage: "",
  summary: "Lists the alarms that are raised",
  flags: [],
  async run({ args }, { clients, signal, style, output }) {
    if (args.length > 0) throw badArgs("alarm list command accepts no arguments");
    const request = { action: AlarmRequest_AlarmAction.GET };
    printAlarms(await clients.maintenance.alarm(request, { signal }), style, output);
  },
};

const alarmDisarm: Command = {
  name: "alarm disarm",
  group: "Cluster maintenance",
  usage: "",
  summary: "Takes all alarms back",
  flags: [],
  async run({ args }, { clients, signal, style, output }) {
    if (args.length > 0) throw badArgs("alarm disarm command accepts no arguments");
    // etcdctl asks for the alarms first, takes back each, and prints them without a header.
    const { alarms } = await clients.maintenance.alarm({ action: AlarmRequest_AlarmAction.GET }, { signal });
    const disarmed: AlarmResponse["alarms"] = [];
    for (const { memberID, alarm } of alarms) {
      const request = { action: AlarmRequest_AlarmAction.DEACTIVATE, memberID, alarm };
      disarmed.push(...(await clients.maintenance.alarm(request, { signal })).alarms);
    }
    printAlarms({ $typeName: "etcdserverpb.AlarmResponse", alarms: disarmed }, style, output);
  },
};

function printAlarms(response: AlarmResponse, style: Style, output: Output): void {
  const { header, alarms } = response;
  if (style.format === "simple") {
    for (const { memberID, alarm } of alarms)
      output.out(`memberID:${memberID} alarm:${enumName(AlarmTypeSchema, alarm)}\n`);
  } else if (style.format === "fields") {
    printHeader(header, style, output);
    for (const { memberID, alarm } of alarms) {
      output.out(
        `"MemberID" : ${memberID.toString(style.isHex ? 16 : 10)}\n"AlarmType" : ${enumName(AlarmTypeSchema, alarm)}\n\n`,
      );
    }
  } else printJson(AlarmResponseSchema, response, style, output);
}

const defrag: Command = {
  name: "defrag",
  group: "Cluster maintenance",
  usage: "",
  summary: "Gives back the space of what was deleted",
  flags: [CLUSTER_FLAG],
  async run(_parsed, { clients, signal, endpoint, output }) {
    const startMs = performance.now();
    const took = (): string => durationText(performance.now() - startMs);
    try {
      await clients.maintenance.defragment({}, { signal });
    } catch (error) {
      if (signal.aborted) throw error;
      const why = ConnectError.from(error).rawMessage;
      throw new CommandError(`Failed to defragment etcd member[${endpoint}]. took ${took()}. (${why})`);
    }
    output.out(fromText(`Finished defragmenting etcd member[${endpoint}]. took ${took()}\n`));
  },
};

const endpointStatus: Command = {
  name: "endpoint status",
  group: "Cluster maintenance",
  usage: "",
  summary: "Prints version, size, leader and indexes of the server",
  flags: [CLUSTER_FLAG],
  async run(_parsed, context) {
    const { clients, signal, endpoint, style, output } = context;
    const status = await asked(context, "status", () => clients.maintenance.status({}, { signal }));
    if (style.format === "fields") fieldsStatus(status, context);
    else if (style.format === "json") {
      output.out(`${jsonText([{ Endpoint: endpoint, Status: messageJson(StatusResponseSchema, status) }])}\n`);
    } else printRows(STATUS_TITLES, [statusRow(endpoint, status)], style, output);
  },
};

/** etcdctl says of each endpoint why it did not answer. */
async function asked<T>({ endpoint, signal, output }: Context, what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!signal.aborted) {
      const why = ConnectError.from(error).rawMessage;
      output.err(fromText(`Failed to get the ${what} of endpoint ${endpoint} (${why})\n`));
    }
    throw error;
  }
}

const STATUS_TITLES = [
  ...["endpoint", "ID", "version", "storage version", "db size", "in use", "percentage not in use", "quota"],
  ...["is leader", "is learner", "raft term", "raft index", "raft applied index", "errors"],
  ...["downgrade target version", "downgrade enabled"],
];

function statusRow(endpoint: string, status: StatusResponse): string[] {
  const { header, version, storageVersion, dbSize, dbSizeInUse, dbSizeQuota, leader, isLearner } = status;
  const { raftTerm, raftIndex, raftAppliedIndex, errors, downgradeInfo } = status;
  const unused = dbSize === 0n ? 0n : 100n - (dbSizeInUse * 100n) / dbSize;
  return [
    ...[endpoint, (header?.memberId ?? 0n).toString(16), version, storageVersion],
    ...[bytesText(dbSize), bytesText(dbSizeInUse), `${unused}%`, bytesText(dbSizeQuota)],
    ...[String(leader === (header?.memberId ?? 0n)), String(isLearner)],
    ...[raftTerm, raftIndex, raftAppliedIndex].map(String),
    ...[errors.join(", "), downgradeInfo?.targetVersion ?? "", String(downgradeInfo?.enabled ?? false)],
  ];
}

function fieldsStatus(status: StatusResponse, { endpoint, style, output }: Context): void {
  const { version, storageVersion, dbSize, dbSizeInUse, dbSizeQuota, leader, isLearner } = status;
  const { raftTerm, raftIndex, raftAppliedIndex, errors, downgradeInfo } = status;
  const text = (value: string): string => quote(fromText(value));
  printHeader(status.header, style, output);
  const lines = [
    ...[`"Version" : ${text(version)}`, `"StorageVersion" : ${text(storageVersion)}`, `"DBSize" : ${dbSize}`],
    ...[`"DBSizeInUse" : ${dbSizeInUse}`, `"DBSizeQuota" : ${dbSizeQuota}`, `"Leader" : ${leader}`],
    ...[`"IsLearner" : ${isLearner}`, `"RaftIndex" : ${raftIndex}`, `"RaftTerm" : ${raftTerm}`],
    ...[`"RaftAppliedIndex" : ${raftAppliedIndex}`, `"Errors" : [${errors.join(" ")}]`],
    ...[`"Endpoint" : ${text(endpoint)}`, `"DowngradeTargetVersion" : ${text(downgradeInfo?.targetVersion ?? "")}`],
    ...[`"DowngradeEnabled" : ${downgradeInfo?.enabled ?? false}`, ""],
  ];
  output.out(lines.map((line) => `${line}\n`).join(""));
}

const endpointHealth: Command = {
  name: "endpoint health",
  group: "Cluster maintenance",
  usage: "",
  summary: "Says whether the server answers and has no alarm",
  flags: [CLUSTER_FLAG],
  async run(_parsed, { clients, signal, endpoint, style, output }) {
    const startMs = performance.now();
    let error = "";
    try {
      await clients.kv.range({ key: new TextEncoder().encode("health") }, { signal });
    } catch (cause) {
      if (signal.aborted) throw cause;
      error = ConnectError.from(cause).rawMessage;
    }
    const took = durationText(performance.now() - startMs);
    if (error === "") {
      const { alarms } = await clients.maintenance.alarm({ action: AlarmRequest_AlarmAction.GET }, { signal });
      if (alarms.length > 0)
        error = `Active Alarm(s): ${alarms.map(({ alarm }) => `${enumName(AlarmTypeSchema, alarm)} `).join("")}`;
    }
    const health = error === "";
    if (style.format === "simple" && health) {
      output.out(fromText(`${endpoint} is healthy: successfully committed proposal: took = ${took}\n`));
    } else if (style.format === "simple") {
      output.err(fromText(`${endpoint} is unhealthy: failed to commit proposal: ${error}\n`));
    } else if (style.format === "fields") {
      const text = `"Endpoint" : "${endpoint}"\n"Health" : ${health}\n"Took" : ${took}\n"Error" : ${error}\n\n`;
      output.out(fromText(text));
    } else if (style.format === "json") {
      output.out(`${jsonText([{ endpoint, health, took, error: error === "" ? undefined : error }])}\n`);
    } else printRows(["endpoint", "health", "took", "error"], [[endpoint, String(health), took, error]], style, output);
    if (!health) throw new CommandError("unhealthy cluster");
  },
};

const endpointHashKv: Command = {
  name: "endpoint hashkv",
  group: "Cluster maintenance",
  usage: "",
  summary: "Prints a hash of the history up to a revision",
  flags: [{ name: "rev", type: "int", help: "the last revision that counts; the newest by default" }, CLUSTER_FLAG],
  async run(parsed, context) {
    const { clients, signal, endpoint, style, output } = context;
    const revision = parsed.int("rev");
    const reply = await asked(context, "hash", () => clients.maintenance.hashKV({ revision }, { signal }));
    if (style.format === "fields") fieldsHash(reply, context);
    else if (style.format === "json") {
      output.out(`${jsonText([{ Endpoint: endpoint, HashKV: messageJson(HashKVResponseSchema, reply) }])}\n`);
    } else {
      const row = [endpoint, String(reply.hash), String(reply.hashRevision)];
      printRows(["endpoint", "hash", "hash_revision"], [row], style, output);
    }
  },
};

function fieldsHash(reply: HashKVResponse, { endpoint, style, output }: Context): void {
  printHeader(reply.header, style, output);
  output.out(`"Endpoint" : ${quote(fromText(endpoint))}\n`);
  output.out(`"Hash" : ${reply.hash}\n"HashRevision" : ${reply.hashRevision}\n\n`);
}

export const maintenanceCommands: readonly Command[] = [
  ...[alarmDisarm, alarmList, defrag, endpointHashKv, endpointHealth, endpointStatus],
];
