/**
 * Messages from the JSON that nearly every client sends: each field once, by one of its two names, and nothing that is
 * unknown, null, escaped or oddly written. All who read protobuf's JSON make the same of such a text, and here it takes
 * one pass. Of any other this says only that it is not plain: etcd's gateway then reads it by `decoder.ts`, Connect by
 * protobuf-es, each with its own rules and its own words for what is wrong.
 */
import { type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type Shape, shapesOf } from "../shapes.ts";
import { type Fields, ZeroMessage } from "../zero.ts";
import { PlainNames, PlainText } from "./plain-text.ts";

/** How deep plain messages are nested: less than anyone sets as a limit. */
export const MAX_PLAIN_DEPTH = 8;
/** One bit each; messages with more are not plain. */
const MAX_FIELDS = 31;

const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Undefined for what is not plain. */
type ReadValue = (text: PlainText, depthLeft: number) => unknown;

interface PlainField {
  readonly localName: string;
  /** Of the oneof that it is in. */
  readonly oneofName: string | undefined;
  readonly isList: boolean;
  /** That it was there; the fields of a oneof share one. */
  readonly bit: number;
  readonly read: ReadValue;
}

class PlainShape implements Shape {
  readonly #zero: ZeroMessage;
  readonly #fields = new PlainNames<PlainField>();

  constructor(desc: DescMessage) {
    this.#zero = new ZeroMessage(desc);
  }

  learn(desc: DescMessage): void {
    if (desc.fields.length > MAX_FIELDS || desc.typeName.startsWith("google.protobuf.")) return;
    for (const field of desc.fields) {
      const read = valueReader(field);
      if (read === undefined) continue;
      const { name, jsonName, localName, oneof } = field;
      const bit = 1 << desc.fields.indexOf(oneof?.fields[0] ?? field);
      const plain = { localName, oneofName: oneof?.localName, isList: field.fieldKind === "list", bit, read };
      this.#fields.add(name, plain);
      this.#fields.add(jsonName, plain);
    }
  }

  read(text: PlainText, depthLeft: number): Fields | undefined {
    if (depthLeft === 0 || !text.take(OPEN_OBJECT)) return undefined;
    const message = this.#zero.copy();
    if (text.take(CLOSE_OBJECT)) return message;
    let seen = 0;
    do {
      const field = text.name(this.#fields);
      if (field === undefined || (seen & field.bit) !== 0) return undefined;
      seen |= field.bit;
      const { localName, oneofName } = field;
      const value = field.isList ? listOf(text, field.read, depthLeft) : field.read(text, depthLeft);
      if (value === undefined) return undefined;
      if (oneofName === undefined) message[localName] = value;
      else message[oneofName] = { case: localName, value };
    } while (text.take(COMMA));
    return text.take(CLOSE_OBJECT) ? message : undefined;
  }
}

function listOf(text: PlainText, read: ReadValue, depthLeft: number): unknown[] | undefined {
  if (!text.take(OPEN_LIST)) return undefined;
  const list: unknown[] = [];
  if (text.take(CLOSE_LIST)) return list;
  do {
    const value = read(text, depthLeft);
    if (value === undefined) return undefined;
    list.push(value);
  } while (text.take(COMMA));
  return text.take(CLOSE_LIST) ? list : undefined;
}

/** Undefined for a kind of field such as no request of etcd has. */
function valueReader(field: DescField): ReadValue | undefined {
  if (field.fieldKind === "map") return undefined;
  if (field.message !== undefined) {
    const shape = shapeOf(field.message);
    return (text, depthLeft) => shape.read(text, depthLeft - 1);
  }
  if (field.enum !== undefined) {
    const numbers = new PlainNames<number>();
    for (const { name, number } of field.enum.values) numbers.add(name, number);
    return (text) => text.enumNumber(numbers);
  }
  return SCALARS.get(field.scalar);
}

const SCALARS: ReadonlyMap<ScalarType, ReadValue> = new Map<ScalarType, ReadValue>([
  [ScalarType.BYTES, (text) => text.base64()],
  [ScalarType.STRING, (text) => text.string()],
  [ScalarType.BOOL, (text) => text.bool()],
  [ScalarType.INT32, (text) => text.int32(true)],
  [ScalarType.UINT32, (text) => text.int32(false)],
  [ScalarType.INT64, (text) => text.int64(true)],
  [ScalarType.UINT64, (text) => text.int64(false)],
]);

const shapeOf = shapesOf(PlainShape);

/** The message, if the text is plain and holds nothing behind it. */
export function readPlain(desc: DescMessage, bytes: Uint8Array): Message | undefined {
  const text = new PlainText(bytes);
  const message = shapeOf(desc).read(text, MAX_PLAIN_DEPTH);
  return text.hasEnded ? (message as Message | undefined) : undefined;
}
