import { compareBytes } from "./bytes.ts";
import type { Entry } from "./entry.ts";
import type { KeyIndex } from "./keyindex.ts";
import type { KeyRange } from "./keyrange.ts";

/** etcd's numbers for RangeRequest.sort_order. */
export const SortOrder = { NONE: 0, ASCEND: 1, DESCEND: 2 } as const;
/** etcd's numbers for RangeRequest.sort_target. */
export const SortTarget = { KEY: 0, VERSION: 1, CREATE: 2, MOD: 3, VALUE: 4 } as const;

export interface RangeRequest extends KeyRange {
  /** The most entries to return; ≤ 0 for no limit. */
  readonly limit: number;
  /** The revision to read at; ≤ 0 for the latest. */
  readonly revision: number;
  readonly sortOrder: number;
  readonly sortTarget: number;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  /** Bounds on revisions, inclusive; 0 for none. */
  readonly minModRevision: number;
  readonly maxModRevision: number;
  readonly minCreateRevision: number;
  readonly maxCreateRevision: number;
}

/** What of an entry goes into a reply (rule KV9). */
export type Projection = "whole" | "withoutValue" | "withoutValueAndLease";

export interface RangeResponse {
  /** The current revision, whatever revision was read (rule KV6). */
  readonly revision: number;
  readonly entries: readonly Entry[];
  readonly projection: Projection;
  /** All keys in the range, whatever limit and filters say (rule KV7). */
  readonly count: number;
  /** Whether the limit cut something off, after filtering. */
  readonly more: boolean;
}

/** Whether a request asks for plain key order, so that a limit can stop the walk early (rule KV8). */
export function isDefaultOrdering(request: RangeRequest): boolean {
  return (
    request.sortOrder === SortOrder.NONE ||
    (request.sortTarget === SortTarget.KEY && request.sortOrder === SortOrder.ASCEND)
  );
}

/** Whether a request bounds the revisions of what it returns; the limit then counts what passes. */
export function hasRevisionFilters(request: RangeRequest): boolean {
  return (
    request.minModRevision !== 0 ||
    request.maxModRevision !== 0 ||
    request.minCreateRevision !== 0 ||
    request.maxCreateRevision !== 0
  );
}

/**
 * Reads a range of the index.
 *
 * @param readRevision the revision to read at, already resolved and checked
 * @param currentRevision the revision for the header
 */
export function rangeIndex(
  index: KeyIndex,
  request: RangeRequest,
  readRevision: number,
  currentRevision: number,
): RangeResponse {
  const projection = projectionOf(request);
  if (request.countOnly) {
    const count = index.countAt(request, readRevision);
    return { revision: currentRevision, entries: [], projection, count, more: false };
  }
  const pushDown = isDefaultOrdering(request) && !hasRevisionFilters(request) && request.limit > 0;
  const { entries, count } = collect(index, request, readRevision, pushDown ? request.limit + 1 : 0);
  const found = sorted(filtered(entries, request), request);
  const more = request.limit > 0 && found.length > request.limit;
  const kept = more ? found.slice(0, request.limit) : found;
  return { revision: currentRevision, entries: kept, projection, count, more };
}

/**
 * One chunk of a RangeStream: the first `limit` + 1 entries in key order (≤ 0: all), `count` being how many
 * those are, sorted, then cut. Sorting within the chunk is what etcd does with order NONE and another target
 * than KEY: its stream skips and repeats keys then.
 */
export function chunkOf(
  index: KeyIndex,
  request: RangeRequest,
  readRevision: number,
  currentRevision: number,
): RangeResponse {
  const isLimited = request.limit > 0;
  const found = sorted(index.entriesAt(request, readRevision, isLimited ? request.limit + 1 : 0), request);
  const count = found.length;
  const more = isLimited && count > request.limit;
  if (more) found.length = request.limit;
  return { revision: currentRevision, entries: found, projection: projectionOf(request), count, more };
}

/** The first `limit` entries (0: all) and the count of all of them. */
function collect(index: KeyIndex, range: KeyRange, revision: number, limit: number) {
  const entries = index.entriesAt(range, revision, limit);
  const isCut = limit > 0 && entries.length === limit;
  return { entries, count: isCut ? index.countAt(range, revision) : entries.length };
}

function projectionOf(request: RangeRequest): Projection {
  if (!request.keysOnly) return "whole";
  return request.sortTarget === SortTarget.VALUE ? "withoutValue" : "withoutValueAndLease";
}

function filtered<E extends Entry>(entries: E[], request: RangeRequest): E[] {
  if (!hasRevisionFilters(request)) return entries;
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  return entries.filter(
    (entry) =>
      (maxModRevision === 0 || entry.modRevision <= maxModRevision) &&
      (minModRevision === 0 || entry.modRevision >= minModRevision) &&
      (maxCreateRevision === 0 || entry.createRevision <= maxCreateRevision) &&
      (minCreateRevision === 0 || entry.createRevision >= minCreateRevision),
  );
}

const COMPARATORS: Record<number, (a: Entry, b: Entry) => number> = {
  [SortTarget.KEY]: (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  [SortTarget.VERSION]: (a, b) => a.version - b.version,
  [SortTarget.CREATE]: (a, b) => a.createRevision - b.createRevision,
  [SortTarget.MOD]: (a, b) => a.modRevision - b.modRevision,
  [SortTarget.VALUE]: (a, b) => compareBytes(a.value, b.value),
};

/** Equal elements stay in key order; etcd leaves their order open. */
function sorted<E extends Entry>(entries: E[], request: RangeRequest): E[] {
  if (request.sortTarget === SortTarget.KEY && request.sortOrder !== SortOrder.DESCEND) return entries;
  const compare = COMPARATORS[request.sortTarget];
  if (compare === undefined) return entries;
  return entries.sort(request.sortOrder === SortOrder.DESCEND ? (a, b) => compare(b, a) : compare);
}
