import type { RevisionLog } from "./revlog.ts";

/**
 * Every kept version of one key, oldest first, in the log. For put(1) put(2) delete(3) put(4) delete(5):
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
 * Most keys have one version, and most reads are of the newest: of that one the slot and the revision are here. The log
 * knows the way from each version to the next; of a long way every so many steps are marked.
 */
export class KeyHistory {
  readonly key: string;
  /** Of the newest version. */
  slot: number;
  revision: number;
  tombstone: boolean;
  /** The slot of the oldest version. */
  #first: number;
  /** Slots of versions after the first, in order. */
  #marks: number[] = NONE;
  #sinceMark = 0;

  constructor(key: string, slot: number, revision: number, tombstone: boolean) {
    this.key = key;
    this.slot = slot;
    this.revision = revision;
    this.tombstone = tombstone;
    this.#first = slot;
  }

  /** Takes the next version: the log knows it as that already. */
  append(slot: number, revision: number, tombstone: boolean): void {
    this.slot = slot;
    this.revision = revision;
    this.tombstone = tombstone;
    if (++this.#sinceMark < STEPS_PER_MARK) return;
    if (this.#marks === NONE) this.#marks = [slot];
    else this.#marks.push(slot);
    this.#sinceMark = 0;
  }

  /** The revision of the oldest version. */
  since(log: RevisionLog): number {
    return this.#first === this.slot ? this.revision : log.revision(this.#first);
  }

  /** The slot that a reader at `revision` sees, −1 where the key does not exist then. */
  at(log: RevisionLog, revision: number): number {
    if (this.revision <= revision) return this.tombstone ? -1 : this.slot;
    const slot = this.#lastUpTo(log, revision);
    return slot < 0 || log.isTombstone(slot) ? -1 : slot;
  }

  /** The slot of the first version with a revision ≥ `revision`, −1 where there is none. */
  firstFrom(log: RevisionLog, revision: number): number {
    if (this.revision < revision) return -1;
    const before = this.#lastUpTo(log, revision - 1);
    return before < 0 ? this.#first : log.later(before);
  }

  /** The slot of the version after that in another, −1 where there is none. */
  after(log: RevisionLog, slot: number): number {
    return slot === this.slot ? -1 : log.later(slot);
  }

  /** Drops what compaction at `revision` drops; true when nothing is left. */
  compact(log: RevisionLog, revision: number): boolean {
    if (this.revision <= revision) {
      this.#first = this.slot;
      this.#marks = NONE;
      this.#sinceMark = 0;
      return this.tombstone && this.revision < revision;
    }
    const newest = this.#lastUpTo(log, revision);
    if (newest < 0) return false;
    const survives = !log.isTombstone(newest) || log.revision(newest) === revision;
    this.#first = survives ? newest : log.later(newest);
    const dropped = this.#marksUpTo((slot) => slot <= this.#first);
    if (dropped > 0) this.#marks = this.#marks.slice(dropped);
    return false;
  }

  /** The slot of the last version with a revision ≤ `revision`, −1 where there is none. Not for the newest. */
  #lastUpTo(log: RevisionLog, revision: number): number {
    if (this.since(log) > revision) return -1;
    const marks = this.#marksUpTo((slot) => log.revision(slot) <= revision);
    let slot = marks === 0 ? this.#first : (this.#marks[marks - 1] as number);
    for (let next = log.later(slot); log.revision(next) <= revision; next = log.later(slot)) slot = next;
    return slot;
  }

  /** How many marks, from the first on, something holds for. */
  #marksUpTo(holds: (slot: number) => boolean): number {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.#marks[middle] as number)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const STEPS_PER_MARK = 16;
const NONE: number[] = [];
