import type { Entry } from "./entry.ts";

/**
 * Every kept version of one key, oldest first. For put(1) put(2) delete(3) put(4) delete(5):
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
 */
export class KeyHistory {
  readonly key: string;
  versions: Entry[];

  /** @param versions the array becomes the history's; one that was empty takes room for many at the first append */
  constructor(key: string, versions: Entry[] = []) {
    this.key = key;
    this.versions = versions;
  }

  get latest(): Entry | undefined {
    return this.versions[this.versions.length - 1];
  }

  append(entry: Entry): void {
    this.versions.push(entry);
  }

  /** The version a reader at `revision` sees, undefined where the key does not exist then. */
  at(revision: number): Entry | undefined {
    const newest = this.latest;
    const entry =
      newest !== undefined && newest.modRevision <= revision ? newest : this.versions[this.firstAfter(revision) - 1];
    return entry === undefined || entry.tombstone ? undefined : entry;
  }

  /** Index of the first version with a revision > `revision`; the length where there is none. */
  firstAfter(revision: number): number {
    let low = 0;
    let high = this.versions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.versions[middle] as Entry).modRevision > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The version that a compaction at `revision` keeps of those at or under it, if any. */
  survivor(revision: number): Entry | undefined {
    const entry = this.versions[this.firstAfter(revision) - 1];
    if (entry === undefined || (entry.tombstone && entry.modRevision < revision)) return undefined;
    return entry;
  }

  /** Drops what compaction at `revision` drops; true when nothing is left. */
  compact(revision: number): boolean {
    const after = this.firstAfter(revision);
    const drop = this.survivor(revision) === undefined ? after : after - 1;
    if (drop > 0) this.versions = this.versions.slice(drop);
    return this.versions.length === 0;
  }
}
