import { BTree } from "./btree.ts";
import type { Entry } from "./entry.ts";
import { KeyHistory } from "./history.ts";
import { KeyMap } from "./keymap.ts";
import { countIn, isSingleKey, type KeyRange, upperBound } from "./keyrange.ts";
import type { RevisionLog } from "./revlog.ts";
import type { StoredEntry } from "./storedentry.ts";

/** Keys looked at by a compaction before others get their turn. */
const KEYS_PER_SLICE = 2000;

/** A large delete takes so many keys at a time, and looks at so many to find them. */
const DELETES_PER_SLICE = 1000;
const VISITS_PER_SLICE = 10_000;

const NO_KEYS: readonly string[] = [];

/** What a key takes of the heap beside its characters; measured, and rounded up. */
const KEY_HEAP_BYTES = 240;

/** Every key that has a kept version: by hash for a single key, by order for a range. */
export class KeyIndex {
  readonly #log: RevisionLog;
  readonly #byKey = new KeyMap<KeyHistory>();
  readonly #ordered: BTree<KeyHistory>;
  /** Of the versions. */
  #newestRevision = 0;
  #keyBytes = 0;
  /** Keys, in order, whose newest version is a tombstone of a revision that is still to come. */
  #staged: readonly string[] = NO_KEYS;

  /** @param log where the versions are */
  constructor(log: RevisionLog) {
    this.#log = log;
    this.#ordered = new BTree<KeyHistory>(
      (history) => history.since(log),
      (history) => !history.tombstone,
    );
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** About what it takes of the heap, which unlike other memory has a limit of its own. */
  get heapBytes(): number {
    return this.#keyBytes + this.size * KEY_HEAP_BYTES;
  }

  get(key: string): KeyHistory | undefined {
    return this.#byKey.get(key);
  }

  /**
   * Takes a version that was appended to the log.
   * @param history that of its key: what `get` says
   */
  append(entry: Entry, slot: number, history: KeyHistory | undefined): void {
    this.#newestRevision = entry.modRevision;
    if (history !== undefined && history.tombstone !== entry.tombstone) {
      this.#ordered.turned(entry.key, !entry.tombstone);
    }
    if (history !== undefined) this.#extend(history, entry, slot);
    else this.#ordered.insert(entry.key, this.#begin(entry, slot));
  }

