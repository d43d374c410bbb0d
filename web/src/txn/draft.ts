import { create } from "@bufbuild/protobuf";
import { type TxnRequest, TxnRequestSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { formatTxn, parseTxn } from "../console/language/txntext.ts";
import { Cell } from "../ui/cell.ts";

/** A transaction in the making: its text, and the request that it means. */
export interface Draft {
  readonly text: string;
  /** What the text meant when it last meant something. */
  readonly request: TxnRequest;
  /** What is wrong with the text; undefined if nothing is. */
  readonly error: { readonly message: string; readonly line: number } | undefined;
}

export function draftOfText(text: string, last: TxnRequest): Draft {
  const parsed = parseTxn(text);
  if ("error" in parsed) return { text, request: last, error: { message: parsed.error, line: parsed.line } };
  return { text, request: parsed.request, error: undefined };
}

export function draftOfRequest(request: TxnRequest): Draft {
  return { text: formatTxn(request), request, error: undefined };
}

/** The one draft of this page: it is there again when the screen is. */
export const draft = new Cell<Draft>(draftOfRequest(create(TxnRequestSchema)));
