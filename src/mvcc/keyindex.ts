import { BTree } from "./btree.ts";
import type { Entry } from "./entry.ts";
import { KeyHistory } from "./history.ts";
import { isSingleKey, type KeyRange, upperBound } from "./keyrange.ts";

/** Every key that has a kept version: by hash for a single key, by order for a range. */
export class KeyIndex {
  readonly #byKey = new Map<string, KeyHistory>();
  readonly #ordered = new BTree<KeyHistory>((history) => history.versions[0]?.modRevision ?? 0);

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): KeyHistory | undefined {
    return this.#byKey.get(key);
  }

  append(entry: Entry): void {
    const history = this.#byKey.get(entry.key);
    if (history !== undefined) history.append(entry);
    else this.#ordered.insert(entry.key, this.#begin(entry));
  }

  /** As `append`, but no range can be visited until `order`: many keys that come in any order cost much less so. */
  load(entry: Entry): void {
    const history = this.#byKey.get(entry.key);
    if (history !== undefined) history.append(entry);
    else this.#begin(entry);
  }

  order(): void {
    // Sorted as they are, as looking up each key once more would take longer than the rest.
    const histories = [...this.#byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const keys = histories.map(({ key }) => key);
    this.#ordered.fill(keys, histories);
  }

  /**
   * Visits the histories of a range in key order until `visit` returns false; of those that begin after
   * `revision` not all.
   */
  visit(range: KeyRange, visit: (history: KeyHistory) => boolean, revision = Number.POSITIVE_INFINITY): void {
    if (isSingleKey(range)) {
      const history = this.#byKey.get(range.key);
      if (history !== undefined) visit(history);
      return;
    }
    const end = upperBound(range);
    const span = { end, time: revision };
    this.#ordered.ascend(range.key, (history, key) => (end === undefined || key < end) && visit(history), span);
  }

  /** As `visit`, from the last key of the range to the first. */
  visitBackwards(range: KeyRange, visit: (history: KeyHistory) => boolean, revision: number): void {
    if (isSingleKey(range)) this.visit(range, visit);
    else this.#ordered.descend(range.key, visit, { end: upperBound(range), time: revision });
  }

  /** What a reader at `revision` sees of a range, in key order, or from its end; `limit` 0 for all. */
  entriesAt(range: KeyRange, revision: number, limit = 0, backwards = false): Entry[] {
    const entries: Entry[] = [];
    const take = (history: KeyHistory): boolean => {
      const entry = history.at(revision);
      if (entry !== undefined) entries.push(entry);
      return limit === 0 || entries.length < limit;
    };
    if (backwards) this.visitBackwards(range, take, revision);
    else this.visit(range, take, revision);
    return entries;
  }

  /** How many keys of a range exist at `revision`. */
  countAt(range: KeyRange, revision: number): number {
    let count = 0;
    this.visit(
      range,
      (history) => {
        if (history.at(revision) !== undefined) count++;
        return true;
      },
      revision,
    );
    return count;
  }

  #begin(entry: Entry): KeyHistory {
    const history = new KeyHistory(entry.key, [entry]);
    this.#byKey.set(entry.key, history);
    return history;
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
