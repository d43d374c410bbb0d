/**
 * Messages by .proto files. protobufjs reads the files; the bytes are read here, by its description of the types:
 * its own decoder writes JavaScript and runs it, which the page's policy forbids.
 *
 * A large library, so this file is only ever imported when it is needed.
 */
import protobuf from "protobufjs";
import { textOf } from "../store/bytes.ts";
import { base64Of } from "./forms.ts";
import type { ProtoSchema } from "./protos.ts";
import { packedValues, type WireField, type WireType, wireFields } from "./wire.ts";

/** @throws Error where a source is not proto, or names what is in none of them */
export function parseProtos(sources: ReadonlyArray<{ readonly name: string; readonly text: string }>): ProtoSchema {
  const root = new protobuf.Root();
  for (const { name, text } of sources) {
    try {
      protobuf.parse(text, root, { keepCase: true });
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  root.resolveAll();
  return {
    files: sources.map(({ name }) => name),
    types: typesOf(root).sort(),
    decode: (type, bytes) => JSON.stringify(messageOf(root.lookupType(type), bytes), undefined, 2),
  };
}

function typesOf(namespace: protobuf.NamespaceBase): string[] {
  return namespace.nestedArray.flatMap((nested) => {
    const own = nested instanceof protobuf.Type ? [nested.fullName.slice(1)] : [];
    return nested instanceof protobuf.Namespace ? [...own, ...typesOf(nested)] : own;
  });
}

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

function messageOf(type: protobuf.Type, bytes: Uint8Array): { [name: string]: Json } {
  const fields = wireFields(bytes);
  if (fields === undefined) throw new Error(`${type.name}: the bytes are no message`);
  const message: { [name: string]: Json } = {};
  for (const wire of fields) {
    const field = type.fieldsById[wire.number];
    if (field === undefined) message[`#${wire.number}`] = unknownOf(wire);
    else addTo(message, field, wire);
  }
  return message;
}

function addTo(message: { [name: string]: Json }, field: protobuf.FieldBase, wire: WireField): void {
  const held = message[field.name];
  if (field instanceof protobuf.MapField) {
    const [name, value] = entryOf(field, wire);
    message[field.name] = { ...(held as { [name: string]: Json } | undefined), [name]: value };
  } else if (field.repeated) {
    message[field.name] = [...((held as Json[] | undefined) ?? []), ...elementsOf(field, wire)];
  } else message[field.name] = jsonOf(field, field.type, wire);
}

function entryOf(field: protobuf.MapField, wire: WireField): [string, Json] {
  const parts = wire.value instanceof Uint8Array ? wireFields(wire.value) : undefined;
  if (parts === undefined) throw mismatch(field, wire);
  const [key, value] = [1, 2].map((number) => parts.findLast((part) => part.number === number));
  const name = key === undefined ? "" : String(jsonOf(field, field.keyType, key));
  return [name, value === undefined ? null : jsonOf(field, field.type, value)];
}

/** One element, or those of a packed list. */
function elementsOf(field: protobuf.FieldBase, wire: WireField): Json[] {
  const wireType = wireTypeOf(field, field.type);
  if (wire.type !== "bytes" || wireType === "bytes") return [jsonOf(field, field.type, wire)];
  const values = packedValues(wire.value as Uint8Array, wireType);
  if (values === undefined) throw mismatch(field, wire);
  return values.map((value) => jsonOf(field, field.type, { number: wire.number, type: wireType, value }));
}

function wireTypeOf(field: protobuf.FieldBase, type: string): WireType {
  if (/^s?fixed64$|^double$/.test(type)) return "fixed64";
  if (/^s?fixed32$|^float$/.test(type)) return "fixed32";
  if (type === "string" || type === "bytes" || field.resolvedType instanceof protobuf.Type) return "bytes";
  return "varint";
}

function jsonOf(field: protobuf.FieldBase, type: string, wire: WireField): Json {
  const isKey = field instanceof protobuf.MapField && type === field.keyType;
  const resolved = isKey ? null : field.resolvedType;
  if (wire.value instanceof Uint8Array) {
    if (resolved instanceof protobuf.Type) return messageOf(resolved, wire.value);
    if (type === "bytes") return base64Of(wire.value);
    const text = type === "string" ? textOf(wire.value) : undefined;
    if (text === undefined) throw mismatch(field, wire);
    return text;
  }
  if (wire.type !== wireTypeOf(field, type)) throw mismatch(field, wire);
  if (resolved instanceof protobuf.Enum) {
    const number = Number(BigInt.asIntN(32, wire.value));
    return resolved.valuesById[number] ?? number;
  }
  return numberOf(type, wire.value);
}

/** As proto JSON has numbers: those of 64 bits as strings. */
function numberOf(type: string, value: bigint): Json {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt.asUintN(64, value), true);
  switch (type) {
    case "bool":
      return value !== 0n;
    case "double":
      return plain(view.getFloat64(0, true));
    case "float":
      return plain(view.getFloat32(0, true));
    case "uint32":
    case "fixed32":
      return Number(BigInt.asUintN(32, value));
    case "int32":
    case "sfixed32":
      return Number(BigInt.asIntN(32, value));
    case "sint32":
      return Number(BigInt.asIntN(32, (value >> 1n) ^ -(value & 1n)));
    case "sint64":
      return String(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)));
    case "uint64":
    case "fixed64":
      return String(BigInt.asUintN(64, value));
    default:
      return String(BigInt.asIntN(64, value));
  }
}

function plain(value: number): Json {
  return Number.isFinite(value) ? value : String(value);
}

/** A field that the type does not have: kept in sight. */
function unknownOf({ value }: WireField): Json {
  return typeof value === "bigint" ? String(value) : (textOf(value) ?? base64Of(value));
}

function mismatch(field: protobuf.FieldBase, wire: WireField): Error {
  return new Error(`field ${field.id} (${field.name}) is ${field.type} in the .proto, and ${wire.type} in the value`);
}
