/** What clients asked for, and what they were told: to be held against what a server has. */

/** A write to keys. Its puts carry its number as their value, so that each event says whose it is. */
export interface Write {
  readonly number: number;
  readonly puts: readonly string[];
  /** Single keys that it deletes. */
  readonly deletes: readonly string[];
  /** A prefix that it deletes; then it does nothing else. */
  readonly prefix: string | undefined;
  /** Of its puts; 0n for none. */
  readonly lease: bigint;
  /** Of the reply; undefined while there is none. */
  acknowledged: number | undefined;
  /** Where it was found. */
  seen: number | undefined;
  /** It was refused, or had not happened when its server was gone: it must not be found any more. */
  over: boolean;
}

export interface GrantedLease {
  readonly id: bigint;
  readonly ttlMs: number;
  /** When the grant, or the last renewal that was acknowledged, was sent; undefined before. */
  sinceMs: number | undefined;
  revoke: "no" | "asked" | "acknowledged";
}

/** A user or a role. */
export interface Named {
  readonly kind: "user" | "role";
  readonly name: string;
  added: boolean;
  removal: "no" | "asked" | "acknowledged";
}

export class Ledger {
  readonly writes = new Map<number, Write>();
  readonly leases = new Map<bigint, GrantedLease>();
  readonly named: Named[] = [];
  /** The newest revision that any reply has told of. */
  newestRevision = 1;
  /** The newest compaction that was acknowledged, and that was asked for. */
  compacted = -1;
  compactionAsked = -1;
  acknowledgements = 0;
  #number = 0;

  write(fields: Partial<Pick<Write, "puts" | "deletes" | "prefix" | "lease">>): Write {
    this.#number++;
    const empty = { puts: [], deletes: [], prefix: undefined, lease: 0n };
    const state = { acknowledged: undefined, seen: undefined, over: false };
    const write: Write = { number: this.#number, ...empty, ...fields, ...state };
    this.writes.set(write.number, write);
    return write;
  }

  told(header: { readonly revision: bigint } | undefined): number {
    const revision = Number(header?.revision ?? 0n);
    this.newestRevision = Math.max(this.newestRevision, revision);
    this.acknowledgements++;
    return revision;
  }
}
