/**
 * Everything that was ever seen to happen, revision by revision, and the state that it makes. A revision is seen
 * by a watch when it happens, and again after each restart until it is compacted.
 */
import { type Event, Event_EventType } from "../../src/gen/mvccpb/kv_pb.ts";
import { text } from "./clients.ts";
import type { Faults } from "./faults.ts";
import type { Ledger, Write } from "./ledger.ts";

interface Held {
  readonly value: string;
  readonly lease: bigint;
}

export class Timeline {
  /** By key. */
  readonly state = new Map<string, Held>();
  last = 1;
  /** Revisions in which a prefix was deleted: events do not say by whom. */
  readonly prefixDeletes = new Set<number>();
  readonly #ledger: Ledger;
  readonly #faults: Faults;
  /** As text, to be compared. */
  readonly #revisions = new Map<number, string>();

  constructor(ledger: Ledger, faults: Faults) {
    this.#ledger = ledger;
    this.#faults = faults;
  }

  get isEmpty(): boolean {
    return this.#revisions.size === 0;
  }

  /** Takes what a watch response told: whole revisions. */
  take(events: readonly Event[]): void {
    const revisions = Map.groupBy(events, (event) => Number(event.kv?.modRevision ?? 0n));
    for (const [revision, events] of revisions) this.#takeRevision(revision, events);
  }

  /** Forgets what cannot be seen again. */
  forget(upTo: number): void {
    for (const revision of this.#revisions.keys()) if (revision <= upTo) this.#revisions.delete(revision);
  }

  #takeRevision(revision: number, events: readonly Event[]): void {
    const shown = events.map(show).join(", ");
    if (revision <= this.last) {
      const before = this.#revisions.get(revision);
      if (before === shown) return;
      this.#faults.tear(`revision ${revision} was "${before}" and is "${shown}"`);
      return;
    }
    if (revision !== this.last + 1) this.#faults.tear(`after revision ${this.last} comes ${revision}`);
    this.last = revision;
    this.#revisions.set(revision, shown);
    const expected = this.#expected(revision, events);
    if (expected !== undefined && expected.join() !== events.map(shortly).sort().join()) {
      this.#faults.tear(`revision ${revision} is "${shown}", of which the whole is "${expected.join(", ")}"`);
    }
    for (const event of events) this.#apply(event);
  }

  #apply(event: Event): void {
    const key = text(event.kv?.key ?? new Uint8Array(0));
    if (event.type === Event_EventType.DELETE) this.state.delete(key);
    else this.state.set(key, { value: text(event.kv?.value ?? new Uint8Array(0)), lease: event.kv?.lease ?? 0n });
  }

  /** What should have happened at once, sorted; undefined where that was complained of. */
  #expected(revision: number, events: readonly Event[]): string[] | undefined {
    const put = events.find(({ type }) => type === Event_EventType.PUT);
    if (put === undefined) return this.#expectedDeletes(revision, events);
    const write = this.#ledger.writes.get(Number(text(put.kv?.value ?? new Uint8Array(0))));
    if (write === undefined) {
      this.#faults.tear(`revision ${revision} has what nobody has written: "${events.map(show).join(", ")}"`);
      return undefined;
    }
    this.#see(write, revision);
    const puts = write.puts.map((key) => `${key}=${write.number}/${write.lease}`);
    const deletes = write.deletes.filter((key) => this.state.has(key));
    return [...puts, ...deletes.map((key) => `-${key}`)].sort();
  }

  /** A prefix that a client has deleted, or the end of a lease. */
  #expectedDeletes(revision: number, events: readonly Event[]): string[] | undefined {
    const found = events.map(shortly).sort();
    for (const write of this.#ledger.writes.values()) {
      const { prefix } = write;
      if (prefix === undefined || write.over) continue;
      if (write.acknowledged !== undefined && write.acknowledged !== revision) continue;
      const keys = [...this.state.keys()].filter((key) => key.startsWith(prefix));
      const all = keys.map((key) => `-${key}`).sort();
      if (all.join() !== found.join()) continue;
      this.prefixDeletes.add(revision);
      return all;
    }
    return this.#expectedEnd(revision, found);
  }

  #expectedEnd(revision: number, found: readonly string[]): string[] | undefined {
    const lease = this.state.get(found[0]?.slice(1) ?? "")?.lease ?? 0n;
    const granted = this.#ledger.leases.get(lease);
    if (granted === undefined) {
      this.#faults.tear(`revision ${revision} is a delete that nobody asked for: "${found.join(", ")}"`);
      return undefined;
    }
    const { sinceMs, ttlMs, revoke } = granted;
    if (revoke === "no" && sinceMs !== undefined && performance.now() < sinceMs + ttlMs) {
      const earlyMs = Math.round(sinceMs + ttlMs - performance.now());
      this.#faults.lose(`lease ${lease} of ${ttlMs} ms has ended at least ${earlyMs} ms early`);
    }
    const keys = [...this.state].filter(([, held]) => held.lease === lease).map(([key]) => `-${key}`);
    return keys.sort();
  }

  #see(write: Write, revision: number): void {
    const { number, acknowledged, seen, over } = write;
    if (seen !== undefined) this.#faults.tear(`write ${number} is in revisions ${seen} and ${revision}`);
    if (over) this.#faults.tear(`write ${number} is in revision ${revision} after it was over`);
    if (acknowledged !== undefined && acknowledged !== revision) {
      this.#faults.lose(`write ${number} was acknowledged as revision ${acknowledged} and is ${revision}`);
    }
    write.seen = revision;
  }
}

function shortly({ type, kv }: Event): string {
  const key = text(kv?.key ?? new Uint8Array(0));
  return type === Event_EventType.DELETE ? `-${key}` : `${key}=${text(kv?.value ?? new Uint8Array(0))}/${kv?.lease}`;
}

function show(event: Event): string {
  return `${shortly(event)} ${event.kv?.createRevision}/${event.kv?.version}`;
}
