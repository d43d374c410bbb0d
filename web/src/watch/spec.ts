import { create } from "@bufbuild/protobuf";
import { type WatchCreateRequest, WatchCreateRequestSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { equalBytes, prefixEnd, toDisplay } from "../store/bytes.ts";

/** What is watched, and since when. */
export interface WatchSpec {
  readonly key: Uint8Array;
  /** Empty: the one key; `\0`: every key from `key` on. */
  readonly rangeEnd: Uint8Array;
  /** The first revision wanted; left out: changes after now. */
  readonly fromRevision?: number;
  /** Whether events bring the pair before them; yes, if left out. */
  readonly prevKv?: boolean;
  /** A name for the list of watches, in place of the range. */
  readonly label?: string;
}

/** The request that one would send for it oneself. */
export function requestOf({ key, rangeEnd, fromRevision = 0, prevKv = true }: WatchSpec): WatchCreateRequest {
  return create(WatchCreateRequestSchema, { key, rangeEnd, startRevision: BigInt(fromRevision), prevKv });
}

function isEveryKey({ key, rangeEnd }: WatchSpec): boolean {
  return isZero(rangeEnd) && (key.length === 0 || isZero(key));
}

/** Whether the range is that of a prefix. */
function isPrefix({ key, rangeEnd }: WatchSpec): boolean {
  return key.length > 0 && equalBytes(rangeEnd, prefixEnd(key));
}

/** `/a/*`, `/a`, `[/a, /b)`: the range as a person reads it. */
export function rangeText(spec: WatchSpec): string {
  const { key, rangeEnd } = spec;
  if (isEveryKey(spec)) return "all keys";
  if (rangeEnd.length === 0) return toDisplay(key);
  if (isPrefix(spec)) return `${toDisplay(key)}*`;
  return isZero(rangeEnd) ? `[${toDisplay(key)}, …)` : `[${toDisplay(key)}, ${toDisplay(rangeEnd)})`;
}

export function isSameSpec(a: WatchSpec, b: WatchSpec): boolean {
  const prevKv = (a.prevKv ?? true) === (b.prevKv ?? true);
  const range = equalBytes(a.key, b.key) && equalBytes(a.rangeEnd, b.rangeEnd);
  return range && prevKv && a.fromRevision === b.fromRevision && a.label === b.label;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.length === 1 && bytes[0] === 0;
}
