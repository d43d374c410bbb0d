/** Keys for a bench, over gRPC, many a txn. */
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";

export type KvClient = ReturnType<typeof kvClient>;

export function kvClient(url: string) {
  return createClient(KV, createGrpcTransport({ baseUrl: url }));
}

/** What the server must be started with for `fill`. */
export const FILL_FLAGS = ["--max-txn-ops", "2000", "--quota-backend-bytes", "-1"];
const OPS_PER_TXN = 2000;
const TXNS_IN_FLIGHT = 4;
const encoder = new TextEncoder();

/**
 * Keys `/bench/000/…` in folders of 1,000: 1,000,000 keys are 1,000 folders. Returns the last key in byte order.
 */
export async function fill(client: KvClient, count: number): Promise<string> {
  const value = encoder.encode("x".repeat(64));
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const first = next;
      next = Math.min(count, first + OPS_PER_TXN);
      const keys = Array.from({ length: next - first }, (_, at) => encoder.encode(keyAt(first + at)));
      await client.txn({ success: keys.map((key) => ({ request: { case: "requestPut", value: { key, value } } })) });
    }
  };
  await Promise.all(Array.from({ length: TXNS_IN_FLIGHT }, work));
  return keyAt(count - 1);
}

export const KEYS_PER_FOLDER = 1000;

function keyAt(at: number): string {
  const folder = Math.floor(at / KEYS_PER_FOLDER);
  return `/bench/${String(folder).padStart(4, "0")}/key-${String(at % KEYS_PER_FOLDER).padStart(4, "0")}`;
}
