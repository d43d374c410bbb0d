/**
 * etcd's answer to a range that ends before it begins, and so holds no key: it depends on how the search goes
 * through its tree of what is granted, and so on the tree's shape. This is that tree, and that search:
 *
 *     a red-black tree by beginning, then end, filled in the order of the grants, every node knowing the
 *     greatest end under it
 */
export interface Interval {
  readonly start: string;
  /** Undefined is past every key. */
  readonly end: string | undefined;
}

type Side = 0 | 1;
type Tree = Node | undefined;

class Node {
  readonly interval: Interval;
  readonly children: [Tree, Tree] = [undefined, undefined];
  parent: Tree;
  isRed = true;

  constructor(interval: Interval, parent: Tree) {
    this.interval = interval;
    this.parent = parent;
  }
}

export class GrantTree {
  #root: Tree;

  constructor(intervals: Iterable<Interval>) {
    for (const interval of intervals) this.#insert(interval);
  }

  /** Whether the search for a range, whose end is not past its start, comes upon an interval that holds its start. */
  finds(start: string, end: string): boolean {
    return finds(this.#root, start, end);
  }

  #insert(interval: Interval): void {
    let parent: Tree;
    let side: Side = 0;
    for (let at = this.#root; at !== undefined; at = at.children[side]) {
      parent = at;
      side = isBefore(interval, at.interval) ? 0 : 1;
    }
    const node = new Node(interval, parent);
    if (parent === undefined) this.#root = node;
    else parent.children[side] = node;
    this.#balance(node);
  }

  /** No red node has a red child, and every way down has as many black ones. */
  #balance(inserted: Node): void {
    let node = inserted;
    for (let { parent } = node; parent?.isRed === true; parent = node.parent) {
      const grandparent = parent.parent as Node;
      const side: Side = parent === grandparent.children[0] ? 0 : 1;
      const other: Side = side === 0 ? 1 : 0;
      const uncle = grandparent.children[other];
      grandparent.isRed = true;
      if (uncle?.isRed === true) {
        uncle.isRed = false;
        parent.isRed = false;
        node = grandparent;
        continue;
      }
      if (node === parent.children[other]) {
        this.#rotate(parent, side);
        [node, parent] = [parent, node];
      }
      parent.isRed = false;
      this.#rotate(grandparent, other);
    }
    if (this.#root !== undefined) this.#root.isRed = false;
  }

  /** Puts the child of the other side in a node's place, and the node on this side under it. */
  #rotate(node: Node, side: Side): void {
    const other: Side = side === 0 ? 1 : 0;
    const child = node.children[other] as Node;
    const moved = child.children[side];
    node.children[other] = moved;
    if (moved !== undefined) moved.parent = node;
    const { parent } = node;
    child.parent = parent;
    if (parent === undefined) this.#root = child;
    else parent.children[parent.children[0] === node ? 0 : 1] = child;
    child.children[side] = node;
    node.parent = child;
  }
}

function finds(node: Tree, start: string, end: string): boolean {
  if (node === undefined) return false;
  const { interval, children } = node;
  if (interval.start > start) return finds(children[0], start, end);
  if (isAfter(interval.end, start)) return true;
  // All under this node is passed over as if it were behind the range, where the range ends before the node begins.
  if (interval.start >= end || !hasEndAfter(node, start)) return false;
  return finds(children[0], start, end) || finds(children[1], start, end);
}

function hasEndAfter(node: Tree, key: string): boolean {
  if (node === undefined) return false;
  return isAfter(node.interval.end, key) || node.children.some((child) => hasEndAfter(child, key));
}

function isAfter(end: string | undefined, key: string): boolean {
  return end === undefined || end > key;
}

function isBefore(a: Interval, b: Interval): boolean {
  if (a.start !== b.start) return a.start < b.start;
  return a.end !== undefined && isAfter(b.end, a.end);
}
