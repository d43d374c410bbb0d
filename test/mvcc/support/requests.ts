/** The store's requests with everything but the named fields at its default, and writes in few words. */
import {
  keyFromBytes,
  type RangeRequest,
  type Store,
  type WatchCreateRequest,
  type WatchEvent,
  type WatchResponse,
  type WatchStream,
} from "../../../src/mvcc/index.ts";

export function rangeRequest(key: string, rangeEnd = "", fields: Partial<RangeRequest> = {}): RangeRequest {
  return {
    key,
    rangeEnd,
    limit: 0,
    revision: 0,
    sortOrder: 0,
    sortTarget: 0,
    keysOnly: false,
    countOnly: false,
    minModRevision: 0,
    maxModRevision: 0,
    minCreateRevision: 0,
    maxCreateRevision: 0,
    ...fields,
  };
}

export function watchRequest(key: string, rangeEnd = "", fields: Partial<WatchCreateRequest> = {}): WatchCreateRequest {
  return {
    key,
    rangeEnd,
    watchId: 0n,
    startRevision: 0,
    progressNotify: false,
    noPut: false,
    noDelete: false,
    prevKv: false,
    fragment: false,
    ...fields,
  };
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Writes one revision: `key=value` puts, `-key` deletes, `-key..end` deletes a range. */
export function write(store: Store, ...ops: string[]): void {
  const txn = store.write();
  for (const op of ops) {
    const [key = "", value = ""] = op.split("=");
    if (!op.startsWith("-")) txn.put(key, utf8(value), 0n);
    else {
      const [from = "", rangeEnd = ""] = op.slice(1).split("..");
      txn.deleteRange({ key: from, rangeEnd });
    }
  }
  txn.commit();
}

/** `key=value@revision`, `-key@revision` for a delete, and the value before in brackets. */
export function show({ entry, prevKv }: WatchEvent): string {
  const shown = entry.tombstone ? `-${entry.key}` : `${entry.key}=${keyFromBytes(entry.value)}`;
  const before = prevKv === undefined ? "" : ` [${keyFromBytes(prevKv.value)}@${prevKv.modRevision}]`;
  return `${shown}@${entry.modRevision}${before}`;
}

/** Pulls until the stream has nothing more. */
export function drain(stream: WatchStream): WatchResponse[] {
  const responses: WatchResponse[] = [];
  while (stream.hasMore) {
    const response = stream.pull();
    if (response !== undefined) responses.push(response);
  }
  return responses;
}

export function drainEvents(stream: WatchStream): string[] {
  return drain(stream).flatMap((response) => response.events.map(show));
}
