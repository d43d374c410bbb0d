import { LEAF_KEYS, type LeafWords } from "./leafwords.ts";

/** What a tree asks of the keys that it orders. */
export interface OrderedKeys {
  /** The key, or so much of its beginning. */
  key(id: number, length?: number): string;
  /** How the key of an ID stands to another: negative, 0 or positive. */
  compare(id: number, key: string): number;
  /** Four bytes of the key from one on, as a number; 0 for those it does not have. */
  head(id: number, from: number): number;
  /** Since when it is there, by any count of time; it may become later, but not earlier. */
  since(id: number): number;
  /** Whether it is counted; when that changes, the tree is told by `turned`. */
  isLive(id: number): boolean;
}

/** Keys of a node lie between these: `low` ≤ key < `high`, undefined for no bound. */
export interface Bounds {
  readonly low: string | undefined;
  readonly high: string | undefined;
}

export const EVERY_KEY: Bounds = { low: undefined, high: undefined };

/** A node over others. */
export class Inner {
  /** One less than there are children. */
  separators: string[] = [];
  children: TreeNode[] = [];
  live = 0;

  /** The bounds of a child. */
  boundsOf(at: number, own: Bounds): Bounds {
    return { low: at === 0 ? own.low : this.separators[at - 1], high: this.separators[at] ?? own.high };
  }

  recount(): void {
    this.live = 0;
    for (const child of this.children) this.live += child.live;
  }
}

export type TreeNode = Inner | Leaf;

/**
 * IDs in the order of their keys. All keys of a leaf lie between its bounds, so they have in common what these have;
 * of each the four bytes behind that, its head, are here too, so that a search seldom has to look at a key itself:
 *
 *     bounds /pods/3a… and /pods/3c…      skip 7 ("/pods/3")
 *     ids      17    4    9
 *     heads   a017 a9f2 b331
 */
export class Leaf {
  readonly words: Uint32Array<ArrayBuffer>;
  count = 0;
  next: Leaf | undefined;
  previous: Leaf | undefined;
  /** No key of the leaf was there before; it may be less than it could be. */
  since = Number.POSITIVE_INFINITY;
  live = 0;
  /** Bytes that all keys have in common; there may be more. */
  skip = 0;

  constructor(memory: LeafWords) {
    this.words = memory.take();
  }

  id(at: number): number {
    return this.words[at] as number;
  }

  /** The place of the first key that is not less than one within the leaf's bounds. */
  placeOf(key: string, keys: OrderedKeys): number {
    const { words } = this;
    const head = headOf(key, this.skip);
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = words[LEAF_KEYS + middle] as number;
      if (other < head || (other === head && keys.compare(words[middle] as number, key) < 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(at: number, id: number, head: number): void {
    const { words } = this;
    for (let to = this.count; to > at; to--) {
      words[to] = words[to - 1] as number;
      words[LEAF_KEYS + to] = words[LEAF_KEYS + to - 1] as number;
    }
    words[at] = id;
    words[LEAF_KEYS + at] = head;
    this.count++;
  }

  remove(at: number): void {
    this.words.copyWithin(at, at + 1, this.count);
    this.words.copyWithin(LEAF_KEYS + at, LEAF_KEYS + at + 1, LEAF_KEYS + this.count);
    this.count--;
  }

  /** Takes all from a place of another, behind its own. */
  takeFrom(other: Leaf, from: number): void {
    const { words } = this;
    words.set(other.words.subarray(from, other.count), this.count);
    words.set(other.words.subarray(LEAF_KEYS + from, LEAF_KEYS + other.count), LEAF_KEYS + this.count);
    this.count += other.count - from;
    other.count = from;
  }

  /** Finds out anew what is known of the keys together, and of each its head, if the bounds let it be another. */
  measure(keys: OrderedKeys, { low, high }: Bounds): void {
    const skip = low === undefined || high === undefined ? 0 : commonLength(low, high);
    const { words } = this;
    this.live = 0;
    this.since = Number.POSITIVE_INFINITY;
    for (let at = 0; at < this.count; at++) {
      const id = words[at] as number;
      if (keys.isLive(id)) this.live++;
      this.since = Math.min(this.since, keys.since(id));
      if (skip !== this.skip) words[LEAF_KEYS + at] = keys.head(id, skip);
    }
    this.skip = skip;
  }
}

/** Four bytes of a key from one on, as a number; 0 for those it does not have. */
export function headOf(key: string, from: number): number {
  let head = 0;
  for (let at = from; at < from + 4; at++) head = (head << 8) | (at < key.length ? key.charCodeAt(at) : 0);
  return head >>> 0;
}

/** How many bytes two keys begin with that are the same. */
export function commonLength(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}
