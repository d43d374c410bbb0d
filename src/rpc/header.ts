import { create } from "@bufbuild/protobuf";
import { type ResponseHeader, ResponseHeaderSchema } from "../gen/etcdserverpb/header_pb.ts";
import type { Etcd } from "../server/index.ts";

/** The header of a reply: who answers, and the revision that the operation gave. */
export function header(etcd: Etcd, revision: number): ResponseHeader {
  const message = create(ResponseHeaderSchema);
  message.clusterId = etcd.options.clusterId;
  message.memberId = etcd.options.memberId;
  message.revision = BigInt(revision);
  message.raftTerm = BigInt(etcd.raftTerm);
  return message;
}

/** The header of a sub-response of a txn, which carries nothing but the revision (rule TX6). */
export function revisionHeader(revision: number): ResponseHeader {
  const message = create(ResponseHeaderSchema);
  message.revision = BigInt(revision);
  return message;
}
