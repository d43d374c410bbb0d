import { BTree } from "./btree.ts";
import type { Entry } from "./entry.ts";
import { Histories } from "./histories.ts";
import { DEFAULT_SEED, type HashSeed, KeyProbe } from "./keyprobe.ts";
import { countIn, isSingleKey, type KeyRange, upperBound } from "./keyrange.ts";
import { KeyTable } from "./keytable.ts";
import type { RevisionLog } from "./revlog.ts";
import type { StoredEntry } from "./storedentry.ts";

/** Keys looked at by a compaction before others get their turn. */
const KEYS_PER_SLICE = 2000;

/** A large delete takes so many keys at a time, and looks at so many to find them. */
const DELETES_PER_SLICE = 1000;
const VISITS_PER_SLICE = 10_000;

const NO_KEYS: readonly string[] = [];

/**
 * Every key that has a kept version. Inside it is a small number, its ID, and nothing of it is on the heap:
 *
 *     KeyTable    key → ID            one key, by hash
 *     BTree       IDs in key order    ranges and counts
 *     Histories   ID → versions       what of each stands in columns; the key itself is read where its newest version is
 */
export class KeyIndex {
  readonly #log: RevisionLog;
  readonly #histories: Histories;
  readonly #byKey: KeyTable;
  readonly #ordered: BTree;
  /** Of the versions. */
  #newestRevision = 0;
  /** Keys, in order, whose newest version is a tombstone of a revision that is still to come. */
  #staged: readonly string[] = NO_KEYS;

