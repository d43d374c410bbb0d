import type { KeyRange } from "../keyrange.ts";
import type { Store } from "../store.ts";

export interface WatchCreateRequest extends KeyRange {
  /** The ID the client wants, 0n to be given one. */
  readonly watchId: bigint;
  /** First revision to see; 0 for the next one. Negative is refused. */
  readonly startRevision: number;
  readonly progressNotify: boolean;
  readonly noPut: boolean;
  readonly noDelete: boolean;
  readonly prevKv: boolean;
  readonly fragment: boolean;
}

/**
 * A watch as a cursor over history.
 *
 *     state      what it means                                    leaves it by
 *     waiting    everything under `next` is delivered             a commit at or after `next` on its keys
 *     pending    there may be undelivered events from `next` on   the reader pulling all of them
 *     compacted  `next` was compacted away; canceled              the client canceling or the stream's end
 */
export class Watcher {
  readonly id: bigint;
  readonly request: WatchCreateRequest;
  /** Whom to wake when events wait; the stream the watcher belongs to. */
  readonly owner: WatcherOwner;
  state: "waiting" | "pending" | "compacted" = "waiting";
  /** The first revision not yet delivered. */
  next: number;
  /** Whether it began in the past and has not been at the end of history since. */
  isCatchingUp = false;
  /** Whether the next periodic progress notification is due: not when events went out since the last. */
  progressDue = false;

  constructor(id: bigint, request: WatchCreateRequest, owner: WatcherOwner, next: number) {
    this.id = id;
    this.request = request;
    this.owner = owner;
    this.next = next;
    this.progressDue = request.progressNotify;
  }
}

export interface WatcherOwner {
  readonly watchers: Iterable<Watcher>;
  /** A waiting watcher has become pending. */
  ready(watcher: Watcher): void;
  /** Nothing will happen any more. */
  stop(): void;
}

/** Where the watchers of all streams are known, so that commits find them. */
export interface WatcherRegistry {
  readonly store: Store;
  /** The newest revision that readers may know of. */
  readonly revision: number;
  add(watcher: Watcher): void;
  delete(watcher: Watcher): void;
  /** So many events have gone to a reader. */
  delivered(events: number): void;
  /** The stream is over. */
  closed(stream: WatcherOwner): void;
}
