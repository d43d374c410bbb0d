/**
 * Kubernetes keeps its objects in etcd as protobuf behind a magic prefix, or as JSON:
 *
 *     6b 38 73 00 | runtime.Unknown { typeMeta { apiVersion, kind } = 1, raw = 2, contentEncoding = 3, contentType = 4 }
 *
 * `raw` is the object itself; its first field is its ObjectMeta, whatever its kind.
 */
import { startsWith, textOf } from "../store/bytes.ts";
import { type WireField, wireFields, wireText } from "./wire.ts";

const MAGIC = Uint8Array.of(0x6b, 0x38, 0x73, 0);

export interface KubernetesEnvelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
  readonly contentEncoding: string;
  readonly contentType: string;
}

/** The envelope of a value that has the magic prefix; undefined for any other. */
export function kubernetesEnvelope(bytes: Uint8Array): KubernetesEnvelope | undefined {
  if (!startsWith(bytes, MAGIC)) return undefined;
  const fields = wireFields(bytes.subarray(MAGIC.length));
  const typeMeta = wireFields(bytesOf(fields, 1));
  if (fields === undefined || typeMeta === undefined) return undefined;
  return {
    apiVersion: string(typeMeta, 1),
    kind: string(typeMeta, 2),
    raw: bytesOf(fields, 2),
    contentEncoding: string(fields, 3),
    contentType: string(fields, 4),
  };
}

/** Of a parsed JSON value that is a Kubernetes object, what kind it is. */
export function kubernetesJson(value: unknown): { readonly apiVersion: string; readonly kind: string } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { apiVersion, kind, metadata } = value as Record<string, unknown>;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || typeof metadata !== "object") return undefined;
  return { apiVersion, kind };
}

/** An envelope to read: what its fields are known to be, then the object without its schema. */
export function kubernetesText(envelope: KubernetesEnvelope): string {
  const { apiVersion, kind, raw, contentType } = envelope;
  const lines = [`apiVersion: ${apiVersion}`, `kind: ${kind}`, ...metadataLines(raw)];
  if (contentType !== "") lines.push(`# content type ${contentType}`);
  return `${lines.join("\n")}\n\n# The object (${raw.length} bytes) by field numbers\n${wireText(raw) ?? "# not a message"}`;
}

const STRINGS: ReadonlyArray<readonly [number, string]> = [
  [1, "name"],
  [2, "generateName"],
  [3, "namespace"],
  [5, "uid"],
  [6, "resourceVersion"],
];
const MAPS: ReadonlyArray<readonly [number, string]> = [
  [11, "labels"],
  [12, "annotations"],
];

function metadataLines(raw: Uint8Array): string[] {
  const metadata = wireFields(bytesOf(wireFields(raw), 1));
  if (metadata === undefined || metadata.length === 0) return [];
  const lines = ["metadata:"];
  for (const [number, name] of STRINGS) {
    const value = string(metadata, number);
    if (value !== "") lines.push(`  ${name}: ${value}`);
  }
  for (const [number, name] of MAPS) {
    const entries = metadata.filter((field) => field.number === number).map((field) => entryLine(field));
    if (entries.length > 0) lines.push(`  ${name}:`, ...entries);
  }
  return lines;
}

function entryLine({ value }: WireField): string {
  const entry = typeof value === "bigint" ? undefined : wireFields(value);
  return `    ${string(entry, 1)}: ${JSON.stringify(string(entry, 2))}`;
}

function bytesOf(fields: readonly WireField[] | undefined, number: number): Uint8Array {
  const value = fields?.find((field) => field.number === number)?.value;
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function string(fields: readonly WireField[] | undefined, number: number): string {
  return textOf(bytesOf(fields, number)) ?? "";
}