  /** As `append`, but no range can be visited until `order`: many keys that come in any order cost much less so. */
  load(entry: Entry, slot: number): void {
    this.#newestRevision = entry.modRevision;
    const history = this.#byKey.get(entry.key);
    if (history !== undefined) this.#extend(history, entry, slot);
    else this.#begin(entry, slot);
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

  exists(history: KeyHistory, revision: number): boolean {
    return history.at(this.#log, revision) >= 0;
  }

  /** What a reader at `revision` sees of a key. */
  at(history: KeyHistory | undefined, revision: number): StoredEntry | undefined {
    const slot = history === undefined ? -1 : history.at(this.#log, revision);
    return slot < 0 ? undefined : this.#log.entry(slot, history?.key);
  }

  /** Visits the versions of a key from a revision on, oldest first, until `visit` returns false. */
  visitVersions(key: string, revision: number, visit: (entry: StoredEntry) => boolean): void {
    const history = this.#byKey.get(key);
    if (history === undefined) return;
    for (let slot = history.firstFrom(this.#log, revision); slot >= 0; slot = history.after(this.#log, slot)) {
      if (!visit(this.#log.entry(slot, key))) return;
    }
  }

  /** What a reader at `revision` sees of a range, in key order, or from its end; `limit` 0 for all. */
  entriesAt(range: KeyRange, revision: number, limit = 0, backwards = false): StoredEntry[] {
    const entries: StoredEntry[] = [];
    const take = (history: KeyHistory): boolean => {
      const entry = this.at(history, revision);
      if (entry !== undefined) entries.push(entry);
      return limit === 0 || entries.length < limit;
    };
    if (backwards) this.visitBackwards(range, take, revision);
    else this.visit(range, take, revision);
    return entries;
  }

  /** The histories of the keys of a range that exist at `revision`, in key order. */
  keysAt(range: KeyRange, revision: number): KeyHistory[] {
    const histories: KeyHistory[] = [];
    const take = (history: KeyHistory): boolean => {
      if (this.exists(history, revision)) histories.push(history);
      return true;
    };
    this.visit(range, take, revision);
    return histories;
  }

  /** As `keysAt`, some at a time; those that were given may be deleted before the next are asked for. */
  *slicesAt(range: KeyRange, revision: number): Generator<KeyHistory[]> {
    let from: string | undefined = range.key;
    while (from !== undefined) {
      const histories: KeyHistory[] = [];
      let visits = VISITS_PER_SLICE;
      let last: string | undefined;
      this.visit({ key: from, rangeEnd: range.rangeEnd }, (history) => {
        if (this.exists(history, revision)) histories.push(history);
        if (histories.length < DELETES_PER_SLICE && --visits > 0) return true;
        last = history.key;
        return false;
      });
      yield histories;
      from = last === undefined || isSingleKey(range) ? undefined : `${last}\0`;
    }
  }

  /** As `slicesAt`, of these keys. */
  *slicesOf(keys: readonly string[]): Generator<KeyHistory[]> {
    for (let at = 0; at < keys.length; at += DELETES_PER_SLICE) {
      const histories: KeyHistory[] = [];
      for (const key of keys.slice(at, at + DELETES_PER_SLICE)) {
        const history = this.#byKey.get(key);
        if (history !== undefined && !history.tombstone) histories.push(history);
      }
      yield histories;
    }
  }

  /** Says which keys, in order, end in a tombstone that readers do not know of yet; without any, that they now do. */
  stage(keys: readonly string[] = NO_KEYS): void {
    this.#staged = keys;
  }

  /** How many keys of a range exist at `revision`; of the newest that takes no longer for more keys. */
  countAt(range: KeyRange, revision: number): number {
    const current = this.#staged.length > 0 ? this.#newestRevision - 1 : this.#newestRevision;
    if (revision >= current && !isSingleKey(range)) {
      const live = this.#ordered.liveIn(range.key, upperBound(range));
      return revision >= this.#newestRevision ? live : live + countIn(this.#staged, range);
    }
    let count = 0;
    this.visit(
      range,
      (history) => {
        if (this.exists(history, revision)) count++;
        return true;
      },
      revision,
    );
    return count;
  }

  /** Compacts every history, some at a time; keys with nothing left are forgotten. */
  *compacting(revision: number): Generator<void> {
    let from: string | undefined = "";
    while (from !== undefined) {
      const start: string = from;
      const emptied: string[] = [];
      let left = KEYS_PER_SLICE;
      from = undefined;
      this.#ordered.ascend(start, (history) => {
        if (left-- === 0) {
          from = history.key;
          return false;
        }
        if (history.compact(this.#log, revision)) emptied.push(history.key);
        return true;
      });
      for (const key of emptied) this.#forget(key);
      if (from !== undefined) yield;
    }
  }

  #extend(history: KeyHistory, { modRevision, tombstone }: Entry, slot: number): void {
    this.#log.supersede(history.slot, slot);
    history.append(slot, modRevision, tombstone);
  }

  #begin({ key, modRevision, tombstone }: Entry, slot: number): KeyHistory {
    const history = new KeyHistory(key, slot, modRevision, tombstone);
    this.#byKey.add(key, history);
    this.#keyBytes += key.length;
    return history;
  }

  /** A key whose last version went. */
  #forget(key: string): void {
    this.#byKey.delete(key);
    this.#ordered.delete(key);
    this.#keyBytes -= key.length;
  }
}
