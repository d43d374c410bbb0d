import { etcdError } from "../errors.ts";
import { type Anchors, anchorsOf } from "./anchors.ts";
import { EMPTY_BYTES } from "./bytes.ts";
import { type ChildrenRequest, type ChildrenResponse, childrenOf } from "./children.ts";
import type { Entry } from "./entry.ts";
import { CompactionHashes, hashing, hasKept, type KeyValueHash, LogHasher } from "./hash.ts";
import { KeyIndex } from "./keyindex.ts";
import type { HashSeed } from "./keyprobe.ts";
import type { KeyRange } from "./keyrange.ts";
import { chunkOf, type RangeRequest, type RangeResponse, rangeIndex } from "./range.ts";
import { DroppedRows, type LogView, RevisionLog } from "./revlog.ts";
import { askForCollection } from "./slabs.ts";

/** What a store is beside its entries. */
export interface StoreState {
  readonly revision: number;
  /** −1 for never. */
  readonly compactRevision: number;
  readonly hashes: readonly KeyValueHash[];
}

/**
 * Told of each commit: the new revision and what it wrote, in sub-revision order, but for what it was told of while
 * that was staged.
 */
export type CommitListener = (revision: number, changes: readonly Entry[]) => void;

/** Of a large delete, which is written in slices before it is committed. */
export interface StageListener {
  /** Told of a slice when it is written: it belongs to the next revision, which nobody sees yet. */
  readonly staged?: (entries: readonly Entry[]) => void;
  /** Told of all keys, in order, before the commit; what takes long is to come in steps. */
  readonly prepare?: (keys: readonly string[]) => Generator<void>;
}

/** Told how a compaction goes on. */
export interface CompactionListener {
  /** Of what is gone, the oldest first; undefined where nobody wants to know. */
  readonly dropped: ((rows: DroppedRows) => void) | undefined;
  /** Last: nothing of it is left to do. */
  finished(): void;
}

