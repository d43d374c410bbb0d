/** What is said of a lease, and what is read of one. */
import type { LeaseRow } from "./leasebook.ts";

/** As etcdctl writes it: hex, without leading zeros. */
export function leaseText(id: bigint): string {
  return id.toString(16);
}

/** The ID that was typed; undefined for what is none that etcd takes: 63 bits, above 0. */
export function parseLease(text: string): bigint | undefined {
  if (!/^[0-9a-fA-F]{1,16}$/.test(text)) return undefined;
  const id = BigInt(`0x${text}`);
  return id > 0n && id < 1n << 63n ? id : undefined;
}

/** `42 s`, `3 min 05 s`, `2 h 10 min`, `12 d 4 h`; `ending…` at 0, as only the server says when a lease is gone. */
export function remainingText(remainingMs: number): string {
  if (remainingMs <= 0) return "ending…";
  const seconds = Math.ceil(remainingMs / 1000);
  return durationText(seconds);
}

export function durationText(seconds: number): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${two(Math.floor((seconds % 3_600) / 60))} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}

export function keysText(count: number): string {
  return count === 1 ? "1 key" : `${count.toLocaleString("en")} keys`;
}

export const SORTS = ["id", "remaining", "granted", "keys"] as const;
export type SortBy = (typeof SORTS)[number];

/** Leases that nothing is known of yet come last; equals in the order of their IDs. */
export function sorted(
  ids: readonly bigint[],
  rows: ReadonlyMap<bigint, LeaseRow>,
  by: SortBy,
  isDescending: boolean,
): readonly bigint[] {
  const value = (id: bigint): number | bigint => {
    const row = rows.get(id);
    if (by === "id") return id;
    if (row === undefined) return isDescending ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return by === "remaining" ? row.endsAtMs : by === "granted" ? row.grantedTtlS : row.keys.length;
  };
  const compare = <T extends number | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
  const sign = isDescending ? -1 : 1;
  return [...ids].sort((a, b) => sign * compare(value(a), value(b)) || compare(a, b));
}
