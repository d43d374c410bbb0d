/** Which of a watch's events are shown: a filter on what was received, which takes nothing from what is kept. */
import { fromDisplay, startsWith, utf8 } from "../store/bytes.ts";
import type { Row, RowKind } from "./row.ts";

export const ROW_KINDS: readonly RowKind[] = ["created", "updated", "deleted"];

export interface RowFilter {
  /** Text form of what keys begin with. */
  readonly prefix: string;
  readonly kinds: ReadonlySet<RowKind>;
  /** Somewhere in the key or a value; ASCII letters match in either case. */
  readonly text: string;
}

export const NO_FILTER: RowFilter = { prefix: "", kinds: new Set(ROW_KINDS), text: "" };

export function isFiltering({ prefix, kinds, text }: RowFilter): boolean {
  return prefix !== "" || text !== "" || kinds.size < ROW_KINDS.length;
}

export function matcherOf({ prefix, kinds, text }: RowFilter): (row: Row) => boolean {
  const prefixBytes = fromDisplay(prefix);
  const needle = utf8(text).map(folded);
  return ({ kind, kv, previous }) =>
    kinds.has(kind) &&
    startsWith(kv.key, prefixBytes) &&
    (needle.length === 0 ||
      includes(kv.key, needle) ||
      includes(kv.value, needle) ||
      (previous !== undefined && includes(previous.value, needle)));
}

/** Upper-case ASCII as lower case, every other byte as it is. */
function folded(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/** On the bytes as they are: text of every row would cost more than the search. */
function includes(bytes: Uint8Array, needle: Uint8Array): boolean {
  const last = bytes.length - needle.length;
  for (let from = 0; from <= last; from++) {
    let at = 0;
    while (at < needle.length && folded(bytes[from + at] ?? 0) === needle[at]) at++;
    if (at === needle.length) return true;
  }
  return false;
}
