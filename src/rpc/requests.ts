/** From the wire's messages to the store's requests. Total: nothing is checked here (see check.ts). */
import type {
  Compare as CompareMessage,
  DeleteRangeRequest as DeleteRangeMessage,
  PutRequest as PutMessage,
  RangeRequest as RangeMessage,
  RequestOp as RequestOpMessage,
  TxnRequest as TxnMessage,
} from "../gen/etcdserverpb/kv_pb.ts";
import {
  type WatchCreateRequest as WatchCreateMessage,
  WatchCreateRequest_FilterType,
} from "../gen/etcdserverpb/watch_pb.ts";
import {
  type Compare,
  CompareTarget,
  type DeleteRangeRequest,
  EMPTY_BYTES,
  keyFromBytes,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  type TxnRequest,
  type WatchCreateRequest,
} from "../mvcc/index.ts";

export function rangeRequest(message: RangeMessage): RangeRequest {
  return {
    key: keyFromBytes(message.key),
    rangeEnd: keyFromBytes(message.rangeEnd),
    limit: Number(message.limit),
    revision: Number(message.revision),
    sortOrder: message.sortOrder,
    sortTarget: message.sortTarget,
    keysOnly: message.keysOnly,
    countOnly: message.countOnly,
    minModRevision: Number(message.minModRevision),
    maxModRevision: Number(message.maxModRevision),
    minCreateRevision: Number(message.minCreateRevision),
    maxCreateRevision: Number(message.maxCreateRevision),
  };
}

export function putRequest(message: PutMessage): PutRequest {
  return {
    key: keyFromBytes(message.key),
    value: message.value,
    lease: message.lease,
    prevKv: message.prevKv,
    ignoreValue: message.ignoreValue,
    ignoreLease: message.ignoreLease,
  };
}

export function deleteRangeRequest(message: DeleteRangeMessage): DeleteRangeRequest {
  return { key: keyFromBytes(message.key), rangeEnd: keyFromBytes(message.rangeEnd), prevKv: message.prevKv };
}

export function txnRequest(message: TxnMessage): TxnRequest {
  return {
    compare: message.compare.map(compare),
    success: message.success.map(requestOp),
    failure: message.failure.map(requestOp),
  };
}

function requestOp(message: RequestOpMessage): RequestOp {
  const op = message.request;
  switch (op.case) {
    case "requestRange":
      return { kind: "range", request: rangeRequest(op.value) };
    case "requestPut":
      return { kind: "put", request: putRequest(op.value) };
    case "requestDeleteRange":
      return { kind: "deleteRange", request: deleteRangeRequest(op.value) };
    case "requestTxn":
      return { kind: "txn", request: txnRequest(op.value) };
    default:
      return { kind: "none" };
  }
}

const NUMBER_CASES: Record<number, string> = {
  [CompareTarget.VERSION]: "version",
  [CompareTarget.CREATE]: "createRevision",
  [CompareTarget.MOD]: "modRevision",
};

/** Where the union holds another field than the target names, the comparison is with 0 or the empty value. */
function compare(message: CompareMessage): Compare {
  const union = message.targetUnion;
  return {
    key: keyFromBytes(message.key),
    rangeEnd: keyFromBytes(message.rangeEnd),
    result: message.result,
    target: message.target,
    number: union.case !== undefined && union.case === NUMBER_CASES[message.target] ? Number(union.value) : 0,
    value: union.case === "value" ? union.value : EMPTY_BYTES,
    lease: union.case === "lease" ? union.value : 0n,
  };
}

/** An empty key means the least key there can be (rule WA1). */
export function watchCreateRequest(message: WatchCreateMessage): WatchCreateRequest {
  return {
    key: message.key.length === 0 ? "\0" : keyFromBytes(message.key),
    rangeEnd: keyFromBytes(message.rangeEnd),
    watchId: message.watchId,
    startRevision: Number(message.startRevision),
    progressNotify: message.progressNotify,
    noPut: message.filters.includes(WatchCreateRequest_FilterType.NOPUT),
    noDelete: message.filters.includes(WatchCreateRequest_FilterType.NODELETE),
    prevKv: message.prevKv,
    fragment: message.fragment,
  };
}
