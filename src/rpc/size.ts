import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { etcdError } from "../errors.ts";
import type { PutRequest, RequestOp, TxnRequest } from "../mvcc/index.ts";
import { varintSize } from "../mvcc/index.ts";

/**
 * etcd's limit is on the request as it goes through consensus: wrapped in a message with a header that holds
 * a request ID (9 or 10 bytes as a varint; 9 is taken here).
 */
const ENVELOPE_BYTES = 13;
/** More than all the tags, lengths and numbers of one operation can take. */
const MAX_OP_OVERHEAD_BYTES = 128;

/**
 * @param maxBytes the limit on requests that may change the store
 * @param estimateBytes no less than the message's size on the wire, and cheap to tell
 * @throws EtcdError `requestTooLarge`
 */
export function checkRequestSize<S extends DescMessage>(
  schema: S,
  message: MessageShape<S>,
  estimateBytes: number,
  maxBytes: number,
): void {
  if (estimateBytes + ENVELOPE_BYTES + MAX_OP_OVERHEAD_BYTES <= maxBytes) return;
  const size = toBinary(schema, message).length;
  if (ENVELOPE_BYTES + 1 + varintSize(size) + size > maxBytes) throw etcdError("requestTooLarge");
}

export function putEstimate(request: PutRequest): number {
  return MAX_OP_OVERHEAD_BYTES + request.key.length + request.value.length;
}

/** No less than the size of a txn's message: both branches and all compares. */
export function txnEstimate(request: TxnRequest): number {
  let estimate = MAX_OP_OVERHEAD_BYTES;
  for (const { key, rangeEnd, value } of request.compare) {
    estimate += MAX_OP_OVERHEAD_BYTES + key.length + rangeEnd.length + value.length;
  }
  for (const op of request.success) estimate += opEstimate(op);
  for (const op of request.failure) estimate += opEstimate(op);
  return estimate;
}

function opEstimate(op: RequestOp): number {
  switch (op.kind) {
    case "put":
      return putEstimate(op.request);
    case "range":
    case "deleteRange":
      return MAX_OP_OVERHEAD_BYTES + op.request.key.length + op.request.rangeEnd.length;
    case "txn":
      return txnEstimate(op.request);
    case "none":
      return MAX_OP_OVERHEAD_BYTES;
  }
}
