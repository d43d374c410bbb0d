/**
 * Who knows what must be: the model, run in step with the etcd, and all that was promised to clients.
 *
 * A request is given to the model right before it is given to the etcd, whose commits are held against the model's
 * as they happen. What commits without a request is the end of a lease, or the lock service at work.
 */
import type { Entry } from "../../src/mvcc/index.ts";
import type { Etcd } from "../../src/server/index.ts";
import { History } from "./history.ts";
import { requireRange } from "./model/auth.ts";
import { applyOp, Refusal } from "./model/kv.ts";
import { type Expectation, Model } from "./model/model.ts";
import type { ModelEvent } from "./model/state.ts";
import { type Caller, type DeleteOp, LOCK_PREFIX, type PutOp, type Request } from "./request.ts";
import { showPair, valueText } from "./show.ts";

/** What a hash is of. */
export interface HashedRevisions {
  readonly revision: number;
  readonly compactRevision: number;
  /** Whether it was compacted to that revision by then. */
  readonly isCompacted: boolean;
}

export class Oracle {
  readonly model: Model;
  readonly history = new History();
  readonly #nowMs: () => number;
  readonly #tokens = new Map<string, { readonly user: string; readonly epoch: number }>();
  /** Raised whenever all tokens end. */
  #epoch = 0;
  #expected: Array<readonly ModelEvent[]> = [];
  #etcd: Etcd | undefined;
  /** What HashKV has answered, by the revisions that it is of. */
  readonly #hashes = new Map<string, HashedRevisions & { readonly hash: number }>();
  failure: string | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.model = new Model((events) => this.#expected.push(events));
  }

  fail(what: string): void {
    this.failure ??= what;
  }

