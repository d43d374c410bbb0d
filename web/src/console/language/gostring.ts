/**
 * Strings as Go has them, since etcdctl's arguments and output are such: bytes, whatever they encode. One is held
 * as a string with one character a byte, so that keys that are not UTF-8 pass through the console unharmed.
 */
import { mapKey, textOf, utf8 } from "../../store/bytes.ts";

/** One character a byte, U+0000 to U+00FF. */
export type GoString = string;

export const fromBytes: (bytes: Uint8Array) => GoString = mapKey;

export function toBytes(go: GoString): Uint8Array {
  return Uint8Array.from(go, (character) => character.charCodeAt(0));
}

export function fromText(text: string): GoString {
  return isAscii(text) ? text : fromBytes(utf8(text));
}

/** UTF-8 as the characters it means; what is none, one character `�` a byte. */
export function toText(go: GoString): string {
  return isAscii(go) ? go : new TextDecoder("utf-8", { ignoreBOM: true }).decode(toBytes(go));
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

const SHORT: Record<string, string> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** As Go's `%q` writes it: in double quotes, what does not print escaped. */
export function quote(go: GoString): string {
  let quoted = "";
  for (const part of go.match(UTF8_OR_BYTE) ?? []) quoted += quotePart(part);
  return `"${quoted}"`;
}

/** One code point in UTF-8 if it is one, or else one byte. */
const UTF8_OR_BYTE =
  /[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]/g;

function quotePart(part: GoString): string {
  const short = SHORT[part];
  if (short !== undefined) return short;
  if (part.length === 1) return /[ -~]/.test(part) ? part : hexByte(part);
  const character = textOf(toBytes(part));
  if (character === undefined) return [...part].map(hexByte).join("");
  if (/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) return part;
  const point = character.codePointAt(0) ?? 0;
  return point < 0x10000 ? `\\u${point.toString(16).padStart(4, "0")}` : `\\U${point.toString(16).padStart(8, "0")}`;
}

function hexByte(byte: GoString): string {
  return `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\"]))|\\|[^\\]+/g;
const UNESCAPED: Record<string, string> = Object.fromEntries(
  Object.entries(SHORT).map(([character, escaped]) => [escaped.slice(1), character]),
);

/** What `quote` made; undefined where it is no quoted string. */
export function unquote(quoted: string): GoString | undefined {
  if (!/^"(?:[^"\\\n]|\\[^\n])*"$/.test(quoted)) return undefined;
  let go = "";
  for (const [part, byte, short, long, octal, letter] of quoted.slice(1, -1).matchAll(ESCAPE)) {
    if (part === "\\") return undefined;
    if (byte !== undefined) go += String.fromCharCode(Number.parseInt(byte, 16));
    else if (octal !== undefined) go += String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    else if (letter !== undefined) go += UNESCAPED[letter] ?? "";
    else if (short ?? long) go += fromCodePoint(Number.parseInt(short ?? long ?? "", 16));
    else go += part;
  }
  return go;
}

function fromCodePoint(point: number): GoString {
  return fromText(point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point));
}

/** As `fmt.Printf("%016x")` writes a lease ID. */
export function hexId(id: bigint): string {
  return id < 0n ? `-${(-id).toString(16).padStart(15, "0")}` : id.toString(16).padStart(16, "0");
}
