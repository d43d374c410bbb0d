import type { Entry } from "../../../src/mvcc/index.ts";

/** An entry read to its end: what a store gives knows where it is kept. */
export function plainEntry(entry: Entry): Entry {
  const { key, value, createRevision, modRevision, subRevision, version, lease, tombstone } = entry;
  return { key, value, createRevision, modRevision, subRevision, version, lease, tombstone };
}
