/**
 * The two key spaces and the ranges over them.
 *
 * SMALL has 12 keys: Go sorts up to 12 items by insertion, so that equal sort keys keep their order; beyond,
 * the order of equal ones is an accident of its algorithm. LARGE keys are made unique in every sort target
 * (one write a revision, values numbered), so that they can be sorted whole. A range that may hold both is
 * sorted by key only, or cut to 12 before it is sorted.
 */
import type { Random } from "./random.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

export const EMPTY = new Uint8Array(0);
export const ZERO = bytes(0);

/** Prefixes of one another, a key that ends in \0, bytes that are no UTF-8, the least and the greatest keys. */
export const SMALL: readonly Uint8Array[] = [
  ZERO,
  ascii("a"),
  ascii("a\0"),
  ascii("aa"),
  ascii("ab"),
  ascii("b"),
  ascii("k/1"),
  ascii("k/\x80\xfe"),
  ascii("z"),
  ascii("\xc3"),
  ascii("\xff"),
  ascii("\xff\xff"),
];

const LARGE_COUNT = 150;
/** "L/" sorts between "\0" and "a". */
export const LARGE: readonly Uint8Array[] = Array.from({ length: LARGE_COUNT }, (_, index) =>
  ascii(`L/${String(index).padStart(3, "0")}`),
);
const LARGE_START = ascii("L/");
const LARGE_END = ascii("L0");

export type KeyRange = { readonly key: Uint8Array; readonly rangeEnd: Uint8Array };

export function smallKey(random: Random): Uint8Array {
  return random.pick(SMALL);
}

export function largeKey(random: Random): Uint8Array {
  return random.pick(LARGE);
}

/** A key, a prefix, a range, a backward range, or everything from a key on. */
export function anyRange(random: Random): KeyRange {
  const key = random.chance(0.9) ? smallKey(random) : largeKey(random);
  return random.weighted<() => KeyRange>([
    [35, () => ({ key, rangeEnd: EMPTY })],
    [15, () => ({ key, rangeEnd: prefixEnd(key) })],
    [15, () => ordered(key, smallKey(random))],
    [12, () => ({ key, rangeEnd: ZERO })],
    [8, () => ({ key: ZERO, rangeEnd: ZERO })],
    [5, () => ({ key, rangeEnd: smallKey(random) })],
    [5, () => ({ key: ascii("a"), rangeEnd: ZERO })],
    [5, () => largeRange(random)],
  ])();
}

/** A range of LARGE keys only. */
export function largeRange(random: Random): KeyRange {
  if (random.chance(0.5)) return { key: LARGE_START, rangeEnd: LARGE_END };
  return ordered(largeKey(random), largeKey(random));
}

export function isLargeOnly({ key, rangeEnd }: KeyRange): boolean {
  if (rangeEnd.length === 0) return Buffer.compare(key, LARGE_START) >= 0 && Buffer.compare(key, LARGE_END) < 0;
  return Buffer.compare(key, LARGE_START) >= 0 && Buffer.compare(rangeEnd, LARGE_END) <= 0 && !isFromKey(rangeEnd);
}

export function isSmallOnly({ key, rangeEnd }: KeyRange): boolean {
  if (rangeEnd.length === 0 || Buffer.compare(key, LARGE_END) >= 0) return true;
  return !isFromKey(rangeEnd) && Buffer.compare(rangeEnd, LARGE_START) <= 0;
}

export function isFromKey(rangeEnd: Uint8Array): boolean {
  return rangeEnd.length === 1 && rangeEnd[0] === 0;
}

function ordered(one: Uint8Array, other: Uint8Array): KeyRange {
  return Buffer.compare(one, other) < 0 ? { key: one, rangeEnd: other } : { key: other, rangeEnd: one };
}

/** The end of the range of all keys that begin with `prefix`; "\0" (all from it on) if nothing is beyond. */
export function prefixEnd(prefix: Uint8Array): Uint8Array {
  const end = Uint8Array.from(prefix);
  for (let index = end.length - 1; index >= 0; index -= 1) {
    if (end[index] === 0xff) continue;
    end[index] = (end[index] as number) + 1;
    return end.subarray(0, index + 1);
  }
  return ZERO;
}
