/** KV of the model: what an operation answers, and what it changes. */
import type { CompareOp, DeleteOp, Op, PutOp, RangeOp, TxnOp } from "../request.ts";
import { showDelete, showPut, showRange, showTxn } from "../show.ts";
import { byKey, type EventLog, holds, type ModelEvent, type Pair, type State } from "./state.ts";

export const Errors = {
  compacted: "etcdserver: mvcc: required revision has been compacted",
  futureRevision: "etcdserver: mvcc: required revision is a future revision",
  leaseNotFound: "etcdserver: requested lease not found",
  leaseExists: "etcdserver: lease already exists",
  keyNotFound: "etcdserver: key not found",
  userEmpty: "etcdserver: user name is empty",
  permissionDenied: "etcdserver: permission denied",
  invalidAuthToken: "etcdserver: invalid auth token",
  authNotEnabled: "etcdserver: authentication is not enabled",
  permissionNotGranted: "etcdserver: permission is not granted to the role",
  authOldRevision: "etcdserver: revision of auth store is old",
} as const;

/** What a client is to be told instead of a reply. */
export class Refusal extends Error {}

export interface Outcome {
  readonly reply: string;
  readonly state: State;
  /** In order; none where the revision stays. */
  readonly events: readonly ModelEvent[];
}

/** @throws Refusal; nothing is changed then */
export function applyOp(state: State, log: EventLog, op: Op): Outcome {
  const step = new Step(state, log);
  if (op.kind === "txn") step.check(op);
  else step.checkOp(op, false);
  const reply = step.run(op);
  return { reply, state: step.result(), events: step.events };
}

/** Deletes a lease's keys, in key order, in one revision. */
export function endLease(state: State, log: EventLog, id: bigint): Outcome {
  const step = new Step(state, log);
  for (const pair of [...state.pairs.values()].filter(({ lease }) => lease === id).sort(byKey)) step.delete(pair.key);
  const leases = new Map(state.leases);
  leases.delete(id);
  return { reply: `r${step.revision}`, state: { ...step.result(), leases }, events: step.events };
}

/** One step on a state: its operations see what those before have done. */
class Step {
  readonly events: ModelEvent[] = [];
  readonly #before: State;
  readonly #log: EventLog;
  #pairs: Map<string, Pair> | undefined;

  constructor(state: State, log: EventLog) {
    this.#before = state;
    this.#log = log;
  }

  get revision(): number {
    return this.#before.revision + (this.events.length > 0 ? 1 : 0);
  }

  result(): State {
    if (this.#pairs === undefined) return this.#before;
    return { ...this.#before, revision: this.revision, pairs: this.#pairs };
  }

  /** What can fail does so before anything is done, on the branches that will be taken. */
  check(op: TxnOp): void {
    for (const one of this.#branch(op)) {
      if (one.kind === "txn") this.check(one);
      else this.checkOp(one, true);
    }
  }

  checkOp(op: RangeOp | PutOp | DeleteOp, isInTxn: boolean): void {
    const { revision, compacted, leases, pairs } = this.#before;
    if (op.kind === "range" && (isInTxn ? op.revision !== 0 : op.revision > 0)) {
      if (op.revision > revision) throw new Refusal(Errors.futureRevision);
      if (op.revision < compacted) throw new Refusal(Errors.compacted);
    }
    if (op.kind !== "put") return;
    if (op.lease !== 0n && !leases.has(op.lease)) throw new Refusal(Errors.leaseNotFound);
    if ((op.ignoreValue || op.ignoreLease) && !pairs.has(op.key)) throw new Refusal(Errors.keyNotFound);
  }

  run(op: Op, isNested = false): string {
    switch (op.kind) {
      case "range":
        return this.#range(op);
      case "put":
        return this.#put(op);
      case "delete":
        return this.#deleteRange(op);
      case "txn": {
        const replies = this.#branch(op).map((one) => this.run(one, true));
        return showTxn(isNested ? 0 : this.revision, this.#holds(op), replies);
      }
    }
  }

  delete(key: string): void {
    this.#written().delete(key);
    const mod = this.#before.revision + 1;
    this.events.push({ kind: "delete", pair: { key, value: "", create: 0, mod, version: 0, lease: 0n } });
  }

  #written(): Map<string, Pair> {
    this.#pairs ??= new Map(this.#before.pairs);
    return this.#pairs;
  }

  #now(): ReadonlyMap<string, Pair> {
    return this.#pairs ?? this.#before.pairs;
  }

  #range(op: RangeOp): string {
    const isPast = op.revision > 0 && op.revision < this.#before.revision;
    const pairs = isPast ? this.#log.pairsAt(op.revision) : op.revision > 0 ? this.#before.pairs : this.#now();
    const inRange = [...pairs.values()].filter(({ key }) => holds(op.key, op.end, key)).sort(byKey);
    const count = inRange.length;
    if (op.countOnly) return showRange({ revision: this.revision, count, more: false, pairs: [] });
    const sorted = inRange
      .filter(({ mod, create }) => mod >= op.minMod && (op.maxCreate === 0 || create <= op.maxCreate))
      .sort(orderOf(op));
    const limited = op.limit > 0 ? sorted.slice(0, op.limit) : sorted;
    const shown = op.keysOnly
      ? limited.map((pair) => ({ ...pair, value: "", lease: op.sortTarget === SORT_BY_VALUE ? pair.lease : 0n }))
      : limited;
    return showRange({ revision: this.revision, count, more: limited.length < sorted.length, pairs: shown });
  }

