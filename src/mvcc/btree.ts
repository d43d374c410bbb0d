/**
 * An ordered map from one-byte string keys to values: a B+ tree with linked leaves.
 *
 *            [ d | k ]              inner node: keys[i] is the least key under children[i + 1]
 *           /    |    \
 *     [a b c] → [d f] → [k m z]     leaves, in key order
 *
 * A leaf knows since when there is anything in it, so that a walk of an earlier time passes over it in one step. Every
 * node knows how many of the values under it are live, so that those of a span are counted along its two edges.
 * Nodes that have shrunk are joined where they fit into one; a leaf beside full ones may stay nearly empty, or empty.
 */
import { lowerBound } from "./keyrange.ts";

const MAX_KEYS = 64;
/** How full nodes are that are made all at once: with room for what comes in between. */
const BUILT_KEYS = 48;
/** With fewer a node is joined with one beside it, if both fit into one. */
const MIN_KEYS = 16;

class Leaf<V> {
  keys: string[] = [];
  values: V[] = [];
  next: Leaf<V> | undefined;
  /** No value of the leaf was there before; it may be less than it could be. */
  since = Number.POSITIVE_INFINITY;
  live = 0;
}

class Inner<V> {
  keys: string[] = [];
  children: Array<Inner<V> | Leaf<V>> = [];
  live = 0;
}

interface Split<V> {
  key: string;
  right: Inner<V> | Leaf<V>;
}

/** Index of the child of `inner` that holds `key`. */
function childIndex<V>(inner: Inner<V>, key: string): number {
  const at = lowerBound(inner.keys, key);
  return inner.keys[at] === key ? at + 1 : at;
}

/** Returns false to end the walk. */
export type Visit<V> = (value: V, key: string) => boolean;

/** Keys < `end`, undefined for all, whose values were there at `time`. */
export interface Span {
  readonly end: string | undefined;
  readonly time: number;
}

const EVERYTHING: Span = { end: undefined, time: Number.POSITIVE_INFINITY };

export class BTree<V> {
  readonly #sinceOf: (value: V) => number;
  readonly #isLive: (value: V) => boolean;
  #root: Inner<V> | Leaf<V> = new Leaf<V>();
  #size = 0;
  /** Where a value turned last, as long as the tree is as it was then. */
  #turnedLeaf: Leaf<V> | undefined;
  #turnedPath: Inner<V>[] = [];

  /**
   * @param sinceOf since when a value is there, by any count of time; it may become later, but not earlier
   * @param isLive whether a value is counted; when that changes, the tree is told by `turned`
   */
  constructor(sinceOf: (value: V) => number = () => 0, isLive: (value: V) => boolean = () => true) {
    this.#sinceOf = sinceOf;
    this.#isLive = isLive;
  }

  /** Takes keys that are in order, each once, and their values, in place of those that are there. */
  fill(keys: readonly string[], values: readonly V[]): void {
    this.#turnedLeaf = undefined;
    const level = leaves(keys, values);
    for (const { node } of level) this.#measure(node);
    this.#root = level.length === 0 ? new Leaf<V>() : inners(level);
    this.#size = keys.length;
  }

  get size(): number {
    return this.#size;
  }

  /** Live values from the key `from` on, before `end`, undefined for all: in O(log n). */
  liveIn(from: string, end: string | undefined): number {
    return end !== undefined && end <= from ? 0 : this.#liveIn(this.#root, from, end);
  }

