/** What clients ask for, as plain values: the generator makes them, the model and the messages are made of them. */
export interface RangeOp {
  readonly kind: "range";
  readonly key: string;
  readonly end: string;
  /** 0 for the latest. */
  readonly revision: number;
  readonly limit: number;
  /** By etcd's numbers. */
  readonly sortOrder: number;
  readonly sortTarget: number;
  readonly countOnly: boolean;
  readonly keysOnly: boolean;
  readonly minMod: number;
  readonly maxCreate: number;
}

export interface PutOp {
  readonly kind: "put";
  readonly key: string;
  readonly value: string;
  readonly lease: bigint;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}

export interface DeleteOp {
  readonly kind: "delete";
  readonly key: string;
  readonly end: string;
  readonly prevKv: boolean;
}

export interface CompareOp {
  readonly key: string;
  readonly end: string;
  readonly target: "version" | "create" | "mod" | "value" | "lease";
  readonly result: "=" | ">" | "<" | "!=";
  readonly number: number;
  readonly value: string;
  readonly lease: bigint;
}

export interface TxnOp {
  readonly kind: "txn";
  readonly compare: readonly CompareOp[];
  readonly success: readonly Op[];
  readonly failure: readonly Op[];
}

export type Op = RangeOp | PutOp | DeleteOp | TxnOp;

export type Request =
  | Op
  | { readonly kind: "rangeStream"; readonly range: RangeOp }
  | { readonly kind: "compact"; readonly revision: number }
  | { readonly kind: "hash"; readonly revision: number }
  | { readonly kind: "grant"; readonly id: bigint; readonly ttlSeconds: number }
  | { readonly kind: "revoke"; readonly id: bigint }
  | { readonly kind: "keepAlive"; readonly id: bigint }
  | { readonly kind: "timeToLive"; readonly id: bigint }
  | { readonly kind: "leases" }
  | { readonly kind: "authenticate"; readonly user: string }
  | { readonly kind: "authEnable" | "authDisable" | "authStatus" }
  | { readonly kind: "grantPermission" | "revokePermission"; readonly key: string; readonly end: string }
  | { readonly kind: "lock"; readonly name: string; readonly lease: bigint }
  | { readonly kind: "unlock"; readonly name: string; readonly lease: bigint };

/** Who asks: nobody that says who it is, somebody with a token that is none any more, or a user. */
export type Caller = { readonly kind: "nobody" | "stranger" } | { readonly kind: "user"; readonly name: string };

export const ROOT = "root";
/** The user who is not root. */
export const USER = "alice";
export const ROLE = "role";
/** Keys of locks begin with it; nothing else does. */
export const LOCK_PREFIX = "~lock";

export function lockKey(name: string, lease: bigint): string {
  return `${LOCK_PREFIX}${name}/${lease.toString(16)}`;
}
