import type { Entry } from "../entry.ts";
import { isSingleKey, rangeContains } from "../keyrange.ts";
import { recordSize } from "../record.ts";
import type { Store } from "../store.ts";
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
const MAX_BATCH_BYTES = 1 << 20;
/** Entries looked at in one go: a watch of few keys over a long history must not hold everybody else up. */
const MAX_BATCH_SCAN = 10_000;

/** Reads on from the watcher's cursor; never ends inside a revision. */
export function readEvents(store: Store, watcher: Watcher): EventBatch {
  const { request } = watcher;
  const events: WatchEvent[] = [];
  const budget = { scan: MAX_BATCH_SCAN, revisions: MAX_BATCH_REVISIONS, bytes: MAX_BATCH_BYTES };
  let revision = 0;
  let matched = 0;
  let next: number | undefined;
  visitFrom(store, request, watcher.next, (entry) => {
    if (entry.modRevision !== revision) {
      if (budget.scan <= 0 || budget.revisions <= 0 || budget.bytes <= 0) {
        next = entry.modRevision;
        return false;
      }
      revision = entry.modRevision;
    }
    budget.scan--;
    if (!wants(request, entry)) return true;
    if (matched !== revision) budget.revisions--;
    matched = revision;
    budget.bytes -= recordSize(entry);
    events.push({ entry, prevKv: request.prevKv ? previousOf(store, entry) : undefined });
    return true;
  });
  return { events, next };
}

/** Visits what the range's keys went through from `revision` on, in order. */
function visitFrom(store: Store, range: WatchCreateRequest, revision: number, visit: (entry: Entry) => boolean): void {
  if (!isSingleKey(range)) {
    store.log.ascend(revision, visit);
    return;
  }
  const history = store.index.get(range.key);
  if (history === undefined) return;
  for (let at = history.firstAfter(revision - 1); at < history.versions.length; at++) {
    if (!visit(history.versions[at] as Entry)) return;
  }
}

function wants(request: WatchCreateRequest, entry: Entry): boolean {
  if (entry.tombstone ? request.noDelete : request.noPut) return false;
  return rangeContains(request, entry.key);
}

function previousOf(store: Store, entry: Entry): Entry | undefined {
  const created = !entry.tombstone && entry.createRevision === entry.modRevision;
  const before = entry.modRevision - 1;
  if (created || before < store.compactRevision) return undefined;
  return store.index.get(entry.key)?.at(before);
}