  /** The value of a key, which is there, has become live, or is no longer. */
  turned(key: string, isLive: boolean): void {
    const by = isLive ? 1 : -1;
    const last = this.#turnedLeaf;
    // Keys often turn one after the other: the way to most is that to the one before.
    if (last === undefined || key < (last.keys[0] as string) || key > (last.keys[last.keys.length - 1] as string)) {
      this.#seekTurned(key);
    }
    for (const inner of this.#turnedPath) inner.live += by;
    (this.#turnedLeaf as Leaf<V>).live += by;
  }

  /** Adds a key that must not be there yet. */
  insert(key: string, value: V): void {
    this.#turnedLeaf = undefined;
    const split = this.#insert(this.#root, key, value);
    this.#size++;
    if (split === undefined) return;
    const root = new Inner<V>();
    root.keys.push(split.key);
    root.children.push(this.#root, split.right);
    this.#root = root;
  }

  /**
   * Visits values in key order from the first key ≥ `from` until `visit` returns false. Of the keys that do not
   * belong to `span` it need not visit any.
   */
  ascend(from: string, visit: Visit<V>, span: Span = EVERYTHING): void {
    const { end, time } = span;
    let leaf: Leaf<V> | undefined = this.#leafOf(from);
    let at = lowerBound(leaf.keys, from);
    for (; leaf !== undefined; leaf = leaf.next, at = 0) {
      if (leaf.since > time) {
        if (end !== undefined && leaf.keys.length > 0 && (leaf.keys[0] as string) >= end) return;
        continue;
      }
      for (; at < leaf.keys.length; at++) {
        if (!visit(leaf.values[at] as V, leaf.keys[at] as string)) return;
      }
    }
  }

  /** As `ascend`, in reverse key order: from the last key before the end of `span` down to `from`. */
  descend(from: string, visit: Visit<V>, span: Span = EVERYTHING): void {
    this.#descend(this.#root, from, visit, span);
  }

  /** Without effect where the key is not there. */
  delete(key: string): void {
    this.#turnedLeaf = undefined;
    if (this.#delete(this.#root, key) === undefined) return;
    this.#size--;
    while (this.#root instanceof Inner && this.#root.children.length === 1) {
      this.#root = this.#root.children[0] as Inner<V> | Leaf<V>;
    }
  }

  #seekTurned(key: string): void {
    this.#turnedPath = [];
    let node = this.#root;
    while (node instanceof Inner) {
      this.#turnedPath.push(node);
      node = node.children[childIndex(node, key)] as Inner<V> | Leaf<V>;
    }
    this.#turnedLeaf = node;
  }

  #leafOf(key: string): Leaf<V> {
    let node = this.#root;
    while (node instanceof Inner) node = node.children[childIndex(node, key)] as Inner<V> | Leaf<V>;
    return node;
  }

  /** Leaves are linked forwards only, so this goes by the tree. False where it has come to its end. */
  #descend(node: Inner<V> | Leaf<V>, from: string, visit: Visit<V>, { end, time }: Span): boolean {
    if (node instanceof Leaf) {
      if (node.since > time) return node.keys.length === 0 || (node.keys[0] as string) > from;
      let at = end === undefined ? node.keys.length : lowerBound(node.keys, end);
      while (at-- > 0) {
        const key = node.keys[at] as string;
        if (key < from || !visit(node.values[at] as V, key)) return false;
      }
      return true;
    }
    const last = end === undefined ? node.children.length - 1 : childIndex(node, end);
    for (let at = last; at >= 0; at--) {
      const span = at === last ? { end, time } : { end: undefined, time };
      if (!this.#descend(node.children[at] as Inner<V> | Leaf<V>, from, visit, span)) return false;
    }
    return true;
  }

  /** How many live values went with the key; undefined where it was not there. */
  #delete(node: Inner<V> | Leaf<V>, key: string): number | undefined {
    if (node instanceof Leaf) {
      const at = lowerBound(node.keys, key);
      if (node.keys[at] !== key) return undefined;
      const live = this.#isLive(node.values[at] as V) ? 1 : 0;
      node.keys.splice(at, 1);
      node.values.splice(at, 1);
      node.live -= live;
      return live;
    }
    const at = childIndex(node, key);
    const child = node.children[at] as Inner<V> | Leaf<V>;
    const live = this.#delete(child, key);
    if (live === undefined) return undefined;
    node.live -= live;
    if (child.keys.length < MIN_KEYS) mergeChild(node, at);
    return live;
  }

  /** @param from undefined for the first key there is */
  #liveIn(node: Inner<V> | Leaf<V>, from: string | undefined, end: string | undefined): number {
    if (from === undefined && end === undefined) return node.live;
    let live = 0;
    if (node instanceof Leaf) {
      const last = end === undefined ? node.keys.length : lowerBound(node.keys, end);
      for (let at = from === undefined ? 0 : lowerBound(node.keys, from); at < last; at++) {
        if (this.#isLive(node.values[at] as V)) live++;
      }
      return live;
    }
    const first = from === undefined ? 0 : childIndex(node, from);
    const last = end === undefined ? node.children.length - 1 : childIndex(node, end);
    for (let at = first; at <= last; at++) {
      const child = node.children[at] as Inner<V> | Leaf<V>;
      live += this.#liveIn(child, at === first ? from : undefined, at === last ? end : undefined);
    }
    return live;
  }

  #measure(node: Inner<V> | Leaf<V>): void {
    node.live = 0;
    if (node instanceof Inner) {
      for (const child of node.children) node.live += child.live;
      return;
    }
    node.since = Number.POSITIVE_INFINITY;
    for (const value of node.values) {
      node.since = Math.min(node.since, this.#sinceOf(value));
      if (this.#isLive(value)) node.live++;
    }
  }

  #insert(node: Inner<V> | Leaf<V>, key: string, value: V): Split<V> | undefined {
    if (node instanceof Leaf) {
      const at = lowerBound(node.keys, key);
      insertAt(node.keys, at, key);
      insertAt(node.values, at, value);
      node.since = Math.min(node.since, this.#sinceOf(value));
      if (this.#isLive(value)) node.live++;
      return node.keys.length <= MAX_KEYS ? undefined : this.#measured(node, splitLeaf(node, at));
    }
    if (this.#isLive(value)) node.live++;
    const at = childIndex(node, key);
    const split = this.#insert(node.children[at] as Inner<V> | Leaf<V>, key, value);
    if (split === undefined) return undefined;
    node.keys.splice(at, 0, split.key);
    node.children.splice(at + 1, 0, split.right);
    return node.keys.length <= MAX_KEYS ? undefined : this.#measured(node, splitInner(node));
  }

  #measured(left: Inner<V> | Leaf<V>, split: Split<V>): Split<V> {
    this.#measure(left);
    this.#measure(split.right);
    return split;
  }
}

/** A node that is being built into the tree, and the least key under it. */
interface Built<V> {
  readonly least: string;
  readonly node: Inner<V> | Leaf<V>;
}

function leaves<V>(keys: readonly string[], values: readonly V[]): Built<V>[] {
  const built: Built<V>[] = [];
  let previous: Leaf<V> | undefined;
  for (let at = 0; at < keys.length; at += BUILT_KEYS) {
    const leaf = new Leaf<V>();
    leaf.keys = keys.slice(at, at + BUILT_KEYS);
    leaf.values = values.slice(at, at + BUILT_KEYS);
    if (previous !== undefined) previous.next = leaf;
    previous = leaf;
    built.push({ least: leaf.keys[0] as string, node: leaf });
  }
  return built;
}

/** Puts levels on top of one until one node is left. */
function inners<V>(level: readonly Built<V>[]): Inner<V> | Leaf<V> {
  const [only] = level;
  if (only !== undefined && level.length === 1) return only.node;
  const above: Built<V>[] = [];
  for (let at = 0; at < level.length; at += BUILT_KEYS) {
    const children = level.slice(at, at + BUILT_KEYS);
    const inner = new Inner<V>();
    inner.children = children.map(({ node }) => node);
    inner.keys = children.slice(1).map(({ least }) => least);
    inner.live = inner.children.reduce((live, child) => live + child.live, 0);
    above.push({ least: children[0]?.least ?? "", node: inner });
  }
  return inners(above);
}

/** Halves a leaf; where keys arrive in order the full left half is kept full. */
function splitLeaf<V>(leaf: Leaf<V>, insertedAt: number): Split<V> {
  const last = leaf.keys.length - 1;
  const half = insertedAt === last && leaf.next === undefined ? last : leaf.keys.length >>> 1;
  const right = new Leaf<V>();
  right.keys = leaf.keys.splice(half);
  right.values = leaf.values.splice(half);
  right.next = leaf.next;
  leaf.next = right;
  return { key: right.keys[0] as string, right };
}

function splitInner<V>(node: Inner<V>): Split<V> {
  const half = node.keys.length >>> 1;
  const right = new Inner<V>();
  const key = node.keys[half] as string;
  right.keys = node.keys.splice(half + 1);
  right.children = node.children.splice(half + 1);
  node.keys.length = half;
  return { key, right };
}

/** As `splice`, which costs several times as much, as it makes an array of what it removes. */
function insertAt<T>(list: T[], at: number, value: T): void {
  list.push(value);
  for (let to = list.length - 1; to > at; to--) list[to] = list[to - 1] as T;
  list[at] = value;
}

/** Joins a child that has become small with one beside it, where both fit into one. */
function mergeChild<V>(parent: Inner<V>, at: number): void {
  for (const left of [at - 1, at]) {
    const [a, b] = [parent.children[left], parent.children[left + 1]];
    const separator = parent.keys[left];
    if (a === undefined || b === undefined || separator === undefined) continue;
    if (a instanceof Leaf && b instanceof Leaf) {
      if (a.keys.length + b.keys.length > MAX_KEYS) continue;
      a.keys.push(...b.keys);
      a.values.push(...b.values);
      a.since = Math.min(a.since, b.since);
      a.next = b.next;
    } else if (a instanceof Inner && b instanceof Inner) {
      if (a.keys.length + b.keys.length + 1 > MAX_KEYS) continue;
      a.keys.push(separator, ...b.keys);
      a.children.push(...b.children);
    }
    a.live += b.live;
    parent.keys.splice(left, 1);
    parent.children.splice(left + 1, 1);
    return;
  }
}
