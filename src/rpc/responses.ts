/** From the store's results to the wire's messages. */
import { create } from "@bufbuild/protobuf";
import type { ResponseHeader } from "../gen/etcdserverpb/header_pb.ts";
import {
  type DeleteRangeResponse as DeleteRangeMessage,
  DeleteRangeResponseSchema,
  type PutResponse as PutMessage,
  PutResponseSchema,
  type RangeResponse as RangeMessage,
  RangeResponseSchema,
  type ResponseOp as ResponseOpMessage,
  ResponseOpSchema,
  type TxnResponse as TxnMessage,
  TxnResponseSchema,
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
  type TxnResponse,
  type WatchEvent,
} from "../mvcc/index.ts";
import { revisionHeader } from "./header.ts";

/** As `create` makes one, in half the time: there is nothing that a reply has more of. */
function keyValue(entry: Entry, projection: Projection = "whole"): KeyValue {
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
  const message = create(RangeResponseSchema);
  message.header = header;
  message.kvs = response.entries.map((entry) => keyValue(entry, response.projection));
  message.more = response.more;
  message.count = BigInt(response.count);
  return message;
}

export function putMessage(response: PutResponse, header: ResponseHeader): PutMessage {
  const message = create(PutResponseSchema);
  message.header = header;
  if (response.prevKv !== undefined) message.prevKv = keyValue(response.prevKv);
  return message;
}

export function deleteRangeMessage(response: DeleteRangeResponse, header: ResponseHeader): DeleteRangeMessage {
  const message = create(DeleteRangeResponseSchema);
  message.header = header;
  message.deleted = BigInt(response.deleted);
  message.prevKvs = response.prevKvs.map((entry) => keyValue(entry));
  return message;
}

export function txnMessage(response: TxnResponse, header: ResponseHeader): TxnMessage {
  const message = create(TxnResponseSchema);
  message.header = header;
  message.succeeded = response.succeeded;
  message.responses = response.responses.map(responseOp);
  return message;
}

function responseOp(op: ResponseOp): ResponseOpMessage {
  const message = create(ResponseOpSchema);
  const header = revisionHeader(op.response.revision);
  switch (op.kind) {
    case "range":
      message.response = { case: "responseRange", value: rangeMessage(op.response, header) };
      break;
    case "put":
      message.response = { case: "responsePut", value: putMessage(op.response, header) };
      break;
    case "deleteRange":
      message.response = { case: "responseDeleteRange", value: deleteRangeMessage(op.response, header) };
      break;
    case "txn":
      message.response = { case: "responseTxn", value: txnMessage(op.response, header) };
      break;
  }
  return message;
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
