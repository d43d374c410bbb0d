import type { Entry } from "./entry.ts";

const SEGMENT_ENTRIES = 4096;

/**
 * Every kept entry in revision order, in segments so that growth and compaction never copy the whole:
 *
 *     [ 2.0 3.0 3.1 … ] [ 4102.0 … ] [ 8200.0 … ← append ]
 */
export class RevisionLog {
  #segments: Entry[][] = [];

  append(entry: Entry): void {
    const last = this.#segments[this.#segments.length - 1];
    if (last === undefined || last.length >= SEGMENT_ENTRIES) this.#segments.push([entry]);
    else last.push(entry);
  }

  /** Visits entries with modRevision ≥ `revision` in order until `visit` returns false. */
  ascend(revision: number, visit: (entry: Entry) => boolean): void {
    for (let s = this.#segmentOf(revision); s < this.#segments.length; s++) {
      const segment = this.#segments[s] as Entry[];
      for (let at = firstAtOrAfter(segment, revision); at < segment.length; at++) {
        if (!visit(segment[at] as Entry)) return;
      }
    }
  }

  /** Drops the entries with modRevision ≤ `revision` that `keep` does not want. */
  compact(revision: number, keep: (entry: Entry) => boolean): void {
    const kept: Entry[][] = [];
    for (const segment of this.#segments) {
      const first = (segment[0] as Entry).modRevision;
      const rest = first > revision ? segment : segment.filter((e) => e.modRevision > revision || keep(e));
      if (rest.length === 0) continue;
      const last = kept[kept.length - 1];
      if (last !== undefined && last.length + rest.length <= SEGMENT_ENTRIES) last.push(...rest);
      else kept.push(rest);
    }
    this.#segments = kept;
  }

  /** The last segment that begins at or before `revision` may hold it; nearly always the last of all. */
  #segmentOf(revision: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (((this.#segments[middle] as Entry[])[0] as Entry).modRevision < revision) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

function firstAtOrAfter(segment: readonly Entry[], revision: number): number {
  let low = 0;
  let high = segment.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segment[middle] as Entry).modRevision < revision) low = middle + 1;
    else high = middle;
  }
  return low;
}
