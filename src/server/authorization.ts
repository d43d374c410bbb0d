/**
 * What a request needs the right to (rules AU5, AU6), in the order in which etcd asks. All throw `userEmpty`,
 * `authOldRevision` or `permissionDenied`, and only with auth on.
 */
import type { AuthStore, Caller } from "../auth/index.ts";
import { etcdError } from "../errors.ts";
import type { Lessor } from "../lease/index.ts";
import type { DeleteRangeRequest, KeyRange, PutRequest, RequestOp, TxnRequest } from "../mvcc/index.ts";

export class Authorization {
  readonly #auth: AuthStore;
  readonly #lessor: Lessor;

  constructor(auth: AuthStore, lessor: Lessor) {
    this.#auth = auth;
    this.#lessor = lessor;
  }

  range(caller: Caller | undefined, { key, rangeEnd }: KeyRange): void {
    this.#auth.checkRead(caller, key, rangeEnd);
    this.unchanged(caller);
  }

  put(caller: Caller | undefined, { key, lease, prevKv }: PutRequest): void {
    this.#auth.checkWrite(caller, key, "");
    // Who could not revoke the lease must not tie a key to it.
    if (lease !== 0n) this.revoke(caller, lease);
    if (prevKv) this.#auth.checkRead(caller, key, "");
  }

  deleteRange(caller: Caller | undefined, { key, rangeEnd, prevKv }: DeleteRangeRequest): void {
    this.#auth.checkWrite(caller, key, rangeEnd);
    if (prevKv) this.#auth.checkRead(caller, key, rangeEnd);
  }

  /** Both branches, whichever will be taken. */
  txn(caller: Caller | undefined, request: TxnRequest, readOnly: boolean): void {
    this.#txn(caller, request);
    if (readOnly) this.unchanged(caller);
  }

  /** A lease's end deletes its keys, so they must be writable; the same is asked for to keep it alive. */
  revoke(caller: Caller | undefined, lease: bigint): void {
    if (this.#auth.isAdmin(caller)) return;
    for (const key of this.#lessor.keysOf(lease)) this.#auth.checkWrite(caller, key, "");
  }

  /** To be told of a lease's keys. */
  readLease(caller: Caller | undefined, lease: bigint): void {
    if (this.#auth.isAdmin(caller)) return;
    for (const key of this.#lessor.keysOf(lease)) this.#auth.checkRead(caller, key, "");
  }

  /**
   * Of what only reads, etcd asks once more in the end, and then for the very revision of the caller: it may
   * have changed in the meantime, or be one that is still to come, by a token of somebody else's making.
   */
  unchanged(caller: Caller | undefined): void {
    if (caller === undefined || caller.revision === 0 || caller.revision === this.#auth.revision) return;
    throw etcdError("authOldRevision");
  }

  #txn(caller: Caller | undefined, request: TxnRequest): void {
    for (const { key, rangeEnd } of request.compare) this.#auth.checkRead(caller, key, rangeEnd);
    for (const op of request.success) this.#op(caller, op);
    for (const op of request.failure) this.#op(caller, op);
  }

  #op(caller: Caller | undefined, op: RequestOp): void {
    switch (op.kind) {
      case "range":
        this.#auth.checkRead(caller, op.request.key, op.request.rangeEnd);
        break;
      case "put":
        this.put(caller, op.request);
        break;
      case "deleteRange":
        this.deleteRange(caller, op.request);
        break;
      case "txn":
        this.#txn(caller, op.request);
        break;
      case "none":
        break;
    }
  }
}
