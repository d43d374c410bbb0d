/** What KV and Watch answer, as etcdctl prints it: `-w simple`, `fields` and `json`. */
import type { DescEnum, DescMessage, Message } from "@bufbuild/protobuf";
import type { ResponseHeader } from "../../../../src/gen/etcdserverpb/header_pb.ts";
import { ResponseHeaderSchema } from "../../../../src/gen/etcdserverpb/header_pb.ts";
import {
  type DeleteRangeResponse,
  DeleteRangeResponseSchema,
  type PutResponse,
  PutResponseSchema,
  type RangeResponse,
  RangeResponseSchema,
  type TxnResponse,
  TxnResponseSchema,
} from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import type { WatchResponse } from "../../../../src/gen/etcdserverpb/watch_pb.ts";
import { Event_EventTypeSchema, EventSchema, type KeyValue } from "../../../../src/gen/mvccpb/kv_pb.ts";
import { CommandError, EXIT } from "../language/errors.ts";
import { fromBytes, hexId, quote } from "../language/gostring.ts";
import { jsonText, messageJson } from "./json.ts";
import type { Format, Output, Style } from "./output.ts";

export function printPut(response: PutResponse, style: Style, output: Output): void {
  if (style.format === "simple") simplePut(response, style, output);
  else if (style.format === "fields") fieldsPut(response, style, output);
  else printJson(PutResponseSchema, response, style, output);
}

export function printRange(response: RangeResponse, style: Style, output: Output): void {
  if (style.format === "simple") simpleRange(response, style, output);
  else if (style.format === "fields") fieldsRange(response, style, output);
  else printJson(RangeResponseSchema, response, style, output);
}

export function printDelete(response: DeleteRangeResponse, style: Style, output: Output): void {
  if (style.format === "simple") simpleDelete(response, style, output);
  else if (style.format === "fields") fieldsDelete(response, style, output);
  else printJson(DeleteRangeResponseSchema, response, style, output);
}

export function printTxn(response: TxnResponse, style: Style, output: Output): void {
  if (style.format === "simple") simpleTxn(response, style, output);
  else if (style.format === "fields") fieldsTxn(response, style, output);
  else printJson(TxnResponseSchema, response, style, output);
}

export function printWatch(response: WatchResponse, style: Style, output: Output): void {
  const { header, events, compactRevision, canceled, created } = response;
  if (style.format === "simple") {
    for (const { type, kv, prevKv } of events) {
      output.out(`${enumName(Event_EventTypeSchema, type)}\n`);
      if (prevKv !== undefined) simpleKeyValue(prevKv, style, output);
      if (kv !== undefined) simpleKeyValue(kv, style, output);
    }
  } else if (style.format === "fields") {
    printHeader(header, style, output);
    for (const { type, kv, prevKv } of events) {
      output.out(`"Type" : ${enumName(Event_EventTypeSchema, type)}\n`);
      if (prevKv !== undefined) fieldsKeyValue("Prev", prevKv, style, output);
      if (kv !== undefined) fieldsKeyValue("", kv, style, output);
    }
  } else {
    requireJson(style.format);
    const value = {
      Header: header === undefined ? null : messageJson(ResponseHeaderSchema, header),
      Events: events.length === 0 ? null : events.map((event) => messageJson(EventSchema, event)),
      ...{ CompactRevision: compactRevision, Canceled: canceled, Created: created },
    };
    output.out(`${jsonText(value)}\n`);
  }
}

export function printJson(type: DescMessage, message: Message, { format }: Style, output: Output): void {
  requireJson(format);
  output.out(`${jsonText(messageJson(type, message))}\n`);
}

/** The name that the .proto has for a value. */
export function enumName(type: DescEnum, number: number): string {
  return type.value[number]?.name ?? String(number);
}

/** @throws CommandError for a format that there is no output in */
export function requireJson(format: Format): void {
  if (format === "json") return;
  const why =
    format === "protobuf" ? "protobuf is not printed in the console" : `${format} not supported as output format`;
  throw new CommandError(why, EXIT.badFeature);
}

