/**
 * Messages to JSON, by their descriptors: fields at their default left out, int64 as strings, bytes in base64, enums
 * by name. In two styles: as Go's protojson writes them for etcd's gateway, names as in the .proto and fields in the
 * order of their declaration, without the blanks that it puts in or not by chance; and as protobuf-es does for Connect.
 */
import { type DescEnum, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { JsonWriter } from "./writer.ts";

type WriteValue = (writer: JsonWriter, value: unknown) => void;
interface FieldWriter {
  /** Its name, quoted, and the colon. */
  readonly prefix: string;
  /** Undefined where the field is at its default. */
  readonly valueOf: (message: Record<string, unknown>) => unknown;
  readonly write: WriteValue;
}

const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** What fields are called, and how they are ordered. */
class Style {
  readonly #nameOf: (field: DescField) => string;
  readonly #fieldsOf: (desc: DescMessage) => readonly DescField[];
  readonly #writers = new WeakMap<DescMessage, readonly FieldWriter[]>();

  constructor(nameOf: (field: DescField) => string, fieldsOf: (desc: DescMessage) => readonly DescField[]) {
    this.#nameOf = nameOf;
    this.#fieldsOf = fieldsOf;
  }

  writersOf(desc: DescMessage): readonly FieldWriter[] {
    let found = this.#writers.get(desc);
    if (found === undefined) {
      found = this.#fieldsOf(desc).map((field) => fieldWriter(field, `"${this.#nameOf(field)}":`, this));
      this.#writers.set(desc, found);
    }
    return found;
  }
}

const GATEWAY = new Style(
  ({ name }) => name,
  ({ fields }) => fields,
);
const CONNECT = new Style(
  ({ jsonName }) => jsonName,
  ({ fields }) => [...fields].sort((a, b) => a.number - b.number),
);
const writer = new JsonWriter();

/** What a unary method of the gateway answers. */
export function encodeJson(desc: DescMessage, message: Message): Uint8Array {
  return writer.collect(false, () => writeMessage(GATEWAY, desc, message));
}

/**
 * What writes messages as Connect has them: the same bytes as protobuf-es, in a third of the time. Undefined for
 * messages with fields such as none of etcd's has.
 */
export function connectJsonEncoder(desc: DescMessage): ((message: Message) => Uint8Array) | undefined {
  if (!isWritable(desc, new Set())) return undefined;
  return (message) => writer.collect(false, () => writeMessage(CONNECT, desc, message));
}

function isWritable(desc: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(desc)) return true;
  seen.add(desc);
  // Those have a JSON of their own.
  if (desc.typeName.startsWith("google.protobuf.")) return false;
  return desc.fields.every((field) => {
    if (field.fieldKind === "map") return false;
    if (field.message !== undefined) return isWritable(field.message, seen);
    // What is there although it is at its default.
    const isOptional = field.fieldKind !== "list" && field.oneof === undefined && field.presence !== IMPLICIT_PRESENCE;
    return !isOptional && (field.enum !== undefined || WRITABLE.has(field.scalar));
  });
}

const IMPLICIT_PRESENCE = 2;
const WRITABLE: ReadonlySet<ScalarType | undefined> = new Set([
  ...[ScalarType.BYTES, ScalarType.STRING, ScalarType.BOOL, ScalarType.INT32, ScalarType.UINT32],
  ...[ScalarType.INT64, ScalarType.UINT64],
]);

/** One message of a stream, a line of its own. */
export function encodeResultLine(desc: DescMessage, message: Message): Uint8Array {
  return writer.collect(true, () => {
    writer.ascii('{"result":');
    writeMessage(GATEWAY, desc, message);
    writer.ascii("}\n");
  });
}

/** google.rpc.Status, as a body of its own. */
export function encodeStatus(code: number, message: string): Uint8Array {
  return writer.collect(false, () => writeStatus(code, message));
}

/** The last line of a stream that failed. */
export function encodeErrorLine(code: number, message: string): Uint8Array {
  return writer.collect(true, () => {
    writer.ascii('{"error":');
    writeStatus(code, message);
    writer.ascii("}\n");
  });
}

function writeStatus(code: number, message: string): void {
  writer.ascii(`{"code":${code}`);
  if (message !== "") {
    writer.ascii(',"message":');
    writer.string(message);
  }
  writer.byte(CLOSE_OBJECT);
}

function writeMessage(style: Style, desc: DescMessage, message: unknown): void {
  let separator = OPEN_OBJECT;
  for (const field of style.writersOf(desc)) {
    const value = field.valueOf(message as Record<string, unknown>);
    if (value === undefined) continue;
    writer.byte(separator);
    writer.ascii(field.prefix);
    field.write(writer, value);
    separator = COMMA;
  }
  if (separator === OPEN_OBJECT) writer.byte(OPEN_OBJECT);
  writer.byte(CLOSE_OBJECT);
}

function fieldWriter(field: DescField, prefix: string, style: Style): FieldWriter {
  const { localName } = field;
  const write = elementWriter(field, style);
  if (field.fieldKind === "list") {
    return { prefix, valueOf: (message) => nonEmpty(message[localName]), write: listWriter(write) };
  }
  if (field.oneof !== undefined) {
    const oneofName = field.oneof.localName;
    return { prefix, valueOf: (message) => caseOf(message[oneofName], localName), write };
  }
  const isBytes = field.fieldKind === "scalar" && field.scalar === ScalarType.BYTES;
  return {
    prefix,
    valueOf: (message) => (isBytes ? nonEmpty(message[localName]) : message[localName] || undefined),
    write,
  };
}

/** Of a list, or bytes; all other defaults of proto3 are falsy. */
function nonEmpty(list: unknown): unknown {
  return (list as ArrayLike<unknown>).length === 0 ? undefined : list;
}

function caseOf(oneof: unknown, localName: string): unknown {
  const union = oneof as { readonly case?: string; readonly value?: unknown };
  return union.case === localName ? union.value : undefined;
}

function listWriter(writeElement: WriteValue): WriteValue {
  return (to, value) => {
    let separator = OPEN_LIST;
    for (const element of value as readonly unknown[]) {
      to.byte(separator);
      writeElement(to, element);
      separator = COMMA;
    }
    to.byte(CLOSE_LIST);
  };
}

function elementWriter(field: DescField, style: Style): WriteValue {
  if (field.fieldKind === "map") throw unexpected(field);
  if (field.message !== undefined) {
    const { message } = field;
    return (_, value) => writeMessage(style, message, value);
  }
  if (field.enum !== undefined) return enumWriter(field.enum);
  switch (field.scalar) {
    case ScalarType.BYTES:
      return (to, value) => to.base64(value as Uint8Array);
    case ScalarType.STRING:
      return (to, value) => to.string(value as string);
    case ScalarType.BOOL:
    case ScalarType.INT32:
    case ScalarType.UINT32:
      return (to, value) => to.ascii(String(value));
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return longWriter();
    default:
      throw unexpected(field);
  }
}

/** Of most fields the same number comes again and again: the IDs of each header, its term. */
function longWriter(): WriteValue {
  let last: unknown;
  let text = "";
  return (to, value) => {
    if (value !== last) {
      last = value;
      text = `"${value}"`;
    }
    to.ascii(text);
  };
}

/** A number that has no name stays one. */
function enumWriter(desc: DescEnum): WriteValue {
  const names = new Map(desc.values.map(({ number, name }) => [number, `"${name}"`]));
  return (to, value) => to.ascii(names.get(value as number) ?? String(value));
}

function unexpected(field: DescField): Error {
  return new Error(`no message of etcd has a field such as ${field.toString()}`);
}
