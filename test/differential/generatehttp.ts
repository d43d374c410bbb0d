/** The JSON gateway's share of the operations: the same requests as elsewhere, written as JSON. */
import type { DescMethod } from "@bufbuild/protobuf";
import { Auth } from "../../src/gen/etcdserverpb/auth_pb.ts";
import { Cluster } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { encodeRequest, type Freedom } from "./encodejson.ts";
import type { Operation } from "./operation.ts";
import { by } from "./operation.ts";
import { pathsOf } from "./paths.ts";
import type { Random } from "./random.ts";

/** Larger ones only cost time here. */
const MAX_BODY_BYTES = 100_000;

/** A member that was added by mistake would end a cluster of one. */
const PLAIN_METHODS: readonly DescMethod[] = [Cluster.method.memberAdd, Cluster.method.memberUpdate];
/** Nothing is learned from these, and no request that they may be read as does harm. */
const WILD_METHODS: readonly DescMethod[] = [
  KV.method.range,
  KV.method.put,
  KV.method.deleteRange,
  Lease.method.leaseTimeToLive,
  Lease.method.leaseRevoke,
  Cluster.method.memberList,
  Auth.method.roleGet,
  Auth.method.userGet,
  Auth.method.roleGrantPermission,
];

/** The operation by the gateway, or as it is if that has no such call. */
export function overHttp(random: Random, operation: Operation, isPlainly = false): Operation {
  const { kind } = operation;
  if (kind !== "call" && kind !== "keepAlive") return operation;
  const method = kind === "call" ? operation.method : Lease.method.leaseKeepAlive;
  const paths = pathsOf(method);
  if (paths.length === 0) return operation;
  const body = encodeRequest(random, method.input, operation.request, isPlainly ? "plain" : freedomOf(method));
  if (body.length > MAX_BODY_BYTES) return operation;
  const root = random.chance(0.05) ? "/v3beta" : "/v3";
  return by(operation.as, { kind: "http", verb: "POST", path: root + random.pick(paths), body });
}

export function freedomOf(method: DescMethod): Freedom {
  if (PLAIN_METHODS.includes(method)) return "plain";
  return WILD_METHODS.includes(method) ? "wild" : "usual";
}

/** What no path or verb is for. */
export function strayHttp(random: Random): Operation {
  const verb = random.pick(["GET", "PUT", "DELETE", "POST"]);
  const known = ["/v3/kv/range", "/v3/auth/user/list", "/v3/lock/lock"];
  const unknown = ["/v3/kv/nothing", "/v3/kv", "/v3/", "/v3/kv/range/", "/v3/kv/range/more", "/v3/kv/rangestream"];
  const path = random.pick(verb === "POST" ? unknown : [...known, ...unknown]);
  return { kind: "http", verb, path, body: Buffer.from(verb === "POST" ? "{}" : "") };
}
