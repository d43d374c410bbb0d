/** How each kind of field is read, its wire type looked at: the other half of `decoder.ts`. */
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Fields } from "../../../rpc/index.ts";
import { Wire, type WireReader } from "./wire-reader.ts";

/** Reads one occurrence of a field into a message. */
export type FieldReader = (message: Fields, reader: WireReader, wireType: number, depthLeft: number) => void;
/** Reads a message, or adds to one that there is. */
type MessageReader = (before: unknown, reader: WireReader, depthLeft: number) => unknown;
type ValueReader = (reader: WireReader) => unknown;

interface Kind {
  readonly wireType: number;
  readonly read: ValueReader;
}

const SCALARS: ReadonlyMap<ScalarType, Kind> = new Map([
  [ScalarType.BOOL, { wireType: Wire.VARINT, read: (reader: WireReader) => reader.bool() }],
  [ScalarType.INT32, { wireType: Wire.VARINT, read: (reader: WireReader) => reader.varint32() | 0 }],
  [ScalarType.UINT32, { wireType: Wire.VARINT, read: (reader: WireReader) => reader.varint32() }],
  [ScalarType.INT64, { wireType: Wire.VARINT, read: (reader: WireReader) => reader.int64() }],
  [ScalarType.UINT64, { wireType: Wire.VARINT, read: (reader: WireReader) => reader.uint64() }],
  [ScalarType.BYTES, { wireType: Wire.LENGTH, read: (reader: WireReader) => reader.bytes() }],
  [ScalarType.STRING, { wireType: Wire.LENGTH, read: (reader: WireReader) => reader.string() }],
]);

/**
 * @param messageReader for a field that holds messages
 * @throws Error for a kind of field that no request of etcd has
 */
export function fieldReader(field: DescField, messageReader: (desc: DescMessage) => MessageReader): FieldReader {
  if (field.message !== undefined && field.fieldKind !== "map") {
    return readerOfMessages(field, messageReader(field.message));
  }
  const isEnum = field.enum !== undefined && field.fieldKind !== "map";
  const kind =
    field.fieldKind === "map" ? undefined : SCALARS.get(isEnum ? ScalarType.INT32 : (field.scalar as ScalarType));
  if (kind === undefined) throw new Error(`${field} is of a kind that is not read`);
  return field.fieldKind === "list" ? readerOfList(field, kind) : readerOfValue(field, kind);
}

function readerOfMessages({ localName, fieldKind, oneof }: DescField, readMessage: MessageReader): FieldReader {
  if (fieldKind === "list") {
    return (message, reader, wireType, depthLeft) => {
      expectType(wireType, Wire.LENGTH);
      (message[localName] as unknown[]).push(readMessage(undefined, reader, depthLeft));
    };
  }
  if (oneof !== undefined) {
    const group = oneof.localName;
    return (message, reader, wireType, depthLeft) => {
      expectType(wireType, Wire.LENGTH);
      const chosen = message[group] as { readonly case?: string; readonly value?: unknown };
      const before = chosen.case === localName ? chosen.value : undefined;
      message[group] = { case: localName, value: readMessage(before, reader, depthLeft) };
    };
  }
  return (message, reader, wireType, depthLeft) => {
    expectType(wireType, Wire.LENGTH);
    message[localName] = readMessage(message[localName], reader, depthLeft);
  };
}

function readerOfValue({ localName, oneof }: DescField, { wireType: expected, read }: Kind): FieldReader {
  if (oneof !== undefined) {
    const group = oneof.localName;
    return (message, reader, wireType) => {
      expectType(wireType, expected);
      message[group] = { case: localName, value: read(reader) };
    };
  }
  return (message, reader, wireType) => {
    expectType(wireType, expected);
    message[localName] = read(reader);
  };
}

/** A list of numbers may come packed or not, whatever its declaration says. */
function readerOfList({ localName }: DescField, { wireType: expected, read }: Kind): FieldReader {
  return (message, reader, wireType) => {
    const list = message[localName] as unknown[];
    if (wireType === expected) {
      list.push(read(reader));
      return;
    }
    expectType(wireType, Wire.LENGTH);
    const { end } = reader;
    reader.enter();
    while (reader.at < reader.end) list.push(read(reader));
    reader.end = end;
  };
}

function expectType(wireType: number, expected: number): void {
  if (wireType !== expected) throw new Error("wrong type");
}
