/** Random requests of the Lease service. TTLs are chosen so that nothing expires during a run. */
import { create } from "@bufbuild/protobuf";
import { Lease, LeaseGrantRequestSchema, LeaseKeepAliveRequestSchema } from "../../src/gen/etcdserverpb/lease_pb.ts";
import type { Operation } from "./operation.ts";
import { call } from "./operation.ts";
import type { Random } from "./random.ts";

/** Fixed, so that both servers have the same; negative ones are legal. */
const LEASE_IDS: readonly bigint[] = [1n, 2n, 3n, 4n, 7n, 77n, -9n, 2n ** 62n, 2n ** 63n - 1n];
const SHORT_LEASE_IDS: readonly bigint[] = [901n, 902n, -903n];
/** Granted leases are listed by expiry: far apart, so that no two servers can order them differently. */
const TTLS_SECONDS: readonly bigint[] = [100_000n, 200_000n, 300_000n, 400_000n, 9_000_000_000n];

export function anyLeaseId(random: Random): bigint {
  return random.pick(LEASE_IDS);
}

export function grant(random: Random): Operation {
  const TTL = random.chance(0.04) ? random.pick([9_000_000_001n, 2n ** 63n - 1n]) : random.pick(TTLS_SECONDS);
  return call(Lease.method.leaseGrant, { ID: anyLeaseId(random), TTL });
}

export function revoke(random: Random): Operation {
  return call(Lease.method.leaseRevoke, { ID: random.chance(0.03) ? 0n : anyLeaseId(random) });
}

export function timeToLive(random: Random): Operation {
  return call(Lease.method.leaseTimeToLive, { ID: anyLeaseId(random), keys: random.chance(0.7) });
}

export function leases(): Operation {
  return call(Lease.method.leaseLeases, {});
}

export function keepAlive(random: Random): Operation {
  const ID = random.chance(0.03) ? 0n : anyLeaseId(random);
  return { kind: "keepAlive", request: create(LeaseKeepAliveRequestSchema, { ID }) };
}

export function shortLease(random: Random): Operation {
  const init = { ID: random.pick(SHORT_LEASE_IDS), TTL: random.pick([0n, 1n, -1n, -(2n ** 63n)]) };
  return { kind: "shortLease", request: create(LeaseGrantRequestSchema, init) };
}

export function anonymousLease(random: Random): Operation {
  const TTL = random.chance(0.05) ? 9_000_000_001n : random.pick(TTLS_SECONDS);
  return { kind: "anonymousLease", request: create(LeaseGrantRequestSchema, { TTL }) };
}
