import type { KeyValue } from "../../../src/gen/mvccpb/kv_pb.ts";

/** One version of a key, as the page holds it: revisions are numbers. */
export interface KeyRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  /** 0 for none. */
  readonly lease: bigint;
}

export function recordOf(kv: KeyValue): KeyRecord {
  return {
    key: kv.key,
    value: kv.value,
    createRevision: Number(kv.createRevision),
    modRevision: Number(kv.modRevision),
    version: Number(kv.version),
    lease: kv.lease,
  };
}

/** A lease's ID as etcdctl writes it: 16 hex digits. */
export function leaseText(lease: bigint): string {
  return BigInt.asUintN(64, lease).toString(16).padStart(16, "0");
}
