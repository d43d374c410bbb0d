/** From a request to the message and the method that it is for, and from the reply back to text. */
import { create, type DescMessage, type DescService, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import type { AuthStatusResponse } from "../../src/gen/etcdserverpb/auth_pb.ts";
import { Auth } from "../../src/gen/etcdserverpb/auth_pb.ts";
import {
  type CompareSchema,
  type DeleteRangeResponse,
  KV,
  type PutResponse,
  type RangeRequestSchema,
  type RangeResponse,
  type RequestOpSchema,
  type TxnRequestSchema,
  type TxnResponse,
} from "../../src/gen/etcdserverpb/kv_pb.ts";
import {
  Lease,
  type LeaseGrantResponse,
  type LeaseLeasesResponse,
  type LeaseTimeToLiveResponse,
} from "../../src/gen/etcdserverpb/lease_pb.ts";
import { type HashKVResponse, Maintenance } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Lock } from "../../src/gen/v3lockpb/lock_pb.ts";
import {
  type CompareOp,
  LOCK_PREFIX,
  lockKey,
  type Op,
  type RangeOp,
  type Request,
  ROLE,
  type TxnOp,
} from "./request.ts";
import { bytesOf, deleteReply, putReply, rangeReply, revisionOf, textOf, txnReply, valueBytes } from "./show.ts";

export interface Call {
  readonly service: DescService;
  /** The method's name in its service's implementation. */
  readonly method: string;
  readonly message: Message;
}

const RESULTS = { "=": 0, ">": 1, "<": 2, "!=": 3 };
const TARGETS = { version: 0, create: 1, mod: 2, value: 3, lease: 4 };
const READWRITE = 2;

export function callOf(request: Request): Call {
  switch (request.kind) {
    case "range":
      return call(KV, "range", rangeInit(request));
    case "put":
    case "delete":
    case "txn": {
      const init = opInit(request).request;
      const method = { put: "put", delete: "deleteRange", txn: "txn" }[request.kind];
      return call(KV, method, init?.value as MessageInitShape<DescMessage>);
    }
    case "rangeStream":
      return call(KV, "rangeStream", rangeInit(request.range));
    case "compact":
      return call(KV, "compact", { revision: BigInt(request.revision) });
    case "hash":
      return call(Maintenance, "hashKV", { revision: BigInt(request.revision) });
    case "grant":
      return call(Lease, "leaseGrant", { ID: request.id, TTL: BigInt(request.ttlSeconds) });
    case "revoke":
      return call(Lease, "leaseRevoke", { ID: request.id });
    case "keepAlive":
      return call(Lease, "leaseKeepAlive", { ID: request.id });
    case "timeToLive":
      return call(Lease, "leaseTimeToLive", { ID: request.id, keys: true });
    case "leases":
      return call(Lease, "leaseLeases", {});
    case "authenticate":
      return call(Auth, "authenticate", { name: request.user, password: request.user });
    case "authEnable":
    case "authDisable":
    case "authStatus":
      return call(Auth, request.kind, {});
    case "grantPermission": {
      const perm = { permType: READWRITE, key: bytesOf(request.key), rangeEnd: bytesOf(request.end) };
      return call(Auth, "roleGrantPermission", { name: ROLE, perm });
    }
    case "revokePermission": {
      const range = { key: bytesOf(request.key), rangeEnd: bytesOf(request.end) };
      return call(Auth, "roleRevokePermission", { role: ROLE, ...range });
    }
    case "lock":
      return call(Lock, "lock", { name: bytesOf(`${LOCK_PREFIX}${request.name}`), lease: request.lease });
    case "unlock":
      return call(Lock, "unlock", { key: bytesOf(lockKey(request.name, request.lease)) });
  }
}

