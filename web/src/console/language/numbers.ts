/** Integers as Go's strconv reads them, with its words for what it does not. */
import { type GoString, quote } from "./gostring.ts";

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const DIGITS: Record<number, RegExp> = {
  2: /^[01]+$/,
  8: /^[0-7]+$/,
  10: /^[0-9]+$/,
  16: /^[0-9a-f]+$/i,
};
const PREFIXES: Record<number, string> = { 2: "0b", 8: "0o", 10: "", 16: "0x" };

/**
 * @param base 0: as the number's own `0x`, `0o` or `0b` says
 * @throws Error in strconv's words
 */
export function parseInt64(text: GoString, base: 0 | 10 | 16): bigint {
  const [, sign, rest] = /^([+-]?)([\s\S]*)$/.exec(text) as unknown as [string, string, string];
  const [radix, digits] = base === 0 ? ownBase(rest) : [base, rest];
  if (DIGITS[radix]?.test(digits) !== true) throw new Error(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`);
  const value = BigInt(`${PREFIXES[radix]}${digits}`) * (sign === "-" ? -1n : 1n);
  if (value > MAX || value < MIN) throw new Error(`strconv.ParseInt: parsing ${quote(text)}: value out of range`);
  return value;
}

/**
 * Unsigned, in hexadecimal.
 * @throws Error in strconv's words
 */
export function parseHexUint64(text: GoString): bigint {
  const why = (problem: string): Error => new Error(`strconv.ParseUint: parsing ${quote(text)}: ${problem}`);
  if (DIGITS[16]?.test(text) !== true) throw why("invalid syntax");
  const value = BigInt(`0x${text}`);
  if (value >= 2n ** 64n) throw why("value out of range");
  return value;
}

function ownBase(text: string): [number, string] {
  const found = /^0(?:([xob])|(?=[0-9]))(.*)$/i.exec(text);
  if (found === null) return [10, text];
  const radix = { x: 16, b: 2, o: 8 }[(found[1] ?? "o").toLowerCase()] ?? 8;
  return [radix, found[2] ?? ""];
}
