import { etcdError } from "../errors.ts";
import { compareBytes } from "./bytes.ts";
import type { Entry } from "./entry.ts";
import type { KeyRange } from "./keyrange.ts";
import type { RangeRequest, RangeResponse } from "./range.ts";
import type { Store, WriteTxn } from "./store.ts";

export interface PutRequest {
  readonly key: string;
  readonly value: Uint8Array;
  /** Lease ID, 0n for none. */
  readonly lease: bigint;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}

export interface PutResponse {
  readonly revision: number;
  readonly prevKv: Entry | undefined;
}

export interface DeleteRangeRequest extends KeyRange {
  readonly prevKv: boolean;
}

export interface DeleteRangeResponse {
  readonly revision: number;
  readonly deleted: number;
  readonly prevKvs: readonly Entry[];
}

/** etcd's numbers for Compare.result. Any other number holds always. */
const CompareResult = { EQUAL: 0, GREATER: 1, LESS: 2, NOT_EQUAL: 3 } as const;
/** etcd's numbers for Compare.target. Any other number compares as equal. */
export const CompareTarget = { VERSION: 0, CREATE: 1, MOD: 2, VALUE: 3, LEASE: 4 } as const;

export interface Compare extends KeyRange {
  readonly result: number;
  readonly target: number;
  /** What a revision or version is compared with; 0 where the request named another field. */
  readonly number: number;
  readonly value: Uint8Array;
  readonly lease: bigint;
}

export type RequestOp =
  | { readonly kind: "range"; readonly request: RangeRequest }
  | { readonly kind: "put"; readonly request: PutRequest }
  | { readonly kind: "deleteRange"; readonly request: DeleteRangeRequest }
  | { readonly kind: "txn"; readonly request: TxnRequest }
  | { readonly kind: "none" };

export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
  readonly failure: readonly RequestOp[];
}

export type ResponseOp =
  | { readonly kind: "range"; readonly response: RangeResponse }
  | { readonly kind: "put"; readonly response: PutResponse }
  | { readonly kind: "deleteRange"; readonly response: DeleteRangeResponse }
  | { readonly kind: "txn"; readonly response: TxnResponse };

export interface TxnResponse {
  /** 0 for a nested txn: only the outermost reply carries a revision. */
  readonly revision: number;
  readonly succeeded: boolean;
  readonly responses: readonly ResponseOp[];
}

export type LeaseExists = (lease: bigint) => boolean;

/** A txn whose compares have been evaluated: what is left to do, in order. */
interface Plan {
  readonly succeeded: boolean;
  readonly ops: readonly PlannedOp[];
}

type PlannedOp = Exclude<RequestOp, { kind: "txn" | "none" }> | { readonly kind: "txn"; readonly plan: Plan };

/**
 * Runs a txn (rules TX4–TX7): all compares, nested ones too, on the state before it; then a check of
 * everything on the branches taken; then the ops in order.
 *
 * @throws EtcdError `leaseNotFound`, `keyNotFound`, `compacted`, `futureRevision`; the store is then unchanged
 */
export function applyTxn(store: Store, write: WriteTxn, request: TxnRequest, leaseExists: LeaseExists): TxnResponse {
  const plan = planTxn(store, request);
  checkPlan(store, plan, leaseExists);
  const responses = runPlan(write, plan);
  return { revision: write.revision, succeeded: plan.succeeded, responses };
}

/** Whether a txn can be answered without a new revision whatever branch is taken. */
export function isReadOnly(request: TxnRequest): boolean {
  return request.success.every((op) => op.kind === "range") && request.failure.every((op) => op.kind === "range");
}

/** @throws EtcdError `leaseNotFound`, `keyNotFound` (rules KV2, KV3) */
export function checkPut(store: Store, request: PutRequest, leaseExists: LeaseExists): void {
  if (request.lease !== 0n && !leaseExists(request.lease)) throw etcdError("leaseNotFound");
  if ((request.ignoreValue || request.ignoreLease) && store.get(request.key) === undefined) {
    throw etcdError("keyNotFound");
  }
}

