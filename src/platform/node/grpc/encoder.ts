/**
 * Messages to frames, for the kinds of fields etcd's replies are made of. protobuf-es builds two arrays for
 * each message it writes, a fifth of what a small Put costs in all; here all are written into one scratch buffer,
 * from its end to its start.
 */
import { type DescField, type DescMessage, type Message, ScalarType, toBinary } from "@bufbuild/protobuf";
import type { FrameBatch } from "./frame-batch.ts";
import { HOT_MESSAGES } from "./hot-messages.ts";
import { Scratch } from "./scratch.ts";

/** A frame is a message as it goes out, behind five bytes of prefix. */
export interface FrameEncoder {
  /** The frame of a message, in a buffer of its own. */
  frame(message: Message): Uint8Array;
  /** Adds it to others; returns its size. */
  append(message: Message, batch: FrameBatch): number;
}

/** Writes one value, tag included; a field writer writes what a message has in one field. */
type ValueWriter = (out: Scratch, value: unknown) => void;
type FieldWriter = (out: Scratch, message: Record<string, unknown>) => void;

const WIRE_VARINT = 0;
const WIRE_LENGTH = 2;

/** Undefined for kinds of fields no reply of etcd has. */
function valueWriter(field: DescField, seen: Map<DescMessage, FieldWriter[]>): ValueWriter | undefined {
  const tag = (wire: number): number => ((field.number << 3) | wire) >>> 0;
  if (field.message !== undefined && field.fieldKind !== "map") {
    const lengthTag = tag(WIRE_LENGTH);
    const hot = HOT_MESSAGES.get(field.message.typeName);
    if (hot !== undefined) return (out, value) => writeHot(out, hot, value, lengthTag);
    const fields = fieldWriters(field.message, seen);
    return fields && ((out, value) => writeMessage(out, fields, value as Record<string, unknown>, lengthTag));
  }
  const isEnum = field.enum !== undefined && field.fieldKind !== "map";
  switch (isEnum ? ScalarType.INT32 : field.scalar) {
    case ScalarType.BOOL:
    case ScalarType.UINT32:
      return tagged(tag(WIRE_VARINT), (out, value) => out.varint32(Number(value)));
    case ScalarType.INT32:
      return tagged(tag(WIRE_VARINT), (out, value) =>
        (value as number) < 0 ? out.varint64(BigInt(value as number)) : out.varint32(value as number),
      );
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return tagged(tag(WIRE_VARINT), (out, value) => out.varint64(value as bigint));
    case ScalarType.BYTES:
      return tagged(tag(WIRE_LENGTH), (out, value) => {
        out.bytes(value as Uint8Array);
        out.varint32((value as Uint8Array).length);
      });
    case ScalarType.STRING:
      return tagged(tag(WIRE_LENGTH), (out, value) => {
        const before = out.length;
        out.string(value as string);
        out.varint32(out.length - before);
      });
    default:
      return undefined;
  }
}

function tagged(tag: number, write: ValueWriter): ValueWriter {
  return (out, value) => {
    write(out, value);
    out.varint32(tag);
  };
}

function writeFields(out: Scratch, fields: FieldWriter[], message: Record<string, unknown>): void {
  for (let i = fields.length - 1; i >= 0; i--) (fields[i] as FieldWriter)(out, message);
}

function writeMessage(out: Scratch, fields: FieldWriter[], message: Record<string, unknown>, tag: number): void {
  const before = out.length;
  writeFields(out, fields, message);
  out.varint32(out.length - before);
  out.varint32(tag);
}

function writeHot(out: Scratch, write: ValueWriter, value: unknown, tag: number): void {
  const before = out.length;
  write(out, value);
  out.varint32(out.length - before);
  out.varint32(tag);
}

function fieldWriter(field: DescField, seen: Map<DescMessage, FieldWriter[]>): FieldWriter | undefined {
  const write = valueWriter(field, seen);
  if (write === undefined) return undefined;
  const name = field.localName;
  if (field.oneof !== undefined) {
    const group = field.oneof.localName;
    return (out, message) => {
      const chosen = message[group] as { case?: string; value?: unknown };
      if (chosen.case === name) write(out, chosen.value);
    };
  }
  if (field.fieldKind === "list") {
    // Numbers in lists are packed; no reply of etcd has any.
    const isPacked = field.scalar !== ScalarType.STRING && field.scalar !== ScalarType.BYTES;
    if (field.message === undefined && isPacked) return undefined;
    return (out, message) => {
      const values = message[name] as unknown[];
      for (let i = values.length - 1; i >= 0; i--) write(out, values[i]);
    };
  }
  if (field.fieldKind === "message") {
    return (out, message) => {
      const value = message[name];
      if (value !== undefined) write(out, value);
    };
  }
  if (field.presence !== IMPLICIT_PRESENCE) return undefined;
  if (field.scalar === ScalarType.BYTES) {
    return (out, message) => {
      if ((message[name] as Uint8Array).length > 0) write(out, message[name]);
    };
  }
  return (out, message) => {
    const value = message[name];
    if (value !== 0 && value !== 0n && value !== false && value !== "") write(out, value);
  };
}

/** proto3's presence: a field at its default is left out. */
const IMPLICIT_PRESENCE = 2;

function fieldWriters(desc: DescMessage, seen: Map<DescMessage, FieldWriter[]>): FieldWriter[] | undefined {
  const known = seen.get(desc);
  if (known !== undefined) return known;
  const writers: FieldWriter[] = [];
  // Before its fields, for messages that contain themselves.
  seen.set(desc, writers);
  for (const field of [...desc.fields].sort((a, b) => a.number - b.number)) {
    const writer = fieldWriter(field, seen);
    if (writer === undefined) return undefined;
    writers.push(writer);
  }
  return writers;
}

const scratch = new Scratch();

/** The encoder of a message type: ours where it can, else protobuf-es. */
export function frameEncoder(desc: DescMessage): FrameEncoder {
  const write = messageWriter(desc);
  const written = (message: Message): Scratch => {
    scratch.reset();
    write(scratch, message);
    return scratch;
  };
  return {
    frame(message) {
      const { frameBytes } = written(message);
      const frame = Buffer.allocUnsafe(frameBytes);
      scratch.copyFrame(frame, 0);
      return frame;
    },
    append(message, batch) {
      batch.add(written(message));
      return scratch.frameBytes;
    },
  };
}

function messageWriter(desc: DescMessage): ValueWriter {
  const hot = HOT_MESSAGES.get(desc.typeName);
  if (hot !== undefined) return hot;
  const fields = fieldWriters(desc, new Map());
  if (fields === undefined) return (out, message) => out.bytes(toBinary(desc, message as Message));
  return (out, message) => writeFields(out, fields, message as Record<string, unknown>);
}
