import { type Event, Event_EventType } from "../../../../src/gen/mvccpb/kv_pb.ts";
import type { KeyInfo } from "./source.ts";

/** A change of a key, without its value. */
export interface KeyChange {
  readonly type: "put" | "delete";
  /** Of a deletion only the key and the revision mean something. */
  readonly info: KeyInfo;
}

export function changeOf({ type, kv }: Event): KeyChange | undefined {
  if (kv === undefined) return undefined;
  const { key, createRevision, modRevision, version, lease, value } = kv;
  return {
    type: type === Event_EventType.DELETE ? "delete" : "put",
    info: {
      key,
      createRevision: Number(createRevision),
      modRevision: Number(modRevision),
      version: Number(version),
      lease,
      sizeBytes: value.length,
    },
  };
}

/** By how many keys the store grew. */
export function growthOf({ type, info }: KeyChange): number {
  if (type === "delete") return -1;
  return info.createRevision === info.modRevision ? 1 : 0;
}
