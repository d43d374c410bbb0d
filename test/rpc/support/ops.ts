/** Requests and request ops in few words. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  Compare_CompareResult,
  Compare_CompareTarget,
  CompareSchema,
  RangeRequestSchema,
  RequestOpSchema,
  TxnRequestSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import type { PutRequestSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { bytes } from "./show.ts";
import type { Target } from "./target.ts";

export type RequestOpInit = MessageInitShape<typeof RequestOpSchema>;
export type TxnInit = MessageInitShape<typeof TxnRequestSchema>;
export type CompareInit = MessageInitShape<typeof CompareSchema>;
export type RangeInit = Omit<MessageInitShape<typeof RangeRequestSchema>, "key" | "rangeEnd">;
type PutInit = Omit<MessageInitShape<typeof PutRequestSchema>, "key" | "value">;

/** The two ends of "every key". */
export const EVERYTHING = { key: bytes("\0"), rangeEnd: bytes("\0") };

export function rangeOf(key: string, rangeEnd = "", init: RangeInit = {}) {
  return { ...init, key: bytes(key), rangeEnd: bytes(rangeEnd) };
}

export function putOf(key: string, value: string, init: PutInit = {}) {
  return { ...init, key: bytes(key), value: bytes(value) };
}

/** Puts `key=value` pairs one after the other: a revision each. */
export async function putAll(target: Target, ...pairs: string[]): Promise<void> {
  for (const pair of pairs) {
    const [key = "", value = ""] = pair.split("=");
    await target.kv.put(putOf(key, value));
  }
}

export function put(key: string, value: string, init: PutInit = {}): RequestOpInit {
  return { request: { case: "requestPut", value: putOf(key, value, init) } };
}

export function get(key: string, rangeEnd = "", init: RangeInit = {}): RequestOpInit {
  return { request: { case: "requestRange", value: rangeOf(key, rangeEnd, init) } };
}

export function del(key: string, rangeEnd = "", prevKv = false): RequestOpInit {
  return { request: { case: "requestDeleteRange", value: { key: bytes(key), rangeEnd: bytes(rangeEnd), prevKv } } };
}

/** A nested txn. */
export function txn(value: TxnInit): RequestOpInit {
  return { request: { case: "requestTxn", value } };
}

/** A child that takes its success branch. */
export function child(...success: RequestOpInit[]): RequestOpInit {
  return txn({ success });
}

/** A compare with the union that its target needs, or another one, or none. */
export function compare(
  key: string,
  target: Compare_CompareTarget | number,
  result: Compare_CompareResult | number,
  targetUnion?: CompareInit["targetUnion"],
  rangeEnd = "",
): CompareInit {
  return {
    key: bytes(key),
    rangeEnd: bytes(rangeEnd),
    target: target as Compare_CompareTarget,
    result: result as Compare_CompareResult,
    targetUnion,
  };
}
