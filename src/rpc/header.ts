import type { ResponseHeader } from "../gen/etcdserverpb/header_pb.ts";
import type { Etcd } from "../server/index.ts";

/** The header of a reply: who answers, and the revision that the operation gave. As `create` makes one, and faster. */
export function header(etcd: Etcd, revision: number): ResponseHeader {
  return {
    $typeName: "etcdserverpb.ResponseHeader",
    clusterId: etcd.options.clusterId,
    memberId: etcd.options.memberId,
    revision: BigInt(revision),
    raftTerm: BigInt(etcd.raftTerm),
  };
}

/** The header of a sub-response of a txn, which carries nothing but the revision (rule TX6). */
export function revisionHeader(revision: number): ResponseHeader {
  return {
    $typeName: "etcdserverpb.ResponseHeader",
    clusterId: 0n,
    memberId: 0n,
    revision: BigInt(revision),
    raftTerm: 0n,
  };
}
