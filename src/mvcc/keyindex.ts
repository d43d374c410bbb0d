import { BTree } from "./btree.ts";
import type { Entry } from "./entry.ts";
import { KeyHistory } from "./history.ts";
import { isSingleKey, type KeyRange, upperBound } from "./keyrange.ts";

/** Every key that has a kept version: by hash for a single key, by order for a range. */
export class KeyIndex {
  readonly #byKey = new Map<string, KeyHistory>();
  readonly #ordered = new BTree<KeyHistory>();

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): KeyHistory | undefined {
    return this.#byKey.get(key);
  }

  append(entry: Entry): void {
    let history = this.#byKey.get(entry.key);
    if (history === undefined) {
      history = new KeyHistory(entry.key);
      this.#byKey.set(entry.key, history);
      this.#ordered.insert(entry.key, history);
    }
    history.append(entry);
  }

  /** Visits the histories of a range in key order until `visit` returns false. */
  visit(range: KeyRange, visit: (history: KeyHistory) => boolean): void {
    if (isSingleKey(range)) {
      const history = this.#byKey.get(range.key);
      if (history !== undefined) visit(history);
      return;
    }
    const end = upperBound(range);
    this.#ordered.ascend(range.key, (history, key) => (end === undefined || key < end) && visit(history));
  }

  /** What a reader at `revision` sees of a range, in key order; `limit` 0 for all. */
  entriesAt(range: KeyRange, revision: number, limit = 0): Entry[] {
    const entries: Entry[] = [];
    this.visit(range, (history) => {
      const entry = history.at(revision);
      if (entry !== undefined) entries.push(entry);
      return limit === 0 || entries.length < limit;
    });
    return entries;
  }

  /** How many keys of a range exist at `revision`. */
  countAt(range: KeyRange, revision: number): number {
    let count = 0;
    this.visit(range, (history) => {
      if (history.at(revision) !== undefined) count++;
      return true;
    });
    return count;
  }

  /** Compacts every history; keys with nothing left are forgotten. */
  compact(revision: number): void {
    let emptied = false;
    for (const history of this.#byKey.values()) {
      if (!history.compact(revision)) continue;
      this.#byKey.delete(history.key);
      emptied = true;
    }
    if (emptied) this.#ordered.retain((history) => history.versions.length > 0);
  }
}
