/** Requests and request ops in few words. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  CompareSchema,
  PutRequest,
  RangeRequest,
  RequestOpSchema,
  TxnRequestSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { bytes } from "./show.ts";
import type { Target } from "./target.ts";

/** A message's fields, each optional, enums as any number: also those that etcd does not know. */
export type Fields<M> = { [Name in Exclude<keyof M, "$typeName" | "$unknown">]?: Loose<M[Name]> };
type Loose<T> = T extends number ? number : T;
type Strict<M> = { [Name in Exclude<keyof M, "$typeName" | "$unknown">]?: M[Name] };

export type RequestOpInit = MessageInitShape<typeof RequestOpSchema>;
export type TxnInit = Exclude<MessageInitShape<typeof TxnRequestSchema>, { $typeName: string }>;
export type CompareInit = Exclude<MessageInitShape<typeof CompareSchema>, { $typeName: string }>;
export type RangeInit = Omit<Fields<RangeRequest>, "key" | "rangeEnd">;
type PutInit = Omit<Fields<PutRequest>, "key" | "value">;

/** The two ends of "every key". */
export const EVERYTHING = { key: bytes("\0"), rangeEnd: bytes("\0") };

export function rangeOf(key: string, rangeEnd = "", init: RangeInit = {}): Strict<RangeRequest> {
  return { ...(init as Strict<RangeRequest>), key: bytes(key), rangeEnd: bytes(rangeEnd) };
}

export function putOf(key: string, value: string, init: PutInit = {}): Strict<PutRequest> {
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
  target: number,
  result: number,
  targetUnion?: CompareInit["targetUnion"],
  rangeEnd = "",
): CompareInit {
  return { key: bytes(key), rangeEnd: bytes(rangeEnd), target, result, targetUnion } as CompareInit;
}
