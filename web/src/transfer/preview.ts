/**
 * What an import would do, found out without reading the values back: one txn asks for many keys at once whether
 * each has the value that the file has, and where it does not, whether the key is there.
 */
import { create } from "@bufbuild/protobuf";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  CompareSchema,
  RequestOpSchema,
  type ResponseOp,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { mapKey } from "../store/bytes.ts";
import type { Clients } from "../store/clients.ts";
import type { ReadItem, ReadProblem } from "./read.ts";
import type { KeyRecord } from "./record.ts";
import { type Rekey, rekey } from "./rekey.ts";

export type KeyFate = "new" | "changed" | "same";

/** What was found of a key that the file has. */
export interface Found {
  readonly fate: KeyFate;
  /** 0 for a key that is not there. */
  readonly modRevision: number;
}

export interface Preview {
  /** By `mapKey` of the key. */
  readonly found: Map<string, Found>;
  readonly counts: Record<KeyFate, number>;
  /** Keys that the file has more than once, with values that differ: the last one wins. */
  readonly conflicts: readonly Uint8Array[];
  readonly problems: readonly ReadProblem[];
  /** Problems beyond those kept. */
  readonly problemCount: number;
  readonly samples: ReadonlyArray<{ readonly key: Uint8Array; readonly fate: KeyFate }>;
  /** The store's when the preview began. */
  readonly revision: number;
  readonly records: number;
}

/** A txn may have 128 operations, and what is nested in it as many as it leaves: room for one. */
const MAX_BATCH_KEYS = 127;
/** Under the 1.5 MiB that a request may have; a single value may have them all. */
const MAX_BATCH_BYTES = 1_000_000;
const KEPT_PROBLEMS = 50;
const KEPT_SAMPLES = 100;

export async function previewImport(
  clients: Clients,
  items: AsyncIterable<ReadItem>,
  target: Rekey,
  progress: (records: number) => void,
  signal: AbortSignal,
): Promise<Preview> {
  const found = new Map<string, Found>();
  const hashes = new Map<string, string>();
  const conflicts = new Map<string, Uint8Array>();
  const problems: ReadProblem[] = [];
  let problemCount = 0;
  const noted = async function* (): AsyncGenerator<KeyRecord> {
    for await (const item of items) {
      if ("problem" in item) {
        problemCount++;
        if (problems.length < KEPT_PROBLEMS) problems.push(item.problem);
        continue;
      }
      const record = { ...item.record, key: rekey(item.record.key, target) };
      const id = mapKey(record.key);
      const fingerprint = fingerprintOf(record.value);
      const before = hashes.get(id);
      if (before !== undefined && before !== fingerprint) conflicts.set(id, record.key);
      hashes.set(id, fingerprint);
      yield record;
    }
  };
  const { header } = await clients.kv.range({ key: Uint8Array.of(0), countOnly: true }, { signal });
  const samples: Array<{ key: Uint8Array; fate: KeyFate }> = [];
  let records = 0;
  for await (const batch of batched(noted())) {
    const fates = await askFates(clients, batch, signal);
    batch.forEach(({ key }, at) => {
      const fate = fates[at];
      if (fate === undefined) return;
      const known = found.has(mapKey(key));
      found.set(mapKey(key), fate);
      if (!known && samples.length < KEPT_SAMPLES) samples.push({ key, fate: fate.fate });
    });
    records += batch.length;
    progress(records);
  }
  const counts = { new: 0, changed: 0, same: 0 };
  for (const { fate } of found.values()) counts[fate]++;
  const revision = Number(header?.revision ?? 0n);
  return { found, counts, conflicts: [...conflicts.values()], problems, problemCount, samples, revision, records };
}

/** Records in groups that fit one txn; a key that comes again begins another, since a txn may put it only once. */
export async function* batched(records: AsyncIterable<KeyRecord>): AsyncGenerator<KeyRecord[]> {
  let batch: KeyRecord[] = [];
  let keys = new Set<string>();
  let bytes = 0;
  for await (const record of records) {
    const id = mapKey(record.key);
    const size = record.key.length + record.value.length;
    if (batch.length === MAX_BATCH_KEYS || (batch.length > 0 && bytes + size > MAX_BATCH_BYTES) || keys.has(id)) {
      yield batch;
      batch = [];
      keys = new Set();
      bytes = 0;
    }
    batch.push(record);
    keys.add(id);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

async function askFates(clients: Clients, batch: readonly KeyRecord[], signal: AbortSignal): Promise<Found[]> {
  const success = batch.map(({ key, value }) => {
    const target = Compare_CompareTarget.VALUE;
    const compare = create(CompareSchema, {
      ...{ key, target, result: Compare_CompareResult.EQUAL },
      targetUnion: { case: "value", value },
    });
    const look = create(RequestOpSchema, { request: { case: "requestRange", value: { key, keysOnly: true } } });
    const txn = { compare: [compare], success: [look], failure: [look] };
    return create(RequestOpSchema, { request: { case: "requestTxn", value: txn } });
  });
  const { responses } = await clients.kv.txn({ success }, { signal });
  return responses.map(fateOf);
}

function fateOf({ response }: ResponseOp): Found {
  if (response.case !== "responseTxn") throw new Error("the server answered a txn in a txn with something else");
  const looked = response.value.responses[0]?.response;
  const modRevision = looked?.case === "responseRange" ? Number(looked.value.kvs[0]?.modRevision ?? 0n) : 0;
  if (modRevision === 0) return { fate: "new", modRevision };
  return { fate: response.value.succeeded ? "same" : "changed", modRevision };
}

/** Enough to tell two values of a key in one file apart: FNV-1a and the size. */
function fingerprintOf(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${bytes.length}:${hash >>> 0}`;
}
