/** The warning of a slow unary call, with etcd's names of its fields and etcd's figures. */
import type { Message } from "@bufbuild/protobuf";
import type { DeleteRangeResponse, RangeResponse, TxnRequest, TxnResponse } from "../../../gen/etcdserverpb/kv_pb.ts";
import { RequestOpSchema } from "../../../gen/etcdserverpb/kv_pb.ts";
import { clientAddress } from "../../../rpc/index.ts";
import type { LogFields } from "../log.ts";
import { type Ended, sizeOf } from "./call.ts";
import { loggable } from "./loggable.ts";

/** Of what has no meaning for a call. */
const NONE = -1;

interface Figures {
  readonly requestCount: number;
  readonly requestSize: number;
  readonly responseCount: number;
}

export function slowFields(call: Ended, tookMs: number): LogFields {
  const { method, context, startMs, request, reply } = call;
  const figures = figuresOf(call);
  return {
    "start time": new Date(performance.timeOrigin + startMs).toISOString(),
    "time spent": goDuration(tookMs),
    remote: context.values.get(clientAddress) ?? "No remote client info.",
    "response type": `/${method.parent.typeName}/${method.name}`,
    "request count": figures?.requestCount ?? NONE,
    "request size": figures?.requestSize ?? NONE,
    "response count": figures?.responseCount ?? NONE,
    "response size": figures === undefined ? NONE : reply === undefined ? 0 : sizeOf(method.output, reply),
    "request content": figures === undefined ? "" : loggable(method.input, request as Message),
  };
}

/** Undefined for all but reads and writes of keys, of which etcd tells no more. */
function figuresOf({ method, request, reply }: Ended): Figures | undefined {
  if (method.parent.typeName !== "etcdserverpb.KV") return undefined;
  const requestSize = sizeOf(method.input, request);
  switch (method.name) {
    case "Range":
      return { requestCount: 0, requestSize, responseCount: Number((reply as RangeResponse | undefined)?.count ?? 0) };
    case "Put":
      return { requestCount: 1, requestSize, responseCount: 0 };
    case "DeleteRange": {
      const deleted = Number((reply as DeleteRangeResponse | undefined)?.deleted ?? 0);
      return { requestCount: 0, requestSize, responseCount: deleted };
    }
    case "Txn":
      return txnFigures(request as TxnRequest, reply as TxnResponse | undefined);
    default:
      return undefined;
  }
}

/** Of the branch that was taken. */
function txnFigures({ success, failure }: TxnRequest, reply: TxnResponse | undefined): Figures {
  if (reply === undefined) return { requestCount: 0, requestSize: 0, responseCount: 0 };
  const branch = reply.succeeded ? success : failure;
  const requestSize = branch.reduce((sum, op) => sum + sizeOf(RequestOpSchema, op), 0);
  return { requestCount: branch.length, requestSize, responseCount: 0 };
}

/** As Go writes it: `1.5s`, `305.2ms`. */
function goDuration(ms: number): string {
  return ms >= 1000 ? `${Number((ms / 1000).toFixed(6))}s` : `${Number(ms.toFixed(6))}ms`;
}
