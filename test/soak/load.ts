/** Calls on keys, at a rate: each is answered, noted, and later asked of the other etcd. */
import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import {
  CompareSchema,
  DeleteRangeRequestSchema,
  DeleteRangeResponseSchema,
  PutRequestSchema,
  PutResponseSchema,
  RangeRequestSchema,
  RangeResponseSchema,
  type RequestOp,
  RequestOpSchema,
  type TxnRequest,
  TxnRequestSchema,
  type TxnResponse,
  TxnResponseSchema,
} from "../../src/gen/etcdserverpb/kv_pb.ts";
import { bytes, type Clients } from "../crash/clients.ts";
import type { Random } from "../differential/random.ts";
import { isCompacted, mayBeCompacted } from "./compaction.ts";
import type { Connection } from "./connection.ts";
import type { Faults } from "./faults.ts";
import type { History, Revision } from "./history.ts";
import { allKeys, anyKey, anyRange, leasedKey, wholeGroup } from "./keys.ts";
import type { HeldLease, LeaseHolder } from "./leases.ts";
import type { Ledger } from "./ledger.ts";

const MAX_VALUE_BYTES = 1_500;
const MAX_KEYS_PER_LEASE = 5;

/** A client: its connection and its lease. */
export interface LoadClient {
  readonly connection: Connection;
  readonly leases: LeaseHolder;
}

interface CallOf {
  readonly name: string;
  readonly schema: DescMessage;
  readonly make: (clients: Pick<Clients, "kv">) => Promise<Message>;
  readonly hasWritten: (reply: never) => boolean;
  /** That it needs. */
  readonly lease?: HeldLease | undefined;
  /** That it reads. */
  readonly past?: Revision | undefined;
}

export class Load {
  calls = 0;
  readonly #ledger: Ledger;
  readonly #history: History;
  readonly #faults: Faults;
  readonly #random: Random;

  constructor(ledger: Ledger, history: History, faults: Faults, random: Random) {
    this.#ledger = ledger;
    this.#history = history;
    this.#faults = faults;
    this.#random = random;
  }

