/**
 * Replies in one form of text, be they messages, the model's or porcupine/main.go's, so that they can be compared:
 *
 *     pair    key=value@create/mod/version/lease
 *     range   r7 n2 more [pair,pair]
 *     put     r7 <pair before>
 *     delete  r7 d2 [pairs before]
 *     txn     r7 yes(reply; reply)
 */

import type {
  DeleteRangeResponse,
  PutResponse,
  RangeResponse,
  ResponseOp,
  TxnResponse,
} from "../../src/gen/etcdserverpb/kv_pb.ts";
import type { KeyValue } from "../../src/gen/mvccpb/kv_pb.ts";
import type { Pair } from "./model/state.ts";

/** Longer values are shown as how they begin and how long they are; what comes after is padding. */
const SHOWN_BYTES = 16;
const PADDING = 0x2e;

/** A character a byte. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A value that is shown as `text~length`, for a text of less than SHOWN_BYTES characters. */
export function largeValue(text: string, length: number): string {
  return `${text.padEnd(SHOWN_BYTES, ".")}~${length}`;
}

export function isLargeValue(value: string): boolean {
  return value.length > SHOWN_BYTES;
}

export function valueBytes(value: string): Uint8Array<ArrayBuffer> {
  if (!isLargeValue(value)) return bytesOf(value);
  const bytes = new Uint8Array(Number(value.slice(SHOWN_BYTES + 1))).fill(PADDING);
  bytes.set(bytesOf(value.slice(0, SHOWN_BYTES)));
  return bytes;
}

export function valueText(bytes: Uint8Array): string {
  if (bytes.length <= SHOWN_BYTES) return textOf(bytes);
  return `${textOf(bytes.subarray(0, SHOWN_BYTES))}~${bytes.length}`;
}

export function showPair({ key, value, create, mod, version, lease }: Pair): string {
  return `${key}=${value}@${create}/${mod}/${version}/${lease}`;
}

export function pairOf(message: KeyValue): Pair {
  return {
    key: textOf(message.key),
    value: valueText(message.value),
    create: Number(message.createRevision),
    mod: Number(message.modRevision),
    version: Number(message.version),
    lease: message.lease,
  };
}

export interface RangeReply {
  readonly revision: number;
  readonly count: number;
  readonly more: boolean;
  readonly pairs: readonly Pair[];
}

export function showRange({ revision, count, more, pairs }: RangeReply): string {
  return `r${revision} n${count}${more ? " more" : ""} [${pairs.map(showPair).join(",")}]`;
}

export function showPut(revision: number, previous: Pair | undefined): string {
  return previous === undefined ? `r${revision}` : `r${revision} <${showPair(previous)}>`;
}

export function showDelete(revision: number, deleted: number, previous: readonly Pair[]): string {
  return `r${revision} d${deleted} [${previous.map(showPair).join(",")}]`;
}

export function showTxn(revision: number, succeeded: boolean, replies: readonly string[]): string {
  return `r${revision} ${succeeded ? "yes" : "no"}(${replies.join("; ")})`;
}

export function rangeReply(message: RangeResponse): string {
  const { count, more, kvs } = message;
  return showRange({ revision: revisionOf(message), count: Number(count), more, pairs: kvs.map(pairOf) });
}

export function putReply(message: PutResponse): string {
  return showPut(revisionOf(message), message.prevKv === undefined ? undefined : pairOf(message.prevKv));
}

export function deleteReply(message: DeleteRangeResponse): string {
  return showDelete(revisionOf(message), Number(message.deleted), message.prevKvs.map(pairOf));
}

export function txnReply(message: TxnResponse): string {
  return showTxn(revisionOf(message), message.succeeded, message.responses.map(opReply));
}

function opReply({ response }: ResponseOp): string {
  switch (response.case) {
    case "responseRange":
      return rangeReply(response.value);
    case "responsePut":
      return putReply(response.value);
    case "responseDeleteRange":
      return deleteReply(response.value);
    case "responseTxn":
      return txnReply(response.value);
    default:
      return "nothing";
  }
}

export function revisionOf(message: { readonly header?: { readonly revision: bigint } | undefined }): number {
  return Number(message.header?.revision ?? -1n);
}
