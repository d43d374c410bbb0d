import { lowerBound } from "./keyrange.ts";
import { LEAF_BYTES, LEAF_KEYS, LeafWords } from "./leafwords.ts";
import {
  type Bounds,
  commonLength,
  EVERY_KEY,
  headOf,
  Inner,
  Leaf,
  type OrderedKeys,
  type TreeNode,
} from "./treenodes.ts";

/** Most separators of an inner node. */
const MAX_SEPARATORS = 64;
/** With fewer keys or separators a node is joined with one beside it, if both fit into one. */
const MIN_KEYS = 16;
/** What objects and the separator of a leaf take of the heap, about. */
const LEAF_HEAP_BYTES = 320;

/** Returns false to end the walk. */
export type Visit = (id: number) => boolean;

/** Keys < `end`, undefined for all, that were there at `time`. */
export interface Span {
  readonly end: string | undefined;
  readonly time: number;
}

const EVERYTHING: Span = { end: undefined, time: Number.POSITIVE_INFINITY };

/** The way from the root to a leaf: the child that is taken in each inner node, and the bounds of the node. */
interface Step {
  readonly inner: Inner;
  readonly at: number;
  readonly bounds: Bounds;
}

interface Way {
  readonly steps: readonly Step[];
  readonly leaf: Leaf;
  readonly bounds: Bounds;
}

/**
 * IDs in the order of their keys: a B+ tree with linked leaves.
 *
 *            [ d | k ]              inner node: keys under children[i + 1] are ≥ separators[i]
 *           /    |    \
 *     [a b c] ⇄ [d f] ⇄ [k m z]     leaves, in key order: IDs only, see treenodes.ts
 *
 * A separator is no longer than it has to be. A leaf knows since when there is anything in it, so that a walk of an
 * earlier time passes over it in one step. Every node knows how many of the keys under it are live, so that those before
 * a key are counted along the way to it. Nodes that have shrunk are joined where they fit into one; a leaf beside full ones
 * may stay nearly empty, or empty.
 */
export class BTree {
  readonly #keys: OrderedKeys;
  readonly #memory = new LeafWords();
  #root: TreeNode = new Leaf(this.#memory);
  #size = 0;
  #leaves = 1;
  /** The way taken last, as long as the nodes are as they were then: keys often come one after the other. */
  #last: Way | undefined;

  constructor(keys: OrderedKeys) {
    this.#keys = keys;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#leaves * (LEAF_BYTES + LEAF_HEAP_BYTES);
  }

