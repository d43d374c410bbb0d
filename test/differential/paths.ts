/** The gateway's paths below /v3 (rule HT1) and what they call, written down here once more on purpose. */
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { fromJsonString } from "@bufbuild/protobuf";
import { Auth } from "../../src/gen/etcdserverpb/auth_pb.ts";
import { Cluster } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Election } from "../../src/gen/v3electionpb/election_pb.ts";
import { Lock } from "../../src/gen/v3lockpb/lock_pb.ts";
import type { CallOperation, Operation } from "./operation.ts";

const PATHS: readonly (readonly [path: string, method: DescMethod])[] = [
  ["/kv/range", KV.method.range],
  ["/kv/put", KV.method.put],
  ["/kv/deleterange", KV.method.deleteRange],
  ["/kv/txn", KV.method.txn],
  ["/kv/compaction", KV.method.compact],
  ["/lease/grant", Lease.method.leaseGrant],
  ["/lease/revoke", Lease.method.leaseRevoke],
  ["/kv/lease/revoke", Lease.method.leaseRevoke],
  ["/lease/keepalive", Lease.method.leaseKeepAlive],
  ["/lease/timetolive", Lease.method.leaseTimeToLive],
  ["/kv/lease/timetolive", Lease.method.leaseTimeToLive],
  ["/lease/leases", Lease.method.leaseLeases],
  ["/kv/lease/leases", Lease.method.leaseLeases],
  ["/cluster/member/add", Cluster.method.memberAdd],
  ["/cluster/member/remove", Cluster.method.memberRemove],
  ["/cluster/member/update", Cluster.method.memberUpdate],
  ["/cluster/member/list", Cluster.method.memberList],
  ["/cluster/member/promote", Cluster.method.memberPromote],
  ["/maintenance/alarm", Maintenance.method.alarm],
  ["/maintenance/status", Maintenance.method.status],
  ["/maintenance/defragment", Maintenance.method.defragment],
  ["/maintenance/hash", Maintenance.method.hash],
  ["/maintenance/hashkv", Maintenance.method.hashKV],
  ["/maintenance/transfer-leadership", Maintenance.method.moveLeader],
  ["/maintenance/downgrade", Maintenance.method.downgrade],
  ["/auth/enable", Auth.method.authEnable],
  ["/auth/disable", Auth.method.authDisable],
  ["/auth/status", Auth.method.authStatus],
  ["/auth/authenticate", Auth.method.authenticate],
  ["/auth/user/add", Auth.method.userAdd],
  ["/auth/user/get", Auth.method.userGet],
  ["/auth/user/list", Auth.method.userList],
  ["/auth/user/delete", Auth.method.userDelete],
  ["/auth/user/changepw", Auth.method.userChangePassword],
  ["/auth/user/grant", Auth.method.userGrantRole],
  ["/auth/user/revoke", Auth.method.userRevokeRole],
  ["/auth/role/add", Auth.method.roleAdd],
  ["/auth/role/get", Auth.method.roleGet],
  ["/auth/role/list", Auth.method.roleList],
  ["/auth/role/delete", Auth.method.roleDelete],
  ["/auth/role/grant", Auth.method.roleGrantPermission],
  ["/auth/role/revoke", Auth.method.roleRevokePermission],
  ["/lock/lock", Lock.method.lock],
  ["/lock/unlock", Lock.method.unlock],
  ["/election/campaign", Election.method.campaign],
  ["/election/proclaim", Election.method.proclaim],
  ["/election/leader", Election.method.leader],
  ["/election/resign", Election.method.resign],
];

/** What encodejson.ts puts behind a request. */
const TRAILING_TEXT = / x$/;

/** JSON.parse would round it. */
const LARGE_NUMBER = /(?<=[:[\s])(-?\d{16,})(?=[,\]}\s])/g;

/** The paths that call a method, none for what the gateway lacks. */
export function pathsOf(method: DescMethod): string[] {
  return PATHS.filter(([, candidate]) => candidate === method).map(([path]) => path);
}

/** What an operation on either channel asks for, if it can be told: a broken body asks for nothing. */
export function meaningOf(operation: Operation): CallOperation | undefined {
  if (operation.kind === "call") return operation;
  if (operation.kind === "login") return { kind: "call", method: Auth.method.authenticate, request: operation.request };
  if (operation.kind !== "http" || operation.verb !== "POST") return undefined;
  const path = operation.path.replace(/^\/v3(beta)?/, "");
  const method = PATHS.find(([candidate]) => candidate === path)?.[1];
  const request = method === undefined ? undefined : decode(method, Buffer.from(operation.body).toString());
  return method === undefined || request === undefined ? undefined : { kind: "call", method, request };
}

/** As the gateway reads it: no body is `{}`, and what follows the first value is left unread. `#7` is member 7. */
function decode(method: DescMethod, body: string): Message | undefined {
  const text = body
    .replace(TRAILING_TEXT, "")
    .replaceAll(/#(\d+)/g, "$1")
    .replaceAll(LARGE_NUMBER, '"$1"');
  try {
    return fromJsonString(method.input, text === "" ? "{}" : text, { ignoreUnknownFields: true });
  } catch {
    return undefined;
  }
}
