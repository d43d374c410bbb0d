/**
 * Messages from JSON, by their descriptors, as Go's protojson reads them for etcd's gateway: fields by either of
 * their names, unknown fields and enum names passed over, numbers also as strings, base64 in both alphabets, no
 * field twice; and with its words for what is wrong.
 *
 * protobuf-es has other words, takes the last of fields that are given twice, and parses numbers before anyone can
 * see that they do not fit.
 */
import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { EtcdError, Status } from "../../errors.ts";
import { readBase64 } from "./base64.ts";
import { integer, numberIn } from "./integers.ts";
import { endOfString, readString } from "./strings.ts";

/** As for messages that come as bytes. */
const MAX_MESSAGE_DEPTH = 1000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const BACKSLASH = 0x5c;

/** How one field's value is read; undefined for one that stands for nothing, an enum's unknown name. */
interface FieldReader {
  readonly field: DescField;
  /** Where the value goes: the field's name in the message, or its oneof's. */
  readonly target: string;
  readonly kind: string;
  /** Of a message, or a list of them. */
  readonly message: DescMessage | undefined;
}

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
const readers = new WeakMap<DescMessage, ReadonlyMap<string, FieldReader>>();

/**
 * @param bytes hold one value of right form from `start` to `end`, as JsonScanner says
 * @throws EtcdError INVALID_ARGUMENT
 */
export function decodeJson(desc: DescMessage, bytes: Uint8Array, start: number, end: number): Message {
  return new JsonReader(bytes, start, end).message(desc, 0);
}

