import { etcdError } from "../../errors.ts";
import { isSingleKey, upperBound } from "../keyrange.ts";
import { type EventBatch, readEvents, type WatchEvent } from "./events.ts";
import { type WatchCreateRequest, Watcher, type WatcherOwner, type WatcherRegistry } from "./watcher.ts";

export interface WatchResponse {
  /** −1n where no one watch is meant: a refused create, a progress reply for the whole stream. */
  readonly watchId: bigint;
  /** For the header; 0 in the response that cancels a compacted watch, as in etcd. */
  readonly revision: number;
  readonly created: boolean;
  readonly canceled: boolean;
  /** What was compacted, where that ended the watch; else 0. */
  readonly compactRevision: number;
  readonly cancelReason: string;
  readonly events: readonly WatchEvent[];
  /** Whether the client lets a large response come in parts. */
  readonly fragment: boolean;
}

const NO_WATCH = -1n;

/**
 * The watches of one client stream, and what it is to be sent next.
 *
 *     control   created, canceled    in the order of the requests, before everything else (rule WA2)
 *     progress  asked for at some revision; answered once all up to it is delivered (rule WA7)
 *     ready     pending watchers, in turn
 */
export class WatchStream implements WatcherOwner {
  readonly #registry: WatcherRegistry;
  readonly #wake: () => void;
  readonly #watchers = new Map<bigint, Watcher>();
  readonly #ready = new Set<Watcher>();
  /** What was read last, as long as others wait that may be shown the same. */
  #lastBatch: SharedBatch | undefined;
  #control: WatchResponse[] = [];
  #progress: number[] = [];
  #nextId = 0n;
  #isStopped = false;

  constructor(registry: WatcherRegistry, wake: () => void) {
    this.#registry = registry;
    this.#wake = wake;
  }

  get size(): number {
    return this.#watchers.size;
  }

  get watchers(): Iterable<Watcher> {
    return this.#watchers.values();
  }

