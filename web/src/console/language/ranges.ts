/** What a key and a range end mean, and how etcdctl's flags and arguments say it. */
import { equalBytes, prefixEnd } from "../../store/bytes.ts";

const ZERO = Uint8Array.of(0);
const NONE = new Uint8Array();

export interface KeyRange {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

/** `single`: the key alone; `all`: every key; `from`: the key and all after it; `range`: up to the range end. */
export type RangeKind = "single" | "all" | "prefix" | "from" | "range";

export function kindOfRange({ key, rangeEnd }: KeyRange): RangeKind {
  if (rangeEnd.length === 0) return "single";
  const isOpen = equalBytes(rangeEnd, ZERO);
  if (isOpen && equalBytes(key, ZERO)) return "all";
  if (key.length > 0 && equalBytes(rangeEnd, prefixEnd(key))) return "prefix";
  return isOpen && key.length > 0 ? "from" : "range";
}

/** The range that a kind makes of a key; `rangeEnd` is for the kind `range`. */
export function rangeOfKind(kind: RangeKind, key: Uint8Array, rangeEnd: Uint8Array = NONE): KeyRange {
  switch (kind) {
    case "single":
      return { key, rangeEnd: NONE };
    case "all":
      return { key: ZERO, rangeEnd: ZERO };
    case "prefix":
      return key.length === 0 ? { key: ZERO, rangeEnd: ZERO } : { key, rangeEnd: prefixEnd(key) };
    case "from":
      return { key: key.length === 0 ? ZERO : key, rangeEnd: ZERO };
    case "range":
      return { key, rangeEnd };
  }
}
