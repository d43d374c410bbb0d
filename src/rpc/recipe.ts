/**
 * What etcd's Lock and Election are made of: its own KV, Lease and Watch, called as the caller of the method, so
 * that the caller's rights are what counts. Those who want something put a key under a common prefix and wait for
 * the keys put before to go; a key goes with its lease, or when its owner takes it back.
 */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { EtcdError, Status } from "../errors.ts";
import type { Watch } from "../gen/etcdlite/v1/watch_pb.ts";
import {
  type Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  CompareSchema,
  DeleteRangeRequestSchema,
  type DeleteRangeResponse,
  DeleteRangeResponseSchema,
  type KV,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  RangeRequestSchema,
  type RangeResponse,
  RangeResponseSchema,
  type RequestOp,
  RequestOpSchema,
  TxnRequestSchema,
  type TxnResponse,
  TxnResponseSchema,
} from "../gen/etcdserverpb/kv_pb.ts";
import { type Lease, LeaseGrantRequestSchema, LeaseGrantResponseSchema } from "../gen/etcdserverpb/lease_pb.ts";
import { WatchCreateRequestSchema, type WatchResponse, WatchResponseSchema } from "../gen/etcdserverpb/watch_pb.ts";
import { Event_EventType } from "../gen/mvccpb/kv_pb.ts";

/** What a caller gets who has no lease. */
const SESSION_TTL_SECONDS = 60n;

const SLASH = 0x2f;

export interface RecipeServices {
  readonly kv: ServiceImpl<typeof KV>;
  readonly lease: Pick<ServiceImpl<typeof Lease>, "leaseGrant">;
  readonly watch: ServiceImpl<typeof Watch>;
}

type RangeInit = Exclude<MessageInitShape<typeof RangeRequestSchema>, { $typeName: string }>;

export class Recipe {
  readonly #services: RecipeServices;
  readonly #context: HandlerContext;

  constructor(services: RecipeServices, context: HandlerContext) {
    this.#services = services;
    this.#context = context;
  }

  /** The caller's lease; a new one for 0n. */
  async session(lease: bigint): Promise<bigint> {
    if (lease !== 0n) return lease;
    const request = create(LeaseGrantRequestSchema, { TTL: SESSION_TTL_SECONDS });
    return create(LeaseGrantResponseSchema, await this.#services.lease.leaseGrant(request, this.#context)).ID;
  }

  async range(init: RangeInit): Promise<RangeResponse> {
    const request = create(RangeRequestSchema, init);
    return create(RangeResponseSchema, await this.#services.kv.range(request, this.#context));
  }

  /** The pair under a prefix that was created first. */
  first(prefix: Uint8Array): Promise<RangeResponse> {
    return this.range(firstCreated(prefix));
  }

  async delete(key: Uint8Array): Promise<DeleteRangeResponse> {
    const request = create(DeleteRangeRequestSchema, { key });
    return create(DeleteRangeResponseSchema, await this.#services.kv.deleteRange(request, this.#context));
  }

  async txn(compare: Compare, success: RequestOp[], failure: RequestOp[] = []): Promise<TxnResponse> {
    const request = create(TxnRequestSchema, { compare: [compare], success, failure });
    return create(TxnResponseSchema, await this.#services.kv.txn(request, this.#context));
  }

  /** Until no key under the prefix is left that was created at the revision or before. */
  async waitForEarlier(prefix: Uint8Array, maxCreateRevision: bigint): Promise<void> {
    for (;;) {
      const last = await this.range({ ...underPrefix(prefix), ...LAST_CREATED, maxCreateRevision });
      const pair = last.kvs[0];
      if (pair === undefined) return;
      await this.#waitForDelete(pair.key, last.header?.revision ?? 0n);
    }
  }

  async #waitForDelete(key: Uint8Array, startRevision: bigint): Promise<void> {
    for await (const response of this.watch({ key, startRevision })) {
      if (response.canceled) throw cancellation(response);
      if (response.events.some(({ type }) => type === Event_EventType.DELETE)) return;
    }
  }

  /** Responses until the watch is canceled, which its last one says, or the caller goes away, which is an error. */
  async *watch(init: { key: Uint8Array; rangeEnd?: Uint8Array; startRevision: bigint }): AsyncGenerator<WatchResponse> {
    const request = create(WatchCreateRequestSchema, init);
    for await (const response of this.#services.watch.watch(request, this.#context)) {
      yield create(WatchResponseSchema, response);
    }
  }
}

/** The errors of what a recipe calls, as its caller gets them: etcd's client keeps their text and not their status. */
export async function withClientErrors<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const isLasting = error instanceof EtcdError && error.message.startsWith("etcdserver: ");
    if (!isLasting || error.status === Status.UNAVAILABLE) throw error;
    throw new EtcdError(Status.UNKNOWN, error.message);
  }
}

/** The name and a slash. */
export function prefixOf(name: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefix = new Uint8Array(name.length + 1);
  prefix.set(name);
  prefix[name.length] = SLASH;
  return prefix;
}

/** The key of a lease under a prefix: its ID in hexadecimal. */
export function keyOf(prefix: Uint8Array, lease: bigint): Uint8Array<ArrayBuffer> {
  const id = new TextEncoder().encode(lease.toString(16));
  const key = new Uint8Array(prefix.length + id.length);
  key.set(prefix);
  key.set(id, prefix.length);
  return key;
}

const FIRST_CREATED = {
  sortOrder: RangeRequest_SortOrder.ASCEND,
  sortTarget: RangeRequest_SortTarget.CREATE,
  limit: 1n,
};
const LAST_CREATED = { ...FIRST_CREATED, sortOrder: RangeRequest_SortOrder.DESCEND };

export function firstCreated(prefix: Uint8Array): RangeInit {
  return { ...underPrefix(prefix), ...FIRST_CREATED };
}

/** @param prefix ends with a slash, so the end of its range is found in one step */
export function underPrefix(prefix: Uint8Array): { key: Uint8Array; rangeEnd: Uint8Array } {
  const rangeEnd = prefix.slice();
  rangeEnd[prefix.length - 1] = SLASH + 1;
  return { key: prefix, rangeEnd };
}

/** That the key was created at the revision; 0n for one that is not there. */
export function createdAt(key: Uint8Array, createRevision: bigint): Compare {
  return create(CompareSchema, {
    key,
    target: Compare_CompareTarget.CREATE,
    result: Compare_CompareResult.EQUAL,
    targetUnion: { case: "createRevision", value: createRevision },
  });
}

export function putOp(key: Uint8Array, value: Uint8Array, lease: bigint): RequestOp {
  return create(RequestOpSchema, { request: { case: "requestPut", value: { key, value, lease } } });
}

export function getOp(request: RangeInit): RequestOp {
  return create(RequestOpSchema, { request: { case: "requestRange", value: request } });
}

export function deleteOp(key: Uint8Array): RequestOp {
  return create(RequestOpSchema, { request: { case: "requestDeleteRange", value: { key } } });
}

/** The pair that a get in a txn found. */
export function foundBy(response: TxnResponse, at: number) {
  const union = response.responses[at]?.response;
  return union?.case === "responseRange" ? union.value.kvs[0] : undefined;
}

function cancellation({ compactRevision, cancelReason }: WatchResponse): EtcdError {
  const reason = compactRevision > 0n ? "etcdserver: mvcc: required revision has been compacted" : cancelReason;
  return new EtcdError(Status.UNKNOWN, reason);
}
