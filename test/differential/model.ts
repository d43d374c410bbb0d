/**
 * What must still arrive: a small model of the watches on each stream, fed with the events of an audit watch
 * over every key. It makes the comparison of watches deterministic without sleeps: a settle waits until each
 * watch has received as many events as the audit says it must, and not a moment longer.
 *
 * The model never judges content. If it expected too little or too much, a settle would end too early or run
 * into its bound, and etcd against etcd would show that.
 */

import type { WatchCreateRequest, WatchResponse } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { WatchCreateRequest_FilterType } from "../../src/gen/etcdserverpb/watch_pb.ts";
import type { Event } from "../../src/gen/mvccpb/kv_pb.ts";
import { Event_EventType } from "../../src/gen/mvccpb/kv_pb.ts";
import type { LeaderKey } from "../../src/gen/v3electionpb/election_pb.ts";

/** One event, its key as a one-byte (latin1) string: these compare as the bytes do. */
type Change = { readonly key: string; readonly isPut: boolean; readonly revision: number };

type Watcher = {
  readonly key: string;
  /** undefined: one key; "": every key from `key` on. */
  readonly end: string | undefined;
  readonly wantsPuts: boolean;
  readonly wantsDeletes: boolean;
  readonly startRevision: number;
  /** The first revision it can see. */
  readonly minRevision: number;
  /** Made with a start revision that is compacted: it gets one cancel and nothing else. */
  readonly isCompacted: boolean;
  /** Events (and the compaction cancel) it must have received by now. */
  expected: number;
  /** Changes up to this index of the whole history are counted in `expected`. */
  countedTo: number;
};

export class StreamModel {
  readonly watchers = new Map<bigint, Watcher>();
  isHalfClosed = false;
  isClosed = false;
}

/** What the generator needs to sign in, and the lockstep to look after itself while auth is on. */
export class AuthModel {
  isEnabled = false;
  /** By user; undefined: a user that cannot sign in by password. */
  readonly passwords = new Map<string, string | undefined>();
  /** By role, how often one was granted. */
  readonly grantCounts = new Map<string, number>();
}

export class Model {
  /** The current revision, from the headers of replies. */
  revision = 1;
  compactRevision = -1;
  /** A compaction may still be deleting in the background. */
  isCompacting = false;
  /** Some watch may not have caught up yet, though everything it must deliver has arrived. */
  isUnsynced = false;
  readonly streams = new Map<number, StreamModel>();
  readonly auth = new AuthModel();
  /** Members added since the beginning. */
  addedCount = 0;
  /** What the last candidacies have won. */
  readonly leaders: LeaderKey[] = [];
  #changes: Change[] = [];
  /** Changes dropped from the front by compaction. */
  #dropped = 0;

  /** The servers are new ones with the same store: no watch is left, and no member but their own. */
  restarted(): void {
    for (const stream of this.streams.values()) {
      stream.isClosed = true;
      stream.watchers.clear();
    }
    this.isCompacting = false;
    this.isUnsynced = false;
    this.addedCount = 0;
  }

  stream(number: number): StreamModel {
    const known = this.streams.get(number);
    if (known !== undefined) return known;
    const made = new StreamModel();
    this.streams.set(number, made);
    return made;
  }

  /** New events of the audit watch, in order. */
  feed(events: readonly Event[]): void {
    for (const event of events) {
      const revision = Number(event.kv?.modRevision);
      const isPut = event.type === Event_EventType.PUT;
      this.#changes.push({ key: latin1(event.kv?.key), isPut, revision });
    }
    for (const { watchers } of this.streams.values()) {
      for (const watcher of watchers.values()) this.#count(watcher);
    }
  }

  /** The compaction was accepted: a new watch sees `revision` and later, of one key's writes in it the last. */
  compacted(revision: number): void {
    this.compactRevision = revision;
    const seen = new Set<string>();
    const kept: Change[] = [];
    for (const change of this.#changes.toReversed()) {
      if (change.revision < revision) break;
      if (change.revision === revision) {
        if (seen.has(change.key)) continue;
        seen.add(change.key);
      }
      kept.push(change);
    }
    this.#dropped += this.#changes.length - kept.length;
    this.#changes = kept.reverse();
  }

  created(stream: number, request: WatchCreateRequest, response: WatchResponse): void {
    if (response.canceled) return;
    const startRevision = Number(request.startRevision);
    const isPast = startRevision > 0 && startRevision <= this.revision;
    const isCompacted = isPast && startRevision < this.compactRevision;
    const end = latin1(request.rangeEnd);
    const watcher: Watcher = {
      key: request.key.length === 0 ? "\0" : latin1(request.key),
      end: end === "" ? undefined : end === "\0" ? "" : end,
      wantsPuts: !request.filters.includes(WatchCreateRequest_FilterType.NOPUT),
      wantsDeletes: !request.filters.includes(WatchCreateRequest_FilterType.NODELETE),
      startRevision,
      minRevision: startRevision > 0 ? startRevision : Number(response.header?.revision) + 1,
      isCompacted,
      expected: isCompacted ? 1 : 0,
      countedTo: this.#dropped,
    };
    if (isPast) this.isUnsynced = true;
    this.stream(stream).watchers.set(response.watchId, watcher);
    this.#count(watcher);
  }

  canceled(stream: number, watchId: bigint): void {
    this.stream(stream).watchers.delete(watchId);
  }

  /** A progress request is answered only if the stream has watches and each is synced and has started. */
  answersProgress(stream: number): boolean {
    const watchers = [...this.stream(stream).watchers.values()];
    if (watchers.length === 0) return false;
    return watchers.every((watcher) => !watcher.isCompacted && watcher.startRevision <= this.revision);
  }

  #count(watcher: Watcher): void {
    const start = Math.max(0, watcher.countedTo - this.#dropped);
    for (let index = start; index < this.#changes.length; index += 1) {
      if (sees(watcher, this.#changes[index] as Change)) watcher.expected += 1;
    }
    watcher.countedTo = this.#dropped + this.#changes.length;
  }
}

function sees(watcher: Watcher, change: Change): boolean {
  if (watcher.isCompacted || change.revision < watcher.minRevision) return false;
  if (change.isPut ? !watcher.wantsPuts : !watcher.wantsDeletes) return false;
  if (watcher.end === undefined) return change.key === watcher.key;
  return change.key >= watcher.key && (watcher.end === "" || change.key < watcher.end);
}

function latin1(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
