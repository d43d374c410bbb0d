/** Protobuf messages put together by hand. */
import { utf8 } from "../../../web/src/store/bytes.ts";

/** A length-delimited field of at most 127 bytes. */
export function field(number: number, value: Uint8Array | string): number[] {
  const bytes = typeof value === "string" ? utf8(value) : value;
  if (bytes.length > 127) throw new Error("longer than this helper can say");
  return [(number << 3) | 2, bytes.length, ...bytes];
}

/** A Kubernetes object as kube-apiserver keeps it. */
export function envelope(apiVersion: string, kind: string, raw: Uint8Array): Uint8Array {
  const typeMeta = Uint8Array.from([...field(1, apiVersion), ...field(2, kind)]);
  return Uint8Array.from([...utf8("k8s\0"), ...field(1, typeMeta), ...field(2, raw)]);
}
