/**
 * What the roles of a user permit, all together. Ranges are half-open, as etcd's are; a single key is a range up to
 * the next key there could be, and a range without an end goes to the last key.
 *
 *     role a   read  [───────)
 *     role b   write     [───────)
 *     merged         r r rw rw w w       neighbours that permit the same are one
 */
import { type Permission, Permission_Type } from "../../../src/gen/authpb/auth_pb.ts";
import { compareBytes, keyAfter, prefixEnd, startsWith } from "../store/bytes.ts";

/** The role that may do everything; as a role it need not even exist. */
export const ROOT_ROLE = "root";
export const ROOT_USER = "root";

export interface Role {
  readonly name: string;
  readonly permissions: readonly Permission[];
}

/** A stretch of keys, all of which may be read, written or both, by the same roles or by others. */
export interface Rights {
  readonly start: Uint8Array;
  /** Undefined: there is no end. */
  readonly end: Uint8Array | undefined;
  /** The roles that permit it, for some of the keys at least; empty where it is not permitted. */
  readonly readBy: readonly string[];
  readonly writeBy: readonly string[];
}

interface Interval {
  readonly start: Uint8Array;
  readonly end: Uint8Array | undefined;
  readonly role: string;
  readonly reads: boolean;
  readonly writes: boolean;
}

const EVERYTHING = { start: Uint8Array.of(0), end: undefined };

/** In order of their keys, none overlapping another, none beside one that permits the same. */
export function mergedRights(roles: readonly Role[]): Rights[] {
  const intervals = roles.flatMap(intervalsOf);
  const merged: Rights[] = [];
  for (const [start, end] of stretches(intervals)) {
    const over = intervals.filter((one) => compareBytes(one.start, start) <= 0 && isBefore(start, one.end));
    const readBy = names(over.filter(({ reads }) => reads));
    const writeBy = names(over.filter(({ writes }) => writes));
    if (over.length > 0) append(merged, { start, end, readBy, writeBy });
  }
  return merged;
}

/** The rights at a key; none in both lists where nothing is permitted. */
export function rightsAt(rights: readonly Rights[], key: Uint8Array): Pick<Rights, "readBy" | "writeBy"> {
  const found = rights.find(({ start, end }) => compareBytes(start, key) <= 0 && isBefore(key, end));
  return found ?? { readBy: [], writeBy: [] };
}

/** The roles that permit to read and to write a key. */
export function givers(roles: readonly Role[], key: Uint8Array): Pick<Rights, "readBy" | "writeBy"> {
  const at = roles.map((role) => rightsAt(mergedRights([role]), key));
  return { readBy: at.flatMap(({ readBy }) => readBy), writeBy: at.flatMap(({ writeBy }) => writeBy) };
}

function isBefore(key: Uint8Array, end: Uint8Array | undefined): boolean {
  return end === undefined || compareBytes(key, end) < 0;
}

function intervalsOf({ name, permissions }: Role): Interval[] {
  if (name === ROOT_ROLE) return [{ ...EVERYTHING, role: name, reads: true, writes: true }];
  return permissions.flatMap(({ permType, key, rangeEnd }) => {
    const isOpen = rangeEnd.length === 1 && rangeEnd[0] === 0;
    const end = rangeEnd.length === 0 ? keyAfter(key) : isOpen ? undefined : rangeEnd;
    if (!isBefore(key, end)) return [];
    const reads = permType !== Permission_Type.WRITE;
    return [{ start: key, end, role: name, reads, writes: permType !== Permission_Type.READ }];
  });
}

/** From each place where something begins or ends to the next. */
function stretches(intervals: readonly Interval[]): Array<readonly [Uint8Array, Uint8Array | undefined]> {
  const places = intervals.flatMap(({ start, end }) => (end === undefined ? [start] : [start, end])).sort(compareBytes);
  const distinct = places.filter((place, at) => at === 0 || compareBytes(place, places[at - 1] ?? place) !== 0);
  return distinct.map((place, at) => [place, distinct[at + 1]] as const);
}

function append(merged: Rights[], next: Rights): void {
  const last = merged.at(-1);
  const isBeside = last?.end !== undefined && compareBytes(last.end, next.start) === 0;
  const isAlike =
    last !== undefined &&
    last.readBy.length > 0 === next.readBy.length > 0 &&
    last.writeBy.length > 0 === next.writeBy.length > 0;
  if (last === undefined || !isBeside || !isAlike) {
    merged.push(next);
    return;
  }
  const both = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])].sort();
  merged[merged.length - 1] = {
    start: last.start,
    end: next.end,
    readBy: both(last.readBy, next.readBy),
    writeBy: both(last.writeBy, next.writeBy),
  };
}

function names(intervals: readonly Interval[]): string[] {
  return [...new Set(intervals.map(({ role }) => role))].sort();
}

/** As etcd writes a range: for what shows and edits ranges. */
export function rangeOf({ start, end }: Pick<Rights, "start" | "end">): {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
} {
  if (end === undefined) return { key: start, rangeEnd: Uint8Array.of(0) };
  const isSingle = compareBytes(end, keyAfter(start)) === 0;
  return { key: start, rangeEnd: isSingle ? new Uint8Array() : end };
}

/**
 * The prefixes that a range is made of, where they are few: lists of keys are by prefix.
 * @returns undefined for a range that is no handful of prefixes
 */
export function prefixesOf({ start, end }: Pick<Rights, "start" | "end">, most: number): Uint8Array[] | undefined {
  if (end === undefined) return undefined;
  const prefixes: Uint8Array[] = [];
  for (let at = start; compareBytes(at, end) < 0; at = prefixEnd(at)) {
    const isOpen = compareBytes(prefixEnd(at), Uint8Array.of(0)) === 0;
    if (prefixes.length === most || isOpen || compareBytes(prefixEnd(at), end) > 0) return undefined;
    if (startsWith(end, at)) return undefined;
    prefixes.push(at);
  }
  return prefixes;
}
