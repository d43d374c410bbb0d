import type { Entry } from "./entry.ts";
import { KeyColumns } from "./keycolumns.ts";
import type { KeyProbe } from "./keyprobe.ts";
import type { KeysById } from "./keytable.ts";
import type { RevisionLog } from "./revlog.ts";
import type { OrderedKeys } from "./treenodes.ts";

const STEPS_PER_MARK = 16;

/**
 * Of each key, by its ID, every kept version, oldest first, in the log. For put(1) put(2) delete(3) put(4) delete(5):
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
 * Most keys have one version, and most reads and writes are of the newest: what they need of that one is in columns. The
 * log knows the way from each version to the next, and the key; of a long way every so many steps are marked.
 */
export class Histories implements OrderedKeys, KeysById {
  readonly #log: RevisionLog;
  readonly #columns = new KeyColumns();

  constructor(log: RevisionLog) {
    this.#log = log;
  }

  get bytes(): number {
    return this.#columns.bytes;
  }

  /** The first ID from one on that is a key's, −1 for none. */
  nextUsed(from: number): number {
    return this.#columns.nextUsed(from);
  }

  /** Takes the first version of a key; returns the key's ID. */
  begin(entry: Entry, slot: number): number {
    const id = this.#columns.take();
    this.#columns.setNewest(id, slot, entry);
    this.#restart(id, slot);
    return id;
  }

  /** Takes the next version. */
  extend(id: number, entry: Entry, slot: number): void {
    this.#log.supersede(this.#columns.slot(id), slot);
    this.#columns.setNewest(id, slot, entry);
    const steps = (this.#columns.steps(id) + 1) % STEPS_PER_MARK;
    this.#columns.setSteps(id, steps);
    if (steps === 0) this.#columns.addMark(id, slot);
  }

  /** Forgets a key: its ID will be another's. */
  forget(id: number): void {
    this.#columns.free(id);
  }

  /** A key, or so much of its beginning. */
  key(id: number, length?: number): string {
    return this.#log.key(this.#columns.slot(id), length);
  }

  isKey(id: number, probe: KeyProbe): boolean {
    return this.#log.isKey(this.#columns.slot(id), probe);
  }

  /** How the key of an ID stands to another: negative, 0 or positive. */
  compare(id: number, key: string): number {
    return this.#log.compareKey(this.#columns.slot(id), key);
  }

  /** Four bytes of a key from one on, as a number; 0 for those it does not have. */
  head(id: number, from: number): number {
    return this.#log.keyHead(this.#columns.slot(id), from);
  }

  /** Whether the newest version is none that readers see. */
  isTombstone(id: number): boolean {
    return this.#columns.isTombstone(id);
  }

  isLive(id: number): boolean {
    return !this.#columns.isTombstone(id);
  }

  /** Of the newest version: what the next one goes on from, where it is no tombstone. */
  createRevision(id: number): number {
    return this.#columns.createRevision(id);
  }

  version(id: number): number {
    return this.#columns.version(id);
  }

  /** The revision of the oldest version. */
  since(id: number): number {
    const first = this.#columns.first(id);
    return first === this.#columns.slot(id) ? this.#columns.revision(id) : this.#log.revision(first);
  }

  /** The slot that a reader at `revision` sees, −1 where the key does not exist then. */
  at(id: number, revision: number): number {
    const columns = this.#columns;
    if (columns.revision(id) <= revision) return columns.isTombstone(id) ? -1 : columns.slot(id);
    const slot = this.#lastUpTo(id, revision);
    return slot < 0 || this.#log.isTombstone(slot) ? -1 : slot;
  }

  /** The slot of the first version with a revision ≥ `revision`, −1 where there is none. */
  firstFrom(id: number, revision: number): number {
    if (this.#columns.revision(id) < revision) return -1;
    const before = this.#lastUpTo(id, revision - 1);
    return before < 0 ? this.#columns.first(id) : this.#log.later(before);
  }

  /** The slot of the version after that in another, −1 where there is none. */
  after(id: number, slot: number): number {
    return slot === this.#columns.slot(id) ? -1 : this.#log.later(slot);
  }

  /** Drops what compaction at `revision` drops; true when nothing is left. */
  compact(id: number, revision: number): boolean {
    const own = this.#columns.revision(id);
    if (own <= revision) {
      this.#restart(id, this.#columns.slot(id));
      return this.#columns.isTombstone(id) && own < revision;
    }
    const newest = this.#lastUpTo(id, revision);
    if (newest < 0) return false;
    const survives = !this.#log.isTombstone(newest) || this.#log.revision(newest) === revision;
    const first = survives ? newest : this.#log.later(newest);
    this.#columns.setFirst(id, first);
    this.#columns.dropMarks(
      id,
      this.#marksUpTo(id, (slot) => slot <= first),
    );
    return false;
  }

  #restart(id: number, slot: number): void {
    this.#columns.setFirst(id, slot);
    this.#columns.setSteps(id, 0);
    this.#columns.dropMarks(id, Number.POSITIVE_INFINITY);
  }

  /** The slot of the last version with a revision ≤ `revision`, −1 where there is none. Not for the newest. */
  #lastUpTo(id: number, revision: number): number {
    const log = this.#log;
    if (this.since(id) > revision) return -1;
    const marks = this.#marksUpTo(id, (slot) => log.revision(slot) <= revision);
    let slot = marks === 0 ? this.#columns.first(id) : (this.#columns.marks(id)[marks - 1] as number);
    for (let next = log.later(slot); log.revision(next) <= revision; next = log.later(slot)) slot = next;
    return slot;
  }

  /** How many marks, from the first on, something holds for. */
  #marksUpTo(id: number, holds: (slot: number) => boolean): number {
    const marks = this.#columns.marks(id);
    let low = 0;
    let high = marks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(marks[middle] as number)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
