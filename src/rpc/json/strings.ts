/** Strings of JSON, of which JsonScanner has said that their form is right, as Go's protojson reads them. */
import { EtcdError, Status } from "../../errors.ts";
import { quotedBytes } from "./quote.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const U = 0x75;
const ESCAPE_BYTES = 6;
const SIMPLE: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Shorter ones are put together here: a TextDecoder costs more than they do. */
const MAX_SHORT_BYTES = 24;

/** Where the string ends that begins at `start`: behind its closing quote. */
export function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  for (;;) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
}

/**
 * The text of a string.
 * @param start of the opening quote
 * @param end behind the closing one
 * @param limit where the whole value ends: Go looks for the second half of an escaped pair as far as that
 * @param fail makes the error from what is wrong
 */
export function readString(
  bytes: Uint8Array,
  start: number,
  end: number,
  limit: number,
  fail: (message: string) => EtcdError,
): string {
  let text = "";
  let runStart = start + 1;
  for (let at = runStart; ; at++) {
    const byte = bytes[at];
    const isEnd = at === end - 1;
    if (byte !== BACKSLASH && !isEnd) continue;
    text += utf8(bytes, runStart, at, fail);
    if (isEnd) return text;
    if (bytes[at + 1] !== U) {
      const character = String.fromCharCode(bytes[at + 1] as number);
      text += SIMPLE[character] ?? character;
      at += 1;
    } else {
      const escaped = readEscape(bytes, at, limit, fail);
      text += escaped;
      // A pair of halves is two escapes.
      at += escaped.length * ESCAPE_BYTES - 1;
    }
    runStart = at + 1;
  }
}

function readEscape(bytes: Uint8Array, at: number, limit: number, fail: (message: string) => EtcdError): string {
  const first = hexAt(bytes, at);
  if (!isSurrogate(first)) return String.fromCharCode(first);
  const next = at + ESCAPE_BYTES;
  if (limit - next < ESCAPE_BYTES) throw new EtcdError(Status.INVALID_ARGUMENT, "proto: unexpected EOF");
  const isEscape = bytes[next] === BACKSLASH && bytes[next + 1] === U;
  const second = isEscape ? hexAt(bytes, next) : 0;
  if (first >= 0xdc00 || second < 0xdc00 || second > 0xdfff) {
    throw fail(`invalid escape code ${quotedBytes(bytes.subarray(next, next + ESCAPE_BYTES))} in string`);
  }
  return String.fromCharCode(first, second);
}

function hexAt(bytes: Uint8Array, at: number): number {
  return Number.parseInt(String.fromCharCode(...bytes.subarray(at + 2, at + ESCAPE_BYTES)), 16);
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function utf8(bytes: Uint8Array, start: number, end: number, fail: (message: string) => EtcdError): string {
  if (end - start <= MAX_SHORT_BYTES) {
    const text = ascii(bytes, start, end);
    if (text !== undefined) return text;
  }
  try {
    return UTF8.decode(bytes.subarray(start, end));
  } catch {
    throw fail("invalid UTF-8 in string");
  }
}

function ascii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}
