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

  /** The entries as they are now: what comes and goes later does not change the view. */
  view(): LogView {
    return new LogView(this.#segments);
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

/** Entries by their place in a log. It holds segments, not copies of them: these only grow, and are replaced whole. */
export class LogView {
  readonly length: number;
  readonly #segments: ReadonlyArray<readonly Entry[]>;
  /** The place of each segment's first entry, and, last, of none. */
  readonly #starts: readonly number[];
  /** The segment last looked into. */
  #last = 0;

  constructor(segments: ReadonlyArray<readonly Entry[]>) {
    const starts = [0];
    for (const segment of segments) starts.push((starts[starts.length - 1] as number) + segment.length);
    this.#segments = [...segments];
    this.#starts = starts;
    this.length = starts[segments.length] as number;
  }

  /** @param index from 0 on, under `length` */
  at(index: number): Entry {
    const segment = this.#segmentOf(index);
    this.#last = segment;
    return (this.#segments[segment] as readonly Entry[])[index - (this.#starts[segment] as number)] as Entry;
  }

  #segmentOf(index: number): number {
    const starts = this.#starts;
    for (let near = this.#last; near < this.#last + 2; near++) {
      if (index >= (starts[near] as number) && index < (starts[near + 1] ?? 0)) return near;
    }
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle + 1] as number) <= index) low = middle + 1;
      else high = middle;
    }
    return low;
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
