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
import type { Access } from "./access.ts";
import { checkDeleteRange, checkPut, checkRange, checkRangeStream, checkTxn } from "./check.ts";
import { header } from "./header.ts";
import { rangeChunks } from "./rangestream.ts";
import { deleteRangeRequest, putRequest, rangeRequest, txnRequest } from "./requests.ts";
import { deleteRangeMessage, putMessage, rangeMessage, txnMessage } from "./responses.ts";
import { checkRequestSize, putEstimate, txnEstimate } from "./size.ts";
import { whenFinished } from "./slices.ts";

/** etcdserverpb.KV. One member is always up to date, so linearizable and serializable reads are the same. */
export function kvService(etcd: Etcd, access: Access): ServiceImpl<typeof KV> {
  const { maxRequestBytes, maxTxnOps } = etcd.options;
  return {
    range(message, context) {
      const request = rangeRequest(message);
      checkRange(request);
      const response = etcd.range(request, access.caller(context));
      return rangeMessage(response, header(etcd, response.revision));
    },

    rangeStream(message, context) {
      const request = rangeRequest(message);
      return rangeChunks(etcd, request, () => {
        checkRangeStream(request);
        return access.caller(context);
      });
    },

    put(message, context) {
      const request = putRequest(message);
      checkPut(request);
      const caller = access.caller(context);
      checkRequestSize(PutRequestSchema, message, putEstimate(request), maxRequestBytes);
      const response = etcd.put(request, caller);
      return putMessage(response, header(etcd, response.revision));
    },

    deleteRange(message, context) {
      const request = deleteRangeRequest(message);
      checkDeleteRange(request);
      const caller = access.caller(context);
      const estimate = request.key.length + request.rangeEnd.length;
      checkRequestSize(DeleteRangeRequestSchema, message, estimate, maxRequestBytes);
      return whenFinished((finished) => {
        etcd.beginDeleteRange(request, caller, (response) => {
          finished(deleteRangeMessage(response, header(etcd, response.revision)));
        });
      });
    },

    txn(message, context) {
      const request = txnRequest(message);
      checkTxn(request, maxTxnOps);
      const caller = access.caller(context);
      const readOnly = isReadOnly(request);
      if (!readOnly) checkRequestSize(TxnRequestSchema, message, txnEstimate(request), maxRequestBytes);
      const response = etcd.txn(request, readOnly, caller);
      return txnMessage(response, header(etcd, response.revision));
    },

    compact(message, context) {
      access.requireAdmin(context);
      const respond = () => {
        const response = create(CompactionResponseSchema);
        response.header = header(etcd, etcd.store.revision);
        return response;
      };
      let isFinished = false;
      let finish = (): void => {};
      etcd.compact(Number(message.revision), () => {
        isFinished = true;
        finish();
      });
      if (isFinished || !message.physical) return respond();
      return new Promise((resolve) => {
        finish = () => resolve(respond());
      });
    },
  };
}
