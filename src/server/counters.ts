import type { PutRequest, RequestOp, TxnRequest, TxnResponse } from "../mvcc/index.ts";

/**
 * How often what was done, since the start: what etcd tells in its metrics of the same names. A txn counts its
 * operations, and itself where it has more than one.
 */
export class Counters {
  ranges = 0;
  puts = 0;
  deletes = 0;
  txns = 0;
  /** Of keys and values put. */
  putBytes = 0;
  leasesGranted = 0;
  leasesRevoked = 0;
  leasesRenewed = 0;
  /** Of those revoked. */
  leasesExpired = 0;

  put({ key, value }: PutRequest): void {
    this.puts++;
    this.putBytes += key.length + value.length;
  }

  /** A txn that was run: the operations of the branches taken. */
  txn(request: TxnRequest, response: TxnResponse): void {
    if (this.#run(request, response) > 1) this.txns++;
  }

  #run(request: TxnRequest, response: TxnResponse): number {
    let count = 0;
    for (const [at, op] of (response.succeeded ? request.success : request.failure).entries()) {
      count += this.#operation(op, response.responses[at]);
    }
    return count;
  }

  #operation(op: RequestOp, done: TxnResponse["responses"][number] | undefined): number {
    switch (op.kind) {
      case "range":
        this.ranges++;
        return 1;
      case "put":
        this.put(op.request);
        return 1;
      case "deleteRange":
        this.deletes++;
        return 1;
      case "txn":
        return done?.kind === "txn" ? this.#run(op.request, done.response) : 0;
      case "none":
        return 0;
    }
  }
}