/** A reply in the model's words. Of a range stream: of all its messages. */
export function showReply(request: Request, reply: unknown): string {
  switch (request.kind) {
    case "range":
      return rangeReply(reply as RangeResponse);
    case "put":
      return putReply(reply as PutResponse);
    case "delete":
      return deleteReply(reply as DeleteRangeResponse);
    case "txn":
      return txnReply(reply as TxnResponse);
    case "hash": {
      const { hash, hashRevision, compactRevision } = reply as HashKVResponse;
      return `${hash} of ${hashRevision} from ${compactRevision}`;
    }
    case "grant":
    case "keepAlive": {
      const { ID, TTL } = reply as LeaseGrantResponse;
      return `${headerOf(reply)} ${ID} ttl ${TTL}`;
    }
    case "timeToLive": {
      const { ID, TTL, grantedTTL, keys } = reply as LeaseTimeToLiveResponse;
      return `${headerOf(reply)} ${ID} ${TTL === -1n ? "-1" : `${TTL} of ${grantedTTL} ${keys.map(textOf).join(" ")}`}`;
    }
    case "leases": {
      const { leases } = reply as LeaseLeasesResponse;
      return `${headerOf(reply)} ${leases
        .map(({ ID }) => ID)
        .sort()
        .join(" ")}`;
    }
    case "authStatus": {
      const { enabled, authRevision } = reply as AuthStatusResponse;
      return `${headerOf(reply)} ${enabled} ${authRevision}`;
    }
    default:
      return headerOf(reply);
  }
}

function headerOf(reply: unknown): string {
  return `r${revisionOf(reply as RangeResponse)}`;
}

function call(service: DescService, method: string, init: MessageInitShape<DescMessage>): Call {
  const descriptor = service.method[method];
  if (descriptor === undefined) throw new Error(`no method ${method}`);
  return { service, method, message: create(descriptor.input, init) };
}

type RangeInit = Exclude<MessageInitShape<typeof RangeRequestSchema>, { $typeName: string }>;
type CompareInit = Exclude<MessageInitShape<typeof CompareSchema>, { $typeName: string }>;

function rangeInit(op: RangeOp): RangeInit {
  return {
    key: bytesOf(op.key),
    rangeEnd: bytesOf(op.end),
    revision: BigInt(op.revision),
    limit: BigInt(op.limit),
    sortOrder: op.sortOrder as RangeInit["sortOrder"],
    sortTarget: op.sortTarget as RangeInit["sortTarget"],
    countOnly: op.countOnly,
    keysOnly: op.keysOnly,
    minModRevision: BigInt(op.minMod),
    maxCreateRevision: BigInt(op.maxCreate),
  };
}

function opInit(op: Op): {
  request: Exclude<Exclude<MessageInitShape<typeof RequestOpSchema>, { $typeName: string }>["request"], undefined>;
} {
  switch (op.kind) {
    case "range":
      return { request: { case: "requestRange", value: rangeInit(op) } };
    case "put": {
      const { lease, prevKv, ignoreValue, ignoreLease } = op;
      const pair = { key: bytesOf(op.key), value: valueBytes(op.value) };
      return { request: { case: "requestPut", value: { ...pair, lease, prevKv, ignoreValue, ignoreLease } } };
    }
    case "delete": {
      const range = { key: bytesOf(op.key), rangeEnd: bytesOf(op.end) };
      return { request: { case: "requestDeleteRange", value: { ...range, prevKv: op.prevKv } } };
    }
    case "txn":
      return { request: { case: "requestTxn", value: txnInit(op) } };
  }
}

function txnInit(op: TxnOp): Exclude<MessageInitShape<typeof TxnRequestSchema>, { $typeName: string }> {
  return { compare: op.compare.map(compareInit), success: op.success.map(opInit), failure: op.failure.map(opInit) };
}

function compareInit(op: CompareOp): CompareInit {
  const number = BigInt(op.number);
  const unions = {
    version: { case: "version" as const, value: number },
    create: { case: "createRevision" as const, value: number },
    mod: { case: "modRevision" as const, value: number },
    value: { case: "value" as const, value: valueBytes(op.value) },
    lease: { case: "lease" as const, value: op.lease },
  };
  return {
    key: bytesOf(op.key),
    rangeEnd: bytesOf(op.end),
    result: RESULTS[op.result] as CompareInit["result"],
    target: TARGETS[op.target] as CompareInit["target"],
    targetUnion: unions[op.target],
  };
}