  /**
   * @param log where the versions are
   * @param seed who writes keys should not know it
   */
  constructor(log: RevisionLog, seed: HashSeed = DEFAULT_SEED) {
    this.#log = log;
    this.#histories = new Histories(log);
    this.#byKey = new KeyTable(new KeyProbe(seed), this.#histories);
    this.#ordered = new BTree(this.#histories);
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** About what it takes of memory; the keys themselves are in the log. */
  get bytes(): number {
    return this.#histories.bytes + this.#byKey.bytes + this.#ordered.bytes;
  }

  /** The ID of a key, good as long as the key has a version; −1 for a key that has none. */
  find(key: string): number {
    return this.#byKey.find(key);
  }

  /** Begin with the key that was looked for last: its bytes, for who is about to write them. */
  get soughtBytes(): Uint8Array {
    return this.#byKey.soughtBytes;
  }

  key(id: number): string {
    return this.#histories.key(id);
  }

  /** Whether there is no key, or its newest version is a tombstone. */
  isGone(id: number): boolean {
    return id < 0 || this.#histories.isTombstone(id);
  }

  /** Of the newest version, which is no tombstone. */
  createRevision(id: number): number {
    return this.#histories.createRevision(id);
  }

  version(id: number): number {
    return this.#histories.version(id);
  }

  /**
   * Takes a version that was appended to the log.
   * @param id that of its key: what `find` says
   */
  append(entry: Entry, slot: number, id: number): void {
    const { key, tombstone } = entry;
    this.#newestRevision = entry.modRevision;
    if (id < 0) {
      const own = this.#histories.begin(entry, slot);
      this.#byKey.add(key, own);
      this.#ordered.insert(key, own);
      return;
    }
    if (this.#histories.isTombstone(id) !== tombstone) this.#ordered.turned(key, !tombstone);
    this.#histories.extend(id, entry, slot);
  }

  /**
   * Visits the IDs of a range in key order until `visit` returns false; of keys that begin after `revision` not all.
   */
  visit(range: KeyRange, visit: (id: number) => boolean, revision = Number.POSITIVE_INFINITY): void {
    if (isSingleKey(range)) {
      const id = this.#byKey.find(range.key);
      if (id >= 0) visit(id);
    } else this.#ordered.ascend(range.key, visit, { end: upperBound(range), time: revision });
  }

  /** As `visit`, from the last key of the range to the first. */
  visitBackwards(range: KeyRange, visit: (id: number) => boolean, revision: number): void {
    if (isSingleKey(range)) this.visit(range, visit);
    else this.#ordered.descend(range.key, visit, { end: upperBound(range), time: revision });
  }

  exists(id: number, revision: number): boolean {
    return this.#histories.at(id, revision) >= 0;
  }

  /**
   * What a reader at `revision` sees of a key.
   * @param key the ID's, where it is known
   */
  at(id: number, revision: number, key?: string): StoredEntry | undefined {
    const slot = id < 0 ? -1 : this.#histories.at(id, revision);
    return slot < 0 ? undefined : this.#log.entry(slot, key);
  }

  /** Visits the versions of a key from a revision on, oldest first, until `visit` returns false. */
  visitVersions(key: string, revision: number, visit: (entry: StoredEntry) => boolean): void {
    const id = this.#byKey.find(key);
    if (id < 0) return;
    const histories = this.#histories;
    for (let slot = histories.firstFrom(id, revision); slot >= 0; slot = histories.after(id, slot)) {
      if (!visit(this.#log.entry(slot, key))) return;
    }
  }

  /** What a reader at `revision` sees of a range, in key order, or from its end; `limit` 0 for all. */
  entriesAt(range: KeyRange, revision: number, limit = 0, backwards = false): StoredEntry[] {
    const entries: StoredEntry[] = [];
    const key = isSingleKey(range) ? range.key : undefined;
    const take = (id: number): boolean => {
      const entry = this.at(id, revision, key);
      if (entry !== undefined) entries.push(entry);
      return limit === 0 || entries.length < limit;
    };
    if (backwards) this.visitBackwards(range, take, revision);
    else this.visit(range, take, revision);
    return entries;
  }

  /** The IDs of a range's keys that exist at `revision`, in key order. */
  keysAt(range: KeyRange, revision: number): number[] {
    const ids: number[] = [];
    const take = (id: number): boolean => {
      if (this.exists(id, revision)) ids.push(id);
      return true;
    };
    this.visit(range, take, revision);
    return ids;
  }

  /** As `keysAt`, some at a time; those that were given may be deleted before the next are asked for. */
  *slicesAt(range: KeyRange, revision: number): Generator<number[]> {
    let from: string | undefined = range.key;
    while (from !== undefined) {
      const ids: number[] = [];
      let visits = VISITS_PER_SLICE;
      let last = -1;
      this.visit({ key: from, rangeEnd: range.rangeEnd }, (id) => {
        if (this.exists(id, revision)) ids.push(id);
        if (ids.length < DELETES_PER_SLICE && --visits > 0) return true;
        last = id;
        return false;
      });
      from = last < 0 || isSingleKey(range) ? undefined : `${this.key(last)}\0`;
      yield ids;
    }
  }

  /** As `slicesAt`, of these keys. */
  *slicesOf(keys: readonly string[]): Generator<number[]> {
    for (let at = 0; at < keys.length; at += DELETES_PER_SLICE) {
      const slice = keys.slice(at, at + DELETES_PER_SLICE).map((key) => this.find(key));
      yield slice.filter((id) => !this.isGone(id));
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
      (id) => {
        if (this.exists(id, revision)) count++;
        return true;
      },
      revision,
    );
    return count;
  }

  /** Compacts every history, some at a time; keys with nothing left are forgotten. */
  *compacting(revision: number): Generator<void> {
    const histories = this.#histories;
    let left = KEYS_PER_SLICE;
    for (let id = histories.nextUsed(0); id >= 0; id = histories.nextUsed(id + 1)) {
      if (left-- === 0) {
        left = KEYS_PER_SLICE;
        yield;
      }
      if (histories.compact(id, revision)) this.#forget(id);
    }
  }

  /** A key whose last version went. */
  #forget(id: number): void {
    const key = this.key(id);
    this.#byKey.delete(key, id);
    this.#ordered.delete(key);
    this.#histories.forget(id);
  }
}
