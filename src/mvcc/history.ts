import type { RevisionLog } from "./revlog.ts";

/**
 * Every kept version of one key, oldest first, as slots of the log. For put(1) put(2) delete(3) put(4) delete(5):
 *
 *     versions      1   2   3†   4   5†
 *     generations   └────┬───┘   └──┬─┘     a tombstone (†) ends a generation
 *
 *     at revision 2 → 2      at 3 → nothing      at 4 → 4      at 5 → nothing
 *
 *     compact(2)    2   3†   4   5†
 *     compact(3)    3†   4   5†              the tombstone of the compacted revision itself stays
 *     compact(4)    4   5†
 *     compact(6)    (nothing: the key leaves the index)
 *
 * That the tombstone stays at its own revision is what etcd ≥ 3.5.16 does; a watch from the compacted
 * revision still sees the delete (rule CO2).
 *
 * Most keys have one version, and most reads are of the newest: of that one the revision is here too.
 */
export class KeyHistory {
  readonly key: string;
  /** Of the newest version. */
  slot: number;
  revision: number;
  tombstone: boolean;
  /** The versions before it, of which `#olderCount` are there: the rest is room. */
  #older: number[] = NONE;
  #olderCount = 0;

  constructor(key: string, slot: number, revision: number, tombstone: boolean) {
    this.key = key;
    this.slot = slot;
    this.revision = revision;
    this.tombstone = tombstone;
  }

  get versions(): number {
    return this.#olderCount + 1;
  }

  append(slot: number, revision: number, tombstone: boolean): void {
    if (this.#olderCount === this.#older.length) {
      // By twice, and by one for a second version: there may be a million keys of two.
      const grown = new Array<number>(Math.max(1, this.#olderCount * 2)).fill(0);
      for (let at = 0; at < this.#olderCount; at++) grown[at] = this.#older[at] as number;
      this.#older = grown;
    }
    this.#older[this.#olderCount++] = this.slot;
    this.slot = slot;
    this.revision = revision;
    this.tombstone = tombstone;
  }

  /** The slot of a version, 0 the oldest. */
  slotOf(version: number): number {
    return version === this.#olderCount ? this.slot : (this.#older[version] as number);
  }

  /** The revision of the oldest version. */
  since(log: RevisionLog): number {
    return this.#olderCount === 0 ? this.revision : log.revision(this.slotOf(0));
  }

  /** The slot that a reader at `revision` sees, −1 where the key does not exist then. */
  at(log: RevisionLog, revision: number): number {
    if (this.revision <= revision) return this.tombstone ? -1 : this.slot;
    const version = this.firstAfter(log, revision) - 1;
    if (version < 0) return -1;
    const slot = this.slotOf(version);
    return log.isTombstone(slot) ? -1 : slot;
  }

  /** The first version with a revision > `revision`; `versions` where there is none. */
  firstAfter(log: RevisionLog, revision: number): number {
    if (this.revision <= revision) return this.versions;
    let low = 0;
    let high = this.#olderCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (log.revision(this.#older[middle] as number) > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Drops what compaction at `revision` drops; true when nothing is left. */
  compact(log: RevisionLog, revision: number): boolean {
    if (this.revision <= revision) {
      this.#older = NONE;
      this.#olderCount = 0;
      return this.tombstone && this.revision < revision;
    }
    const after = this.firstAfter(log, revision);
    if (after === 0) return false;
    const newest = this.slotOf(after - 1);
    const survives = !log.isTombstone(newest) || log.revision(newest) === revision;
    const drop = survives ? after - 1 : after;
    if (drop > 0) {
      this.#older = this.#older.slice(drop, this.#olderCount);
      this.#olderCount = this.#older.length;
    }
    return false;
  }
}

const NONE: number[] = [];
