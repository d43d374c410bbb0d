/**
 * The paths of etcd's JSON gateway and the methods behind them (rule HT1). RangeStream has none, nor have the
 * services that are not etcd's.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { Auth } from "../../gen/etcdserverpb/auth_pb.ts";
import { Cluster } from "../../gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../gen/etcdserverpb/maintenance_pb.ts";
import { Watch } from "../../gen/etcdserverpb/watch_pb.ts";
import { Election } from "../../gen/v3electionpb/election_pb.ts";
import { Lock } from "../../gen/v3lockpb/lock_pb.ts";

export const ROUTES: Readonly<Record<string, DescMethod>> = {
  "/v3/kv/range": KV.method.range,
  "/v3/kv/put": KV.method.put,
  "/v3/kv/deleterange": KV.method.deleteRange,
  "/v3/kv/txn": KV.method.txn,
  "/v3/kv/compaction": KV.method.compact,
  "/v3/watch": Watch.method.watch,
  "/v3/lease/grant": Lease.method.leaseGrant,
  "/v3/lease/revoke": Lease.method.leaseRevoke,
  "/v3/kv/lease/revoke": Lease.method.leaseRevoke,
  "/v3/lease/keepalive": Lease.method.leaseKeepAlive,
  "/v3/lease/timetolive": Lease.method.leaseTimeToLive,
  "/v3/kv/lease/timetolive": Lease.method.leaseTimeToLive,
  "/v3/lease/leases": Lease.method.leaseLeases,
  "/v3/kv/lease/leases": Lease.method.leaseLeases,
  "/v3/cluster/member/add": Cluster.method.memberAdd,
  "/v3/cluster/member/remove": Cluster.method.memberRemove,
  "/v3/cluster/member/update": Cluster.method.memberUpdate,
  "/v3/cluster/member/list": Cluster.method.memberList,
  "/v3/cluster/member/promote": Cluster.method.memberPromote,
  "/v3/maintenance/alarm": Maintenance.method.alarm,
  "/v3/maintenance/status": Maintenance.method.status,
  "/v3/maintenance/defragment": Maintenance.method.defragment,
  "/v3/maintenance/hash": Maintenance.method.hash,
  "/v3/maintenance/hashkv": Maintenance.method.hashKV,
  "/v3/maintenance/snapshot": Maintenance.method.snapshot,
  "/v3/maintenance/transfer-leadership": Maintenance.method.moveLeader,
  "/v3/maintenance/downgrade": Maintenance.method.downgrade,
  "/v3/auth/enable": Auth.method.authEnable,
  "/v3/auth/disable": Auth.method.authDisable,
  "/v3/auth/status": Auth.method.authStatus,
  "/v3/auth/authenticate": Auth.method.authenticate,
  "/v3/auth/user/add": Auth.method.userAdd,
  "/v3/auth/user/get": Auth.method.userGet,
  "/v3/auth/user/list": Auth.method.userList,
  "/v3/auth/user/delete": Auth.method.userDelete,
  "/v3/auth/user/changepw": Auth.method.userChangePassword,
  "/v3/auth/user/grant": Auth.method.userGrantRole,
  "/v3/auth/user/revoke": Auth.method.userRevokeRole,
  "/v3/auth/role/add": Auth.method.roleAdd,
  "/v3/auth/role/get": Auth.method.roleGet,
  "/v3/auth/role/list": Auth.method.roleList,
  "/v3/auth/role/delete": Auth.method.roleDelete,
  "/v3/auth/role/grant": Auth.method.roleGrantPermission,
  "/v3/auth/role/revoke": Auth.method.roleRevokePermission,
  "/v3/lock/lock": Lock.method.lock,
  "/v3/lock/unlock": Lock.method.unlock,
  "/v3/election/campaign": Election.method.campaign,
  "/v3/election/proclaim": Election.method.proclaim,
  "/v3/election/leader": Election.method.leader,
  "/v3/election/observe": Election.method.observe,
  "/v3/election/resign": Election.method.resign,
};