  /** Live keys from `from` on, before `end`, undefined for all: in O(log n). */
  liveIn(from: string, end: string | undefined): number {
    if (end !== undefined && end <= from) return 0;
    return (end === undefined ? this.#root.live : this.#liveBefore(end)) - this.#liveBefore(from);
  }

  /** A key, which is there, has become live, or is no longer. */
  turned(key: string, isLive: boolean): void {
    count(this.#wayTo(key), isLive ? 1 : -1);
  }

  /** Adds a key that must not be there yet. */
  insert(key: string, id: number): void {
    const way = this.#wayTo(key);
    const { leaf } = way;
    const at = leaf.placeOf(key, this.#keys);
    leaf.insert(at, id, headOf(key, leaf.skip));
    leaf.since = Math.min(leaf.since, this.#keys.since(id));
    if (this.#keys.isLive(id)) count(way, 1);
    this.#size++;
    if (leaf.count === LEAF_KEYS) this.#splitLeaf(way, at);
  }

  /** Without effect where the key is not there. */
  delete(key: string): void {
    const way = this.#wayTo(key);
    const { leaf } = way;
    const at = leaf.placeOf(key, this.#keys);
    if (at === leaf.count || this.#keys.compare(leaf.id(at), key) !== 0) return;
    if (this.#keys.isLive(leaf.id(at))) count(way, -1);
    leaf.remove(at);
    this.#size--;
    if (leaf.count < MIN_KEYS) this.#join(way);
  }

  /**
   * Visits IDs in key order from the first key ≥ `from` until `visit` returns false. Of the keys that were not
   * there at the time of `span` it need not visit any.
   */
  ascend(from: string, visit: Visit, { end, time }: Span = EVERYTHING): void {
    if (end !== undefined && end <= from) return;
    const last = end === undefined ? undefined : this.#wayTo(end).leaf;
    const stop = end === undefined ? 0 : (last as Leaf).placeOf(end, this.#keys);
    let leaf: Leaf | undefined = this.#wayTo(from).leaf;
    for (let at = leaf.placeOf(from, this.#keys); leaf !== undefined; leaf = leaf.next, at = 0) {
      const before = leaf === last ? stop : leaf.count;
      if (leaf.since <= time) for (; at < before; at++) if (!visit(leaf.id(at))) return;
      if (leaf === last) return;
    }
  }

  /** As `ascend`, in reverse key order: from the last key before the end of `span` down to `from`. */
  descend(from: string, visit: Visit, { end, time }: Span = EVERYTHING): void {
    if (end !== undefined && end <= from) return;
    const first = this.#wayTo(from).leaf;
    const stop = first.placeOf(from, this.#keys);
    let leaf: Leaf | undefined = end === undefined ? lastLeaf(this.#root) : this.#wayTo(end).leaf;
    let at = end === undefined ? leaf.count : leaf.placeOf(end, this.#keys);
    while (leaf !== undefined) {
      const least = leaf === first ? stop : 0;
      if (leaf.since <= time) while (at-- > least) if (!visit(leaf.id(at))) return;
      if (leaf === first) return;
      leaf = leaf.previous;
      at = leaf?.count ?? 0;
    }
  }

  #wayTo(key: string): Way {
    const last = this.#last;
    if (last !== undefined && isWithin(last.bounds, key)) return last;
    const steps: Step[] = [];
    let bounds = EVERY_KEY;
    let node = this.#root;
    while (node instanceof Inner) {
      const at = childIndex(node, key);
      steps.push({ inner: node, at, bounds });
      bounds = node.boundsOf(at, bounds);
      node = node.children[at] as TreeNode;
    }
    this.#last = { steps, leaf: node, bounds };
    return this.#last;
  }

  #liveBefore(key: string): number {
    const { steps, leaf } = this.#wayTo(key);
    let live = 0;
    for (const { inner, at } of steps) for (let left = 0; left < at; left++) live += inner.children[left]?.live ?? 0;
    const place = leaf.placeOf(key, this.#keys);
    if (leaf.live === leaf.count) return live + place;
    for (let at = 0; at < place; at++) if (this.#keys.isLive(leaf.id(at))) live++;
    return live;
  }

  /** Halves a leaf; where keys arrive in order the full left half is kept full. */
  #splitLeaf({ steps, leaf, bounds }: Way, insertedAt: number): void {
    const isAtEnd = insertedAt === leaf.count - 1 && leaf.next === undefined;
    const right = new Leaf(this.#memory);
    right.skip = leaf.skip;
    right.takeFrom(leaf, isAtEnd ? insertedAt : leaf.count >>> 1);
    link(right, leaf.next);
    link(leaf, right);
    this.#leaves++;
    const common = commonLength(this.#keys.key(leaf.id(leaf.count - 1)), this.#keys.key(right.id(0)));
    const separator = this.#keys.key(right.id(0), common + 1);
    leaf.measure(this.#keys, { low: bounds.low, high: separator });
    right.measure(this.#keys, { low: separator, high: bounds.high });
    this.#last = undefined;
    this.#addChild(steps, steps.length - 1, leaf, separator, right);
  }

  /** Puts what a node was split into beside it, into the inner node of a step, or into a new root. */
  #addChild(steps: readonly Step[], number: number, left: TreeNode, separator: string, right: TreeNode): void {
    const step = steps[number];
    if (step === undefined) {
      const root = new Inner();
      root.separators.push(separator);
      root.children.push(left, right);
      root.recount();
      this.#root = root;
      return;
    }
    const { inner, at } = step;
    inner.separators.splice(at, 0, separator);
    inner.children.splice(at + 1, 0, right);
    if (inner.separators.length <= MAX_SEPARATORS) return;
    const half = inner.separators.length >>> 1;
    const upper = new Inner();
    const between = inner.separators[half] as string;
    upper.separators = inner.separators.splice(half + 1);
    upper.children = inner.children.splice(half + 1);
    inner.separators.length = half;
    inner.recount();
    upper.recount();
    this.#addChild(steps, number - 1, inner, between, upper);
  }

  /** Joins nodes that have become small, from a leaf up. */
  #join({ steps }: Way): void {
    this.#last = undefined;
    for (let number = steps.length - 1; number >= 0; number--) {
      const { inner, at, bounds } = steps[number] as Step;
      if (!this.#joinChild(inner, at - 1, bounds) && !this.#joinChild(inner, at, bounds)) break;
      if (inner.separators.length >= MIN_KEYS) break;
    }
    while (this.#root instanceof Inner && this.#root.children.length === 1) {
      this.#root = this.#root.children[0] as TreeNode;
    }
  }

  /** Joins a child with the next one, where both fit into one. */
  #joinChild(parent: Inner, at: number, bounds: Bounds): boolean {
    const [left, right] = [parent.children[at], parent.children[at + 1]];
    const separator = parent.separators[at];
    if (left === undefined || right === undefined || separator === undefined) return false;
    if (left instanceof Leaf && right instanceof Leaf) {
      if (left.count + right.count >= LEAF_KEYS) return false;
      this.#joinLeaves(left, right, {
        low: parent.boundsOf(at, bounds).low,
        high: parent.boundsOf(at + 1, bounds).high,
      });
    } else if (left instanceof Inner && right instanceof Inner) {
      if (left.separators.length + right.separators.length >= MAX_SEPARATORS) return false;
      left.separators.push(separator, ...right.separators);
      left.children.push(...right.children);
      left.recount();
    }
    parent.separators.splice(at, 1);
    parent.children.splice(at + 1, 1);
    return true;
  }

  #joinLeaves(left: Leaf, right: Leaf, bounds: Bounds): void {
    // Heads behind different beginnings do not compare: those of both are to be made anew.
    left.skip = -1;
    left.takeFrom(right, 0);
    link(left, right.next);
    left.measure(this.#keys, bounds);
    this.#memory.giveBack(right.words);
    this.#leaves--;
  }
}

function isWithin({ low, high }: Bounds, key: string): boolean {
  return (low === undefined || low <= key) && (high === undefined || key < high);
}

/** Index of the child that holds a key. */
function childIndex(inner: Inner, key: string): number {
  const at = lowerBound(inner.separators, key);
  return inner.separators[at] === key ? at + 1 : at;
}

function count({ steps, leaf }: Way, by: number): void {
  for (const { inner } of steps) inner.live += by;
  leaf.live += by;
}

function link(left: Leaf, right: Leaf | undefined): void {
  left.next = right;
  if (right !== undefined) right.previous = left;
}

function lastLeaf(root: TreeNode): Leaf {
  let node = root;
  while (node instanceof Inner) node = node.children[node.children.length - 1] as TreeNode;
  return node;
}
