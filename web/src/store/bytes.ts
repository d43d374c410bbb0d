/**
 * Keys and values are bytes; what people read and type is text. Two forms, each with its way back:
 *
 *     text     UTF-8 as it is; every byte that is not part of it, control characters and `\` itself as `\xNN`
 *     URL      percent-encoded bytes
 */
import { concat, escapeByte, escapeBytes } from "./escape.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The bytes as UTF-8 text, undefined where they are none. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes as text that shows every one of them, and that `fromDisplay` turns back into the same bytes. */
export function toDisplay(bytes: Uint8Array): string {
  return escapeBytes(bytes).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...encoder.encode(character)].map(escapeByte).join(""),
  );
}

/** The bytes that a text typed by a person means: `\xNN`, `\n`, `\t`, `\r`, `\0` and `\\` are read as escapes. */
export function fromDisplay(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const match of text.matchAll(/\\(?:x([0-9a-fA-F]{2})|([ntr0\\]))/g)) {
    parts.push(encoder.encode(text.slice(at, match.index)));
    parts.push(Uint8Array.of(match[1] !== undefined ? Number.parseInt(match[1], 16) : (SHORT[match[2] ?? ""] ?? 0)));
    at = match.index + match[0].length;
  }
  parts.push(encoder.encode(text.slice(at)));
  return concat(parts);
}

const SHORT: Record<string, number> = { n: 10, t: 9, r: 13, "0": 0, "\\": 92 };

export function toUrl(bytes: Uint8Array): string {
  let url = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    url += /[A-Za-z0-9._~/-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return url;
}

/** What `toUrl` made, or what a person typed into the address bar. */
export function fromUrl(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [part, hex] of text.matchAll(/%([0-9a-fA-F]{2})|[\s\S]/gu)) {
    if (hex === undefined) bytes.push(...encoder.encode(part));
    else bytes.push(Number.parseInt(hex, 16));
  }
  return Uint8Array.from(bytes);
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return compareBytes(a, b) === 0;
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && compareBytes(bytes.subarray(0, prefix.length), prefix) === 0;
}

/** The range end of all keys that begin with a prefix, as etcd's clients make it; `\0` where there is no end. */
export function prefixEnd(prefix: Uint8Array): Uint8Array {
  for (let at = prefix.length - 1; at >= 0; at--) {
    const byte = prefix[at] ?? 0;
    if (byte < 0xff) return Uint8Array.of(...prefix.subarray(0, at), byte + 1);
  }
  return Uint8Array.of(0);
}

/** The range that a prefix means to a Range request; the empty prefix is every key. */
export function prefixRange(prefix: Uint8Array): { readonly key: Uint8Array; readonly rangeEnd: Uint8Array } {
  return { key: prefix.length === 0 ? Uint8Array.of(0) : prefix, rangeEnd: prefixEnd(prefix) };
}

/** The least key after one. */
export function keyAfter(key: Uint8Array): Uint8Array {
  return Uint8Array.of(...key, 0);
}

/** A string with one character a byte: for maps and sets of keys. */
export function mapKey(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

export function sizeText(sizeBytes: number | bigint): string {
  const size = Number(sizeBytes);
  if (size < 1024) return `${size} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = size;
  let unit = "B";
  for (const next of units) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
