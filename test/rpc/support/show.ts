/** Short forms of messages and errors, for expectations that can be read. */
import { ConnectError } from "@connectrpc/connect";
import { expect } from "vitest";
import { EtcdError, Status } from "../../../src/errors.ts";
import type { RangeResponse, ResponseOp } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import type { WatchResponse } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { type Event, Event_EventType, type KeyValue } from "../../../src/gen/mvccpb/kv_pb.ts";

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** One character a byte, those that cannot be printed as \xNN. */
export function text(value: Uint8Array): string {
  let shown = "";
  for (const byte of value) {
    shown += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return shown;
}

/** `key=value create/mod/version`, and `/lease` where there is one. */
export function kv(pair: KeyValue): string {
  const lease = pair.lease === 0n ? "" : `/${pair.lease}`;
  return `${text(pair.key)}=${text(pair.value)} ${pair.createRevision}/${pair.modRevision}/${pair.version}${lease}`;
}

export function kvs(response: Pick<RangeResponse, "kvs">): string[] {
  return response.kvs.map(kv);
}

/** The keys alone, in the reply's order. */
export function keys(response: Pick<RangeResponse, "kvs">): string[] {
  return response.kvs.map((pair) => text(pair.key));
}

/** `PUT key=value …` or `DELETE key@revision`, and the previous pair in brackets. */
export function event(message: Event): string {
  const pair = message.kv;
  if (pair === undefined) return "no kv";
  const bare = text(pair.value) === "" && pair.createRevision === 0n && pair.version === 0n && pair.lease === 0n;
  const deleted = bare ? `${text(pair.key)}@${pair.modRevision}` : `unexpected ${kv(pair)}`;
  const shown = message.type === Event_EventType.DELETE ? `DELETE ${deleted}` : `PUT ${kv(pair)}`;
  return message.prevKv === undefined ? shown : `${shown} [${kv(message.prevKv)}]`;
}

export function events(response: WatchResponse): string[] {
  return response.events.map(event);
}

/** A txn's replies, one line each; the sub-header must carry the revision and nothing else. */
export function op(response: ResponseOp): string {
  const union = response.response;
  if (union.case === undefined) return "none";
  const header = union.value.header;
  const extra = [header?.clusterId, header?.memberId, header?.raftTerm].some((field) => field !== 0n);
  const at = extra ? "unexpected header" : `@${header?.revision}`;
  switch (union.case) {
    case "responseRange":
      return `range${at} ${kvs(union.value).join(", ")} count=${union.value.count}${union.value.more ? " more" : ""}`;
    case "responsePut":
      return `put${at}${union.value.prevKv === undefined ? "" : ` [${kv(union.value.prevKv)}]`}`;
    case "responseDeleteRange":
      return `delete${at} ${union.value.deleted} [${union.value.prevKvs.map(kv).join(", ")}]`;
    case "responseTxn":
      return `txn${at} ${union.value.succeeded} {${union.value.responses.map(op).join("; ")}}`;
  }
}

/** The names of etcd's errors as tests write them: a status and the whole message. */
export async function expectError(call: Promise<unknown>, status: keyof typeof Status, message: string): Promise<void> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => statusAndMessage(error),
  );
  expect(outcome).toEqual({ status, message });
}

function statusAndMessage(error: unknown) {
  if (error instanceof EtcdError) return { status: nameOf(error.status), message: error.message };
  if (error instanceof ConnectError) return { status: nameOf(error.code), message: error.rawMessage };
  throw error;
}

function nameOf(status: number): string | undefined {
  return Object.entries(Status).find(([, number]) => number === status)?.[0];
}
