/**
 * Txns that delete and put back many keys, each key guarded by itself: a nested txn for every key, so that one
 * that was changed meanwhile is left alone and the others go on.
 *
 *     delete     if mod_revision = the one that was seen, delete
 *     put back   if create_revision = 0, put
 */
import { create } from "@bufbuild/protobuf";
import {
  type Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  CompareSchema,
  type RequestOp,
  RequestOpSchema,
  type TxnRequest,
  TxnRequestSchema,
  type TxnResponse,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import type { KeyValue } from "../../../src/gen/mvccpb/kv_pb.ts";

/** Half of what etcd allows by default: a nested txn's operations count on top of its parent's. */
export const KEYS_PER_TXN = 64;
/** etcd refuses requests over 1.5 MiB. */
const BYTES_PER_TXN = 1024 * 1024;

export interface SeenKey {
  readonly key: Uint8Array;
  readonly modRevision: number | bigint;
}

export function ifUnchanged(key: Uint8Array, modRevision: number | bigint): Compare {
  return create(CompareSchema, {
    key,
    result: Compare_CompareResult.EQUAL,
    target: Compare_CompareTarget.MOD,
    targetUnion: { case: "modRevision", value: BigInt(modRevision) },
  });
}

export function ifAbsent(key: Uint8Array): Compare {
  return create(CompareSchema, {
    key,
    result: Compare_CompareResult.EQUAL,
    target: Compare_CompareTarget.CREATE,
    targetUnion: { case: "createRevision", value: 0n },
  });
}

export function deleteTxn(keys: readonly SeenKey[]): TxnRequest {
  return eachGuarded(
    keys.map(({ key, modRevision }) => ({
      guard: ifUnchanged(key, modRevision),
      op: create(RequestOpSchema, { request: { case: "requestDeleteRange", value: { key } } }),
    })),
  );
}

/** @param isAlive whether a lease is still there; a key of one that is not is put back without it */
export function putBackTxn(kvs: readonly KeyValue[], isAlive: (lease: bigint) => boolean): TxnRequest {
  return eachGuarded(
    kvs.map(({ key, value, lease }) => ({
      guard: ifAbsent(key),
      op: create(RequestOpSchema, {
        request: { case: "requestPut", value: { key, value, lease: isAlive(lease) ? lease : 0n } },
      }),
    })),
  );
}

function eachGuarded(steps: ReadonlyArray<{ readonly guard: Compare; readonly op: RequestOp }>): TxnRequest {
  const nested = steps.map(({ guard, op }) => create(TxnRequestSchema, { compare: [guard], success: [op] }));
  const [only] = nested;
  if (only !== undefined && nested.length === 1) return only;
  return create(TxnRequestSchema, {
    success: nested.map((value) => create(RequestOpSchema, { request: { case: "requestTxn", value } })),
  });
}

/** Of what `eachGuarded` made, which steps were taken. */
export function taken(request: TxnRequest, response: TxnResponse): readonly boolean[] {
  if (request.compare.length > 0) return [response.succeeded];
  return response.responses.map(({ response: one }) => one.case === "responseTxn" && one.value.succeeded);
}

/** Pieces that fit a txn, by number and by size. */
export function chunks<T>(items: readonly T[], sizeBytes: (item: T) => number): T[][] {
  const made: T[][] = [];
  let filled = 0;
  for (const item of items) {
    const size = sizeBytes(item);
    const last = made.at(-1);
    if (last === undefined || last.length === KEYS_PER_TXN || filled + size > BYTES_PER_TXN) {
      made.push([item]);
      filled = size;
    } else {
      last.push(item);
      filled += size;
    }
  }
  return made;
}
