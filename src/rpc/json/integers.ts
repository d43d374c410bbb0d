/** Integers of JSON, which may be written as numbers, also with a fraction or an exponent, or as strings of such. */

const PLAIN = /^-?(?:0|[1-9]\d{0,18})$/;
const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d*))?$/;
/** What Go's protojson takes for a number at the start of a string; what follows must not look like part of it. */
const LEADING = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?(?=[\s\S])\d*)?(?![-+._a-zA-Z0-9])/;
const GO_SPACE = "[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const OUTER_SPACE = new RegExp(`^${GO_SPACE}|${GO_SPACE}$`);
/** Of the largest uint64. */
const MAX_DIGITS = 20;
const MAX_EXPONENT = 2 ** 31;

/** The number in a string; undefined if there is none, or a blank around it. */
export function numberIn(text: string): string | undefined {
  return OUTER_SPACE.test(text) ? undefined : LEADING.exec(text)?.[0];
}

/** The value of a number if it is a whole one of a size that may fit. */
export function integer(number: string): bigint | undefined {
  if (PLAIN.test(number)) return BigInt(number);
  const [, sign, whole = "", fraction = "", exponent] = PARTS.exec(number) ?? [];
  if (sign === undefined) return undefined;
  const digits = shifted(whole === "0" ? "" : whole, fraction.replace(/0+$/, ""), exponent ?? "");
  return digits === undefined ? undefined : BigInt(`${sign}${digits}`);
}

function shifted(whole: string, fraction: string, exponent: string): string | undefined {
  if (whole === "" && fraction === "") return "0";
  if (exponent === "+" || exponent === "-") return undefined;
  const shift = Number(exponent);
  if (!(shift < MAX_EXPONENT && shift >= -MAX_EXPONENT)) return undefined;
  if (shift >= 0) {
    if (fraction.length > shift || whole.length + shift > MAX_DIGITS) return undefined;
    return whole + fraction.padEnd(shift, "0");
  }
  const kept = whole.length + shift;
  // Go has no word for a number whose digits are all shifted out, not even 0.
  if (fraction !== "" || kept <= 0 || /[^0]/.test(whole.slice(kept))) return undefined;
  return whole.slice(0, kept);
}
