/**
 * A watch in a client's hands, over as many streams as it takes, and what etcd guarantees of it:
 *
 *     ordered, unique, reliable   what comes is exactly what happened from `next` on, however often it was resumed
 *     atomic                      a revision comes whole
 *     bookmarkable                after progress at a revision nothing comes that is of it or before
 *     no event before its start; an end by compaction only where something was compacted that had not come yet
 */
import type { WatchResponse } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { type Event, Event_EventType } from "../../src/gen/mvccpb/kv_pb.ts";
import type { Model } from "./model/model.ts";
import type { ModelEvent } from "./model/state.ts";
import { showEvent } from "./oracle.ts";
import { pairOf, revisionOf, showPair } from "./show.ts";

export interface WatchSpec {
  readonly key: string;
  readonly end: string;
  /** 0 for from now on. */
  readonly startRevision: number;
  readonly noPut: boolean;
  readonly noDelete: boolean;
  readonly prevKv: boolean;
  readonly progressNotify: boolean;
  readonly fragment: boolean;
}

export class WatchView {
  readonly spec: WatchSpec;
  /** The first revision that has not come; undefined for as long as it is not known when the watch begins. */
  next: number | undefined;
  /** Whether the client wants it no more, or cannot have it. */
  isOver = false;
  /** Why it must be refused, as of when it was asked for. */
  denial: string | undefined;
  readonly #model: Model;
  readonly #fail: (what: string) => void;
  #parts: Event[] = [];
  /** How often what came. */
  readonly counts: { events: number; fragments: number; progress: number; compacted: number };

  constructor(spec: WatchSpec, model: Model, counts: WatchView["counts"], fail: (what: string) => void) {
    this.spec = spec;
    this.#model = model;
    this.#fail = (what) => fail(`the watch of ${this.#text()}: ${what}`);
    this.counts = counts;
    this.next = spec.startRevision === 0 ? undefined : spec.startRevision;
  }

  /** A new stream: what came in parts comes whole again. */
  resumed(): void {
    this.#parts = [];
  }

  created(response: WatchResponse): void {
    if (response.events.length > 0) this.#fail("events came with its creation");
    if (this.denial !== undefined) this.#fail(`was created, though ${this.denial}`);
    this.next ??= revisionOf(response) + 1;
  }

  refused(reason: string): void {
    if (this.denial === undefined || !reason.endsWith(this.denial)) this.#fail(`was refused: ${reason}`);
    this.isOver = true;
  }

  /** Its end by compaction, after which it can begin again where that left off. */
  compacted(response: WatchResponse): void {
    const revision = Number(response.compactRevision);
    this.counts.compacted++;
    if (this.next === undefined || this.next >= revision) this.#fail(`ended by compaction to ${revision}`);
    if (!this.#model.wasCompactedTo(revision)) this.#fail(`ended by a compaction to ${revision} that never was`);
    this.next = revision;
  }

  /** That nothing is to come any more that is of a revision or before. */
  progressed(revision: number): void {
    if (this.#parts.length > 0) this.#fail("progress came between the parts of a revision");
    if (this.next === undefined || this.next > revision) return;
    this.counts.progress++;
    const missing = this.expected(this.next, revision);
    if (missing.length > 0) this.#fail(`progress at ${revision} without ${missing.map(showEvent).join(", ")}`);
    this.next = revision + 1;
  }

  received(response: WatchResponse): void {
    if (response.events.length === 0) {
      if (!this.spec.progressNotify) this.#fail("progress came that it did not ask for");
      this.progressed(revisionOf(response));
      return;
    }
    if (response.fragment) this.counts.fragments++;
    if (response.fragment && !this.spec.fragment) this.#fail("came in parts");
    this.#parts.push(...response.events);
    if (response.fragment) return;
    const events = this.#parts;
    this.#parts = [];
    this.#receivedWhole(events, revisionOf(response));
  }

  #receivedWhole(events: readonly Event[], header: number): void {
    const last = modRevision(events.at(-1));
    this.counts.events += events.length;
    if (header < last) this.#fail(`an event of ${last} came under a header of ${header}`);
    if (this.next === undefined) return;
    const expected = this.expected(this.next, last).map(showEvent).join(", ");
    const came = events.map((event) => showEvent(modelEvent(event))).join(", ");
    if (came !== expected) this.#fail(`from ${this.next} to ${last} came ${came}, not ${expected}`);
    for (const event of events) this.#checkPrevious(event);
    this.next = last + 1;
  }

  /** The pair before an event may be compacted by the time that the event is read; else it is there. */
  #checkPrevious({ kv, prevKv }: Event): void {
    const key = kv === undefined ? "" : pairOf(kv).key;
    const before = Number(kv?.modRevision ?? 0n) - 1;
    const previous = this.#model.log.pairAt(key, before);
    const expected = previous === undefined || !this.spec.prevKv ? "nothing" : showPair(previous);
    const came = prevKv === undefined ? "nothing" : showPair(pairOf(prevKv));
    if (came === expected || (came === "nothing" && before < this.#model.state.compacted)) return;
    this.#fail(`before ${key} at ${before + 1} came ${came}, not ${expected}`);
  }

  expected(from: number, to: number): ModelEvent[] {
    const { noPut, noDelete, ...range } = this.spec;
    return this.#model.eventsIn(range, from, to).filter(({ kind }) => (kind === "put" ? !noPut : !noDelete));
  }

  #text(): string {
    return `${this.spec.key}..${this.spec.end} from ${this.spec.startRevision}`;
  }
}

function modRevision(event: Event | undefined): number {
  return Number(event?.kv?.modRevision ?? -1n);
}

function modelEvent({ type, kv }: Event): ModelEvent {
  const pair = kv === undefined ? EMPTY : pairOf(kv);
  return { kind: type === Event_EventType.DELETE ? "delete" : "put", pair };
}

const EMPTY = { key: "", value: "", create: 0, mod: 0, version: 0, lease: 0n };
