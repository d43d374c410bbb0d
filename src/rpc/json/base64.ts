/** Base64 from and to the bytes of a JSON text. */
import { newBytes } from "../newbytes.ts";

const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE = `${STANDARD.slice(0, -2)}-_`;
const PAD = 0x3d;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NONE = 0xff;

const DIGITS = Uint8Array.from(STANDARD, (digit) => digit.charCodeAt(0));
const STANDARD_VALUES = valuesOf(STANDARD);
const URL_SAFE_VALUES = valuesOf(URL_SAFE);

export function base64Length(byteLength: number): number {
  return Math.ceil(byteLength / 3) * 4;
}

/** Writes `source` to `target`, which has room; with padding, as Go does. Returns where it ends. */
export function writeBase64(source: Uint8Array, target: Uint8Array, start: number): number {
  let to = start;
  const whole = source.length - (source.length % 3);
  for (let from = 0; from < whole; from += 3) {
    const bits = ((source[from] as number) << 16) | ((source[from + 1] as number) << 8) | (source[from + 2] as number);
    target[to++] = DIGITS[bits >> 18] as number;
    target[to++] = DIGITS[(bits >> 12) & 63] as number;
    target[to++] = DIGITS[(bits >> 6) & 63] as number;
    target[to++] = DIGITS[bits & 63] as number;
  }
  if (whole === source.length) return to;
  const bits = ((source[whole] as number) << 16) | ((source[whole + 1] ?? 0) << 8);
  target[to++] = DIGITS[bits >> 18] as number;
  target[to++] = DIGITS[(bits >> 12) & 63] as number;
  target[to++] = source.length - whole === 2 ? (DIGITS[(bits >> 6) & 63] as number) : PAD;
  target[to++] = PAD;
  return to;
}

/**
 * Reads the standard's alphabet with its padding, as all write it who keep to RFC 4648.
 * @returns undefined for anything else
 */
export function readStandardBase64(text: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const length = end - start;
  if (length === 0) return new Uint8Array(0);
  if (length % 4 !== 0) return undefined;
  const pads = text[end - 1] !== PAD ? 0 : text[end - 2] !== PAD ? 1 : 2;
  const bytes = newBytes((length / 4) * 3 - pads);
  const wholeEnd = pads === 0 ? end : end - 4;
  let to = 0;
  // NONE has a bit that no value has.
  let all = 0;
  for (let at = start; at < wholeEnd; at += 4) {
    const a = STANDARD_VALUES[text[at] as number] as number;
    const b = STANDARD_VALUES[text[at + 1] as number] as number;
    const c = STANDARD_VALUES[text[at + 2] as number] as number;
    const d = STANDARD_VALUES[text[at + 3] as number] as number;
    all |= a | b | c | d;
    bytes[to++] = (a << 2) | (b >> 4);
    bytes[to++] = (b << 4) | (c >> 2);
    bytes[to++] = (c << 6) | d;
  }
  if (pads > 0) {
    const a = STANDARD_VALUES[text[wholeEnd] as number] as number;
    const b = STANDARD_VALUES[text[wholeEnd + 1] as number] as number;
    const c = pads === 1 ? (STANDARD_VALUES[text[wholeEnd + 2] as number] as number) : 0;
    // Bits that stand for nothing are not to be there.
    if ((pads === 1 ? c & 3 : b & 15) !== 0) return undefined;
    all |= a | b | c;
    bytes[to++] = (a << 2) | (b >> 4);
    if (pads === 1) bytes[to++] = (b << 4) | (c >> 2);
  }
  return all < 64 ? bytes : undefined;
}

/**
 * Reads what Go's protojson does: the URL-safe alphabet if one of its own digits occurs, padding if the length is
 * a multiple of four and none if not, line ends passed over.
 * @returns undefined for what is no base64
 */
export function readBase64(text: Uint8Array): Uint8Array | undefined {
  const values = text.includes(0x2d) || text.includes(0x5f) ? URL_SAFE_VALUES : STANDARD_VALUES;
  const end = text.length % 4 === 0 ? unpadded(text) : text.length;
  if (end === undefined) return undefined;
  const bytes = new Uint8Array(Math.floor((end * 3) / 4));
  let to = 0;
  let bits = 0;
  let digits = 0;
  for (let at = 0; at < end; at++) {
    const byte = text[at] as number;
    const value = values[byte] as number;
    if (value === NONE) {
      if (isLineEnd(byte)) continue;
      return undefined;
    }
    bits = (bits << 6) | value;
    if (++digits % 4 !== 0) continue;
    bytes[to++] = bits >> 16;
    bytes[to++] = bits >> 8;
    bytes[to++] = bits;
  }
  const rest = digits % 4;
  if (rest === 1 || (rest !== 0 && end === text.length && text.length % 4 === 0)) return undefined;
  if (rest >= 2) bytes[to++] = bits >> (rest === 2 ? 4 : 10);
  if (rest === 3) bytes[to++] = bits >> 2;
  return to === bytes.length ? bytes : bytes.subarray(0, to);
}

/** Where the padding begins; undefined where it does not fill the last four digits. */
function unpadded(text: Uint8Array): number | undefined {
  const pad = text.indexOf(PAD);
  if (pad === -1) return text.length;
  let digits = 0;
  for (let at = 0; at < pad; at++) if (!isLineEnd(text[at] as number)) digits++;
  let pads = 0;
  for (let at = pad; at < text.length; at++) {
    if (text[at] === PAD) pads++;
    else if (!isLineEnd(text[at] as number)) return undefined;
  }
  return (digits % 4) + pads === 4 && pads <= 2 ? pad : undefined;
}

function isLineEnd(byte: number): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(256).fill(NONE);
  for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value;
  return values;
}