  /** From now on the commits of this etcd are watched, which is as the model says. */
  follow(etcd: Etcd): void {
    this.#etcd = etcd;
    this.#epoch++;
    const staged: Entry[] = [];
    etcd.store.onStage({ staged: (entries) => void staged.push(...entries) });
    etcd.store.onCommit((revision, entries) => {
      const all = [...staged.splice(0), ...entries];
      if (this.#etcd === etcd) this.#committed(etcd, revision, all);
    });
  }

  /** Its process is dead. */
  unfollow(): void {
    this.#etcd = undefined;
  }

  /** What must come of a request that is applied now. */
  begin(request: Request, caller: Caller): Expectation {
    const wasEnabled = this.model.state.auth.enabled;
    const expectation = this.model.apply(request, caller, this.#nowMs());
    if (wasEnabled && !this.model.state.auth.enabled) this.#epoch++;
    return expectation;
  }

  /** It has been applied. */
  end(request: Request): void {
    for (const events of this.#expected.splice(0)) {
      this.fail(`${show(request)} did not commit ${events.map(showEvent).join(", ")}`);
    }
  }

  get epoch(): number {
    return this.#epoch;
  }

  tokenGiven(token: string, user: string, epoch: number): void {
    this.#tokens.set(token, { user, epoch });
  }

  callerOf(token: string | undefined): Caller {
    if (token === undefined) return { kind: "nobody" };
    const known = this.#tokens.get(token);
    return known?.epoch === this.#epoch ? { kind: "user", name: known.user } : { kind: "stranger" };
  }

  /** Why a caller may not watch a range, undefined where it may. */
  denial(caller: Caller, key: string, end: string): string | undefined {
    try {
      requireRange(this.model.state, caller, key, end);
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      throw error;
    }
  }

  /**
   * A hash is of what was there, and that does not change. The one that a compaction leaves behind may be another
   * than that which was told before, as in etcd, where nothing but tombstones survives it.
   */
  hashed(hash: number, of: HashedRevisions): void {
    const name = `${of.revision} from ${of.compactRevision}${of.isCompacted ? ", compacted" : ""}`;
    const known = this.#hashes.get(name);
    if (known !== undefined && known.hash !== hash) this.fail(`the hash of ${name} was ${known.hash} and is ${hash}`);
    this.#hashes.set(name, { hash, ...of });
  }

  /** Revisions of which a hash is known and can be asked for again, the newest first. */
  hashedRevisions(compactRevision: number): number[] {
    return [...this.#hashes.values()]
      .filter((one) => one.compactRevision === compactRevision && !one.isCompacted)
      .map(({ revision }) => revision)
      .filter((revision) => !this.model.wasCompactedTo(revision))
      .sort((a, b) => b - a);
  }

  /** Leases end when they are to: none before its time, and none stays when it is over. */
  checkLeases(isHealthy: boolean): void {
    const etcd = this.#etcd;
    if (etcd === undefined) return;
    const { model } = this;
    const nowMs = this.#nowMs();
    for (const id of [...model.state.leases.keys()]) {
      if (!etcd.hasLease(id)) this.#leaseEnded(id);
      else if (isHealthy && nowMs >= (model.windows.get(id)?.latestMs ?? 0)) this.fail(`lease ${id} did not end`);
    }
  }

  #leaseEnded(id: bigint): readonly ModelEvent[] {
    const endMs = this.model.windows.get(id)?.earliestMs ?? 0;
    if (this.#nowMs() < endMs) this.fail(`lease ${id} ended ${endMs - this.#nowMs()} ms too early`);
    const events = this.model.expire(id);
    const { revision } = this.model.state;
    if (events.length > 0) this.history.happened({ kind: "endLease", lease: id }, revision);
    return events;
  }

  #committed(etcd: Etcd, revision: number, entries: readonly Entry[]): void {
    const expected = this.#expected.shift() ?? this.#unasked(etcd, entries);
    const events = entries.map(eventOf).map(showEvent).join(", ");
    const wanted = expected.map(showEvent).join(", ");
    if (revision !== this.model.state.revision) {
      this.fail(`revision ${revision} was committed, not ${this.model.state.revision}: ${events}`);
    } else if (events !== wanted) this.fail(`revision ${revision} has ${events}, not ${wanted}`);
  }

  /** What etcd does by itself: ends leases, and what the lock service's calls of it do. */
  #unasked(etcd: Etcd, entries: readonly Entry[]): readonly ModelEvent[] {
    const { model } = this;
    const keys = entries.map(({ key }) => key).join();
    let ended: readonly ModelEvent[] | undefined;
    for (const id of [...model.state.leases.keys()]) {
      if (etcd.hasLease(id)) continue;
      const events = this.#leaseEnded(id);
      if (events.length === 0) continue;
      if (ended !== undefined) this.fail(`two leases have ended in one revision: ${keys}`);
      ended = events;
    }
    if (ended !== undefined) return ended;
    const [entry] = entries;
    if (entry === undefined || entries.length > 1 || !entry.key.startsWith(LOCK_PREFIX)) {
      this.fail(`nobody asked for ${entries.map(eventOf).map(showEvent).join(", ")}`);
      return [];
    }
    const op = opOf(entry);
    const { state, events } = applyOp(model.state, model.log, op);
    this.history.happened(op, state.revision);
    model.advance(state, events);
    return events;
  }
}

function opOf({ key, lease, tombstone }: Entry): PutOp | DeleteOp {
  if (tombstone) return { kind: "delete", key, end: "", prevKv: false };
  return { kind: "put", key, value: "", lease, prevKv: false, ignoreValue: false, ignoreLease: false };
}

export function eventOf(entry: Entry): ModelEvent {
  return {
    kind: entry.tombstone ? "delete" : "put",
    pair: {
      key: entry.key,
      value: valueText(entry.value),
      create: entry.createRevision,
      mod: entry.modRevision,
      version: entry.version,
      lease: entry.lease,
    },
  };
}

export function showEvent({ kind, pair }: ModelEvent): string {
  return `${kind} ${showPair(pair)}`;
}

export function show(request: Request): string {
  return JSON.stringify(request, (_, value) => (typeof value === "bigint" ? `${value}` : value));
}
