import {
  type Bucket,
  decodeAlarm,
  decodeLease,
  decodeNumbers,
  decodeRevision,
  JournalError,
  MetaName,
  metaName,
  type Row,
  SCHEMA,
} from "../journal/index.ts";
import type { Lease } from "../lease/index.ts";
import { type DroppedRows, type Entry, type HashSeed, type KeyValueHash, RecordDecoder, Store } from "../mvcc/index.ts";
import type { Alarm } from "./alarms.ts";
import { checkRecords } from "./checkrecords.ts";
import { type EtcdState, FIRST_INDEX, FIRST_TERM, type RecordRow } from "./state.ts";

/** What it dropped is not in the store, but still in the rows. */
export interface UnfinishedCompaction {
  readonly revision: number;
  readonly dropped: readonly DroppedRows[];
}

export interface Restored {
  /** Undefined where nothing was kept: an etcd begins that never was. */
  readonly state: EtcdState | undefined;
  /** Whose it is, where that was kept. */
  readonly ids: { readonly memberId: bigint; readonly clusterId: bigint } | undefined;
  /** A compaction that was cut short. */
  readonly unfinished: UnfinishedCompaction | undefined;
}

/** What etcd adds to its log whenever it starts again: the election's entry, and the member's name and URLs. */
const ENTRIES_PER_START = 2;

/** Makes an etcd's state out of the rows that keep it: give it all rows, each bucket's in key order, and finish. */
export class Restoration {
  readonly #store: Store;
  readonly #decoder = new RecordDecoder();
  readonly #meta = new Map<string, Uint8Array>();
  readonly #leases: Lease[] = [];
  readonly #leaseIds = new Set<bigint>();
  readonly #alarms: Alarm[] = [];
  readonly #records: RecordRow[] = [];
  #rows = 0;
  #last: Entry | undefined;

  /** @param hashSeed of the etcd that is made of it */
  constructor(hashSeed?: HashSeed) {
    this.#store = new Store(hashSeed);
  }

  /** @throws JournalError */
  add(bucket: Bucket, rows: readonly Row[]): void {
    this.#rows += rows.length;
    switch (bucket) {
      case "meta":
        for (const { key, value } of rows) this.#meta.set(metaName(key), value.slice());
        this.#checkSchema();
        break;
      case "key":
        for (const row of rows) this.#addEntry(row);
        break;
      case "lease":
        for (const { value } of rows) this.#addLease(decodeLease(value));
        break;
      case "alarm":
        for (const { key } of rows) this.#alarms.push(decodeAlarm(key));
        break;
      default:
        // They are kept, and may be parts of something larger.
        for (const { key, value } of rows) this.#records.push({ bucket, key: key.slice(), value: value.slice() });
    }
  }

  /** @throws JournalError */
  finish(): Restored {
    if (this.#rows === 0) return { state: undefined, ids: undefined, unfinished: undefined };
    checkRecords(this.#records);
    const scheduled = this.#revision(MetaName.scheduledCompaction);
    const finished = this.#revision(MetaName.finishedCompaction);
    const store = this.#store;
    store.restore({
      // What is newest may have been compacted away, if it was a delete.
      revision: Math.max(1, this.#last?.modRevision ?? 1, scheduled, finished),
      compactRevision: finished,
      hashes: this.#hashes(),
    });
    const dropped: DroppedRows[] = [];
    const isCut = scheduled > finished;
    if (isCut) store.resumeCompaction(scheduled, { dropped: (rows) => dropped.push(rows), finished: () => {} });
    const [memberId, clusterId] = this.#numbers(MetaName.ids);
    const [raftIndex = BigInt(FIRST_INDEX)] = this.#numbers(MetaName.raftIndex);
    const [raftTerm = BigInt(FIRST_TERM)] = this.#numbers(MetaName.raftTerm);
    const [peakBytes = 0n] = this.#numbers(MetaName.peakBytes);
    return {
      state: {
        store,
        leases: this.#leases,
        alarms: this.#alarms,
        records: this.#records,
        raftIndex: Number(raftIndex) + ENTRIES_PER_START,
        raftTerm: Number(raftTerm) + 1,
        peakBytes: Number(peakBytes),
      },
      ids: memberId === undefined || clusterId === undefined ? undefined : { memberId, clusterId },
      unfinished: isCut ? { revision: scheduled, dropped } : undefined,
    };
  }

  #addEntry(row: Row): void {
    const entry = this.#decoder.decode(row.key, row.value);
    if (entry === undefined || !isPossible(entry)) {
      throw new JournalError(`the row ${hex(row.key)} is no version of a key`);
    }
    if (this.#last !== undefined && !isBefore(this.#last, entry)) {
      throw new JournalError(`the row ${hex(row.key)} is out of order`);
    }
    this.#last = entry;
    this.#store.load(entry);
  }

  #addLease(lease: Lease): void {
    if (this.#leaseIds.has(lease.id)) throw new JournalError(`there are two leases ${lease.id}`);
    this.#leaseIds.add(lease.id);
    this.#leases.push(lease);
  }

  #checkSchema(): void {
    const [schema = 0n] = this.#numbers(MetaName.schema);
    if (schema <= BigInt(SCHEMA)) return;
    throw new JournalError(`kept by a later etcdlite, in layout ${schema}; this one knows layout ${SCHEMA}`);
  }

  /** −1 for none. */
  #revision(name: string): number {
    const bytes = this.#meta.get(name);
    const revision = bytes === undefined ? -1 : decodeRevision(bytes);
    if (!Number.isSafeInteger(revision)) throw new JournalError(`${name} is ${revision}`);
    return revision;
  }

  #numbers(name: string): bigint[] {
    const bytes = this.#meta.get(name);
    return bytes === undefined ? [] : decodeNumbers(bytes);
  }

  #hashes(): KeyValueHash[] {
    const numbers = this.#numbers(MetaName.compactionHashes).map((number) => Number(BigInt.asIntN(64, number)));
    return Array.from({ length: Math.floor(numbers.length / 3) }, (_, at) => {
      const [hash = 0, compactRevision = 0, revision = 0] = numbers.slice(at * 3);
      return { hash, compactRevision, revision };
    });
  }
}

/** What a store writes, so that nothing has to be ready for anything else. */
function isPossible({ key, createRevision, modRevision, subRevision, version, tombstone }: Entry): boolean {
  if (![modRevision, subRevision, createRevision, version].every(Number.isSafeInteger)) return false;
  if (modRevision < 1 || subRevision >= 2 ** 31) return false;
  return tombstone || key === "" || (createRevision >= 1 && createRevision <= modRevision && version >= 1);
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.modRevision < b.modRevision || (a.modRevision === b.modRevision && a.subRevision < b.subRevision);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
