/** What rows need on a server before they can be measured. */
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../src/gen/etcdserverpb/lease_pb.ts";
import type { Target } from "../row.ts";

const encoder = new TextEncoder();
/** etcd's default limit is 128. */
const PUTS_PER_TXN = 100;
const TXNS_IN_FLIGHT = 4;
const IDLE_MS = 500;

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

export function fillerOf(count: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(count).fill(0x78);
}

/** As bench/load has it. */
export function keyAt(prefix: string, at: number): Uint8Array<ArrayBuffer> {
  return bytes(`${prefix}${String(at).padStart(8, "0")}`);
}

export function endOf(prefix: string): Uint8Array<ArrayBuffer> {
  const end = bytes(prefix);
  const last = end.length - 1;
  end[last] = (end[last] ?? 0) + 1;
  return end;
}

export async function revisionOf(target: Target): Promise<number> {
  const { header } = await kvOf(target).range({ key: bytes("none") });
  return Number(header?.revision ?? 0n);
}

export async function putOne(target: Target, key: Uint8Array, valueBytes: number): Promise<void> {
  await kvOf(target).put({ key, value: fillerOf(valueBytes) });
}

export async function grant(target: Target, id: bigint): Promise<void> {
  await once(target, `lease ${id}`, async () => {
    await createClient(Lease, transportOf(target)).leaseGrant({ ID: id, TTL: 36_000n });
  });
}

/** So many keys under a prefix, which other rows may have made. */
export async function fill(target: Target, prefix: string, count: number, valueBytes: number): Promise<void> {
  await once(target, `${count} ${prefix}`, async () => {
    const kv = kvOf(target);
    const value = fillerOf(valueBytes);
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < count) {
        const first = next;
        next = Math.min(count, first + PUTS_PER_TXN);
        const keys = Array.from({ length: next - first }, (_, at) => keyAt(prefix, first + at));
        await kv.txn({ success: keys.map((key) => ({ request: { case: "requestPut", value: { key, value } } })) });
      }
    };
    await Promise.all(Array.from({ length: TXNS_IN_FLIGHT }, work));
  });
}

export async function once(target: Target, name: string, make: () => Promise<void>): Promise<void> {
  if (target.prepared.has(name)) return;
  await make();
  target.prepared.add(name);
}

function kvOf(target: Target) {
  return createClient(KV, transportOf(target));
}

const transports = new Map<string, ReturnType<typeof createGrpcTransport>>();

function transportOf({ url }: Target) {
  const known = transports.get(url);
  if (known !== undefined) return known;
  const made = createGrpcTransport({ baseUrl: url, idleConnectionTimeoutMs: IDLE_MS });
  transports.set(url, made);
  return made;
}
