/** What is wrong with a request by itself, whatever the store holds. */
import { EtcdError, etcdError, Status } from "../errors.ts";
import {
  type DeleteRangeRequest,
  hasRevisionFilters,
  IntervalSet,
  isDefaultOrdering,
  isSingleKey,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  SortOrder,
  SortTarget,
  type TxnRequest,
} from "../mvcc/index.ts";

const SORT_ORDERS: readonly number[] = Object.values(SortOrder);
const SORT_TARGETS: readonly number[] = Object.values(SortTarget);

/** @throws EtcdError `emptyKey`, `invalidSortOption` (rule KV1) */
export function checkRange(request: RangeRequest): void {
  checkKey(request.key);
  if (!SORT_ORDERS.includes(request.sortOrder) || !SORT_TARGETS.includes(request.sortTarget)) {
    throw etcdError("invalidSortOption");
  }
}

/** @throws EtcdError as `checkRange`, and UNIMPLEMENTED for what cannot be streamed (rule KV12) */
export function checkRangeStream(request: RangeRequest): void {
  checkRange(request);
  if (!isDefaultOrdering(request)) {
    throw new EtcdError(Status.UNIMPLEMENTED, "RangeStream does not support custom sort orders");
  }
  if (hasRevisionFilters(request)) {
    throw new EtcdError(Status.UNIMPLEMENTED, "RangeStream does not support revision filters");
  }
}

/** @throws EtcdError `emptyKey`, `valueProvided`, `leaseProvided` (rules KV1, KV2) */
export function checkPut(request: PutRequest): void {
  checkKey(request.key);
  if (request.ignoreValue && request.value.length > 0) throw etcdError("valueProvided");
  if (request.ignoreLease && request.lease !== 0n) throw etcdError("leaseProvided");
}

/** @throws EtcdError `emptyKey` */
export function checkDeleteRange(request: DeleteRangeRequest): void {
  checkKey(request.key);
}

/** @throws EtcdError `tooManyOps`, `emptyKey`, `keyNotFound`, `duplicateKey`, and those of the single operations */
export function checkTxn(request: TxnRequest, maxTxnOps: number): void {
  checkOps(request, maxTxnOps);
  checkOverlaps(request.success);
  checkOverlaps(request.failure);
}

/** @throws EtcdError `emptyKey` (rule KV1) */
export function checkKey(key: string): void {
  if (key === "") throw etcdError("emptyKey");
}

/** Rules TX1 and TX2. */
function checkOps(request: TxnRequest, maxTxnOps: number): void {
  const count = Math.max(request.compare.length, request.success.length, request.failure.length);
  if (count > maxTxnOps) throw etcdError("tooManyOps");
  for (const compare of request.compare) checkKey(compare.key);
  for (const op of request.success) checkOp(op, maxTxnOps - count);
  for (const op of request.failure) checkOp(op, maxTxnOps - count);
}

function checkOp(op: RequestOp, maxTxnOps: number): void {
  switch (op.kind) {
    case "range":
      checkRange(op.request);
      break;
    case "put":
      checkPut(op.request);
      break;
    case "deleteRange":
      checkDeleteRange(op.request);
      break;
    case "txn":
      checkOps(op.request, maxTxnOps);
      break;
    case "none":
      throw etcdError("keyNotFound");
  }
}

interface Deletion {
  readonly start: string;
  readonly end: string;
}

interface Writes {
  readonly puts: ReadonlySet<string>;
  readonly deletions: readonly Deletion[];
}

/**
 * Refuses a branch that may write a key twice (rule TX3). As in etcd, the deletions of this level and of the
 * child txns before count against the puts of a child; every put and deletion below counts against the puts
 * of this level; the two branches of one child do not count against each other.
 *
 * @throws EtcdError `duplicateKey`
 */
function checkOverlaps(ops: readonly RequestOp[]): Writes {
  const puts = new Set<string>();
  const deletions = new DeletionSet();
  for (const op of ops) if (op.kind === "deleteRange") deletions.add(deletionOf(op.request));
  for (const op of ops) {
    if (op.kind !== "txn") continue;
    const success = checkOverlaps(op.request.success);
    const failure = checkOverlaps(op.request.failure);
    for (const key of success.puts) if (puts.has(key) || deletions.hits(key)) throw etcdError("duplicateKey");
    for (const key of failure.puts) if (puts.has(key) || deletions.hits(key)) throw etcdError("duplicateKey");
    for (const key of success.puts) puts.add(key);
    for (const key of failure.puts) puts.add(key);
    for (const deletion of success.deletions) deletions.add(deletion);
    for (const deletion of failure.deletions) deletions.add(deletion);
  }
  for (const op of ops) {
    if (op.kind !== "put") continue;
    const { key } = op.request;
    if (puts.has(key) || deletions.hits(key)) throw etcdError("duplicateKey");
    puts.add(key);
  }
  return { puts, deletions: deletions.list };
}

class DeletionSet {
  readonly list: Deletion[] = [];
  readonly #intervals = new IntervalSet<true>();

  add(deletion: Deletion): void {
    this.list.push(deletion);
    this.#intervals.add(deletion.start, deletion.end, true);
  }

  hits(key: string): boolean {
    return this.#intervals.hits(key);
  }
}

/**
 * Taken literally, also the end "\0" that means every key: the interval is then empty and clashes with
 * nothing. That is a hole in etcd's check, and clients see the same here.
 */
function deletionOf(request: DeleteRangeRequest): Deletion {
  return { start: request.key, end: isSingleKey(request) ? `${request.key}\0` : request.rangeEnd };
}
