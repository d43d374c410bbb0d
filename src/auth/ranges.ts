/**
 * Which keys a user may read and which it may write: everything that its roles grant, taken together, so that
 * ranges that touch or overlap count as one. Keys are one-byte strings, a character a byte.
 */
import { type Permission, Permission_Type, type Role } from "../gen/authpb/auth_pb.ts";
import { GrantTree, type Interval } from "./granttree.ts";
import { keyOf } from "./names.ts";

const FROM_KEY = "\0";

export class RangePermissions {
  readonly read: KeyRanges;
  readonly write: KeyRanges;

  constructor(roles: Iterable<Role>) {
    const read: Interval[] = [];
    const write: Interval[] = [];
    for (const { keyPermission } of roles) {
      for (const permission of keyPermission) {
        const { permType } = permission;
        if (permType === Permission_Type.READ || permType === Permission_Type.READWRITE) read.push(granted(permission));
        if (permType === Permission_Type.WRITE || permType === Permission_Type.READWRITE) {
          write.push(granted(permission));
        }
      }
    }
    this.read = new KeyRanges(read);
    this.write = new KeyRanges(write);
  }
}

/** A set of keys, as the fewest intervals that hold it. */
class KeyRanges {
  readonly #granted: readonly Interval[];
  readonly #intervals: readonly Interval[];
  /** Made when first asked for, which is hardly ever. */
  #tree: GrantTree | undefined;

  /** @param granted in the order in which etcd comes upon it */
  constructor(granted: readonly Interval[]) {
    this.#granted = granted;
    this.#intervals = merge(granted);
  }

  /** Whether every key of a request's range is in the set; of a range that holds no key, what etcd says of it. */
  covers(key: string, rangeEnd: string): boolean {
    if (rangeEnd !== "" && rangeEnd !== FROM_KEY && rangeEnd <= key) {
      this.#tree ??= new GrantTree(this.#granted);
      return this.#tree.finds(key, rangeEnd);
    }
    const interval = this.#at(key);
    if (interval === undefined) return false;
    if (interval.end === undefined || rangeEnd === "") return true;
    return rangeEnd !== FROM_KEY && rangeEnd <= interval.end;
  }

  /** The interval that holds the key. */
  #at(key: string): Interval | undefined {
    const intervals = this.#intervals;
    let low = 0;
    let high = intervals.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((intervals[middle] as Interval).start <= key) low = middle + 1;
      else high = middle;
    }
    const interval = intervals[low - 1];
    return interval === undefined || (interval.end !== undefined && interval.end <= key) ? undefined : interval;
  }
}

function granted({ key, rangeEnd }: Permission): Interval {
  const start = keyOf(key);
  const end = keyOf(rangeEnd);
  if (end === "") return { start, end: `${start}\0` };
  return { start, end: end === FROM_KEY ? undefined : end };
}

function merge(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals
    .filter(({ start, end }) => end === undefined || start < end)
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const merged: Array<{ readonly start: string; end: string | undefined }> = [];
  for (const { start, end } of sorted) {
    const last = merged.at(-1);
    if (last === undefined || (last.end !== undefined && last.end < start)) merged.push({ start, end });
    else if (last.end !== undefined && (end === undefined || end > last.end)) last.end = end;
  }
  return merged;
}
