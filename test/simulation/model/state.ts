/**
 * What an etcd holds, in the simplest way there is: maps and a list of events. Written from etcd's rules, without
 * any of the code under test, to be right at a glance and not to be fast.
 *
 * A state is never changed; each step of the model makes a new one. So what a crash may have undone is a matter of
 * taking an earlier state.
 */
export interface Pair {
  readonly key: string;
  readonly value: string;
  readonly create: number;
  readonly mod: number;
  readonly version: number;
  readonly lease: bigint;
}

/** The pair after a put; of a delete only key and mod count. */
export interface ModelEvent {
  readonly kind: "put" | "delete";
  readonly pair: Pair;
}

export interface GrantedRange {
  readonly key: string;
  readonly end: string;
}

export interface AuthState {
  readonly enabled: boolean;
  readonly revision: number;
  /** What the one user who is not root may read and write. */
  readonly granted: readonly GrantedRange[];
}

export interface State {
  readonly revision: number;
  /** −1 for never. */
  readonly compacted: number;
  readonly pairs: ReadonlyMap<string, Pair>;
  /** TTL in seconds by ID. */
  readonly leases: ReadonlyMap<bigint, number>;
  readonly auth: AuthState;
}

export const FIRST_STATE: State = {
  revision: 1,
  compacted: -1,
  pairs: new Map(),
  leases: new Map(),
  auth: { enabled: false, revision: 1, granted: [] },
};

/** Whether a range in the form of etcd's wire holds a key. */
export function holds(key: string, end: string, candidate: string): boolean {
  if (end === "") return candidate === key;
  return candidate >= key && (end === "\0" || candidate < end);
}

export function byKey(a: Pair, b: Pair): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** All events, by revision. What was undone by a crash is cut off. */
export class EventLog {
  readonly #byRevision: Array<readonly ModelEvent[]> = [];

  append(revision: number, events: readonly ModelEvent[]): void {
    this.#byRevision.length = revision;
    this.#byRevision[revision] = events;
  }

  cut(revision: number): void {
    this.#byRevision.length = Math.min(this.#byRevision.length, revision + 1);
  }

  at(revision: number): readonly ModelEvent[] {
    return this.#byRevision[revision] ?? [];
  }

  /** The pairs that were there at a revision. */
  pairsAt(revision: number): Map<string, Pair> {
    const pairs = new Map<string, Pair>();
    for (let at = 2; at <= revision; at++) {
      for (const { kind, pair } of this.at(at)) {
        if (kind === "put") pairs.set(pair.key, pair);
        else pairs.delete(pair.key);
      }
    }
    return pairs;
  }

  /** What was there of a key at a revision. */
  pairAt(key: string, revision: number): Pair | undefined {
    for (let at = revision; at >= 2; at--) {
      const last = this.at(at).findLast(({ pair }) => pair.key === key);
      if (last !== undefined) return last.kind === "put" ? last.pair : undefined;
    }
    return undefined;
  }
}
