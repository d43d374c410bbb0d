/**
 * What is directly under a prefix, as a file system would show it: keys, and folders without what is in them.
 * For the prefix "/" and the delimiter "/":
 *
 *     /a          key     /a
 *     /b/x/1   ┐
 *     /b/x/2   ┘  folder  /b/     chain /b/x/: there is nothing else in /b/
 *     /c/1     ┐
 *     /c/d/2   ┘  folder  /c/     chain /c/
 *
 * All keys of a folder stand together in key order, so one look finds a child, and the next one is sought past
 * the last key that the folder could have: O(log n) a child, however much is in it. Keys that are deleted at
 * the revision read, but not compacted, stand in the way of both looks and are stepped over one by one.
 */
import type { Entry } from "./entry.ts";
import type { KeyIndex } from "./keyindex.ts";
import { type KeyRange, prefixRange, rangeContains } from "./keyrange.ts";

export interface ChildrenRequest {
  readonly prefix: string;
  /** What ends a folder's name; not empty. */
  readonly delimiter: string;
  /** The revision to read at; ≤ 0 for the latest. */
  readonly revision: number;
  /** A key: the first child is the one that it belongs to, or else the next. Empty: the first of all. */
  readonly start: string;
  readonly limit: number;
}

/** A folder where there is no entry. */
export interface Child {
  /** The key, or what all keys of the folder begin with, the delimiter included. */
  readonly path: string;
  /** Where one comes to from `path` while there is nothing but one more folder; `path` for a key. */
  readonly chain: string;
  readonly entry: Entry | undefined;
}

export interface ChildrenResponse {
  /** In order of their paths. */
  readonly children: readonly Child[];
  /** The path of the child that comes next, empty where there is none. */
  readonly next: string;
}

/** @param revision the one to read at, already resolved and checked */
export function childrenOf(index: KeyIndex, request: ChildrenRequest, revision: number): ChildrenResponse {
  const { prefix, delimiter, limit } = request;
  const whole = prefixRange(prefix);
  const first = (range: KeyRange): Entry | undefined => index.entriesAt(range, revision, 1)[0];
  const children: Child[] = [];
  // What stands under the empty key is none.
  let entry = first({ ...whole, key: startOf(request, whole) || "\0" });
  while (entry !== undefined) {
    const { key } = entry;
    const path = folderOf(key, prefix, delimiter);
    if (children.length === limit) return { children, next: path ?? key };
    if (path === undefined) {
      children.push({ path: key, chain: key, entry });
      entry = first({ ...whole, key: `${key}\0` });
      continue;
    }
    const folder = prefixRange(path);
    const last = index.entriesAt(folder, revision, 1, true)[0];
    children.push({ path, chain: chainOf(path, key, last?.key ?? key, delimiter), entry: undefined });
    // A folder that ends with the last key there can be has nothing after it.
    entry = folder.rangeEnd === "\0" ? undefined : first({ ...whole, key: folder.rangeEnd });
  }
  return { children, next: "" };
}

/** The first key to look at: that of the whole folder where `start` is in one. */
function startOf({ prefix, delimiter, start }: ChildrenRequest, whole: KeyRange): string {
  if (!rangeContains(whole, start)) return start > prefix ? start : prefix;
  return folderOf(start, prefix, delimiter) ?? start;
}

/** The folder under `prefix` that a key is in, undefined for a key directly under it. */
function folderOf(key: string, prefix: string, delimiter: string): string | undefined {
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}

/**
 * The deepest folder that all keys of a folder share. Keys between the first and the last begin with whatever
 * these two have in common; names are told apart from the left, as a delimiter of several bytes may overlap
 * with itself.
 */
function chainOf(path: string, first: string, last: string, delimiter: string): string {
  let end = path.length;
  for (;;) {
    const at = first.indexOf(delimiter, end);
    const next = at + delimiter.length;
    if (at === -1 || !last.startsWith(first.slice(end, next), end)) return first.slice(0, end);
    end = next;
  }
}
