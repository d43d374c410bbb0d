/**
 * What happened, as one watch of everything tells it: each revision once, each key's versions without a gap. It is
 * what all other watches are held against. Only the last revisions are kept, and those that a watch has still to see.
 */
import type { Event } from "../../src/gen/mvccpb/kv_pb.ts";
import { Event_EventType } from "../../src/gen/mvccpb/kv_pb.ts";
import { text } from "../crash/clients.ts";
import type { Faults } from "./faults.ts";
import type { Ledger } from "./ledger.ts";

export interface Change {
  readonly revision: number;
  readonly key: string;
  readonly isDelete: boolean;
  readonly version: bigint;
  readonly createRevision: bigint;
  readonly lease: bigint;
  readonly value: Uint8Array;
}

/** One revision, complete. */
export interface Revision {
  readonly number: number;
  readonly changes: readonly Change[];
  /** Of the ledger's counter: calls begun later cannot have made it. */
  readonly seenAt: number;
  readonly seenMs: number;
}

/** From where reads of the past take one. */
const NEWEST = 20;

/** The group of every key. */
export const ALL = "";
/** Of every group, beyond what watches need: where watches may begin in the past. */
const KEPT_REVISIONS = 8_000;

export class History {
  /** The last revision that is complete. */
  last = 1;
  /** Told of each revision, in order. */
  onRevision: ((revision: Revision) => void) | undefined;
  readonly #newest: Revision[] = [];
  readonly #groups = new Map<string, Change[]>();
  readonly #state = new Map<string, Change>();
  readonly #faults: Faults;
  readonly #ledger: Ledger;

  constructor(faults: Faults, ledger: Ledger) {
    this.#faults = faults;
    this.#ledger = ledger;
  }

  /** Keys that are alive. */
  get size(): number {
    return this.#state.size;
  }

  /** The last revisions, the oldest first. */
  get newest(): readonly Revision[] {
    return this.#newest;
  }

  get(key: string): Change | undefined {
    return this.#state.get(key);
  }

  /** Events of whole revisions, as the watch of everything got them. */
  add(events: readonly Event[]): void {
    let changes: Change[] = [];
    for (const event of events) {
      const change = changeOf(event);
      const [first] = changes;
      if (first !== undefined && first.revision !== change.revision) {
        this.#complete(changes);
        changes = [];
      }
      changes.push(change);
    }
    if (changes.length > 0) this.#complete(changes);
  }

  /** The changes of a group from one revision to another, both included. */
  *between(group: string, from: number, to: number): Generator<Change> {
    const list = this.#groups.get(group) ?? [];
    for (let at = firstAt(list, from); at < list.length; at++) {
      const change = list[at] as Change;
      if (change.revision > to) return;
      yield change;
    }
  }

  /** @param needed the first revision that somebody still asks for, of each group that is asked for */
  forget(needed: ReadonlyMap<string, number>): void {
    for (const [group, list] of this.#groups) {
      const before = Math.min(this.last - KEPT_REVISIONS, needed.get(group) ?? Number.POSITIVE_INFINITY);
      const count = firstAt(list, before);
      if (count > 0) list.splice(0, count);
    }
  }

  #complete(changes: readonly Change[]): void {
    const number = changes[0]?.revision ?? 0;
    if (number !== this.last + 1) this.#faults.add("the watch of everything skips", `${this.last} → ${number}`);
    for (const change of changes) {
      this.#check(change);
      if (change.isDelete) this.#state.delete(change.key);
      else this.#state.set(change.key, change);
      this.#listOf(ALL).push(change);
      this.#listOf(groupOf(change.key)).push(change);
    }
    this.last = number;
    const revision = { number, changes, seenAt: this.#ledger.now(), seenMs: performance.now() };
    this.#newest.push(revision);
    if (this.#newest.length > NEWEST) this.#newest.shift();
    this.onRevision?.(revision);
  }

  /** Against what the key was before. */
  #check({ key, revision, isDelete, version, createRevision }: Change): void {
    const before = this.#state.get(key);
    if (isDelete) {
      if (before === undefined) this.#faults.add("a delete of a key that was not there", `${key} at ${revision}`);
      return;
    }
    const isRight =
      version === (before?.version ?? 0n) + 1n && createRevision === (before?.createRevision ?? BigInt(revision));
    if (!isRight) this.#faults.add("a version is missing", `${key} at ${revision}: version ${version}`);
  }

  #listOf(group: string): Change[] {
    let list = this.#groups.get(group);
    if (list === undefined) {
      list = [];
      this.#groups.set(group, list);
    }
    return list;
  }
}

export function groupOf(key: string): string {
  return key.slice(0, key.indexOf("/"));
}

export function changeOf({ type, kv }: Event): Change {
  if (kv === undefined) throw new Error("an event without a key");
  return {
    revision: Number(kv.modRevision),
    key: text(kv.key),
    isDelete: type === Event_EventType.DELETE,
    version: kv.version,
    createRevision: kv.createRevision,
    lease: kv.lease,
    value: kv.value,
  };
}

export function isSame(one: Change, other: Change): boolean {
  return (
    one.revision === other.revision &&
    one.key === other.key &&
    one.isDelete === other.isDelete &&
    one.version === other.version &&
    one.createRevision === other.createRevision &&
    one.lease === other.lease &&
    Buffer.compare(one.value, other.value) === 0
  );
}

/** The index of the first change of that revision or a later one. */
function firstAt(list: readonly Change[], revision: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as Change).revision < revision) low = middle + 1;
    else high = middle;
  }
  return low;
}