export function printHeader(header: ResponseHeader | undefined, { isHex }: Style, output: Output): void {
  const { clusterId = 0n, memberId = 0n, revision = 0n, raftTerm = 0n } = header ?? {};
  const id = (value: bigint): string => value.toString(isHex ? 16 : 10);
  output.out(`"ClusterID" : ${id(clusterId)}\n"MemberID" : ${id(memberId)}\n`);
  // Only replies of the store itself have one.
  if (revision > 0n) output.out(`"Revision" : ${revision}\n`);
  output.out(`"RaftTerm" : ${raftTerm}\n`);
}

function simpleKeyValue({ key, value }: KeyValue, { isHex, valueOnly }: Style, output: Output): void {
  const text = (bytes: Uint8Array): string =>
    isHex ? Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("") : fromBytes(bytes);
  if (!valueOnly) {
    output.out(text(key), key);
    output.out("\n");
  }
  output.out(`${text(value)}\n`);
}

function fieldsKeyValue(prefix: string, kv: KeyValue, { isHex }: Style, output: Output): void {
  output.out(`"${prefix}Key" : `);
  output.out(quote(fromBytes(kv.key)), kv.key);
  const { createRevision, modRevision, version, lease } = kv;
  output.out(`\n"${prefix}CreateRevision" : ${createRevision}\n"${prefix}ModRevision" : ${modRevision}\n`);
  output.out(`"${prefix}Version" : ${version}\n"${prefix}Value" : ${quote(fromBytes(kv.value))}\n`);
  output.out(`"${prefix}Lease" : ${isHex ? hexId(lease) : lease}\n`);
}

function simplePut({ prevKv }: PutResponse, style: Style, output: Output): void {
  output.out("OK\n");
  if (prevKv !== undefined) simpleKeyValue(prevKv, style, output);
}

function simpleRange({ kvs }: RangeResponse, style: Style, output: Output): void {
  for (const kv of kvs) simpleKeyValue(kv, style, output);
}

function simpleDelete({ deleted, prevKvs }: DeleteRangeResponse, style: Style, output: Output): void {
  output.out(`${deleted}\n`);
  for (const kv of prevKvs) simpleKeyValue(kv, style, output);
}

function simpleTxn(response: TxnResponse, style: Style, output: Output): void {
  output.out(response.succeeded ? "SUCCESS\n" : "FAILURE\n");
  for (const { response: one } of response.responses) {
    output.out("\n");
    if (one.case === "responsePut") simplePut(one.value, style, output);
    if (one.case === "responseRange") simpleRange(one.value, style, output);
    if (one.case === "responseDeleteRange") simpleDelete(one.value, style, output);
    // etcdctl cannot send a txn within a txn, and would print its reply as an unexpected one.
    if (one.case === "responseTxn") simpleTxn(one.value, style, output);
  }
}

function fieldsPut({ header, prevKv }: PutResponse, style: Style, output: Output): void {
  printHeader(header, style, output);
  if (prevKv !== undefined) fieldsKeyValue("Prev", prevKv, style, output);
}

function fieldsRange({ header, kvs, more, count }: RangeResponse, style: Style, output: Output): void {
  printHeader(header, style, output);
  for (const kv of kvs) fieldsKeyValue("", kv, style, output);
  output.out(`"More" : ${more}\n"Count" : ${count}\n`);
}

function fieldsDelete({ header, deleted, prevKvs }: DeleteRangeResponse, style: Style, output: Output): void {
  printHeader(header, style, output);
  output.out(`"Deleted" : ${deleted}\n`);
  for (const kv of prevKvs) fieldsKeyValue("Prev", kv, style, output);
}

function fieldsTxn(response: TxnResponse, style: Style, output: Output): void {
  printHeader(response.header, style, output);
  output.out(`"Succeeded" : ${response.succeeded}\n`);
  for (const { response: one } of response.responses) {
    if (one.case === "responsePut") fieldsPut(one.value, style, output);
    if (one.case === "responseRange") fieldsRange(one.value, style, output);
    if (one.case === "responseDeleteRange") fieldsDelete(one.value, style, output);
    if (one.case === "responseTxn") fieldsTxn(one.value, style, output);
  }
}
