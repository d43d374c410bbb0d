import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  CompactionResponseSchema,
  DeleteRangeRequestSchema,
  type KV,
  PutRequestSchema,
  TxnRequestSchema,
} from "../gen/etcdserverpb/kv_pb.ts";
import { isReadOnly } from "../mvcc/index.ts";
import type { Etcd } from "../server/index.ts";
import { checkDeleteRange, checkPut, checkRange, checkRangeStream, checkTxn } from "./check.ts";
import { header } from "./header.ts";
import { rangeChunks } from "./rangestream.ts";
import { deleteRangeRequest, putRequest, rangeRequest, txnRequest } from "./requests.ts";
import { deleteRangeMessage, putMessage, rangeMessage, txnMessage } from "./responses.ts";
import { checkRequestSize, putEstimate, txnEstimate } from "./size.ts";

/** etcdserverpb.KV. One member is always up to date, so linearizable and serializable reads are the same. */
export function kvService(etcd: Etcd): ServiceImpl<typeof KV> {
  const { maxRequestBytes, maxTxnOps } = etcd.options;
  return {
    range(message) {
      const request = rangeRequest(message);
      checkRange(request);
      const response = etcd.range(request);
      return rangeMessage(response, header(etcd, response.revision));
    },

    rangeStream(message) {
      const request = rangeRequest(message);
      return rangeChunks(etcd, request, () => checkRangeStream(request));
    },

    put(message) {
      const request = putRequest(message);
      checkPut(request);
      checkRequestSize(PutRequestSchema, message, putEstimate(request), maxRequestBytes);
      const response = etcd.put(request);
      return putMessage(response, header(etcd, response.revision));
    },

    deleteRange(message) {
      const request = deleteRangeRequest(message);
      checkDeleteRange(request);
      const estimate = request.key.length + request.rangeEnd.length;
      checkRequestSize(DeleteRangeRequestSchema, message, estimate, maxRequestBytes);
      const response = etcd.deleteRange(request);
      return deleteRangeMessage(response, header(etcd, response.revision));
    },

    txn(message) {
      const request = txnRequest(message);
      checkTxn(request, maxTxnOps);
      const readOnly = isReadOnly(request);
      if (!readOnly) checkRequestSize(TxnRequestSchema, message, txnEstimate(request), maxRequestBytes);
      const response = etcd.txn(request, readOnly);
      return txnMessage(response, header(etcd, response.revision));
    },

    compact(message) {
      etcd.compact(Number(message.revision));
      const response = create(CompactionResponseSchema);
      response.header = header(etcd, etcd.store.revision);
      return response;
    },
  };
}
