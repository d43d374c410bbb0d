/**
 * Bytes that may be no UTF-8 as text, of any size: UTF-8 as it is, every other byte as `\xNN`, a backslash as `\\`.
 * What bytes.ts calls the text form, but for control characters, which JSON escapes itself.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function escapeBytes(bytes: Uint8Array): string {
  let text = "";
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const size = sequenceSize(bytes, at);
    if (size > 0) {
      at += size;
      continue;
    }
    text += plain(bytes.subarray(from, at)) + escapeByte(bytes[at] ?? 0);
    at++;
    from = at;
  }
  return text + plain(bytes.subarray(from));
}

export function unescapeBytes(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const match of text.matchAll(/\\(?:x([0-9a-fA-F]{2})|\\)/g)) {
    if (match.index > from) parts.push(encoder.encode(text.slice(from, match.index)));
    parts.push(Uint8Array.of(match[1] === undefined ? 92 : Number.parseInt(match[1], 16)));
    from = match.index + match[0].length;
  }
  parts.push(encoder.encode(text.slice(from)));
  return concat(parts);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function plain(bytes: Uint8Array): string {
  return decoder.decode(bytes).replaceAll("\\", "\\\\");
}

export function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

/** Bytes of the UTF-8 sequence at `at`, by the table of RFC 3629; 0 where there is none. */
function sequenceSize(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (size === 0 || at + size > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let next = 2; next < size; next++) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  return size;
}
