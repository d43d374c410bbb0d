import { AuthStore, type Caller } from "../auth/index.ts";
import { EtcdError, etcdError } from "../errors.ts";
import { type Lease, Lessor } from "../lease/index.ts";
import {
  applyDeleteRange,
  applyPut,
  applyTxn,
  checkPut,
  type DeleteRangeRequest,
  type DeleteRangeResponse,
  type KeyValueHash,
  type PutRequest,
  type PutResponse,
  type RangeRequest,
  type RangeResponse,
  type Store,
  type TxnRequest,
  type TxnResponse,
  WatchHub,
  type WatchStream,
  type WriteTxn,
} from "../mvcc/index.ts";
import { type Alarm, Alarms, AlarmType } from "./alarms.ts";
import { Authorization } from "./authorization.ts";
import { type AutoCompactor, PeriodicCompactor, RevisionCompactor } from "./autocompact.ts";
import { LeaseCheckpoints } from "./checkpoints.ts";
import { Compactions } from "./compactions.ts";
import { Counters } from "./counters.ts";
import { Deletions } from "./deletions.ts";
import type { EffectSink } from "./effects.ts";
import { LongWrites } from "./longwrites.ts";
import { type ClusterHost, Members } from "./members.ts";
import { DEFAULT_OPTIONS, DEFAULT_QUOTA_BYTES, type EtcdOptions } from "./options.ts";
import type { EtcdOrigin } from "./origin.ts";
import { DatabaseSize, LEASE_COST_BYTES, putCost, txnCost } from "./quota.ts";
import { type EtcdState, newState } from "./state.ts";
import { Versions } from "./versions.ts";

/** Leases revoked in one go, and keys deleted with them, before others get their turn. */
const MAX_REVOKES_PER_SWEEP = 500;
const MAX_DELETES_PER_SWEEP = 1000;
/** How soon a sweep is tried again that the CORRUPT alarm did not let happen. */
const SWEEP_RETRY_MS = 3000;

/**
 * One etcd with one member: store, leases, users and alarms behind the operations of its RPCs.
 *
 *     request ──► check (alarms, quota, rights) ──► one synchronous step on the store ──► result
 *                                                          └─► leases, watches
 *
 * With auth on a request needs a caller: without one it fails as `userEmpty`, and as `authOldRevision` or
 * `permissionDenied` where the caller's rights do not do. Nothing here waits: each call is one step, in the order
 * of the calls, and time enters only by the clock. But a large delete may be begun, which is done in slices: until it
 * is, readers see the revision before, and whatever else writes has the rest of it done first; `isBusy` tells those
 * who would rather wait.
 */
export class Etcd {
  readonly options: EtcdOptions;
  readonly store: Store;
  readonly counters = new Counters();
  /** The one member leads from the start; the first term of a new etcd is 2, and each start begins another. */
  readonly raftTerm: number;
  /** Users and roles. What changes them is a proposal, and needs an admin: who calls for it sees to both. */
  readonly auth: AuthStore;
  readonly authorization: Authorization;
  readonly members: Members;
  readonly versions: Versions;
  readonly #watches: WatchHub;
  readonly #lessor: Lessor;
  readonly #alarms = new Alarms();
  readonly #size = new DatabaseSize();
  readonly #compactions: Compactions;
  readonly #deletions: Deletions;
  readonly #longWrites: LongWrites;
  readonly #idleListeners: Array<() => void> = [];
  readonly #leaseExists = (id: bigint): boolean => this.#lessor.has(id);
  readonly #sink: EffectSink | undefined;
  /** Only where somebody keeps them. */
  readonly #checkpoints: LeaseCheckpoints | undefined;
  #raftIndex: number;
  #cancelLeaseTimer: (() => void) | undefined;
  #leaseTimerAtMs = Number.POSITIVE_INFINITY;
  #cancelCompactionTimer: (() => void) | undefined;
  #stopReason: string | undefined;

