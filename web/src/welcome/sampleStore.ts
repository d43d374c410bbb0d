/** The sample data in a store: put there, found, taken away. Nothing that is there is ever overwritten. */
import { create } from "@bufbuild/protobuf";
import {
  type Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  CompareSchema,
  type RequestOp,
  RequestOpSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import type { KeyValue } from "../../../src/gen/mvccpb/kv_pb.ts";
import type { Clients } from "../store/clients.ts";
import { CLOCK_KEY, HELLO_KEY, type SampleKey, sampleKeys } from "./sample.ts";

interface Store {
  readonly clients: Clients;
}

const EVERY_KEY = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };

/**
 * Fills a store that was never written to. Of two tabs that do so at once one wins: the first txn goes through
 * only while there is no key at all.
 * @returns whether it did
 */
export async function seedFreshStore({ clients }: Store): Promise<boolean> {
  const { header, count } = await clients.kv.range({ ...EVERY_KEY, countOnly: true });
  if (header?.revision !== 1n || count !== 0n) return false;
  const [first, ...rest] = sampleKeys();
  if (first === undefined) return false;
  const { succeeded } = await clients.kv.txn({
    compare: [absent(EVERY_KEY.key, EVERY_KEY.rangeEnd)],
    success: [await firstPut(clients, first)],
  });
  if (!succeeded) return false;
  await putLater(clients, first);
  for (const sample of rest) await addOne(clients, sample);
  return true;
}

/** Adds what is not there. */
export async function addSample({ clients }: Store): Promise<number> {
  let added = 0;
  for (const sample of sampleKeys()) if (await addOne(clients, sample)) added++;
  return added;
}

async function addOne(clients: Clients, sample: SampleKey): Promise<boolean> {
  const { count } = await clients.kv.range({ key: sample.key, countOnly: true });
  if (count > 0n) return false;
  const { succeeded } = await clients.kv.txn({
    compare: [absent(sample.key)],
    success: [await firstPut(clients, sample)],
  });
  if (succeeded) await putLater(clients, sample);
  return succeeded;
}

async function firstPut(clients: Clients, { key, values, leaseSeconds }: SampleKey): Promise<RequestOp> {
  const lease = leaseSeconds === undefined ? 0n : (await clients.lease.leaseGrant({ TTL: BigInt(leaseSeconds) })).ID;
  return create(RequestOpSchema, { request: { case: "requestPut", value: { key, value: values[0], lease } } });
}

async function putLater(clients: Clients, { key, values }: SampleKey): Promise<void> {
  for (const value of values.slice(1)) await clients.kv.put({ key, value });
}

function absent(key: Uint8Array, rangeEnd?: Uint8Array): Compare {
  return create(CompareSchema, {
    ...{ key, rangeEnd, target: Compare_CompareTarget.CREATE, result: Compare_CompareResult.EQUAL },
    targetUnion: { case: "createRevision", value: 0n },
  });
}

/** The sample's keys that are there, those of the tour among them. */
export async function findSample({ clients }: Store): Promise<KeyValue[]> {
  const keys = [...sampleKeys().map(({ key }) => key), CLOCK_KEY, HELLO_KEY];
  const success = keys.map((key) => create(RequestOpSchema, { request: { case: "requestRange", value: { key } } }));
  const { responses } = await clients.kv.txn({ success });
  return responses.flatMap(({ response }) => (response.case === "responseRange" ? response.value.kvs : []));
}

/** Deletes the sample's keys, and ends their leases. */
export async function removeSample(store: Store): Promise<KeyValue[]> {
  const kvs = await findSample(store);
  if (kvs.length === 0) return [];
  const success = kvs.map(({ key }) =>
    create(RequestOpSchema, { request: { case: "requestDeleteRange", value: { key } } }),
  );
  await store.clients.kv.txn({ success });
  const leases = new Set(kvs.map(({ lease }) => lease).filter((lease) => lease !== 0n));
  // One that has ended meanwhile is as good as revoked.
  await Promise.allSettled([...leases].map((ID) => store.clients.lease.leaseRevoke({ ID })));
  return kvs;
}
