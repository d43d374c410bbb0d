/** A scenario, and the few calls that the scenarios share, made by native gRPC as a service would. */
import { createClient } from "@connectrpc/connect";
import { createWritableIterable } from "@connectrpc/connect/protocol";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import type { WatchResponse } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { Event_EventType } from "../../../src/gen/mvccpb/kv_pb.ts";
import type { SuiteContext } from "../harness/suite.ts";

export type Use = {
  readonly name: string;
  run(context: SuiteContext): Promise<void>;
};

export type Change = {
  readonly type: "PUT" | "DELETE";
  readonly key: string;
  readonly value: string;
  readonly revision: bigint;
};

/** Everything the scenarios write; each clears its own part first, so that it can run on one endpoint again. */
export const KEYS_OF_USES = "/etcdlite-clients/";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytes = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);
export const text = (value: Uint8Array | undefined): string => decoder.decode(value);

export type Store = ReturnType<typeof connect>;

export function connect(url: string) {
  const transport = createGrpcTransport({ baseUrl: url });
  return {
    kv: createClient(KV, transport),
    lease: createClient(Lease, transport),
    maintenance: createClient(Maintenance, transport),
    watch: createClient(Watch, transport),
  };
}

/** A key range that holds everything beginning with the prefix, which ends in "/". */
export function under(prefix: string): { key: Uint8Array<ArrayBuffer>; rangeEnd: Uint8Array<ArrayBuffer> } {
  return { key: bytes(prefix), rangeEnd: bytes(`${prefix.slice(0, -1)}0`) };
}

/** A lease that is kept alive until it is abandoned, as a process does that may die. */
export type KeptLease = {
  readonly id: bigint;
  /** Sends no more keep-alives and says nothing: what a crash looks like. */
  abandon(): void;
};

export async function keepLease({ lease }: Store, ttlSeconds: bigint): Promise<KeptLease> {
  const { ID: id } = await lease.leaseGrant({ TTL: ttlSeconds });
  const abort = new AbortController();
  const requests = createWritableIterable<{ ID: bigint }>();
  const replies = lease.leaseKeepAlive(requests, { signal: abort.signal });
  const renew = (): void => void requests.write({ ID: id }).catch(() => {});
  const timer = setInterval(renew, (Number(ttlSeconds) * 1000) / 3);
  const reading = (async () => {
    for await (const reply of replies) if (reply.TTL <= 0n) break;
  })();
  // Its end is either abandon() or a failure that shows in the keys that go.
  reading.catch(() => {});
  return {
    id,
    abandon: () => {
      clearInterval(timer);
      abort.abort();
    },
  };
}

/** The changes of a range from a revision on; ends when the signal says so. */
export async function* changes(
  { watch }: Store,
  range: { key: Uint8Array<ArrayBuffer>; rangeEnd?: Uint8Array<ArrayBuffer> },
  startRevision: bigint,
  signal: AbortSignal,
): AsyncGenerator<Change> {
  const requests = createWritableIterable<{ requestUnion: { case: "createRequest"; value: object } }>();
  const replies = watch.watch(requests, { signal })[Symbol.asyncIterator]();
  const first = replies.next();
  await requests.write({ requestUnion: { case: "createRequest", value: { ...range, startRevision } } });
  for (let reply = await first; reply.done !== true; reply = await nextOrEnd(replies, signal)) {
    if (reply.value.canceled) throw new Error(`the watch was canceled: ${reply.value.cancelReason}`);
    for (const { type, kv } of reply.value.events) {
      yield {
        type: type === Event_EventType.PUT ? "PUT" : "DELETE",
        key: text(kv?.key),
        value: text(kv?.value),
        revision: kv?.modRevision ?? 0n,
      };
    }
  }
}

async function nextOrEnd(
  replies: AsyncIterator<WatchResponse>,
  signal: AbortSignal,
): Promise<IteratorResult<WatchResponse>> {
  try {
    return await replies.next();
  } catch (error) {
    if (signal.aborted) return { done: true, value: undefined };
    throw error;
  }
}

/** The first change that fits. */
export async function firstChange(
  store: Store,
  range: { key: Uint8Array<ArrayBuffer>; rangeEnd?: Uint8Array<ArrayBuffer> },
  startRevision: bigint,
  fits: (change: Change) => boolean,
): Promise<Change> {
  const abort = new AbortController();
  try {
    for await (const change of changes(store, range, startRevision, abort.signal)) {
      if (fits(change)) return change;
    }
  } finally {
    abort.abort();
  }
  throw new Error("the watch ended");
}