  /** Puts every key once, so that the store is as large from the start as it will be. */
  async fill({ connection }: Pick<LoadClient, "connection">): Promise<void> {
    for (const keys of allKeys()) {
      const success = keys.map((key) => putOp(key, this.#value()));
      await this.#make(connection, txnCall(create(TxnRequestSchema, { success })));
    }
  }

  /** One call of a client. */
  call(client: LoadClient): Promise<void> {
    return this.#make(client.connection, this.#choose(client));
  }

  async #make(connection: Connection, { name, schema, make, hasWritten, lease, past }: CallOf): Promise<void> {
    const { cuts } = connection;
    connection.busy = true;
    try {
      await this.#ledger.during(async () => {
        const reply: Message & { header?: { readonly revision: bigint } } = await make(connection);
        const revision = Number(reply.header?.revision ?? 0n);
        const answered = { name, replay: make, expected: { schema, reply } };
        if (hasWritten(reply as never)) this.#ledger.wrote(revision, answered);
        else this.#ledger.noted(revision, answered);
      });
      this.calls++;
    } catch (error) {
      // Cut off by ourselves, it may have happened or not.
      const isDue = connection.cuts !== cuts || isOverdue(lease) || this.#isTooLate(error, past);
      if (!isDue) this.#faults.add(`${name} failed`, error);
    } finally {
      connection.busy = false;
    }
  }

  #isTooLate(error: unknown, past: Revision | undefined): boolean {
    return past !== undefined && isCompacted(error) && mayBeCompacted(past, this.#history.last);
  }

  #choose(client: LoadClient): CallOf {
    return this.#random.weighted<() => CallOf>([
      [35, () => this.#put(client)],
      [12, () => this.#putLeased(client)],
      [6, () => this.#delete()],
      [2, () => this.#deleteRange()],
      [15, () => this.#txn()],
      [20, () => this.#range()],
      [5, () => this.#rangeOfThePast()],
    ])();
  }

  #put({ leases }: LoadClient): CallOf {
    const lease = this.#random.chance(0.1) ? leases.usable() : undefined;
    return putCall(anyKey(this.#random), this.#value(), lease, this.#random.chance(0.1));
  }

  #putLeased(client: LoadClient): CallOf {
    const lease = client.leases.usable();
    if (lease === undefined || lease.keys >= MAX_KEYS_PER_LEASE) return this.#put(client);
    return putCall(leasedKey(this.#random, lease.id, lease.keys++), this.#value(), lease, false);
  }

  #delete(): CallOf {
    return this.#deleteCall({ key: anyKey(this.#random), rangeEnd: "" });
  }

  #deleteRange(): CallOf {
    return this.#deleteCall(anyRange(this.#random));
  }

  #deleteCall({ key, rangeEnd }: { key: string; rangeEnd: string }): CallOf {
    const prevKv = this.#random.chance(0.2);
    const request = create(DeleteRangeRequestSchema, { key: bytes(key), rangeEnd: bytes(rangeEnd), prevKv });
    return {
      name: "DeleteRange",
      schema: DeleteRangeResponseSchema,
      make: ({ kv }) => kv.deleteRange(request),
      hasWritten: ({ deleted }: { readonly deleted: bigint }) => deleted > 0n,
    };
  }

  /** Compares, and then writes or reads. */
  #txn(): CallOf {
    const random = this.#random;
    const key = anyKey(random);
    const known = this.#history.get(key);
    const compare = create(CompareSchema, {
      key: bytes(key),
      target: 2,
      targetUnion: { case: "modRevision", value: BigInt(known?.revision ?? 0) },
    });
    const others = new Set(Array.from({ length: random.integer(1, 4) }, () => anyKey(random)));
    others.delete(key);
    const success = [key, ...others].map((name, at) =>
      at > 0 && random.chance(0.3) ? deleteOp(name) : putOp(name, this.#value()),
    );
    const range = { key: bytes(key) };
    const failure = [create(RequestOpSchema, { request: { case: "requestRange", value: range } })];
    return txnCall(create(TxnRequestSchema, { compare: [compare], success, failure }));
  }

  #range(): CallOf {
    const random = this.#random;
    const range = random.pick([
      () => ({ key: anyKey(random), rangeEnd: "" }),
      () => anyRange(random),
      () => wholeGroup(random),
    ])();
    return rangeCall({
      key: bytes(range.key),
      rangeEnd: bytes(range.rangeEnd),
      limit: BigInt(random.pick([0, 0, 3])),
      serializable: random.chance(0.3),
      keysOnly: random.chance(0.2),
      countOnly: random.chance(0.1),
    });
  }

  #rangeOfThePast(): CallOf {
    const { newest } = this.#history;
    if (newest.length === 0) return this.#range();
    const past = this.#random.pick(newest);
    const { key, rangeEnd } = wholeGroup(this.#random);
    return { ...rangeCall({ key: bytes(key), rangeEnd: bytes(rangeEnd), revision: BigInt(past.number) }), past };
  }

  /** No two are the same. */
  #value(): Uint8Array<ArrayBuffer> {
    const length = this.#random.integer(10, MAX_VALUE_BYTES);
    return bytes(`${this.#random.serial()} `.padEnd(length, "v"));
  }
}

function putCall(key: string, value: Uint8Array<ArrayBuffer>, lease: HeldLease | undefined, prevKv: boolean): CallOf {
  const request = create(PutRequestSchema, { key: bytes(key), value, lease: lease?.id ?? 0n, prevKv });
  return { name: "Put", schema: PutResponseSchema, make: ({ kv }) => kv.put(request), hasWritten: () => true, lease };
}

/** Whether it may have ended meanwhile: a machine under load keeps both it and its renewals waiting. */
function isOverdue(lease: HeldLease | undefined): boolean {
  return lease !== undefined && performance.now() > lease.sinceMs + lease.ttlMs;
}

function rangeCall(init: Parameters<typeof create<typeof RangeRequestSchema>>[1]): CallOf {
  const request = create(RangeRequestSchema, init);
  return { name: "Range", schema: RangeResponseSchema, make: ({ kv }) => kv.range(request), hasWritten: () => false };
}

function txnCall(request: TxnRequest): CallOf {
  return { name: "Txn", schema: TxnResponseSchema, make: ({ kv }) => kv.txn(request), hasWritten: hasTxnWritten };
}

function putOp(key: string, value: Uint8Array<ArrayBuffer>): RequestOp {
  return create(RequestOpSchema, { request: { case: "requestPut", value: { key: bytes(key), value } } });
}

function deleteOp(key: string): RequestOp {
  return create(RequestOpSchema, { request: { case: "requestDeleteRange", value: { key: bytes(key) } } });
}

function hasTxnWritten({ responses }: TxnResponse): boolean {
  return responses.some(({ response }) => {
    if (response.case === "responsePut") return true;
    return response.case === "responseDeleteRange" && response.value.deleted > 0n;
  });
}
