import type { Clients } from "../../../web/src/store/clients.ts";

export type Seed =
  | Readonly<Record<string, string | Uint8Array>>
  | ReadonlyMap<Uint8Array | string, Uint8Array | string>;

const OPS_PER_TXN = 100;
const encoder = new TextEncoder();

export function bytes(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value;
}

/**
 * Writes keys in the order given, many a txn (so many keys share a revision); a value that would make a txn too large
 * has one of its own. Use a Map where keys are not text.
 */
export async function seedKeys(clients: Pick<Clients, "kv">, seed: Seed): Promise<void> {
  const entries = seed instanceof Map ? [...seed] : Object.entries(seed);
  let batch: { key: Uint8Array; value: Uint8Array }[] = [];
  let sizeBytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const success = batch.map((value) => ({ request: { case: "requestPut" as const, value } }));
    batch = [];
    sizeBytes = 0;
    await clients.kv.txn({ success });
  };
  for (const [key, value] of entries as [string | Uint8Array, string | Uint8Array][]) {
    const put = { key: bytes(key), value: bytes(value) };
    const putBytes = put.key.length + put.value.length;
    if (batch.length === OPS_PER_TXN || sizeBytes + putBytes > 1_000_000) await flush();
    batch.push(put);
    sizeBytes += putBytes;
  }
  await flush();
}

/** The value of a key as text; undefined where there is no such key. */
export async function storedText(clients: Pick<Clients, "kv">, key: string | Uint8Array): Promise<string | undefined> {
  const { kvs } = await clients.kv.range({ key: bytes(key) });
  const [kv] = kvs;
  return kv === undefined ? undefined : new TextDecoder().decode(kv.value);
}
