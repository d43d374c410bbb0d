import { type Event, Event_EventType, type KeyValue } from "../../../src/gen/mvccpb/kv_pb.ts";

export type RowKind = "created" | "updated" | "deleted";

/** One event as a watch keeps it. */
export interface Row {
  /** Counts the events of its watch, from 0 up. */
  readonly sequence: number;
  readonly receivedAtMs: number;
  readonly kind: RowKind;
  readonly revision: number;
  readonly kv: KeyValue;
  /** The pair before it, if the watch asked for it and there was one that is not compacted. */
  readonly previous: KeyValue | undefined;
  /** About what it holds in memory. */
  readonly sizeBytes: number;
}

/** What an event holds besides its keys and values. */
const OVERHEAD_BYTES = 400;

/** Undefined for an event without a pair, which no etcd sends. */
export function rowOf({ type, kv, prevKv }: Event, sequence: number, receivedAtMs: number): Row | undefined {
  if (kv === undefined) return undefined;
  const sizeBytes = OVERHEAD_BYTES + kv.key.length + kv.value.length + (prevKv?.value.length ?? 0);
  const kind = type === Event_EventType.DELETE ? "deleted" : kv.version === 1n ? "created" : "updated";
  return { sequence, receivedAtMs, kind, revision: Number(kv.modRevision), kv, previous: prevKv, sizeBytes };
}

const PREVIEW_BYTES = 160;
const PREVIEW_HEX_BYTES = 32;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The beginning of a value on one line: text with its white space drawn together, or hex. */
export function previewOf(value: Uint8Array): string {
  const text = decoder.decode(value.subarray(0, PREVIEW_BYTES), { stream: value.length > PREVIEW_BYTES });
  // A decoder that streams holds the rest of a cut character back: here it ends.
  if (value.length > PREVIEW_BYTES) decoder.decode();
  const rest = value.length > PREVIEW_BYTES ? "…" : "";
  const line = text.replace(/\s+/g, " ");
  if (!/[\ufffd\p{Cc}]/u.test(line)) return line + rest;
  const hex = Array.from(value.subarray(0, PREVIEW_HEX_BYTES), (byte) => byte.toString(16).padStart(2, "0"));
  return `0x ${hex.join(" ")}${value.length > PREVIEW_HEX_BYTES ? " …" : ""}`;
}

/** `09:41:07.250`, in the reader's time zone. */
export function clockText(atMs: number): string {
  const at = new Date(atMs);
  const two = (number: number): string => String(number).padStart(2, "0");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${time}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}
