import { etcdError } from "../errors.ts";
import { type Anchors, anchorsOf } from "./anchors.ts";
import { Arena } from "./arena.ts";
import { EMPTY_BYTES } from "./bytes.ts";
import { type ChildrenRequest, type ChildrenResponse, childrenOf } from "./children.ts";
import type { Entry } from "./entry.ts";
import { CompactionHashes, hashLog, type KeyValueHash } from "./hash.ts";
import { KeyIndex } from "./keyindex.ts";
import type { KeyRange } from "./keyrange.ts";
import { chunkOf, type RangeRequest, type RangeResponse, rangeIndex } from "./range.ts";
import { recordSize } from "./record.ts";
import { RevisionLog } from "./revlog.ts";

/** What a store is beside its entries. */
export interface StoreState {
  readonly revision: number;
  /** −1 for never. */
  readonly compactRevision: number;
  readonly hashes: readonly KeyValueHash[];
}

/** Told of each commit: the new revision and what it wrote, in sub-revision order. */
export type CommitListener = (revision: number, changes: readonly Entry[]) => void;

/** For ranges: all there is. */
const EVERY_KEY: KeyRange = { key: "", rangeEnd: "\0" };

/**
 * The multi-version store: every revision of every key until compaction.
 *
 *     write ──► KeyIndex      key → its versions        (reads, counts)
 *           └─► RevisionLog   revision → its entries    (watches, hashes)
 *
 * Pure and synchronous: one call is one step, nothing else can happen in between.
 */
export class Store {
  readonly index = new KeyIndex();
  readonly log = new RevisionLog();
  readonly arena = new Arena();
  #hashes = new CompactionHashes();
  readonly #listeners: CommitListener[] = [];
  #revision = 1;
  #compactRevision = -1;
  #bytes = 0;
  /** Undefined where they were not counted: after a restoration, until somebody asks. */
  #liveKeys: number | undefined = 0;

  /** The current revision; 1 for a store nothing was written to (rule KV5). */
  get revision(): number {
    return this.#revision;
  }

  /** The revision last compacted; −1 for never. Readable itself, nothing under it is. */
  get compactRevision(): number {
    return this.#compactRevision;
  }

  /** Bytes of all kept entries as etcd's database would hold them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keys that are there, at the current revision. */
  get liveKeys(): number {
    this.#liveKeys ??= this.count(EVERY_KEY, 0);
    return this.#liveKeys;
  }

  onCommit(listener: CommitListener): void {
    this.#listeners.push(listener);
  }

