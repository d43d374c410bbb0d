/**
 * Messages from bytes, by protobuf-es; but it reads a field by the type it should have, whatever type the bytes
 * say it has, and would take `0a 05`, the beginning of five bytes, for a revision of 5. Bytes that say another
 * type are refused before; etcd passes them over as fields it does not know.
 */
import { type DescField, type DescMessage, fromBinary, type MessageShape, ScalarType } from "@bufbuild/protobuf";
import { DEFAULT_LIMITS } from "../limits.ts";

const VARINT = 0;
const BIT64 = 1;
const LENGTH = 2;
const BIT32 = 5;

/** What the fields of a message may look like, by their numbers. */
interface Shape {
  readonly wireTypes: ReadonlyMap<number, readonly number[]>;
  readonly messages: ReadonlyMap<number, DescMessage>;
}

/** A message in a message in a message, and so on. A txn may be nested as deep as it may have operations. */
export class TooDeepError extends Error {
  override name = "TooDeepError";
}

/**
 * @param maxDepth of messages in messages; a txn in a txn is two
 * @throws TooDeepError, and Error, of no particular text, for bytes that are not such a message
 */
export function decodeMessage<D extends DescMessage>(
  desc: D,
  bytes: Uint8Array,
  maxDepth: number = DEFAULT_LIMITS.maxMessageDepth,
): MessageShape<D> {
  checkShape(desc, bytes, 0, bytes.length, maxDepth);
  return fromBinary(desc, bytes, { readUnknownFields: false, recursionLimit: maxDepth + 1 });
}

function checkShape(desc: DescMessage, bytes: Uint8Array, start: number, end: number, depthLeft: number): void {
  if (depthLeft < 0) throw new TooDeepError("nested too deep, see --max-message-depth");
  const shape = shapeOf(desc);
  const reader = new Reader(bytes, start, end);
  while (reader.at < end) {
    const tag = reader.varint();
    // The numbers of etcd's fields are small; of a larger one the low bits are enough to pass it over.
    const [number, wireType] = [tag >>> 3, tag & 7];
    const allowed = shape.wireTypes.get(number);
    if (number === 0 || (allowed !== undefined && !allowed.includes(wireType))) throw new Error("wrong type");
    const length = reader.skip(wireType);
    const nested = shape.messages.get(number);
    if (nested !== undefined) checkShape(nested, bytes, reader.at - length, reader.at, depthLeft - 1);
  }
}

class Reader {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  /** The low 32 bits of it. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.#end) throw new Error("truncated");
      const byte = this.#bytes[this.at++] as number;
      if (shift < 35) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new Error("a varint of more than ten bytes");
  }

  /** Passes a value over; returns its length, without that of its length. */
  skip(wireType: number): number {
    const before = this.at;
    switch (wireType) {
      case VARINT:
        this.varint();
        return this.at - before;
      case BIT64:
        return this.#advance(8);
      case LENGTH:
        return this.#advance(this.varint());
      case BIT32:
        return this.#advance(4);
      default:
        // Groups, which no message of etcd's has ever had, and types that do not exist.
        throw new Error(`wire type ${wireType}`);
    }
  }

  #advance(length: number): number {
    if (length > this.#end - this.at) throw new Error("truncated");
    this.at += length;
    return length;
  }
}

const shapes = new WeakMap<DescMessage, Shape>();

function shapeOf(desc: DescMessage): Shape {
  let shape = shapes.get(desc);
  if (shape === undefined) {
    const messages = desc.fields.filter((field) => field.message !== undefined && field.fieldKind !== "map");
    shape = {
      wireTypes: new Map(desc.fields.map((field) => [field.number, wireTypesOf(field)])),
      messages: new Map(messages.map((field) => [field.number, field.message as DescMessage])),
    };
    shapes.set(desc, shape);
  }
  return shape;
}

function wireTypesOf(field: DescField): readonly number[] {
  if (field.fieldKind === "map" || field.message !== undefined) return [LENGTH];
  const single = field.enum !== undefined ? VARINT : scalarWireType(field.scalar as ScalarType);
  // A list of numbers may come packed or not, whatever its declaration says.
  return field.fieldKind === "list" ? [single, LENGTH] : [single];
}

function scalarWireType(type: ScalarType): number {
  switch (type) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return LENGTH;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return BIT64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return BIT32;
    default:
      return VARINT;
  }
}