/** Puts what `checkPut` has passed; a txn may have written the key since. */
export function applyPut(write: WriteTxn, request: PutRequest): PutResponse {
  const needsPrevious = request.prevKv || request.ignoreValue || request.ignoreLease;
  const previous = needsPrevious ? write.get(request.key) : undefined;
  write.put(
    request.key,
    request.ignoreValue && previous !== undefined ? previous.value : request.value,
    request.ignoreLease && previous !== undefined ? previous.lease : request.lease,
  );
  return { revision: write.revision, prevKv: request.prevKv ? previous : undefined };
}

export function applyDeleteRange(write: WriteTxn, request: DeleteRangeRequest): DeleteRangeResponse {
  const prevKvs = request.prevKv ? write.entries(request) : [];
  const deleted = write.deleteRange(request);
  return { revision: write.revision, deleted, prevKvs };
}

function planTxn(store: Store, request: TxnRequest): Plan {
  const succeeded = request.compare.every((compare) => holds(store, compare));
  const ops: PlannedOp[] = [];
  for (const op of succeeded ? request.success : request.failure) {
    if (op.kind === "txn") ops.push({ kind: "txn", plan: planTxn(store, op.request) });
    else if (op.kind !== "none") ops.push(op);
  }
  return { succeeded, ops };
}

function checkPlan(store: Store, plan: Plan, leaseExists: LeaseExists): void {
  for (const op of plan.ops) {
    if (op.kind === "range") checkRangeRevision(store, op.request.revision);
    else if (op.kind === "put") checkPut(store, op.request, leaseExists);
    else if (op.kind === "txn") checkPlan(store, op.plan, leaseExists);
  }
}

/** Inside a txn only revision 0 means latest; a negative one counts as a revision (rule TX7). */
function checkRangeRevision(store: Store, revision: number): void {
  if (revision === 0) return;
  if (revision > store.revision) throw etcdError("futureRevision");
  if (revision < store.compactRevision) throw etcdError("compacted");
}

function runPlan(write: WriteTxn, plan: Plan): ResponseOp[] {
  return plan.ops.map((op) => runOp(write, op));
}

function runOp(write: WriteTxn, op: PlannedOp): ResponseOp {
  switch (op.kind) {
    case "range":
      return { kind: "range", response: write.range(op.request) };
    case "put":
      return { kind: "put", response: applyPut(write, op.request) };
    case "deleteRange":
      return { kind: "deleteRange", response: applyDeleteRange(write, op.request) };
    case "txn": {
      const { succeeded } = op.plan;
      return { kind: "txn", response: { revision: 0, succeeded, responses: runPlan(write, op.plan) } };
    }
  }
}

/** Rule TX5. */
function holds(store: Store, compare: Compare): boolean {
  const entries = store.index.entriesAt(compare, store.revision);
  if (entries.length === 0) return compare.target !== CompareTarget.VALUE && holdsFor(compare, undefined);
  return entries.every((entry) => holdsFor(compare, entry));
}

function holdsFor(compare: Compare, entry: Entry | undefined): boolean {
  const order = orderOf(compare, entry);
  switch (compare.result) {
    case CompareResult.EQUAL:
      return order === 0;
    case CompareResult.GREATER:
      return order > 0;
    case CompareResult.LESS:
      return order < 0;
    case CompareResult.NOT_EQUAL:
      return order !== 0;
    default:
      return true;
  }
}

/** How the entry (undefined: a missing key, which counts as 0) stands to what it is compared with. */
function orderOf(compare: Compare, entry: Entry | undefined): number {
  switch (compare.target) {
    case CompareTarget.VERSION:
      return (entry?.version ?? 0) - compare.number;
    case CompareTarget.CREATE:
      return (entry?.createRevision ?? 0) - compare.number;
    case CompareTarget.MOD:
      return (entry?.modRevision ?? 0) - compare.number;
    case CompareTarget.VALUE:
      return entry === undefined ? 0 : compareBytes(entry.value, compare.value);
    case CompareTarget.LEASE: {
      const lease = entry?.lease ?? 0n;
      return lease === compare.lease ? 0 : lease < compare.lease ? -1 : 1;
    }
    default:
      return 0;
  }
}
