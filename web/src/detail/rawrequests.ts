/** The requests that the Raw tab writes out for a key. */
import { create, type Message } from "@bufbuild/protobuf";
import {
  DeleteRangeRequestSchema,
  PutRequestSchema,
  type RangeRequest,
  RangeRequestSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { WatchCreateRequestSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import type { KeyRecord } from "./record.ts";
import { saveTxn } from "./txns.ts";

export const RAW_KINDS = ["get", "put", "save", "delete", "watch"] as const;
export type RawKind = (typeof RAW_KINDS)[number];

export const RAW_LABELS: Record<RawKind, string> = {
  get: "Get this key",
  put: "Put this value",
  save: "Put it if unchanged (txn)",
  delete: "Delete this key",
  watch: "Watch this key",
};

/** A larger value is too much for a command line. */
const MAX_VALUE = 64 * 1024;

/** The kinds that make sense for a key as it is. */
export function rawKinds(record: KeyRecord | undefined): readonly RawKind[] {
  const hasValue = record !== undefined && record.value.length <= MAX_VALUE;
  return RAW_KINDS.filter((kind) => hasValue || (kind !== "put" && kind !== "save"));
}

export function getRequest(key: Uint8Array, revision: number | undefined): RangeRequest {
  return create(RangeRequestSchema, { key, revision: BigInt(revision ?? 0) });
}

/** A request and its method's full name. */
export function rawRequest(
  kind: RawKind,
  key: Uint8Array,
  record: KeyRecord | undefined,
  revision: number | undefined,
): { readonly method: string; readonly request: Message } {
  const value = record?.value ?? new Uint8Array();
  const lease = record?.lease ?? 0n;
  switch (kind) {
    case "get":
      return { method: "etcdserverpb.KV/Range", request: getRequest(key, revision) };
    case "put":
      return { method: "etcdserverpb.KV/Put", request: create(PutRequestSchema, { key, value, lease }) };
    case "save":
      return { method: "etcdserverpb.KV/Txn", request: saveTxn({ key, value, lease, base: record }) };
    case "delete":
      return {
        method: "etcdserverpb.KV/DeleteRange",
        request: create(DeleteRangeRequestSchema, { key, prevKv: true }),
      };
    case "watch":
      return {
        method: "etcdlite.v1.Watch/Watch",
        request: create(WatchCreateRequestSchema, { key, prevKv: true, startRevision: BigInt(revision ?? 0) }),
      };
  }
}
