/** Folders of keys that are bytes, told by a delimiter that is bytes too. */
import { compareBytes, equalBytes, startsWith } from "../../store/bytes.ts";

/** Where `needle` begins in `bytes` at or after `from`, -1 if nowhere. */
export function indexOfBytes(bytes: Uint8Array, needle: Uint8Array, from: number): number {
  const [first = 0] = needle;
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (equalBytes(bytes.subarray(at, at + needle.length), needle)) return at;
  }
  return -1;
}

/** The folder under `prefix` that a key is in, undefined for a key directly under it. */
export function folderOf(key: Uint8Array, prefix: Uint8Array, delimiter: Uint8Array): Uint8Array | undefined {
  const at = indexOfBytes(key, delimiter, prefix.length);
  return at === -1 ? undefined : key.subarray(0, at + delimiter.length);
}

/** The deepest folder at or under `path` that both keys are in. */
export function commonFolder(path: Uint8Array, first: Uint8Array, last: Uint8Array, delimiter: Uint8Array): Uint8Array {
  let folder = path;
  for (;;) {
    const next = folderOf(first, folder, delimiter);
    if (next === undefined || !startsWith(last, next)) return folder;
    folder = next;
  }
}

/** The first index of a list in byte order whose path is not before `path`. */
export function lowerBound(list: readonly { readonly path: Uint8Array }[], path: Uint8Array): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = list[middle];
    if (item !== undefined && compareBytes(item.path, path) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
