/** Protobuf's wire format read without a schema: what is known of a message whose type is not. */
import { textOf, toDisplay } from "../store/bytes.ts";

export type WireType = "varint" | "fixed64" | "bytes" | "fixed32";

export interface WireField {
  readonly number: number;
  /** Of the type `bytes` the bytes; else the number, unsigned. */
  readonly value: bigint | Uint8Array;
  readonly type: WireType;
}

/** The fields of a message, in their order; undefined where the bytes are none. */
export function wireFields(bytes: Uint8Array): readonly WireField[] | undefined {
  const fields: WireField[] = [];
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const tag = varint(reader);
    if (tag === undefined) return undefined;
    const field = wireField(reader, Number(tag >> 3n), Number(tag & 7n));
    if (field === undefined) return undefined;
    fields.push(field);
  }
  return fields;
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

function wireField(reader: Reader, number: number, wireType: number): WireField | undefined {
  if (number === 0 || number > 0x1fff_ffff) return undefined;
  if (wireType === 0) {
    const value = varint(reader);
    return value === undefined ? undefined : { number, value, type: "varint" };
  }
  if (wireType === 2) {
    const size = varint(reader);
    const value = size === undefined ? undefined : take(reader, Number(size));
    return value === undefined ? undefined : { number, value, type: "bytes" };
  }
  if (wireType !== 1 && wireType !== 5) return undefined;
  const type = wireType === 1 ? "fixed64" : "fixed32";
  const value = fixed(reader, type);
  return value === undefined ? undefined : { number, value, type };
}

/** The numbers of a packed list; undefined where the bytes are none. */
export function packedValues(bytes: Uint8Array, type: Exclude<WireType, "bytes">): bigint[] | undefined {
  const values: bigint[] = [];
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const value = type === "varint" ? varint(reader) : fixed(reader, type);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function fixed(reader: Reader, type: "fixed64" | "fixed32"): bigint | undefined {
  const part = take(reader, type === "fixed64" ? 8 : 4);
  if (part === undefined) return undefined;
  let value = 0n;
  for (const [at, byte] of part.entries()) value |= BigInt(byte) << BigInt(8 * at);
  return value;
}

function varint(reader: Reader): bigint | undefined {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return undefined;
}

function take(reader: Reader, size: number): Uint8Array | undefined {
  if (reader.at + size > reader.bytes.length) return undefined;
  reader.at += size;
  return reader.bytes.subarray(reader.at - size, reader.at);
}

const MAX_DEPTH = 32;

/** The fields as `protoc --decode_raw` writes them. */
export function wireText(bytes: Uint8Array, indent = ""): string | undefined {
  const fields = wireFields(bytes);
  if (fields === undefined) return undefined;
  return fields.map((field) => `${indent}${fieldText(field, indent)}\n`).join("");
}

function fieldText({ number, value }: WireField, indent: string): string {
  if (typeof value === "bigint") return `${number}: ${value}`;
  const text = textOf(value);
  // Text first: most short texts are messages by chance.
  if (text !== undefined && /^[\P{Cc}\n\t]*$/u.test(text)) return `${number}: ${JSON.stringify(text)}`;
  const inner = indent.length < 2 * MAX_DEPTH ? wireText(value, `${indent}  `) : undefined;
  return inner === undefined ? `${number}: "${toDisplay(value)}"` : `${number} {\n${inner}${indent}}`;
}
