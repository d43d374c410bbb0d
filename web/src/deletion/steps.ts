/** Deletes that can be taken back, and the taking back, as calls of a store. */
import { create } from "@bufbuild/protobuf";
import { RequestOpSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import type { KeyValue } from "../../../src/gen/mvccpb/kv_pb.ts";
import { keyAfter } from "../store/bytes.ts";
import type { Clients } from "../store/clients.ts";
import { chunks, deleteTxn, putBackTxn, type SeenKey, taken } from "./txns.ts";

/** Of values in one reply: each may be of 1.5 MiB. */
const READ_KEYS = 32;

/** Keys that went in one revision. */
export interface Deletion {
  readonly revision: number;
  readonly keys: readonly Uint8Array[];
}

export interface DeleteOutcome {
  readonly deletions: readonly Deletion[];
  /** Changed or deleted by somebody else since they were seen. */
  readonly kept: readonly Uint8Array[];
}

/** Deletes what is still as it was seen. */
export async function deleteSeen(clients: Clients, keys: readonly SeenKey[]): Promise<DeleteOutcome> {
  const deletions: Deletion[] = [];
  const kept: Uint8Array[] = [];
  for (const part of chunks(keys, ({ key }) => key.length)) {
    const request = deleteTxn(part);
    const response = await clients.kv.txn(request);
    const went = taken(request, response);
    const gone = part.filter((_, at) => went[at]).map(({ key }) => key);
    kept.push(...part.filter((_, at) => !went[at]).map(({ key }) => key));
    if (gone.length > 0) deletions.push({ revision: Number(response.header?.revision ?? 0n), keys: gone });
  }
  return { deletions, kept };
}

/** What keys there are now, of those asked for. */
export async function seeKeys(clients: Clients, keys: readonly Uint8Array[]): Promise<SeenKey[]> {
  const seen: SeenKey[] = [];
  for (const part of chunks(keys, ({ length }) => length)) {
    const kvs = await readKeys(clients, part, { keysOnly: true });
    seen.push(...kvs.map(({ key, modRevision }) => ({ key, modRevision })));
  }
  return seen;
}

async function readKeys(
  clients: Clients,
  keys: readonly Uint8Array[],
  options: { readonly keysOnly?: boolean; readonly revision?: bigint },
): Promise<KeyValue[]> {
  const success = keys.map((key) =>
    create(RequestOpSchema, { request: { case: "requestRange", value: { key, ...options } } }),
  );
  const { responses } = await clients.kv.txn({ success });
  return responses.flatMap(({ response }) => (response.case === "responseRange" ? response.value.kvs : []));
}

export interface PutBackOutcome {
  readonly restored: number;
  /** There again, put by somebody else: left as they are. */
  readonly skipped: number;
  /** Their leases have ended. */
  readonly withoutLease: number;
}

/** Puts back keys out of the history before their deletions. */
export async function putBack(clients: Clients, deletions: readonly Deletion[]): Promise<PutBackOutcome> {
  const restorer = new Restorer(clients);
  for (const { revision, keys } of deletions) {
    for (let at = 0; at < keys.length; at += READ_KEYS) {
      const part = keys.slice(at, at + READ_KEYS);
      await restorer.put(await readKeys(clients, part, { revision: BigInt(revision - 1) }));
    }
  }
  return restorer.outcome;
}

/** Puts back everything that was in a range before the revision that deleted it. */
export async function putBackRange(
  clients: Clients,
  range: { readonly key: Uint8Array; readonly rangeEnd: Uint8Array },
  deletedAt: number,
): Promise<PutBackOutcome> {
  const restorer = new Restorer(clients);
  let key = range.key;
  for (;;) {
    const page = await clients.kv.range({ ...range, key, revision: BigInt(deletedAt - 1), limit: BigInt(READ_KEYS) });
    await restorer.put(page.kvs);
    const last = page.kvs.at(-1);
    if (!page.more || last === undefined) return restorer.outcome;
    key = keyAfter(last.key);
  }
}

class Restorer {
  readonly #clients: Clients;
  readonly #leases = new Map<bigint, boolean>([[0n, false]]);
  #outcome: PutBackOutcome = { restored: 0, skipped: 0, withoutLease: 0 };

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  get outcome(): PutBackOutcome {
    return this.#outcome;
  }

  async put(kvs: readonly KeyValue[]): Promise<void> {
    for (const part of chunks(kvs, ({ key, value }) => key.length + value.length)) {
      await this.#askLeases(part);
      const request = putBackTxn(part, (lease) => this.#leases.get(lease) === true);
      const went = taken(request, await this.#clients.kv.txn(request));
      const restored = part.filter((_, at) => went[at]);
      const ended = restored.filter(({ lease }) => lease !== 0n && this.#leases.get(lease) !== true);
      this.#outcome = {
        restored: this.#outcome.restored + restored.length,
        skipped: this.#outcome.skipped + part.length - restored.length,
        withoutLease: this.#outcome.withoutLease + ended.length,
      };
    }
  }

  async #askLeases(kvs: readonly KeyValue[]): Promise<void> {
    for (const { lease } of kvs) {
      if (this.#leases.has(lease)) continue;
      const { TTL } = await this.#clients.lease.leaseTimeToLive({ ID: lease });
      this.#leases.set(lease, TTL > 0n);
    }
  }
}