class JsonReader {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.#at = start;
    this.#at = this.#peekPlace();
    // Go counts lines and columns from where the value begins.
    this.#start = this.#at;
  }

  message(desc: DescMessage, depth: number): Message {
    if (depth > MAX_MESSAGE_DEPTH) throw invalid("proto: exceeded max recursion depth");
    if (this.#peek() !== OPEN_OBJECT) throw this.#unexpectedToken();
    this.#at++;
    const message = create(desc);
    const seen = new Set<DescField>();
    const seenOneofs = new Set<string>();
    for (; this.#peek() !== CLOSE_OBJECT; this.#skipComma()) {
      const namePlace = this.#at;
      const reader = readersOf(desc).get(this.#string());
      const nameEnd = this.#at;
      this.#expect(COLON);
      if (reader === undefined) {
        this.#skip();
        continue;
      }
      if (seen.has(reader.field)) throw this.#error(namePlace, `duplicate field ${this.#text(namePlace, nameEnd)}`);
      seen.add(reader.field);
      if (this.#takeNull()) continue;
      const { oneof } = reader.field;
      if (oneof !== undefined) {
        if (seenOneofs.has(oneof.name)) {
          const name = this.#text(namePlace, nameEnd);
          throw this.#error(namePlace, `error parsing ${name}, oneof ${desc.typeName}.${oneof.name} is already set`);
        }
        seenOneofs.add(oneof.name);
      }
      this.#field(message as unknown as Record<string, unknown>, reader, depth);
    }
    this.#at++;
    return message;
  }

  #field(message: Record<string, unknown>, reader: FieldReader, depth: number): void {
    if (reader.field.fieldKind === "list") {
      this.#list(message[reader.target] as unknown[], reader, depth);
      return;
    }
    const value = this.#value(reader, depth);
    if (value === undefined) return;
    message[reader.target] = reader.field.oneof === undefined ? value : { case: reader.field.localName, value };
  }

  #list(list: unknown[], reader: FieldReader, depth: number): void {
    if (this.#peek() !== OPEN_LIST) throw this.#unexpectedToken();
    this.#at++;
    for (; this.#peek() !== CLOSE_LIST; this.#skipComma()) {
      const value = this.#value(reader, depth);
      if (value !== undefined) list.push(value);
    }
    this.#at++;
  }

  #value(reader: FieldReader, depth: number): unknown {
    if (reader.message !== undefined) return this.message(reader.message, depth + 1);
    const place = this.#peekPlace();
    const end = this.#tokenEnd(place);
    // A string that is no string comes before a value that is no value.
    const text = this.#bytes[place] === QUOTE && !isBytes(reader.field) ? this.#string() : undefined;
    const value = this.#scalar(reader.field, text, place, end);
    if (value === INVALID) {
      const { jsonName } = reader.field;
      throw this.#error(place, `invalid value for ${reader.kind} field ${jsonName}: ${this.#text(place, end)}`);
    }
    this.#at = end;
    return value;
  }

  /** @param text of a string, but for bytes, which read their own */
  #scalar(field: DescField, text: string | undefined, place: number, end: number): unknown {
    if (field.fieldKind === "enum" || (field.fieldKind === "list" && field.listKind === "enum")) {
      if (text !== undefined) return field.enum.values.find(({ name }) => name === text)?.number;
      return int32(this.#number(place, end));
    }
    switch (scalarOf(field)) {
      case ScalarType.BYTES:
        return this.#base64(place, end);
      case ScalarType.STRING:
        return text ?? INVALID;
      case ScalarType.BOOL: {
        const word = this.#text(place, end);
        return word === "true" ? true : word === "false" ? false : INVALID;
      }
      case ScalarType.INT32:
        return int32(numberOf(text, this.#number(place, end)));
      case ScalarType.UINT32:
        return toNumber(inRange(numberOf(text, this.#number(place, end)), 0n, 2n ** 32n));
      case ScalarType.INT64:
        return inRange(numberOf(text, this.#number(place, end)), -(2n ** 63n), 2n ** 63n);
      default:
        return inRange(numberOf(text, this.#number(place, end)), 0n, 2n ** 64n);
    }
  }

  #base64(place: number, end: number): unknown {
    if (this.#bytes[place] !== QUOTE) return INVALID;
    const raw = this.#bytes.subarray(place + 1, end - 1);
    const plain = raw.includes(BACKSLASH) ? undefined : readBase64(raw);
    return plain ?? readBase64(new TextEncoder().encode(this.#string())) ?? INVALID;
  }

  /** Undefined for what is no number. */
  #number(place: number, end: number): string | undefined {
    const byte = this.#bytes[place] as number;
    return byte === MINUS || (byte >= 0x30 && byte <= 0x39) ? this.#text(place, end) : undefined;
  }

  #string(): string {
    const place = this.#peekPlace();
    const end = endOfString(this.#bytes, place);
    const text = readString(this.#bytes, place, end, this.#end, (message) => this.#syntaxError(place, message));
    this.#at = end;
    return text;
  }

  /** Passes a value over; what is wrong with its strings counts all the same. */
  #skip(): void {
    let depth = 0;
    do {
      const byte = this.#peek();
      if (byte === QUOTE) this.#string();
      else {
        if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
        else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth--;
        this.#at = this.#tokenEnd(this.#at);
      }
    } while (depth > 0);
  }

  #takeNull(): boolean {
    if (this.#peek() !== 0x6e) return false;
    this.#at += "null".length;
    return true;
  }

  #expect(byte: number): void {
    if (this.#peek() !== byte) throw this.#unexpectedToken();
    this.#at++;
  }

  #skipComma(): void {
    if (this.#peek() === COMMA) this.#at++;
  }

  #peek(): number {
    return this.#bytes[this.#peekPlace()] as number;
  }

  /** Where the next token begins. */
  #peekPlace(): number {
    while ((this.#bytes[this.#at] as number) <= 0x20) this.#at++;
    return this.#at;
  }

  #tokenEnd(place: number): number {
    const byte = this.#bytes[place] as number;
    if (byte === QUOTE) return endOfString(this.#bytes, place);
    let end = place + 1;
    if (isOfWord(byte)) while (end < this.#end && isOfWord(this.#bytes[end] as number)) end++;
    return end;
  }

  #text(start: number, end: number): string {
    return UTF8.decode(this.#bytes.subarray(start, end));
  }

  #unexpectedToken(): EtcdError {
    const place = this.#peekPlace();
    if (this.#bytes[place] === QUOTE) this.#string();
    return this.#syntaxError(place, `unexpected token ${this.#text(place, this.#tokenEnd(place))}`);
  }

  #syntaxError(place: number, message: string): EtcdError {
    return invalid(`proto: syntax error ${this.#position(place)}: ${message}`);
  }

  #error(place: number, message: string): EtcdError {
    return invalid(`proto: ${this.#position(place)}: ${message}`);
  }

  /** Columns are counted in characters. */
  #position(place: number): string {
    let line = 1;
    let column = 1;
    for (let at = this.#start; at < place; at++) {
      const byte = this.#bytes[at] as number;
      if (byte === 0x0a) {
        line++;
        column = 1;
      } else if ((byte & 0xc0) !== 0x80) column++;
    }
    return `(line ${line}:${column})`;
  }
}

const INVALID = Symbol("invalid value");

function invalid(message: string): EtcdError {
  return new EtcdError(Status.INVALID_ARGUMENT, message);
}

function numberOf(text: string | undefined, number: string | undefined): string | undefined {
  return text === undefined ? number : numberIn(text);
}

function inRange(number: string | undefined, least: bigint, end: bigint): bigint | typeof INVALID {
  const value = number === undefined ? undefined : integer(number);
  return value === undefined || value < least || value >= end ? INVALID : value;
}

function int32(number: string | undefined): number | typeof INVALID {
  return toNumber(inRange(number, -(2n ** 31n), 2n ** 31n));
}

function toNumber(value: bigint | typeof INVALID): number | typeof INVALID {
  return value === INVALID ? INVALID : Number(value);
}

/** Of words and numbers, which nothing ends but what cannot be in them. */
function isOfWord(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === MINUS ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x45
  );
}

function readersOf(desc: DescMessage): ReadonlyMap<string, FieldReader> {
  let found = readers.get(desc);
  if (found === undefined) {
    const byName = new Map<string, FieldReader>();
    for (const field of desc.fields) {
      const reader: FieldReader = {
        field,
        target: field.oneof?.localName ?? field.localName,
        kind: kindOf(field),
        message: messageOf(field),
      };
      byName.set(field.name, reader);
      byName.set(field.jsonName, reader);
    }
    found = byName;
    readers.set(desc, found);
  }
  return found;
}

const KINDS: Partial<Record<ScalarType, string>> = {
  [ScalarType.BYTES]: "bytes",
  [ScalarType.STRING]: "string",
  [ScalarType.BOOL]: "bool",
  [ScalarType.INT32]: "int32",
  [ScalarType.UINT32]: "uint32",
  [ScalarType.INT64]: "int64",
  [ScalarType.UINT64]: "uint64",
};

function kindOf(field: DescField): string {
  if (messageOf(field) !== undefined) return "message";
  const scalar = scalarOf(field);
  if (scalar === undefined && field.fieldKind !== "map") return "enum";
  const kind = scalar === undefined ? undefined : KINDS[scalar];
  if (kind === undefined) throw new Error(`no message of etcd has a field such as ${field.toString()}`);
  return kind;
}

function scalarOf(field: DescField): ScalarType | undefined {
  return field.fieldKind === "scalar" || (field.fieldKind === "list" && field.listKind === "scalar")
    ? field.scalar
    : undefined;
}

function messageOf(field: DescField): DescMessage | undefined {
  return field.fieldKind === "message" || (field.fieldKind === "list" && field.listKind === "message")
    ? field.message
    : undefined;
}

function isBytes(field: DescField): boolean {
  return scalarOf(field) === ScalarType.BYTES;
}
