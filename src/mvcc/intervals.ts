/**
 * A set of values by interval [start, end) of keys that answers "which intervals hold this key" in
 * O(log n + answers): a treap ordered by start, every node knowing the greatest end under it.
 *
 *              [f, m) max ∞
 *             /            \
 *     [b, c) max k      [p, ∞) max ∞
 *             \
 *          [d, k) max k          stab("g"): skips nothing on the left as k > g, finds [f, m) and [d, k)
 *
 * An end of undefined is past every key.
 */
interface Node<V> {
  readonly start: string;
  readonly end: string | undefined;
  readonly priority: number;
  readonly values: Set<V>;
  max: string | undefined;
  left: Node<V> | undefined;
  right: Node<V> | undefined;
}

type Tree<V> = Node<V> | undefined;

export class IntervalSet<V> {
  #root: Tree<V>;
  /** Balance needs priorities that have nothing to do with the keys, not ones that nobody can foretell. */
  #seed = 0x9e3779b9;

  add(start: string, end: string | undefined, value: V): void {
    const existing = this.#find(start, end);
    if (existing !== undefined) {
      existing.values.add(value);
      return;
    }
    const [left, right] = split(this.#root, start, end);
    this.#root = merge(merge(left, this.#node(start, end, value)), right);
  }

  delete(start: string, end: string | undefined, value: V): void {
    const node = this.#find(start, end);
    if (node === undefined) return;
    node.values.delete(value);
    if (node.values.size === 0) this.#root = remove(this.#root, start, end);
  }

  /** Visits every value whose interval holds `key`. */
  stab(key: string, visit: (value: V) => void): void {
    stab(this.#root, key, visit);
  }

  /** Whether any interval holds `key`. */
  hits(key: string): boolean {
    let hit = false;
    this.stab(key, () => {
      hit = true;
    });
    return hit;
  }

  #find(start: string, end: string | undefined): Tree<V> {
    let node = this.#root;
    while (node !== undefined) {
      const order = compareIntervals(start, end, node);
      if (order === 0) return node;
      node = order < 0 ? node.left : node.right;
    }
    return undefined;
  }

  #node(start: string, end: string | undefined, value: V): Node<V> {
    this.#seed ^= this.#seed << 13;
    this.#seed ^= this.#seed >>> 17;
    this.#seed ^= this.#seed << 5;
    const values = new Set([value]);
    return { start, end, priority: this.#seed, values, max: end, left: undefined, right: undefined };
  }
}

function compareEnds(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
}

function compareIntervals<V>(start: string, end: string | undefined, node: Node<V>): number {
  if (start !== node.start) return start < node.start ? -1 : 1;
  return compareEnds(end, node.end);
}

function updateMax<V>(node: Node<V>): Node<V> {
  node.max = node.end;
  for (const child of [node.left, node.right]) {
    if (child !== undefined && compareEnds(child.max, node.max) > 0) node.max = child.max;
  }
  return node;
}

/** The nodes before the interval and those after it; the interval itself is not in the tree. */
function split<V>(tree: Tree<V>, start: string, end: string | undefined): [Tree<V>, Tree<V>] {
  if (tree === undefined) return [undefined, undefined];
  if (compareIntervals(start, end, tree) < 0) {
    const [before, after] = split(tree.left, start, end);
    tree.left = after;
    return [before, updateMax(tree)];
  }
  const [before, after] = split(tree.right, start, end);
  tree.right = before;
  return [updateMax(tree), after];
}

function merge<V>(left: Tree<V>, right: Tree<V>): Tree<V> {
  if (left === undefined) return right;
  if (right === undefined) return left;
  if (left.priority > right.priority) {
    left.right = merge(left.right, right);
    return updateMax(left);
  }
  right.left = merge(left, right.left);
  return updateMax(right);
}

function remove<V>(tree: Tree<V>, start: string, end: string | undefined): Tree<V> {
  if (tree === undefined) return undefined;
  const order = compareIntervals(start, end, tree);
  if (order === 0) return merge(tree.left, tree.right);
  if (order < 0) tree.left = remove(tree.left, start, end);
  else tree.right = remove(tree.right, start, end);
  return updateMax(tree);
}

function stab<V>(tree: Tree<V>, key: string, visit: (value: V) => void): void {
  if (tree === undefined || (tree.max !== undefined && tree.max <= key)) return;
  stab(tree.left, key, visit);
  if (tree.start > key) return;
  if (tree.end === undefined || tree.end > key) for (const value of tree.values) visit(value);
  stab(tree.right, key, visit);
}