  /** @param denial why the client may not watch this, undefined where it may */
  create(request: WatchCreateRequest, denial?: string): void {
    const refusal = this.#refusal(request, denial);
    if (refusal !== undefined) {
      this.#reply({ created: true, canceled: true, cancelReason: refusal });
      return;
    }
    const { revision } = this.#registry;
    const start = request.startRevision;
    const watcher = new Watcher(this.#idFor(request), request, this, start === 0 ? revision + 1 : start);
    this.#watchers.set(watcher.id, watcher);
    this.#registry.add(watcher);
    this.#reply({ watchId: watcher.id, created: true });
    if (watcher.next <= revision) {
      watcher.state = "pending";
      watcher.isCatchingUp = true;
      this.ready(watcher);
    }
  }

  /** Ends one watch; an unknown ID is passed over in silence (rule WA2). */
  cancel(id: bigint): void {
    const watcher = this.#watchers.get(id);
    if (watcher === undefined) return;
    this.#forget(watcher);
    this.#reply({ watchId: id, canceled: true });
  }

  /**
   * Asks for one response that says how far the whole stream is. As in etcd there is none for a stream with
   * no watch, with one that begins in the future, or with one that compaction has ended.
   */
  requestProgress(): void {
    const { revision } = this.#registry;
    if (this.#watchers.size === 0) return;
    for (const watcher of this.#watchers.values()) {
      if (watcher.state === "compacted" || watcher.request.startRevision > revision) return;
    }
    this.#progress.push(revision);
    this.#wake();
  }

  /** The periodic notification: for each watch that asked, is idle, and sent nothing since the last one. */
  notifyProgress(): void {
    const { revision } = this.#registry;
    for (const watcher of this.#watchers.values()) {
      if (!watcher.request.progressNotify) continue;
      const idle = watcher.state === "waiting" && watcher.request.startRevision <= revision;
      if (watcher.progressDue && idle) this.#reply({ watchId: watcher.id });
      watcher.progressDue = true;
    }
  }

  ready(watcher: Watcher): void {
    this.#ready.add(watcher);
    this.#wake();
  }

  /** Replies to requests that were not pulled yet. */
  get unreadReplies(): number {
    return this.#control.length;
  }

  /** Whether `pull` has more to do, be it that one call of it found nothing. */
  get hasMore(): boolean {
    return this.#control.length > 0 || this.#progress.length > 0 || this.#ready.size > 0;
  }

  /** Whether all has been pulled that there will ever be. */
  get isOver(): boolean {
    return this.#isStopped && !this.hasMore;
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  /** The next response, undefined where there is none or where a long search is to go on at the next call. */
  pull(): WatchResponse | undefined {
    const control = this.#control.shift();
    if (control !== undefined) return control;
    const progress = this.#pullProgress();
    if (progress !== undefined) return progress;
    for (const watcher of this.#ready) return this.#pullEvents(watcher);
    return undefined;
  }

  /** Ends every watch; nothing can be pulled afterwards. */
  close(): void {
    for (const watcher of this.#watchers.values()) this.#forget(watcher);
    this.#control = [];
    this.#progress = [];
    this.#registry.closed(this);
  }

  #refusal(request: WatchCreateRequest, denial: string | undefined): string | undefined {
    if (request.startRevision < 0) return etcdError("compacted").message;
    if (denial !== undefined) return denial;
    const end = upperBound(request);
    if (!isSingleKey(request) && end !== undefined && end <= request.key) return "mvcc: watcher range is empty";
    if (request.watchId !== 0n && this.#watchers.has(request.watchId)) {
      return "mvcc: duplicate watch ID provided on the WatchStream";
    }
    return undefined;
  }

  #idFor(request: WatchCreateRequest): bigint {
    if (request.watchId !== 0n) return request.watchId;
    while (this.#watchers.has(this.#nextId)) this.#nextId++;
    return this.#nextId++;
  }

  #forget(watcher: Watcher): void {
    if (watcher.state !== "compacted") this.#registry.delete(watcher);
    this.#ready.delete(watcher);
    this.#watchers.delete(watcher.id);
  }

  #pullProgress(): WatchResponse | undefined {
    const revision = this.#progress[0];
    if (revision === undefined) return undefined;
    for (const watcher of this.#ready) if (watcher.next <= revision) return undefined;
    this.#progress.shift();
    return response({ watchId: NO_WATCH, revision });
  }

  #pullEvents(watcher: Watcher): WatchResponse | undefined {
    const { store, revision } = this.#registry;
    this.#ready.delete(watcher);
    if (watcher.next < store.compactRevision) return this.#compacted(watcher);
    const { events, next } = this.#batchOf(watcher);
    if (next === undefined) {
      watcher.state = "waiting";
      watcher.isCatchingUp = false;
      watcher.next = revision + 1;
    } else {
      watcher.next = next;
      this.#ready.add(watcher);
    }
    if (this.#ready.size === 0) this.#lastBatch = undefined;
    if (events.length === 0) return undefined;
    this.#registry.delivered(events.length);
    watcher.progressDue = false;
    return {
      watchId: watcher.id,
      revision,
      created: false,
      canceled: false,
      compactRevision: 0,
      cancelReason: "",
      events,
      fragment: watcher.request.fragment,
    };
  }

  /** Watches of the same, of which a stream may have thousands, are read for once. */
  #batchOf(watcher: Watcher): EventBatch {
    const { store, revision } = this.#registry;
    if (this.#lastBatch?.isFor(watcher, revision)) return this.#lastBatch.batch;
    const batch = readEvents(store, watcher, revision);
    this.#lastBatch = new SharedBatch(watcher, revision, batch);
    return batch;
  }

  /** The ID stays taken until the client cancels it, as in etcd. */
  #compacted(watcher: Watcher): WatchResponse {
    this.#registry.delete(watcher);
    watcher.state = "compacted";
    return response({
      watchId: watcher.id,
      canceled: true,
      compactRevision: this.#registry.store.compactRevision,
    });
  }

  #reply(fields: Partial<WatchResponse>): void {
    this.#control.push(response({ watchId: NO_WATCH, revision: this.#registry.revision, ...fields }));
    this.#wake();
  }
}

/** A batch, and what was asked for it. */
class SharedBatch {
  readonly batch: EventBatch;
  readonly #request: WatchCreateRequest;
  readonly #from: number;
  readonly #revision: number;

  /** @param revision the newest that could be read */
  constructor(watcher: Watcher, revision: number, batch: EventBatch) {
    this.batch = { events: batch.events, next: batch.next };
    this.#request = watcher.request;
    this.#from = watcher.next;
    this.#revision = revision;
  }

  isFor({ request, next }: Watcher, revision: number): boolean {
    const own = this.#request;
    return (
      next === this.#from &&
      revision === this.#revision &&
      request.key === own.key &&
      request.rangeEnd === own.rangeEnd &&
      request.prevKv === own.prevKv &&
      request.noPut === own.noPut &&
      request.noDelete === own.noDelete
    );
  }
}

const BLANK: Omit<WatchResponse, "watchId"> = {
  revision: 0,
  created: false,
  canceled: false,
  compactRevision: 0,
  cancelReason: "",
  events: [],
  fragment: false,
};

function response(fields: Partial<WatchResponse> & Pick<WatchResponse, "watchId">): WatchResponse {
  return { ...BLANK, ...fields };
}
