/** The keys, so many and no more: the store stays as large as it is. */
import type { Random } from "../differential/random.ts";
import { ALL } from "./history.ts";
import type { WatchSpec } from "./watching.ts";

const GROUPS = Array.from({ length: 100 }, (_, at) => `g${String(at).padStart(2, "0")}`);
const KEYS_PER_GROUP = 20;

/** Leases' own keys are elsewhere in the group: only their end deletes them. */
const ORDINARY = "k";
const LEASED = "x";

export function anyGroup(random: Random): string {
  return random.pick(GROUPS);
}

export function anyKey(random: Random): string {
  return keyOf(anyGroup(random), random.integer(0, KEYS_PER_GROUP - 1));
}

/** All that are not of a lease, by their groups. */
export function allKeys(): string[][] {
  return GROUPS.map((group) => Array.from({ length: KEYS_PER_GROUP }, (_, number) => keyOf(group, number)));
}

function keyOf(group: string, number: number): string {
  return `${group}/${ORDINARY}${String(number).padStart(2, "0")}`;
}

export function leasedKey(random: Random, lease: bigint, number: number): string {
  return `${anyGroup(random)}/${LEASED}${lease}.${number}`;
}

/** The lease that a key belongs to. */
export function leaseOf(key: string): bigint | undefined {
  const lease = /\/x(\d+)\./.exec(key)?.[1];
  return lease === undefined ? undefined : BigInt(lease);
}

/** A range of a group's ordinary keys. */
export function anyRange(random: Random): { readonly key: string; readonly rangeEnd: string } {
  const group = anyGroup(random);
  const from = random.integer(0, KEYS_PER_GROUP - 1);
  const to = random.integer(from + 1, KEYS_PER_GROUP);
  return { key: keyOf(group, from), rangeEnd: keyOf(group, to) };
}

export function wholeGroup(random: Random): { readonly key: string; readonly rangeEnd: string } {
  const group = anyGroup(random);
  return { key: `${group}/`, rangeEnd: `${group}0` };
}

export function anyWatch(random: Random): WatchSpec {
  const filters = random.weighted<WatchSpec["filters"]>([
    [8, []],
    [1, [0]],
    [1, [1]],
  ]);
  const options = { filters, prevKv: random.chance(0.1), progressNotify: random.chance(0.3) };
  const range = random.weighted<() => { key: string; rangeEnd: string | undefined }>([
    [50, () => ({ key: anyKey(random), rangeEnd: undefined })],
    [30, () => wholeGroup(random)],
    [19, () => anyRange(random)],
    [1, () => ({ key: "\0", rangeEnd: "\0" })],
  ])();
  return { ...range, ...options, group: range.key === "\0" ? ALL : range.key.slice(0, 3) };
}
