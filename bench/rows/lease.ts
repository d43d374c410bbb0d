/** Leases: granted, and kept alive on one stream and on many. */
import { Lease } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { goLoad } from "../loads/go.ts";
import { callOf } from "../protocols.ts";
import { EVERYWHERE, type Row } from "../row.ts";
import { grant } from "./client.ts";
import { unary } from "./unary.ts";

const LEASE = 7587862;

function keepAlive(name: string, streams: number, inFlight: number, full: number): Row {
  return {
    name,
    unit: "requests",
    tool: "load",
    on: EVERYWHERE,
    prepare: (target) => grant(target, BigInt(LEASE)),
    calls: [callOf("grpc", Lease.method.leaseKeepAlive, { ID: BigInt(LEASE) }, (reply) => reply.TTL > 0n)],
    revisions: 0,
    load: (target, share) =>
      goLoad(target, {
        ...{ kind: "keepalive", lease: LEASE, connections: Math.min(8, streams), streams, inFlight },
        total: Math.ceil((full * share) / streams) * streams,
      }),
  };
}

export const LEASE_ROWS: readonly Row[] = [
  unary(
    {
      name: "LeaseGrant",
      method: Lease.method.leaseGrant,
      request: { TTL: 3600n },
      accepts: (reply) => reply.ID !== 0n && reply.TTL === 3600n,
      revisions: 0,
    },
    { connections: 8, streams: 32 },
    60_000,
  ),
  keepAlive("KeepAlive, one stream, 64 ahead", 1, 64, 200_000),
  keepAlive("KeepAlive, 1,000 streams, one ahead", 1000, 1, 100_000),
];
