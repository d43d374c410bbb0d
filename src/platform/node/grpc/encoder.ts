/**
 * Messages to frames, for the kinds of fields etcd's replies are made of. protobuf-es builds two arrays for
 * each message it writes, a fifth of what a small Put costs in all; here there is one scratch buffer for all
 * messages, filled from its end to its start, so that a length is known when it is to be written:
 *
 *     scratch  [ ............... │ prefix │ tag len │ tag len │ field ]
 *                                 ◄───────────────────── written from here
 */
import { type DescField, type DescMessage, type Message, ScalarType, toBinary } from "@bufbuild/protobuf";
import { encodeFrame, PREFIX_BYTES } from "./frames.ts";

/** A frame as it goes out: the five bytes of prefix and the message. */
export type FrameEncoder = (message: Message) => Uint8Array;

const FIRST_SCRATCH_BYTES = 64 * 1024;
/** What one huge reply made of the scratch buffer is given back. */
const MAX_KEPT_SCRATCH_BYTES = 4 * 1024 * 1024;
const MAX_VARINT_BYTES = 10;

class Scratch {
  #bytes = Buffer.alloc(FIRST_SCRATCH_BYTES);
  /** Where the last thing written begins. */
  at = FIRST_SCRATCH_BYTES;

  reset(): void {
    if (this.#bytes.length > MAX_KEPT_SCRATCH_BYTES) this.#bytes = Buffer.alloc(FIRST_SCRATCH_BYTES);
    this.at = this.#bytes.length;
  }

  /** A number below 2^32. */
  varint32(value: number): void {
    this.#room(MAX_VARINT_BYTES);
    const bytes = this.#bytes;
    if (value < 0x80) {
      bytes[--this.at] = value;
      return;
    }
    let length = 2;
    for (let rest = value >>> 14; rest > 0; rest >>>= 7) length++;
    this.at -= length;
    let at = this.at;
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
    bytes[at] = rest;
  }

  varint64(value: bigint): void {
    if (value >= 0n && value <= 0xffff_ffffn) {
      this.varint32(Number(value));
      return;
    }
    this.#room(MAX_VARINT_BYTES);
    let low = Number(BigInt.asUintN(32, value));
    let high = Number(BigInt.asUintN(32, value >> 32n));
    const groups: number[] = SEVENS;
    let length = 0;
    while (high > 0 || low > 0x7f) {
      groups[length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    groups[length++] = low;
    this.at -= length;
    for (let i = 0; i < length; i++) this.#bytes[this.at + i] = groups[i] as number;
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.at -= value.length;
    this.#bytes.set(value, this.at);
  }

  string(value: string): void {
    const length = Buffer.byteLength(value);
    this.#room(length);
    this.at -= length;
    this.#bytes.write(value, this.at, length, "utf8");
  }

  /** How many bytes have been written since `reset`, and where `end` counts from. */
  get length(): number {
    return this.#bytes.length - this.at;
  }

  frame(): Uint8Array {
    const { length } = this;
    this.#room(PREFIX_BYTES);
    this.at -= PREFIX_BYTES;
    this.#bytes[this.at] = 0;
    this.#bytes.writeUInt32BE(length, this.at + 1);
    const frame = Buffer.allocUnsafe(PREFIX_BYTES + length);
    this.#bytes.copy(frame, 0, this.at);
    return frame;
  }

  #room(length: number): void {
    if (length <= this.at) return;
    const written = this.#bytes.subarray(this.at);
    const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, written.length + length));
    grown.set(written, grown.length - written.length);
    this.#bytes = grown;
    this.at = grown.length - written.length;
  }
}

const SEVENS: number[] = new Array(MAX_VARINT_BYTES).fill(0);

/** Writes one value, tag included; a field writer writes what a message has in one field. */
type ValueWriter = (out: Scratch, value: unknown) => void;
type FieldWriter = (out: Scratch, message: Record<string, unknown>) => void;

const WIRE_VARINT = 0;
const WIRE_LENGTH = 2;

/** Undefined for kinds of fields no reply of etcd has. */
function valueWriter(field: DescField, seen: Map<DescMessage, FieldWriter[]>): ValueWriter | undefined {
  const tag = (wire: number): number => ((field.number << 3) | wire) >>> 0;
  if (field.message !== undefined && field.fieldKind !== "map") {
    const fields = fieldWriters(field.message, seen);
    const lengthTag = tag(WIRE_LENGTH);
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
  const fields = fieldWriters(desc, new Map());
  if (fields === undefined) return (message) => encodeFrame(toBinary(desc, message));
  return (message) => {
    scratch.reset();
    writeFields(scratch, fields, message as unknown as Record<string, unknown>);
    return scratch.frame();
  };
}
