import type { Entry } from "../entry.ts";
import { isSingleKey } from "../keyrange.ts";
import type { LogCursor } from "../revlog.ts";
import type { Store } from "../store.ts";
import type { StoredEntry } from "../storedentry.ts";
import type { WatchCreateRequest, Watcher } from "./watcher.ts";

export interface WatchEvent {
  readonly entry: Entry;
  /** The version before, where asked for, where there was one and where it is not compacted (rule WA6). */
  readonly prevKv: Entry | undefined;
}

/** Some of the events a watcher has not seen; `next` is where to go on, undefined where it has caught up. */
export interface EventBatch {
  readonly events: WatchEvent[];
  readonly next: number | undefined;
}

/** etcd's own bound on a catch-up response (rule WA5). */
const MAX_BATCH_REVISIONS = 1000;
/** A response is closed at the first whole revision past this, so a reader costs bounded memory (rule WA8). */
const MAX_CATCH_UP_BYTES = 1 << 20;
/** What is new goes in smaller ones: of a large response the client sees nothing before it has all of it. */
const MAX_NEW_BYTES = 32 * 1024;
/** Entries looked at in one go: a watch of few keys over a long history must not hold everybody else up. */
const MAX_BATCH_SCAN = 10_000;

/** What there is to see of an entry before it is known whether it is wanted. */
interface Seen {
  readonly modRevision: number;
  readonly tombstone: boolean;
}

/** Reads on from the watcher's cursor up to the newest revision that may be known; never ends inside a revision. */
export function readEvents(store: Store, watcher: Watcher, newest: number): EventBatch {
  const reading = new EventReading(store, watcher, newest);
  const { request } = watcher;
  if (isSingleKey(request)) {
    store.index.visitVersions(request.key, watcher.next, (entry) => {
      return reading.see(entry, true, () => entry);
    });
  } else {
    const entry = (): StoredEntry => cursor.entry();
    let cursor: LogCursor;
    store.log.ascend(watcher.next, (at) => {
      cursor = at;
      return reading.see(at, at.isIn(request), entry);
    });
  }
  return reading;
}

class EventReading implements EventBatch {
  readonly events: WatchEvent[] = [];
  next: number | undefined;
  readonly #store: Store;
  /** What is past it may still be lost, or is of a delete that goes on. */
  readonly #newest: number;
  readonly #request: WatchCreateRequest;
  #scan = MAX_BATCH_SCAN;
  #revisions = MAX_BATCH_REVISIONS;
  #bytes: number;
  #revision = 0;
  #matched = 0;

  constructor(store: Store, { request, isCatchingUp }: Watcher, newest: number) {
    this.#store = store;
    this.#newest = newest;
    this.#request = request;
    this.#bytes = isCatchingUp ? MAX_CATCH_UP_BYTES : MAX_NEW_BYTES;
  }

  /** False where there is enough; `isInRange` and `entry` are for a key that is of the watch's. */
  see({ modRevision, tombstone }: Seen, isInRange: boolean, entryOf: () => StoredEntry): boolean {
    if (modRevision !== this.#revision) {
      if (modRevision > this.#newest) return false;
      if (this.#scan <= 0 || this.#revisions <= 0 || this.#bytes <= 0) {
        this.next = modRevision;
        return false;
      }
      this.#revision = modRevision;
    }
    this.#scan--;
    if (!isInRange || (tombstone ? this.#request.noDelete : this.#request.noPut)) return true;
    if (this.#matched !== modRevision) this.#revisions--;
    this.#matched = modRevision;
    const entry = entryOf();
    this.#bytes -= entry.recordSize;
    this.events.push({ entry, prevKv: this.#request.prevKv ? previousOf(this.#store, entry) : undefined });
    return true;
  }
}

function previousOf({ index, compactRevision }: Store, entry: Entry): Entry | undefined {
  const created = !entry.tombstone && entry.createRevision === entry.modRevision;
  const before = entry.modRevision - 1;
  if (created || before < compactRevision) return undefined;
  return index.at(index.find(entry.key), before, entry.key);
}
