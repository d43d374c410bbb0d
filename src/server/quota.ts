import type { PutRequest, RequestOp, TxnRequest } from "../mvcc/index.ts";

/** etcd's estimates of what a write takes beyond its own bytes. */
const KEY_OVERHEAD_BYTES = 256;
export const LEASE_COST_BYTES = 64;

export function putCost(request: PutRequest): number {
  return KEY_OVERHEAD_BYTES + request.key.length + request.value.length;
}

/** The dearer branch of a txn; 0 for one that cannot put anything. */
export function txnCost(request: TxnRequest): number {
  return Math.max(branchCost(request.success), branchCost(request.failure));
}

function branchCost(ops: readonly RequestOp[]): number {
  let cost = 0;
  for (const op of ops) {
    if (op.kind === "put") cost += putCost(op.request);
    else if (op.kind === "txn") cost += txnCost(op.request);
  }
  return cost;
}

const PAGE_BYTES = 4096;
/** A database with nothing in it: its meta, freelist and bucket pages. */
const EMPTY_DATABASE_BYTES = 5 * PAGE_BYTES;

/**
 * The size of the database as etcd's would be told: pages for what is kept, and, like a file that does not
 * shrink by itself, never less than at its largest until it is defragmented.
 */
export class DatabaseSize {
  #peakBytes = 0;

  grow(keptBytes: number): void {
    if (keptBytes > this.#peakBytes) this.#peakBytes = keptBytes;
  }

  defragment(keptBytes: number): void {
    this.#peakBytes = keptBytes;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  get totalBytes(): number {
    return pages(this.#peakBytes);
  }

  inUseBytes(keptBytes: number): number {
    return pages(keptBytes);
  }
}

function pages(bytes: number): number {
  return EMPTY_DATABASE_BYTES + Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