  /** What a reader at `revision` (≤ 0: latest) sees of one key. */
  get(key: string, revision = 0): Entry | undefined {
    return this.index.get(key)?.at(this.#readable(revision, this.#revision));
  }

  /** @throws EtcdError `compacted`, `futureRevision` */
  range(request: RangeRequest): RangeResponse {
    return this.rangeAt(request, this.#revision);
  }

  /** A range as seen by a reader for whom `current` is the newest revision. */
  rangeAt(request: RangeRequest, current: number): RangeResponse {
    return rangeIndex(this.index, request, this.#readable(request.revision, current), current);
  }

  /** One chunk of a RangeStream, without counting the rest. @throws EtcdError as `range` */
  chunk(request: RangeRequest): RangeResponse {
    return chunkOf(this.index, request, this.#readable(request.revision, this.#revision), this.#revision);
  }

  /** The keys of a range at a revision. @throws EtcdError `compacted`, `futureRevision` */
  count(range: KeyRange, revision: number): number {
    return this.index.countAt(range, this.#readable(revision, this.#revision));
  }

  /** What is directly under a prefix. @throws EtcdError `compacted`, `futureRevision` */
  children(request: ChildrenRequest): ChildrenResponse {
    return childrenOf(this.index, request, this.#readable(request.revision, this.#revision));
  }

  /** The first `limit` entries of a range, or its last ones from the end. @throws EtcdError as `children` */
  list(range: KeyRange, revision: number, limit: number, backwards: boolean): Entry[] {
    return this.index.entriesAt(range, this.#readable(revision, this.#revision), limit, backwards);
  }

  /** Every so many keys of a range, one. @throws EtcdError as `children` */
  anchors(range: KeyRange, revision: number, step: number, maxAnchors: number): Anchors {
    return anchorsOf(this.index, range, this.#readable(revision, this.#revision), step, maxAnchors);
  }

  write(): WriteTxn {
    return new WriteTxn(this);
  }

  /** Takes what a write txn appended as the next revision. Only for WriteTxn. */
  commit(changes: readonly Entry[]): void {
    this.#revision++;
    for (const listener of this.#listeners) listener(this.#revision, changes);
  }

  append(entry: Entry): void {
    this.index.append(entry);
    this.log.append(entry);
    this.#bytes += recordSize(entry);
    if (this.#liveKeys !== undefined && entry.version <= 1) this.#liveKeys += entry.tombstone ? -1 : 1;
  }

  /**
   * Drops what no reader at or after `revision` can see (rules CO1, CO2).
   *
   * @param dropped called with each entry that goes, the oldest first
   * @throws EtcdError `compacted`, `futureRevision`
   */
  compact(revision: number, dropped?: (entry: Entry) => void): void {
    if (revision <= this.#compactRevision) throw etcdError("compacted");
    if (revision > this.#revision) throw etcdError("futureRevision");
    const previous = this.#compactRevision;
    const keep = this.#survivors(revision);
    this.#hashes.store(hashLog(this.log, previous, revision, keep));
    this.#drop(revision, keep, dropped);
  }

  /** The hashes that the newest compactions left behind. */
  get compactionHashes(): readonly KeyValueHash[] {
    return this.#hashes.list();
  }

  /** Takes an entry that was kept, the oldest first; then comes `restore`, and nothing else can be asked before. */
  load(entry: Entry): void {
    this.index.load(entry);
    this.log.append(entry);
    this.#bytes += recordSize(entry);
  }

  /** Makes the store what it was when the entries that were loaded were kept. */
  restore(state: StoreState): void {
    this.index.order();
    this.#liveKeys = undefined;
    this.#revision = state.revision;
    this.#compactRevision = state.compactRevision;
    this.#hashes = new CompactionHashes(state.hashes);
  }

  /**
   * Brings a compaction to its end of which, from the oldest entry on, a part was done before the store was
   * restored. Its hash is among those restored, as it cannot be told any more.
   *
   * @param dropped as for `compact`
   */
  resumeCompaction(revision: number, dropped: (entry: Entry) => void): void {
    this.#drop(revision, this.#survivors(revision), dropped);
  }

  /**
   * HashKV up to `revision`, 0 for the current one.
   * @throws EtcdError `compacted`, `futureRevision`
   */
  hash(revision: number): KeyValueHash {
    const stored = this.#hashes.find(revision);
    if (stored !== undefined) return stored;
    if (revision > 0 && revision < this.#compactRevision) throw etcdError("compacted");
    if (revision > this.#revision) throw etcdError("futureRevision");
    const upTo = revision === 0 ? this.#revision : revision;
    const keep = this.#survivors(upTo);
    // Left out of a hash, though compaction keeps it: members before 3.5.16 drop a tombstone at its own revision.
    for (const entry of keep) if (entry.tombstone) keep.delete(entry);
    return hashLog(this.log, this.#compactRevision, upTo, keep);
  }

  #drop(revision: number, keep: ReadonlySet<Entry>, dropped: ((entry: Entry) => void) | undefined): void {
    this.#compactRevision = revision;
    this.index.compact(revision);
    this.log.compact(revision, (entry) => {
      if (keep.has(entry)) return true;
      this.#bytes -= recordSize(entry);
      dropped?.(entry);
      return false;
    });
  }

  #survivors(revision: number): Set<Entry> {
    const keep = new Set<Entry>();
    this.index.visit({ key: "", rangeEnd: "\0" }, (history) => {
      const entry = history.survivor(revision);
      if (entry !== undefined) keep.add(entry);
      return true;
    });
    return keep;
  }

  #readable(revision: number, current: number): number {
    if (revision > current) throw etcdError("futureRevision");
    const at = revision <= 0 ? current : revision;
    if (at < this.#compactRevision) throw etcdError("compacted");
    return at;
  }
}

/** The writes of one revision. Nothing can fail once it has begun, so there is no rollback. */
export class WriteTxn {
  readonly changes: Entry[] = [];
  readonly #store: Store;
  readonly #revision: number;

  constructor(store: Store) {
    this.#store = store;
    this.#revision = store.revision + 1;
  }

  /** What a reader inside the txn sees as the current revision: the next one as soon as something changed. */
  get revision(): number {
    return this.changes.length > 0 ? this.#revision : this.#revision - 1;
  }

  get(key: string): Entry | undefined {
    return this.#store.index.get(key)?.at(this.revision);
  }

  range(request: RangeRequest): RangeResponse {
    return this.#store.rangeAt(request, this.revision);
  }

  entries(range: KeyRange): Entry[] {
    return this.#store.index.entriesAt(range, this.revision);
  }

  /** @param value copied: it may be a view of a network buffer that is much larger and used again */
  put(key: string, value: Uint8Array, lease: bigint): void {
    const previous = this.get(key);
    this.#append({
      key,
      value: this.#store.arena.copy(value),
      createRevision: previous === undefined ? this.#revision : previous.createRevision,
      modRevision: this.#revision,
      subRevision: this.changes.length,
      version: previous === undefined ? 1 : previous.version + 1,
      lease,
      tombstone: false,
    });
  }

  /** Deletes the keys of a range in key order; returns how many there were (rule KV11). */
  deleteRange(range: KeyRange): number {
    const entries = this.entries(range);
    for (const entry of entries) this.#delete(entry.key);
    return entries.length;
  }

  /** Ends the txn: one new revision if anything changed, none otherwise (rule TX6). */
  commit(): void {
    if (this.changes.length > 0) this.#store.commit(this.changes);
  }

  #delete(key: string): void {
    this.#append({
      key,
      value: EMPTY_BYTES,
      createRevision: 0,
      modRevision: this.#revision,
      subRevision: this.changes.length,
      version: 0,
      lease: 0n,
      tombstone: true,
    });
  }

  #append(entry: Entry): void {
    this.#store.append(entry);
    this.changes.push(entry);
  }
}
