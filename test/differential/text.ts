/**
 * Messages as one line of readable text, and back: `key="a\xff" lease=5 prev_kv={key="b"} keys=["x","y"]`.
 *
 * Fields carry their proto names and are left out at their default, enums are written by name (by number
 * where unknown), bytes and strings are quoted, what is not printable ASCII as \xNN. A long run of one byte
 * is written `"v"*1000`. Differences are found on these lines and transcripts are made of them.
 */

import { crc32 } from "node:zlib";
import type { DescField, DescMessage, Message, MessageInitShape } from "@bufbuild/protobuf";
import { create, ScalarType } from "@bufbuild/protobuf";

const RUN_LENGTH = 24;
const CLIP_LENGTH = 200;

type Fields = Record<string, unknown>;
type OneofValue = { case: string | undefined; value?: unknown };

/** `clip` shortens long bytes to a length and a CRC, which is enough to compare but cannot be parsed. */
export function formatMessage(descriptor: DescMessage, message: Message, clip = false): string {
  const parts: string[] = [];
  for (const field of descriptor.fields) {
    const value = fieldValue(field, message as unknown as Fields);
    if (value !== undefined) parts.push(`${field.name}=${formatField(field, value, clip)}`);
  }
  return parts.join(" ");
}

/** The field's value if it is to be written: set, and not the default where presence is not tracked. */
function fieldValue(field: DescField, fields: Fields): unknown {
  if (field.oneof !== undefined) {
    const chosen = fields[field.oneof.localName] as OneofValue;
    return chosen.case === field.localName ? chosen.value : undefined;
  }
  const value = fields[field.localName];
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  if (value instanceof Uint8Array) return value.length === 0 ? undefined : value;
  return value === 0 || value === 0n || value === false || value === "" ? undefined : value;
}

function formatField(field: DescField, value: unknown, clip: boolean): string {
  if (field.fieldKind === "map") return formatMap(field, value as Record<string, unknown>, clip);
  if (field.fieldKind !== "list") return formatSingle(field, value, clip);
  return `[${(value as unknown[]).map((item) => formatSingle(field, item, clip)).join(",")}]`;
}

/** Only in replies: it is not read back. */
function formatMap(field: DescField, value: Record<string, unknown>, clip: boolean): string {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${formatSingle(field, item, clip)}`).join(",")}}`;
}

function formatSingle(field: DescField, value: unknown, clip: boolean): string {
  if (field.message !== undefined) return `{${formatMessage(field.message, value as Message, clip)}}`;
  if (field.enum !== undefined) return field.enum.value[value as number]?.name ?? String(value);
  if (value instanceof Uint8Array) return formatBytes(value, clip);
  if (typeof value === "string") return formatBytes(new TextEncoder().encode(value), clip);
  return String(value);
}

export function formatBytes(bytes: Uint8Array, clip = false): string {
  if (bytes.length > RUN_LENGTH && isRun(bytes)) {
    return `"${escapeByte(bytes[0] as number)}"*${bytes.length}`;
  }
  const shown = clip && bytes.length > CLIP_LENGTH ? bytes.subarray(0, RUN_LENGTH) : bytes;
  let text = "";
  for (const byte of shown) text += escapeByte(byte);
  return shown === bytes ? `"${text}"` : `"${text}..."<${bytes.length} bytes, crc ${crc32(bytes)}>`;
}

function isRun(bytes: Uint8Array): boolean {
  for (let index = 1; index < bytes.length; index += 1) if (bytes[index] !== bytes[0]) return false;
  return true;
}

function escapeByte(byte: number): string {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

/** The message that formatMessage (without clip) wrote; throws on anything else. */
export function parseMessage<D extends DescMessage>(descriptor: D, text: string): Message {
  const reader = new Reader(text);
  const message = reader.message(descriptor, undefined);
  return message;
}

/** The bytes that formatBytes (without clip) wrote. */
export function parseBytes(text: string): Uint8Array {
  return new Reader(text).bytes();
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  message(descriptor: DescMessage, end: string | undefined): Message {
    const init: Fields = {};
    for (;;) {
      this.#skip(/[ ]*/y);
      if (this.#done(end)) break;
      const name = this.#take(/[A-Za-z_]\w*(?==)/y, `a field of ${descriptor.typeName}`);
      this.#take(/=/y, "=");
      const field = descriptor.fields.find((candidate) => candidate.name === name);
      if (field === undefined) throw this.#error(`${descriptor.typeName} has no field ${name}`);
      const value = field.fieldKind === "list" ? this.#list(field) : this.#single(field);
      if (field.oneof === undefined) init[field.localName] = value;
      else init[field.oneof.localName] = { case: field.localName, value };
    }
    return create(descriptor, init as MessageInitShape<DescMessage>);
  }

  #list(field: DescField): unknown[] {
    this.#take(/\[/y, "[");
    const items: unknown[] = [];
    while (!this.#done("]")) {
      if (items.length > 0) this.#take(/,/y, ",");
      items.push(this.#single(field));
    }
    return items;
  }

  #single(field: DescField): unknown {
    if (field.message !== undefined) {
      this.#take(/\{/y, "{");
      return this.message(field.message, "}");
    }
    if (field.enum !== undefined) {
      const name = this.#take(/-?\w+/y, "an enum value");
      return field.enum.values.find((value) => value.name === name)?.number ?? Number(name);
    }
    if (field.scalar === ScalarType.BYTES) return this.bytes();
    if (field.scalar === ScalarType.STRING) return new TextDecoder().decode(this.bytes());
    if (field.scalar === ScalarType.BOOL) return this.#take(/true|false/y, "true or false") === "true";
    const digits = this.#take(/-?\d+/y, "a number");
    const isSmall = field.scalar === ScalarType.INT32 || field.scalar === ScalarType.UINT32;
    return isSmall ? Number(digits) : BigInt(digits);
  }

  bytes(): Uint8Array {
    const quoted = this.#take(/"(?:[^"\\]|\\x[0-9a-f]{2}|\\["\\])*"/y, "a quoted string");
    const bytes: number[] = [];
    for (const [part] of quoted.slice(1, -1).matchAll(/\\x[0-9a-f]{2}|\\.|[^\\]/g)) {
      bytes.push(part.startsWith("\\x") ? Number.parseInt(part.slice(2), 16) : part.charCodeAt(part.length - 1));
    }
    const times = this.#skip(/\*\d+/y);
    if (times === "") return Uint8Array.from(bytes);
    return new Uint8Array(Number(times.slice(1))).fill(bytes[0] ?? 0);
  }

  #done(end: string | undefined): boolean {
    if (end === undefined) return this.#at === this.#text.length;
    if (this.#text[this.#at] !== end) return false;
    this.#at += 1;
    return true;
  }

  #take(pattern: RegExp, what: string): string {
    const found = this.#skip(pattern);
    if (found === "") throw this.#error(`expected ${what}`);
    return found;
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #error(problem: string): Error {
    return new Error(`${problem} at column ${this.#at + 1} of: ${this.#text}`);
  }
}
