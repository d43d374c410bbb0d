/** Every write of the key's page, as the txn that it is: guarded by what the user saw, never a blind put. */
import { create } from "@bufbuild/protobuf";
import {
  type Compare,
  type RequestOp,
  RequestOpSchema,
  type TxnRequest,
  TxnRequestSchema,
  type TxnResponse,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { ifAbsent, ifUnchanged } from "../deletion/txns.ts";
import { equalBytes } from "../store/bytes.ts";
import { type KeyRecord, recordOf } from "./record.ts";

export interface Write {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** 0 for none. */
  readonly lease: bigint;
  /** The version that the write replaces; undefined where there is to be none. */
  readonly base: KeyRecord | undefined;
}

/** Puts the value if the key is still at its base, and reads the key if it is not. */
export function saveTxn({ key, value, lease, base }: Write): TxnRequest {
  return create(TxnRequestSchema, {
    compare: [unchanged(key, base)],
    success: [put(key, value, lease)],
    failure: [read(key)],
  });
}

/** Moves a value to another key: both keys have to be as they were seen. Failed, it reads the new and the old one. */
export function renameTxn(from: KeyRecord, to: Uint8Array): TxnRequest {
  return create(TxnRequestSchema, {
    compare: [ifAbsent(to), ifUnchanged(from.key, from.modRevision)],
    success: [
      put(to, from.value, from.lease),
      create(RequestOpSchema, { request: { case: "requestDeleteRange", value: { key: from.key } } }),
    ],
    failure: [read(to), read(from.key)],
  });
}

function unchanged(key: Uint8Array, base: KeyRecord | undefined): Compare {
  return base === undefined ? ifAbsent(key) : ifUnchanged(key, base.modRevision);
}

function put(key: Uint8Array, value: Uint8Array, lease: bigint): RequestOp {
  return create(RequestOpSchema, { request: { case: "requestPut", value: { key, value, lease } } });
}

function read(key: Uint8Array): RequestOp {
  return create(RequestOpSchema, { request: { case: "requestRange", value: { key } } });
}

export type SaveOutcome =
  | { readonly kind: "saved"; readonly revision: number }
  /** Somebody was there first: `theirs` is undefined where they deleted it. */
  | { readonly kind: "conflict"; readonly theirs: KeyRecord | undefined };

export function saveOutcome(write: Write, response: TxnResponse): SaveOutcome {
  const revision = Number(response.header?.revision ?? 0n);
  if (response.succeeded) return { kind: "saved", revision };
  const [theirs] = readsOf(response);
  // An earlier attempt whose answer was lost on its way, most likely; in any case there is nothing to decide.
  if (theirs !== undefined && theirs.lease === write.lease && equalBytes(theirs.value, write.value)) {
    return { kind: "saved", revision: theirs.modRevision };
  }
  return { kind: "conflict", theirs };
}

/** What the reads of a failed txn found, each where it was asked for. */
export function readsOf(response: TxnResponse): ReadonlyArray<KeyRecord | undefined> {
  return response.responses.map(({ response: one }) => {
    const kv = one.case === "responseRange" ? one.value.kvs[0] : undefined;
    return kv === undefined ? undefined : recordOf(kv);
  });
}
