/** From the store's results to the wire's messages: as `create` makes them, in half the time. */
import type { ResponseHeader } from "../gen/etcdserverpb/header_pb.ts";
import type {
  DeleteRangeResponse as DeleteRangeMessage,
  PutResponse as PutMessage,
  RangeResponse as RangeMessage,
  ResponseOp as ResponseOpMessage,
  TxnResponse as TxnMessage,
} from "../gen/etcdserverpb/kv_pb.ts";
import { type Event, Event_EventType, type KeyValue } from "../gen/mvccpb/kv_pb.ts";
import {
  bytesFromKey,
  type DeleteRangeResponse,
  EMPTY_BYTES,
  type Entry,
  type Projection,
  type PutResponse,
  type RangeResponse,
  type ResponseOp,
  StoredEntry,
  type TxnResponse,
  type WatchEvent,
} from "../mvcc/index.ts";
import { revisionHeader } from "./header.ts";
import { StoredKeyValue } from "./storedkeyvalue.ts";

function keyValue(entry: Entry, projection: Projection = "whole"): KeyValue {
  if (entry instanceof StoredEntry && projection === "whole" && !entry.tombstone) return new StoredKeyValue(entry);
  return {
    $typeName: "mvccpb.KeyValue",
    key: bytesFromKey(entry.key),
    createRevision: BigInt(entry.createRevision),
    modRevision: BigInt(entry.modRevision),
    version: BigInt(entry.version),
    value: projection === "whole" ? entry.value : EMPTY_BYTES,
    lease: projection === "withoutValueAndLease" ? 0n : entry.lease,
  };
}

export function rangeMessage(response: RangeResponse, header: ResponseHeader): RangeMessage {
  const { entries, projection, more, count } = response;
  const kvs = entries.map((entry) => keyValue(entry, projection));
  return { $typeName: "etcdserverpb.RangeResponse", header, kvs, more, count: BigInt(count) };
}

export function putMessage({ prevKv }: PutResponse, header: ResponseHeader): PutMessage {
  return { $typeName: "etcdserverpb.PutResponse", header, prevKv: prevKv && keyValue(prevKv) };
}

export function deleteRangeMessage(response: DeleteRangeResponse, header: ResponseHeader): DeleteRangeMessage {
  const prevKvs = response.prevKvs.map((entry) => keyValue(entry));
  return { $typeName: "etcdserverpb.DeleteRangeResponse", header, deleted: BigInt(response.deleted), prevKvs };
}

export function txnMessage(response: TxnResponse, header: ResponseHeader): TxnMessage {
  const { succeeded } = response;
  const responses = response.responses.map(responseOp);
  return { $typeName: "etcdserverpb.TxnResponse", header, succeeded, responses };
}

function responseOp(op: ResponseOp): ResponseOpMessage {
  return { $typeName: "etcdserverpb.ResponseOp", response: responseOf(op) };
}

function responseOf(op: ResponseOp): ResponseOpMessage["response"] {
  const header = revisionHeader(op.response.revision);
  switch (op.kind) {
    case "range":
      return { case: "responseRange", value: rangeMessage(op.response, header) };
    case "put":
      return { case: "responsePut", value: putMessage(op.response, header) };
    case "deleteRange":
      return { case: "responseDeleteRange", value: deleteRangeMessage(op.response, header) };
    case "txn":
      return { case: "responseTxn", value: txnMessage(op.response, header) };
  }
}

/** A delete carries key and mod_revision only (rule KV11). */
export function eventMessage(event: WatchEvent): Event {
  return {
    $typeName: "mvccpb.Event",
    type: event.entry.tombstone ? Event_EventType.DELETE : Event_EventType.PUT,
    kv: keyValue(event.entry),
    prevKv: event.prevKv && keyValue(event.prevKv),
  };
}