  /** @param origin a new etcd, and nobody told of its effects, unless it says otherwise */
  constructor(options: Pick<EtcdOptions, "clock"> & Partial<EtcdOptions>, origin: EtcdOrigin = {}) {
    const { state = newState(options.hashSeed), sink, needsConfirmation } = origin;
    this.options = { ...DEFAULT_OPTIONS, ...options };
    this.store = state.store;
    this.raftTerm = state.raftTerm;
    this.#raftIndex = state.raftIndex;
    this.#watches = new WatchHub(this.store, needsConfirmation);
    this.#lessor = new Lessor(this.options.minLeaseTtlSeconds);
    this.#sink = sink;
    this.#compactions = new Compactions({ clock: this.options.clock, store: this.store, size: this.#size, sink });
    this.#deletions = new Deletions(this.store, this.#lessor, sink);
    this.#longWrites = new LongWrites(this.options.clock, () => this.#idle());
    this.auth = new AuthStore(state.records, (change) => sink?.({ kind: "row", change }));
    this.authorization = new Authorization(this.auth, this.#lessor);
    const host: ClusterHost = {
      propose: () => this.propose(),
      record: (change) => sink?.({ kind: "row", change }),
    };
    this.members = new Members(this.options, state.records, host);
    const { clock } = this.options;
    this.versions = new Versions({ clock, host, allStarted: () => this.members.allStarted }, state.records);
    this.#restore(state);
    if (sink !== undefined && !this.options.recordRenewals) {
      const record = (lease: Lease): void => sink({ kind: "leaseCheckpointed", lease });
      this.#checkpoints = new LeaseCheckpoints({ clock, lessor: this.#lessor, record });
    }
    this.store.onCommit(() => this.#size.grow(this.store.bytes));
    if (sink !== undefined) {
      this.store.onCommit((_, entries) => sink({ kind: "revision", entries }));
      this.store.onStage({ staged: (entries) => sink({ kind: "staged", entries }) });
    }
    this.#startAutoCompaction();
  }

  /** Requests that went through what would be consensus; never goes back. */
  get raftIndex(): number {
    return this.#raftIndex;
  }

  /** Why nothing is written any more; undefined as long as it is. */
  get stopReason(): string | undefined {
    return this.#stopReason;
  }

  /** Whether a large delete is under way. */
  get isBusy(): boolean {
    return this.#longWrites.isBusy;
  }

  /** Has the listener called whenever `isBusy` is no longer so. */
  onIdle(listener: () => void): void {
    this.#idleListeners.push(listener);
  }

  /** @throws EtcdError `compacted`, `futureRevision` */
  range(request: RangeRequest, caller?: Caller): RangeResponse {
    if (this.auth.enabled) this.authorization.range(caller, request);
    this.counters.ranges++;
    return this.store.range(request);
  }

  /** @throws EtcdError `noSpace`, `corrupt`, `leaseNotFound`, `keyNotFound` */
  put(request: PutRequest, caller?: Caller): PutResponse {
    this.#admit(putCost(request));
    if (this.auth.enabled) this.authorization.put(caller, request);
    checkPut(this.store, request, this.#leaseExists);
    const write = this.store.write();
    const response = applyPut(write, request);
    this.counters.put(request);
    this.#commit(write);
    return response;
  }

  /** @throws EtcdError `corrupt` */
  deleteRange(request: DeleteRangeRequest, caller?: Caller): DeleteRangeResponse {
    this.#admit(0);
    if (this.auth.enabled) this.authorization.deleteRange(caller, request);
    const write = this.store.write();
    const response = applyDeleteRange(write, request);
    this.counters.deletes++;
    this.#commit(write);
    return response;
  }

  /** As `deleteRange`, but of many keys in slices. @param finished called in the end @throws EtcdError `corrupt` */
  beginDeleteRange(
    request: DeleteRangeRequest,
    caller: Caller | undefined,
    finished: (response: DeleteRangeResponse) => void,
  ): void {
    if (!this.#deletions.isLarge(request)) {
      finished(this.deleteRange(request, caller));
      return;
    }
    this.#admit(0);
    if (this.auth.enabled) this.authorization.deleteRange(caller, request);
    this.counters.deletes++;
    this.#longWrites.begin(this.#deletions.range(request), finished);
  }

  /** @throws EtcdError `noSpace`, `corrupt`, `leaseNotFound`, `keyNotFound`, `compacted`, `futureRevision` */
  txn(request: TxnRequest, readOnly: boolean, caller?: Caller): TxnResponse {
    if (!readOnly) this.#admit(txnCost(request));
    if (this.auth.enabled) this.authorization.txn(caller, request, readOnly);
    const write = this.store.write();
    const response = applyTxn(this.store, write, request, this.#leaseExists);
    this.counters.txn(request, response);
    this.#commit(write);
    return response;
  }

  /**
   * Nothing under the revision can be read any more; what that leaves behind goes in the background.
   *
   * @param finished called when it is gone, or when the etcd closes before
   * @throws EtcdError `compacted`, `futureRevision`, `corrupt`
   */
  compact(revision: number, finished?: () => void): void {
    this.#admit(0);
    this.#compactions.begin(revision, finished);
  }

  /** HashKV. @throws EtcdError `compacted`, `futureRevision` */
  hash(revision: number): KeyValueHash {
    return this.store.hash(revision);
  }

  /** As `hash`, step by step. @throws EtcdError `compacted`, `futureRevision` */
  hashing(revision: number): Generator<void, KeyValueHash> {
    return this.store.hashing(revision);
  }

  /**
   * @param id not 0n: who calls chooses one for a client that did not
   * @throws EtcdError `leaseExists`, `leaseTtlTooLarge`, `noSpace`, `corrupt`
   */
  leaseGrant(id: bigint, ttlSeconds: number): Lease {
    this.#admit(LEASE_COST_BYTES);
    const lease = this.#lessor.grant(id, ttlSeconds, this.options.clock.now());
    this.counters.leasesGranted++;
    this.#sink?.({ kind: "leaseGranted", lease });
    this.#armLeaseTimer();
    return lease;
  }

  hasLease(id: bigint): boolean {
    return this.#lessor.has(id);
  }

  /** Deletes the lease and its keys, in one revision (rule LE4). @throws EtcdError `leaseNotFound`, `corrupt` */
  leaseRevoke(id: bigint, caller?: Caller): void {
    this.#admitRevoke(id, caller);
    this.#endLease(id);
  }

  /** As `leaseRevoke`, but of many keys in slices. @param finished called in the end @throws EtcdError as it does */
  beginLeaseRevoke(id: bigint, caller: Caller | undefined, finished: () => void): void {
    this.#admitRevoke(id, caller);
    this.#beginLeaseEnd(id, finished);
  }

  /**
   * Starts a lease's time anew; undefined for one that is missing or has run out, which then ends (rule LE2): of many
   * keys in slices.
   */
  leaseKeepAlive(id: bigint): Lease | undefined {
    const nowMs = this.options.clock.now();
    const lease = this.#lessor.renew(id, nowMs, (lease) => this.#sink?.({ kind: "leaseCheckpointed", lease }));
    if (lease !== undefined) this.counters.leasesRenewed++;
    if (lease !== undefined && this.options.recordRenewals) this.#sink?.({ kind: "leaseCheckpointed", lease });
    if (lease === undefined && this.#lessor.isExpired(id, nowMs)) {
      this.#longWrites.settle();
      if (this.#lessor.has(id)) this.#expire(id);
    }
    return lease;
  }

  leaseTimeToLive(id: bigint) {
    this.#longWrites.settle();
    return this.#lessor.timeToLive(id, this.options.clock.now());
  }

  /** Has written down how much time each lease has left, for the next start. */
  checkpointLeases(): void {
    this.#checkpoints?.writeAll();
  }

  leases(): Lease[] {
    return this.#lessor.list();
  }

  alarms(type: number = AlarmType.NONE): Alarm[] {
    return this.#alarms.list(type);
  }

  activateAlarm(alarm: Alarm): Alarm[] {
    this.#longWrites.settle();
    this.#raftIndex++;
    return this.#raise(alarm);
  }

  deactivateAlarm(alarm: Alarm): Alarm[] {
    this.#longWrites.settle();
    this.#raftIndex++;
    const disarmed = this.#alarms.deactivate(alarm);
    for (const alarm of disarmed) this.#sink?.({ kind: "alarmDisarmed", alarm });
    return disarmed;
  }

  get quotaBytes(): number {
    return this.options.quotaBackendBytes === 0 ? DEFAULT_QUOTA_BYTES : this.options.quotaBackendBytes;
  }

  get databaseSize(): { readonly totalBytes: number; readonly inUseBytes: number } {
    return { totalBytes: this.#size.totalBytes, inUseBytes: this.#size.inUseBytes(this.store.bytes) };
  }

  /** The most bytes that were stored, since the last defragmentation. */
  get peakBytes(): number {
    return this.#size.peakBytes;
  }

  defragment(): void {
    this.#size.defragment(this.store.bytes);
    this.#sink?.({ kind: "defragmented", peakBytes: this.#size.peakBytes });
  }

  /** Watches that can still get events. */
  get watchers(): number {
    return this.#watches.watchers;
  }

  /** Events that watches have delivered since the start. */
  get watchEvents(): number {
    return this.#watches.events;
  }

  /**
   * @param wake called whenever the stream may have a response again
   * @throws EtcdError `stopped`
   */
  watchStream(wake: () => void): WatchStream {
    if (this.#stopReason !== undefined) throw etcdError("stopped");
    return this.#watches.newStream(wake);
  }

  /** What was committed up to that revision is kept: watches may see it. */
  confirm(revision: number): void {
    this.#watches.confirm(revision);
  }

  /** Stops timers; nothing is written any more, and streams of watches are over once they are read to their end. */
  close(reason = etcdError("stopped").message): void {
    if (this.#stopReason !== undefined) return;
    this.#longWrites.settle();
    this.#stopReason = reason;
    this.#cancelLeaseTimer?.();
    this.#cancelCompactionTimer?.();
    this.#compactions.close();
    this.#checkpoints?.close();
    this.versions.close();
    this.#watches.stop();
  }

  /** Counts a request that goes through what would be consensus. @throws EtcdError `stopped` */
  propose(): void {
    if (this.#stopReason !== undefined) throw etcdError("stopped");
    this.#longWrites.settle();
    this.#raftIndex++;
  }

  /**
   * Counts a request and refuses it where an alarm, the quota or the index does (rule MA1).
   * @param costBytes what it may add to the store; 0 for requests that add nothing
   */
  #admit(costBytes: number): void {
    this.propose();
    if (this.#alarms.has(AlarmType.CORRUPT)) throw etcdError("corrupt");
    if (costBytes === 0) return;
    if (this.#alarms.has(AlarmType.NOSPACE)) throw etcdError("noSpace");
    if (this.#hasRoom(costBytes)) return;
    this.#raise({ memberId: this.options.memberId, type: AlarmType.NOSPACE });
    throw etcdError("noSpace");
  }

  #hasRoom(costBytes: number): boolean {
    if (this.store.index.bytes >= this.options.maxIndexBytes) return false;
    return this.quotaBytes < 0 || this.#size.totalBytes + costBytes < this.quotaBytes;
  }

  #raise(alarm: Alarm): Alarm[] {
    const raised = this.#alarms.activate(alarm);
    for (const alarm of raised) this.#sink?.({ kind: "alarmRaised", alarm });
    return raised;
  }

  /** Leases go on with the time that was written down for them; that in which nothing ran does not count. */
  #restore({ leases, alarms, peakBytes }: EtcdState): void {
    for (const alarm of alarms) this.#alarms.activate(alarm);
    this.#size.grow(Math.max(peakBytes, this.store.bytes));
    if (leases.length === 0) return;
    const nowMs = this.options.clock.now();
    for (const lease of leases) this.#lessor.restore(lease, nowMs);
    for (const { key, lease } of this.store.list({ key: "", rangeEnd: "\0" }, 0, 0, false)) {
      if (lease !== 0n && this.#lessor.has(lease)) this.#lessor.attach(key, lease);
    }
    this.#armLeaseTimer();
  }

  #admitRevoke(id: bigint, caller: Caller | undefined): void {
    this.#admit(0);
    if (this.auth.enabled) this.authorization.revoke(caller, id);
  }

  /** A lease whose time has run out ends without anybody's right to it. */
  #expire(id: bigint): void {
    this.#admit(0);
    this.counters.leasesExpired++;
    this.#beginLeaseEnd(id, () => {});
  }

  #beginLeaseEnd(id: bigint, finished: () => void): void {
    if (this.#deletions.isLargeLease(id)) {
      this.counters.leasesRevoked++;
      this.#longWrites.begin(this.#deletions.lease(id), finished);
    } else {
      this.#endLease(id);
      finished();
    }
  }

  #endLease(id: bigint): void {
    const write = this.store.write();
    for (const key of this.#lessor.revoke(id)) write.delete(key);
    this.counters.leasesRevoked++;
    this.#sink?.({ kind: "leaseRevoked", id });
    this.#commit(write);
  }

  /** A large delete is done. */
  #idle(): void {
    this.#armLeaseTimer();
    for (const listener of this.#idleListeners) listener();
  }

  /** Attached keys follow the writes before any watcher hears of them. */
  #commit(write: WriteTxn): void {
    for (const entry of write.changes) {
      if (entry.lease !== 0n || this.#lessor.hasAttachedKeys) this.#lessor.attach(entry.key, entry.lease);
    }
    write.commit();
  }

  /** Makes sure that a timer is set for the lease that ends first. */
  #armLeaseTimer(notBeforeMs = 0): void {
    const deadlineMs = this.#lessor.nextDeadlineMs();
    if (this.#stopReason !== undefined || deadlineMs === undefined) return;
    const atMs = Math.max(deadlineMs, notBeforeMs);
    if (atMs >= this.#leaseTimerAtMs) return;
    this.#cancelLeaseTimer?.();
    this.#leaseTimerAtMs = atMs;
    const { clock } = this.options;
    this.#cancelLeaseTimer = clock.setTimer(Math.max(0, atMs - clock.now()), () => this.#sweepLeases());
  }

  /** Revokes leases whose time has run out. */
  #sweepLeases(): void {
    this.#leaseTimerAtMs = Number.POSITIVE_INFINITY;
    const nowMs = this.options.clock.now();
    if (this.#alarms.has(AlarmType.CORRUPT)) {
      this.#armLeaseTimer(nowMs + SWEEP_RETRY_MS);
      return;
    }
    let keys = 0;
    for (let count = 0; count < MAX_REVOKES_PER_SWEEP && keys < MAX_DELETES_PER_SWEEP; count++) {
      const id = this.isBusy ? undefined : this.#lessor.expired(nowMs);
      if (id === undefined) break;
      keys += this.#lessor.keyCount(id);
      this.#expire(id);
    }
    // Else it is once the end of a large lease is done.
    if (!this.isBusy) this.#armLeaseTimer();
  }

  #startAutoCompaction(): void {
    const { clock, autoCompactionMode, autoCompactionRetentionMs, autoCompactionRetentionRevisions } = this.options;
    if (autoCompactionMode === "revision" && autoCompactionRetentionRevisions > 0) {
      this.#scheduleAutoCompaction(new RevisionCompactor(autoCompactionRetentionRevisions));
    } else if (autoCompactionMode === "periodic" && autoCompactionRetentionMs > 0) {
      const compactor = new PeriodicCompactor(autoCompactionRetentionMs, clock.now(), this.store.revision);
      this.#scheduleAutoCompaction(compactor);
    }
  }

  #scheduleAutoCompaction(compactor: AutoCompactor): void {
    const { clock } = this.options;
    this.#cancelCompactionTimer = clock.setTimer(compactor.intervalMs, () => {
      const revision = compactor.tick(clock.now(), this.store.revision);
      if (revision !== undefined && this.#autoCompact(revision)) compactor.done(clock.now(), revision);
      this.#scheduleAutoCompaction(compactor);
    });
  }

  /** Whether it is compacted now, by this or by a client before; an alarm may forbid it for a while. */
  #autoCompact(revision: number): boolean {
    try {
      this.compact(revision);
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
    }
    return this.store.compactRevision >= revision;
  }
}
