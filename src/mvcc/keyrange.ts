/**
 * A range of keys in the form of etcd's wire (rule KV4 of test/SPEC.md):
 *
 *     rangeEnd ""     the one key
 *     rangeEnd "\0"   every key ≥ key
 *     otherwise       key ≤ k < rangeEnd; nothing when rangeEnd ≤ key
 */
export interface KeyRange {
  readonly key: string;
  readonly rangeEnd: string;
}

const FROM_KEY = "\0";

export function isSingleKey(range: KeyRange): boolean {
  return range.rangeEnd === "";
}

/** The first key past the range, or undefined where the range is open to the last key. Not for single keys. */
export function upperBound(range: KeyRange): string | undefined {
  return range.rangeEnd === FROM_KEY ? undefined : range.rangeEnd;
}

export function rangeContains(range: KeyRange, key: string): boolean {
  if (range.rangeEnd === "") return key === range.key;
  return key >= range.key && (range.rangeEnd === FROM_KEY || key < range.rangeEnd);
}

/** How many of these keys, which are in order and each there once, are in a range. */
export function countIn(keys: readonly string[], range: KeyRange): number {
  const end = isSingleKey(range) ? `${range.key}\0` : upperBound(range);
  const from = lowerBound(keys, range.key);
  return Math.max(0, (end === undefined ? keys.length : lowerBound(keys, end)) - from);
}

/** Index of the first of keys, in order, that is ≥ key. */
export function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The range of all keys that begin with `prefix`: up to the prefix with its last byte one higher, if it can be. */
export function prefixRange(prefix: string): KeyRange {
  let length = prefix.length;
  while (length > 0 && prefix.charCodeAt(length - 1) === 0xff) length--;
  if (length === 0) return { key: prefix, rangeEnd: FROM_KEY };
  const last = String.fromCharCode(prefix.charCodeAt(length - 1) + 1);
  return { key: prefix, rangeEnd: prefix.slice(0, length - 1) + last };
}
