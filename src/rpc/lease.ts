import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { Lease as BrowserLease } from "../gen/etcdlite/v1/lease_pb.ts";
import {
  type Lease,
  LeaseGrantResponseSchema,
  type LeaseKeepAliveRequest,
  type LeaseKeepAliveResponse,
  LeaseKeepAliveResponseSchema,
  LeaseLeasesResponseSchema,
  LeaseRevokeResponseSchema,
  LeaseStatusSchema,
  LeaseTimeToLiveResponseSchema,
} from "../gen/etcdserverpb/lease_pb.ts";
import { bytesFromKey } from "../mvcc/index.ts";
import type { Caller, Etcd } from "../server/index.ts";
import type { Access } from "./access.ts";
import type { Gate } from "./gate.ts";
import { header } from "./header.ts";
import { Replies } from "./replies.ts";
import { whenFinished } from "./slices.ts";

/** etcdserverpb.Lease. */
export function leaseService(etcd: Etcd, access: Access, gate: Gate): ServiceImpl<typeof Lease> {
  return {
    leaseGrant(message, context) {
      access.requireUser(context);
      const lease = etcd.leaseGrant(message.ID === 0n ? randomLeaseId(etcd) : message.ID, Number(message.TTL));
      const response = create(LeaseGrantResponseSchema);
      response.header = header(etcd, etcd.store.revision);
      response.ID = lease.id;
      response.TTL = BigInt(lease.ttlSeconds);
      return response;
    },

    leaseRevoke(message, context) {
      const caller = access.requireUser(context);
      return whenFinished((finished) => {
        etcd.beginLeaseRevoke(message.ID, caller, () => {
          const response = create(LeaseRevokeResponseSchema);
          response.header = header(etcd, etcd.store.revision);
          finished(response);
        });
      });
    },

    leaseKeepAlive(messages, context) {
      const caller = () => access.requireUser(context);
      return new Replies(messages, (message) => keepAlive(etcd, gate, message, caller));
    },

    leaseTimeToLive(message, context) {
      const caller = access.requireUser(context);
      if (message.keys) etcd.authorization.readLease(caller, message.ID);
      const lease = etcd.leaseTimeToLive(message.ID);
      const response = create(LeaseTimeToLiveResponseSchema);
      response.header = header(etcd, etcd.store.revision);
      response.ID = message.ID;
      response.TTL = BigInt(lease?.leftSeconds ?? -1);
      response.grantedTTL = BigInt(lease?.ttlSeconds ?? 0);
      if (message.keys && lease !== undefined) response.keys = lease.keys.map(bytesFromKey);
      return response;
    },

    leaseLeases(_message, context) {
      const caller = access.requireUser(context);
      const leases = etcd.leases();
      for (const { id } of leases) etcd.authorization.readLease(caller, id);
      const response = create(LeaseLeasesResponseSchema);
      response.header = header(etcd, etcd.store.revision);
      response.leases = leases.map((lease) => {
        const status = create(LeaseStatusSchema);
        status.ID = lease.id;
        return status;
      });
      return response;
    },
  };
}

/** etcdlite.v1.Lease: a keep-alive as one call, for browsers, which cannot send a stream. */
export function browserLeaseService(etcd: Etcd, access: Access, gate: Gate): ServiceImpl<typeof BrowserLease> {
  return {
    leaseKeepAlive: (message, context) => keepAlive(etcd, gate, message, () => access.requireUser(context)),
  };
}

/** The header is made first: its revision is never past one that the lease's end would write (rule LE2). */
function keepAlive(
  etcd: Etcd,
  gate: Gate,
  message: LeaseKeepAliveRequest,
  caller: () => Caller | undefined,
): LeaseKeepAliveResponse | Promise<LeaseKeepAliveResponse> {
  return gate.pass(() => {
    etcd.authorization.revoke(caller(), message.ID);
    const response = create(LeaseKeepAliveResponseSchema);
    response.header = header(etcd, etcd.store.revision);
    response.ID = message.ID;
    response.TTL = BigInt(etcd.leaseKeepAlive(message.ID)?.ttlSeconds ?? 0);
    // Where the lease has run out and has many keys, these are still there.
    return response.TTL === 0n ? gate.pass(() => response) : response;
  });
}

/** Asked for many at once: to ask takes far longer than to make an ID of what came. */
const randomWords = new BigUint64Array(128);
let usedWords = randomWords.length;

/** A positive int63 that is not taken (rule LE1). */
function randomLeaseId(etcd: Etcd): bigint {
  for (;;) {
    if (usedWords === randomWords.length) {
      crypto.getRandomValues(randomWords);
      usedWords = 0;
    }
    const id = BigInt.asUintN(63, randomWords[usedWords++] as bigint);
    if (id !== 0n && !etcd.hasLease(id)) return id;
  }
}
