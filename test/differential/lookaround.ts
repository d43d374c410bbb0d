/**
 * What a server shows of its whole store, as lines: of one that was started from a snapshot. Leases are kept alive
 * in the order of their IDs, which puts them in the same order of expiry on every server; alarms, which belong to
 * the member that the snapshot is of, are disarmed.
 */
import type { DescMethod, MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { Auth, type AuthRoleListResponse, type AuthUserListResponse } from "../../src/gen/etcdserverpb/auth_pb.ts";
import { Cluster } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import type { LeaseLeasesResponse } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { Lease, LeaseKeepAliveRequestSchema } from "../../src/gen/etcdserverpb/lease_pb.ts";
import {
  AlarmRequest_AlarmAction,
  type AlarmResponse,
  Maintenance,
} from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { ADMIN } from "./credential.ts";
import type { Side } from "./side.ts";

const EVERYTHING = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };

export async function lookAround(side: Side): Promise<string[]> {
  const lines: string[] = [];
  const ask = async (method: DescMethod, init: MessageInitShape<DescMethod["input"]> = {}): Promise<unknown> => {
    const outcome = await side.call(method, create(method.input, init), ADMIN);
    lines.push(...side.format(method, outcome).map((line) => `${method.name}: ${line}`));
    return outcome.replies[0];
  };
  await ask(KV.method.range, EVERYTHING);
  await ask(Maintenance.method.hashKV);
  const listed = { action: AlarmRequest_AlarmAction.GET };
  const { alarms = [] } = ((await ask(Maintenance.method.alarm, listed)) ?? {}) as Partial<AlarmResponse>;
  await ask(Maintenance.method.status);
  await ask(Cluster.method.memberList);
  await ask(Auth.method.authStatus);
  const { users = [] } = ((await ask(Auth.method.userList)) ?? {}) as Partial<AuthUserListResponse>;
  for (const name of users) await ask(Auth.method.userGet, { name });
  const { roles = [] } = ((await ask(Auth.method.roleList)) ?? {}) as Partial<AuthRoleListResponse>;
  for (const role of roles) await ask(Auth.method.roleGet, { role });
  lines.push(...(await leases(side)));
  const { DEACTIVATE: action } = AlarmRequest_AlarmAction;
  for (const { memberID, alarm } of alarms) await ask(Maintenance.method.alarm, { action, memberID, alarm });
  return lines;
}

async function leases(side: Side): Promise<string[]> {
  const { leaseLeases, leaseTimeToLive } = Lease.method;
  const { replies } = await side.call(leaseLeases, create(leaseLeases.input), ADMIN);
  const ids = ((replies[0] as LeaseLeasesResponse | undefined)?.leases ?? []).map(({ ID }) => ID);
  const lines: string[] = [];
  for (const ID of ids.sort((a, b) => Number(a - b))) {
    const request = create(LeaseKeepAliveRequestSchema, { ID });
    lines.push(await side.keepAlive({ kind: "keepAlive", request, as: ADMIN }));
    const left = await side.call(leaseTimeToLive, create(leaseTimeToLive.input, { ID, keys: true }), ADMIN);
    lines.push(...side.format(leaseTimeToLive, left));
  }
  return lines;
}