/** Where a compaction leaves so much behind, somebody has to tell the garbage collector. */
const MUCH_BYTES = 16 * 2 ** 20;

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
  readonly log = new RevisionLog();
  readonly index: KeyIndex;
  /** Compactions that readers take for done, of which something is left to do, in their order. */
  #compactions: Generator<void>[] = [];
  #hashes = new CompactionHashes();
  readonly #listeners: CommitListener[] = [];
  readonly #stageListeners: StageListener[] = [];
  #revision = 1;
  #compactRevision = -1;
  #finishedCompactRevision = -1;
  #bytes = 0;

  /** @param seed of the keys' hashes: see KeyIndex */
  constructor(seed?: HashSeed) {
    this.index = new KeyIndex(this.log, seed);
  }

  /** The current revision; 1 for a store nothing was written to (rule KV5). */
  get revision(): number {
    return this.#revision;
  }

  /** The revision last compacted; −1 for never. Readable itself, nothing under it is. */
  get compactRevision(): number {
    return this.#compactRevision;
  }

  /** The revision of the last compaction of which nothing is left to do; −1 for none. */
  get finishedCompactRevision(): number {
    return this.#finishedCompactRevision;
  }

  /** Bytes of all kept entries as etcd's database would hold them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keys that are there, at the current revision. */
  get liveKeys(): number {
    return this.count(EVERY_KEY, 0);
  }

  onCommit(listener: CommitListener): void {
    this.#listeners.push(listener);
  }

  onStage(listener: StageListener): void {
    this.#stageListeners.push(listener);
  }

  /** What a reader at `revision` (≤ 0: latest) sees of one key. */
  get(key: string, revision = 0): Entry | undefined {
    return this.index.at(this.index.find(key), this.#readable(revision, this.#revision), key);
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

  /** All entries as they are now: what comes and goes later does not change the view. */
  view(): LogView {
    return this.log.view(this.#revision);
  }

  /**
   * Takes a slice of a large delete. Only for WriteTxn.
   * @param keys all so far, in order
   */
  stage(keys: readonly string[], entries: readonly Entry[]): void {
    this.index.stage(keys);
    for (const { staged } of this.#stageListeners) staged?.(entries);
  }

  /** Before a large delete is committed. Only for WriteTxn. */
  *preparing(keys: readonly string[]): Generator<void> {
    for (const { prepare } of this.#stageListeners) if (prepare !== undefined) yield* prepare(keys);
  }

  /** Takes what a write txn appended as the next revision. Only for WriteTxn. */
  commit(changes: readonly Entry[]): void {
    this.index.stage();
    this.#revision++;
    for (const listener of this.#listeners) listener(this.#revision, changes);
  }

  /**
   * @param id that of the entry's key, −1 for a new one
   * @param keyBytes see RevisionLog
   */
  append(entry: Entry, id: number, keyBytes?: Uint8Array): void {
    const slot = this.log.append(entry, keyBytes);
    this.index.append(entry, slot, id);
    this.#bytes += this.log.recordSize(slot);
  }

  /**
   * Compacts at once to its end: see `beginCompaction`.
   * @throws EtcdError `compacted`, `futureRevision`
   */
  compact(revision: number, listener?: CompactionListener): void {
    this.beginCompaction(revision, listener);
    while (this.continueCompaction());
  }

  /**
   * From now on nothing under `revision` can be read (rules CO1, CO2). What no reader can see any more goes by and
   * by, as `continueCompaction` is called; until then it takes room, and else makes no difference.
   *
   * @throws EtcdError `compacted`, `futureRevision`
   */
  beginCompaction(revision: number, listener?: CompactionListener): void {
    if (revision <= this.#compactRevision) throw etcdError("compacted");
    if (revision > this.#revision) throw etcdError("futureRevision");
    this.#compactions.push(this.#compacting(revision, this.#compactRevision, listener));
    this.#compactRevision = revision;
  }

  /** Whether there is something left to do of a compaction. */
  get isCompacting(): boolean {
    return this.#compactions.length > 0;
  }

  /** Does some of what compactions have left to do, in a time that does not depend on how much; false when it is done. */
  continueCompaction(): boolean {
    if (this.#compactions[0]?.next().done) this.#compactions.shift();
    return this.isCompacting;
  }

  /** The hashes that the newest compactions left behind. */
  get compactionHashes(): readonly KeyValueHash[] {
    return this.#hashes.list();
  }

  /** Takes an entry that was kept, the oldest first; then comes `restore`, and nothing else can be asked before. */
  load(entry: Entry): void {
    this.append(entry, this.index.find(entry.key), this.index.soughtBytes);
  }

  /** Makes the store what it was when the entries that were loaded were kept. */
  restore(state: StoreState): void {
    this.#revision = state.revision;
    this.#compactRevision = state.compactRevision;
    this.#finishedCompactRevision = state.compactRevision;
    this.#hashes = new CompactionHashes(state.hashes);
  }

  /**
   * Brings a compaction to its end of which, from the oldest entry on, a part was done before the store was
   * restored. It leaves no hash, as that cannot be told any more.
   */
  resumeCompaction(revision: number, listener: CompactionListener): void {
    this.#compactRevision = revision;
    this.#finishedCompactRevision = revision;
    for (const _ of this.index.compacting(revision));
    for (const _ of this.#dropping(revision, listener));
    listener.finished();
  }

  /**
   * HashKV up to `revision`, 0 for the current one, and as it is now, whatever is written before it is done.
   * @throws EtcdError `compacted`, `futureRevision`
   */
  hashing(revision: number): Generator<void, KeyValueHash> {
    const stored = this.#hashes.find(revision);
    if (stored === undefined && revision > 0 && revision < this.#compactRevision) throw etcdError("compacted");
    if (revision > this.#revision) throw etcdError("futureRevision");
    const upTo = revision === 0 ? this.#revision : revision;
    // Left out, though compaction keeps it: members before 3.5.16 drop a tombstone at its own revision.
    const scope = {
      compactRevision: this.#compactRevision,
      revision: upTo,
      end: this.log.endOf(upTo),
      keepsTombstone: false,
    };
    return hashing(this.log.view(), scope, stored);
  }

  /** The hash at once. @throws EtcdError as `hashing` */
  hash(revision: number): KeyValueHash {
    const steps = this.hashing(revision);
    for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
  }

  *#compacting(revision: number, compactRevision: number, listener?: CompactionListener): Generator<void> {
    // The index lets go of slots before they are gone.
    yield* this.index.compacting(revision);
    const scope = { compactRevision, revision, end: this.log.endOf(revision), keepsTombstone: true };
    const hasher = new LogHasher(scope, yield* hasKept(this.log.view(), scope));
    const bytes = this.#bytes;
    yield* this.#dropping(revision, listener, hasher);
    if (bytes - this.#bytes > MUCH_BYTES) askForCollection();
    this.#hashes.store(hasher.result);
    this.#finishedCompactRevision = revision;
    listener?.finished();
  }

  #dropping(revision: number, listener?: CompactionListener, hasher?: LogHasher): Generator<void> {
    return this.log.compacting(revision, (segment, drops) => {
      hasher?.add(segment, segment.count);
      for (let row = 0; row < segment.count; row++) if (drops(row)) this.#bytes -= segment.recordSize(row);
      listener?.dropped?.(new DroppedRows(segment, drops));
    });
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
  /** Values are the caller's: they are good until the next is put. */
  readonly changes: Entry[] = [];
  /** How many were written before these. */
  #staged = 0;
  readonly #store: Store;
  readonly #revision: number;

  constructor(store: Store) {
    this.#store = store;
    this.#revision = store.revision + 1;
  }

  /** What a reader inside the txn sees as the current revision: the next one as soon as something changed. */
  get revision(): number {
    return this.#count > 0 ? this.#revision : this.#revision - 1;
  }

  get(key: string): Entry | undefined {
    return this.#store.index.at(this.#store.index.find(key), this.revision, key);
  }

  range(request: RangeRequest): RangeResponse {
    return this.#store.rangeAt(request, this.revision);
  }

  entries(range: KeyRange): Entry[] {
    return this.#store.index.entriesAt(range, this.revision);
  }

  /** @param value copied: it may be a view of a network buffer that is much larger and used again */
  put(key: string, value: Uint8Array, lease: bigint): void {
    const { index } = this.#store;
    const id = index.find(key);
    const begins = index.isGone(id);
    const entry = {
      key,
      value,
      createRevision: begins ? this.#revision : index.createRevision(id),
      modRevision: this.#revision,
      subRevision: this.#count,
      version: begins ? 1 : index.version(id) + 1,
      lease,
      tombstone: false,
    };
    this.#append(entry, id, index.soughtBytes);
  }

  /** Deletes one key, without effect where there is none. */
  delete(key: string): void {
    const id = this.#store.index.find(key);
    if (!this.#store.index.isGone(id)) this.#delete(id, key);
  }

  /** Deletes the keys of a range in key order; returns how many there were (rule KV11). */
  deleteRange(range: KeyRange): number {
    const { index } = this.#store;
    const ids = index.keysAt(range, this.revision);
    for (const id of ids) this.#delete(id, index.key(id));
    return ids.length;
  }

  /**
   * Deletes keys that come in slices, in key order, with a turn for others after each. These go on to see the
   * revision before, all of it, until `commit`, before which nobody else may write; returns the keys.
   *
   * @param slices IDs
   * @param visit called with each ID before its key is deleted
   */
  *deleting(slices: Iterable<readonly number[]>, visit?: (id: number) => void): Generator<void, readonly string[]> {
    const { index } = this.#store;
    const keys: string[] = [];
    let isFirst = true;
    for (const ids of slices) {
      if (!isFirst) {
        this.#stage(keys);
        yield;
      }
      isFirst = false;
      for (const id of ids) {
        visit?.(id);
        const key = index.key(id);
        keys.push(key);
        this.#delete(id, key);
      }
    }
    if (this.#staged > 0) yield* this.#store.preparing(keys);
    return keys;
  }

  /** Ends the txn: one new revision if anything changed, none otherwise (rule TX6). */
  commit(): void {
    if (this.#count > 0) this.#store.commit(this.changes);
  }

  get #count(): number {
    return this.#staged + this.changes.length;
  }

  #stage(keys: readonly string[]): void {
    const entries = this.changes.splice(0);
    this.#staged += entries.length;
    if (keys.length > 0) this.#store.stage(keys, entries);
  }

  #delete(id: number, key: string): void {
    const entry = {
      key,
      value: EMPTY_BYTES,
      createRevision: 0,
      modRevision: this.#revision,
      subRevision: this.#count,
      version: 0,
      lease: 0n,
      tombstone: true,
    };
    this.#append(entry, id);
  }

  #append(entry: Entry, id: number, keyBytes?: Uint8Array): void {
    this.#store.append(entry, id, keyBytes);
    this.changes.push(entry);
  }
}
