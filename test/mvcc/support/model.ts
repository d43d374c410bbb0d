/**
 * The multi-version store as one would write it with no thought for time or memory: a whole copy of the keys
 * for each revision, and every event that ever was. What the tests hold the real one against.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { KeyValueSchema } from "../../../src/gen/mvccpb/kv_pb.ts";
import { bytesFromKey, type Entry, type KeyRange, type RangeRequest } from "../../../src/mvcc/index.ts";

export type ModelOp =
  | { readonly put: string; readonly value: Uint8Array; readonly lease: bigint }
  | { readonly delete: KeyRange };

type Snapshot = ReadonlyMap<string, Entry>;

export class Model {
  /** By revision; there is none of revision 0. */
  readonly #snapshots: Snapshot[] = [new Map(), new Map()];
  readonly #events: Entry[] = [];
  compactRevision = -1;

  get revision(): number {
    return this.#snapshots.length - 1;
  }

  write(ops: readonly ModelOp[]): void {
    const revision = this.revision + 1;
    const next = new Map(this.#snapshots[this.revision]);
    const events: Entry[] = [];
    const base = () => ({ modRevision: revision, subRevision: events.length });
    for (const op of ops) {
      if ("put" in op) {
        const { put: key, value, lease } = op;
        const old = next.get(key);
        const generation = { createRevision: old?.createRevision ?? revision, version: (old?.version ?? 0) + 1 };
        const entry = { key, value, lease, tombstone: false, ...base(), ...generation };
        next.set(key, entry);
        events.push(entry);
        continue;
      }
      for (const key of [...next.keys()].filter((candidate) => inRange(op.delete, candidate)).sort()) {
        const rest = { value: new Uint8Array(0), createRevision: 0, version: 0, lease: 0n, tombstone: true };
        next.delete(key);
        events.push({ key, ...base(), ...rest });
      }
    }
    if (events.length === 0) return;
    this.#events.push(...events);
    this.#snapshots.push(next);
  }

  at(revision: number): Snapshot {
    return this.#snapshots[revision] ?? new Map();
  }

  /** What is kept of the events: those after the compacted revision, and what is still visible at it. */
  kept(): Entry[] {
    return this.#events.filter(
      (entry) => entry.modRevision > this.compactRevision || this.survives(entry, this.compactRevision),
    );
  }

  /** Whether compaction at `revision`, which is at or after the entry's, keeps it. */
  survives(entry: Entry, revision: number): boolean {
    const newest = this.#events.findLast((other) => other.key === entry.key && other.modRevision <= revision);
    return newest === entry && (!entry.tombstone || entry.modRevision === revision);
  }

  range(request: RangeRequest): { entries: Entry[]; count: number; more: boolean } {
    const snapshot = this.at(request.revision <= 0 ? this.revision : request.revision);
    const all = [...snapshot.values()].filter((entry) => inRange(request, entry.key)).sort(by((entry) => entry.key, 1));
    const count = all.length;
    if (request.countOnly) return { entries: [], count, more: false };
    const filters = [
      request.minModRevision,
      request.maxModRevision,
      request.minCreateRevision,
      request.maxCreateRevision,
    ];
    const plain = request.sortOrder === 0 || (request.sortTarget === 0 && request.sortOrder === 1);
    const limited = plain && filters.every((bound) => bound === 0) && request.limit > 0;
    const found = (limited ? all.slice(0, request.limit + 1) : all).filter((entry) => passes(entry, request));
    const field = SORT_FIELDS[request.sortTarget] ?? ((entry: Entry) => entry.key);
    found.sort(by(field, request.sortOrder === 2 ? -1 : 1));
    const more = request.limit > 0 && found.length > request.limit;
    return { entries: more ? found.slice(0, request.limit) : found, count, more };
  }
}

export function inRange(range: KeyRange, key: string): boolean {
  if (range.rangeEnd === "") return key === range.key;
  if (range.rangeEnd === "\0") return key >= range.key;
  return key >= range.key && key < range.rangeEnd;
}

/** The key and the value of etcd's database for an entry, by the generated code. */
export function databaseRecord(entry: Entry): Uint8Array {
  const key = new DataView(new ArrayBuffer(entry.tombstone ? 18 : 17));
  key.setBigUint64(0, BigInt(entry.modRevision));
  key.setUint8(8, "_".charCodeAt(0));
  key.setBigUint64(9, BigInt(entry.subRevision));
  if (entry.tombstone) key.setUint8(17, "t".charCodeAt(0));
  const whole = {
    value: entry.value,
    createRevision: BigInt(entry.createRevision),
    modRevision: BigInt(entry.modRevision),
    version: BigInt(entry.version),
    lease: entry.lease,
  };
  const message = create(KeyValueSchema, { key: bytesFromKey(entry.key), ...(entry.tombstone ? {} : whole) });
  return Buffer.concat([new Uint8Array(key.buffer), toBinary(KeyValueSchema, message)]);
}

type Field = (entry: Entry) => string | number;

const SORT_FIELDS: Record<number, Field> = {
  1: (entry) => entry.version,
  2: (entry) => entry.createRevision,
  3: (entry) => entry.modRevision,
  4: (entry) => Buffer.from(entry.value).toString("latin1"),
};

/** Stable, as the store's own order of equal ones is. */
function by(field: Field, direction: 1 | -1): (a: Entry, b: Entry) => number {
  return (a, b) => (field(a) < field(b) ? -direction : field(a) > field(b) ? direction : 0);
}

function passes(entry: Entry, request: RangeRequest): boolean {
  return (
    (request.minModRevision === 0 || entry.modRevision >= request.minModRevision) &&
    (request.maxModRevision === 0 || entry.modRevision <= request.maxModRevision) &&
    (request.minCreateRevision === 0 || entry.createRevision >= request.minCreateRevision) &&
    (request.maxCreateRevision === 0 || entry.createRevision <= request.maxCreateRevision)
  );
}
