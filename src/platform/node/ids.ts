/** Cluster and member IDs, as etcd derives them when a cluster is bootstrapped. */
import { createHash } from "node:crypto";

export interface MemberIds {
  readonly memberId: bigint;
  readonly clusterId: bigint;
}

/** The IDs of a cluster of one, known to its peers by `peerUrls`. */
export function memberIds(peerUrls: readonly string[], clusterToken: string): MemberIds {
  const memberId = firstEightBytes(Buffer.from([...peerUrls].sort().join("") + clusterToken));
  const id = Buffer.alloc(8);
  id.writeBigUInt64BE(memberId);
  return { memberId, clusterId: firstEightBytes(id) };
}

function firstEightBytes(input: Uint8Array): bigint {
  return createHash("sha1").update(input).digest().readBigUInt64BE(0);
}