  #put(op: PutOp): string {
    const before = this.#now().get(op.key);
    const pair: Pair = {
      key: op.key,
      value: op.ignoreValue && before !== undefined ? before.value : op.value,
      create: before?.create ?? this.#before.revision + 1,
      mod: this.#before.revision + 1,
      version: (before?.version ?? 0) + 1,
      lease: op.ignoreLease && before !== undefined ? before.lease : op.lease,
    };
    this.#written().set(op.key, pair);
    this.events.push({ kind: "put", pair });
    return showPut(this.revision, op.prevKv ? before : undefined);
  }

  #deleteRange(op: DeleteOp): string {
    const found = [...this.#now().values()].filter(({ key }) => holds(op.key, op.end, key)).sort(byKey);
    for (const { key } of found) this.delete(key);
    return showDelete(this.revision, found.length, op.prevKv ? found : []);
  }

  #branch(op: TxnOp): readonly Op[] {
    return this.#holds(op) ? op.success : op.failure;
  }

  /** On the state before the step, wherever the txn is in it. */
  #holds(op: TxnOp): boolean {
    return op.compare.every((compare) => {
      const pairs = [...this.#before.pairs.values()].filter(({ key }) => holds(compare.key, compare.end, key));
      if (pairs.length === 0) return compare.target !== "value" && compares(compare, undefined);
      return pairs.every((pair) => compares(compare, pair));
    });
  }
}

const SORT_BY_VALUE = 4;
const DESCEND = 2;

/** By etcd's numbers of what to sort by; equal ones in key order. */
const ORDERS: Record<number, (a: Pair, b: Pair) => number> = {
  0: byKey,
  1: (a, b) => a.version - b.version,
  2: (a, b) => a.create - b.create,
  3: (a, b) => a.mod - b.mod,
  [SORT_BY_VALUE]: (a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0),
};

function orderOf({ sortOrder, sortTarget }: RangeOp): (a: Pair, b: Pair) => number {
  const order = ORDERS[sortTarget] ?? byKey;
  if (sortOrder === 0) return byKey;
  return sortOrder === DESCEND ? (a, b) => order(b, a) || byKey(a, b) : (a, b) => order(a, b) || byKey(a, b);
}

function compares({ target, result, number, value, lease }: CompareOp, pair: Pair | undefined): boolean {
  const is = {
    version: pair?.version ?? 0,
    create: pair?.create ?? 0,
    mod: pair?.mod ?? 0,
    value: pair?.value ?? "",
    lease: pair?.lease ?? 0n,
  }[target];
  const than = { version: number, create: number, mod: number, value, lease }[target];
  if (result === "=") return is === than;
  if (result === "!=") return is !== than;
  return result === ">" ? is > than : is < than;
}
