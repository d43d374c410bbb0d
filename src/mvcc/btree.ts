/**
 * An ordered map from one-byte string keys to values: a B+ tree with linked leaves.
 *
 *            [ d | k ]              inner node: keys[i] is the least key under children[i + 1]
 *           /    |    \
 *     [a b c] → [d f] → [k m z]     leaves, in key order
 *
 * Leaves are not merged when they shrink (an empty one is unlinked), as deletes come only from compaction.
 */
const MAX_KEYS = 64;

class Leaf<V> {
  keys: string[] = [];
  values: V[] = [];
  next: Leaf<V> | undefined;
}

class Inner<V> {
  keys: string[] = [];
  children: Array<Inner<V> | Leaf<V>> = [];
}

interface Split<V> {
  key: string;
  right: Inner<V> | Leaf<V>;
}

/** Index of the first element ≥ key. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the child of `inner` that holds `key`. */
function childIndex<V>(inner: Inner<V>, key: string): number {
  const at = lowerBound(inner.keys, key);
  return inner.keys[at] === key ? at + 1 : at;
}

export class BTree<V> {
  #root: Inner<V> | Leaf<V> = new Leaf<V>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a key that must not be there yet. */
  insert(key: string, value: V): void {
    const split = this.#insert(this.#root, key, value);
    this.#size++;
    if (split === undefined) return;
    const root = new Inner<V>();
    root.keys.push(split.key);
    root.children.push(this.#root, split.right);
    this.#root = root;
  }

  /** Visits values in key order from the first key ≥ `from` until `visit` returns false. */
  ascend(from: string, visit: (value: V, key: string) => boolean): void {
    let leaf: Leaf<V> | undefined = this.#leafOf(from);
    let at = lowerBound(leaf.keys, from);
    for (; leaf !== undefined; leaf = leaf.next, at = 0) {
      for (; at < leaf.keys.length; at++) {
        if (!visit(leaf.values[at] as V, leaf.keys[at] as string)) return;
      }
    }
  }

  /** Keeps the values for which `keep` returns true, in one pass over the whole tree. */
  retain(keep: (value: V, key: string) => boolean): void {
    const rest = new BTree<V>();
    this.ascend("", (value, key) => {
      if (keep(value, key)) rest.insert(key, value);
      return true;
    });
    this.#root = rest.#root;
    this.#size = rest.#size;
  }

  #leafOf(key: string): Leaf<V> {
    let node = this.#root;
    while (node instanceof Inner) node = node.children[childIndex(node, key)] as Inner<V> | Leaf<V>;
    return node;
  }

  #insert(node: Inner<V> | Leaf<V>, key: string, value: V): Split<V> | undefined {
    if (node instanceof Leaf) {
      const at = lowerBound(node.keys, key);
      node.keys.splice(at, 0, key);
      node.values.splice(at, 0, value);
      return node.keys.length > MAX_KEYS ? splitLeaf(node, at) : undefined;
    }
    const at = childIndex(node, key);
    const split = this.#insert(node.children[at] as Inner<V> | Leaf<V>, key, value);
    if (split === undefined) return undefined;
    node.keys.splice(at, 0, split.key);
    node.children.splice(at + 1, 0, split.right);
    return node.keys.length > MAX_KEYS ? splitInner(node) : undefined;
  }
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
