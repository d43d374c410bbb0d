/** Characters and strings as Go quotes them in its messages. */

const NAMED: Readonly<Record<number, string>> = {
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};
const DELETE = 0x7f;
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;

/** One byte, taken for the character of that number, as encoding/json shows it. */
export function quotedByte(byte: number): string {
  if (byte === 0x27) return "'\\''";
  if (byte === 0x22) return "'\"'";
  return `'${escaped(String.fromCharCode(byte))}'`;
}

/** Bytes that need not be UTF-8, as `%q` shows them. */
export function quotedBytes(bytes: Uint8Array): string {
  let quoted = "";
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] as number;
    const length = byte < 0x80 ? 1 : sequenceLength(bytes.subarray(at));
    if (length === 0) quoted += hex(byte);
    else quoted += escaped(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(at, at + length)));
    at += Math.max(length, 1);
  }
  return `"${quoted}"`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) as number;
  const named = NAMED[code];
  if (named !== undefined) return named;
  if (code < 0x20 || code === DELETE) return hex(code);
  if (code === 0x20 || PRINTABLE.test(character)) return character;
  const digits = code.toString(16);
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

/** Of the character that begins here, of more than one byte; 0 if there is none. */
function sequenceLength(bytes: Uint8Array): number {
  const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (let length = 2; length <= Math.min(4, bytes.length); length++) {
    try {
      fatal.decode(bytes.subarray(0, length));
      return length;
    } catch {
      // Not with this length.
    }
  }
  return 0;
}
