/** Auth of the model: there is root, and a user whose one role grants some ranges to be read and written. */
import { type Caller, type Op, ROOT } from "../request.ts";
import { Errors, Refusal } from "./kv.ts";
import type { AuthState, GrantedRange, State } from "./state.ts";

/** @throws Refusal where the token says nothing of anybody, with auth on */
export function checkToken({ auth }: State, caller: Caller): void {
  if (auth.enabled && caller.kind === "stranger") throw new Refusal(Errors.invalidAuthToken);
}

/** @throws Refusal */
export function requireUser(state: State, caller: Caller): void {
  checkToken(state, caller);
  if (state.auth.enabled && caller.kind === "nobody") throw new Refusal(Errors.userEmpty);
}

/** @throws Refusal */
export function requireRoot(state: State, caller: Caller): void {
  requireUser(state, caller);
  if (!isFree(state, caller)) throw new Refusal(Errors.permissionDenied);
}

/** Whether the caller may do everything. */
export function isFree({ auth }: State, caller: Caller): boolean {
  return !auth.enabled || (caller.kind === "user" && caller.name === ROOT);
}

/** @throws Refusal unless the caller may do with a range what it likes */
export function requireRange(state: State, caller: Caller, key: string, end: string): void {
  requireUser(state, caller);
  if (!isFree(state, caller) && !covers(state.auth, key, end)) throw new Refusal(Errors.permissionDenied);
}

/** To end a lease, to tie a key to it or to be told of its keys takes the right to its keys. @throws Refusal */
export function requireLease(state: State, caller: Caller, id: bigint): void {
  if (isFree(state, caller)) return;
  for (const pair of state.pairs.values()) if (pair.lease === id) requireRange(state, caller, pair.key, "");
}

/** @throws Refusal */
export function requireOp(state: State, caller: Caller, op: Op): void {
  if (op.kind === "txn") {
    checkToken(state, caller);
    for (const { key, end } of op.compare) requireRange(state, caller, key, end);
    for (const one of [...op.success, ...op.failure]) requireOp(state, caller, one);
    return;
  }
  requireRange(state, caller, op.key, op.kind === "put" ? "" : op.end);
  if (op.kind === "put" && op.lease !== 0n) requireLease(state, caller, op.lease);
}

/** Point by point: where nothing begins or ends in between, one point stands for all. */
function covers({ granted }: AuthState, key: string, end: string): boolean {
  const isGranted = (point: string): boolean => granted.some((range) => holdsPoint(range, point));
  if (end === "") return isGranted(key);
  if (end === "\0") return false;
  const bounds = granted.flatMap((range) => [range.key, range.end === "" ? `${range.key}\0` : range.end]);
  return [key, ...bounds.filter((bound) => bound > key && bound < end)].every(isGranted);
}

function holdsPoint(range: GrantedRange, point: string): boolean {
  return range.end === "" ? point === range.key : point >= range.key && point < range.end;
}
