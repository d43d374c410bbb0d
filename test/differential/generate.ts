/**
 * The generator: which operation comes next. The same seed and the same replies of the reference give the
 * same operations.
 */
import { create } from "@bufbuild/protobuf";
import type { RequestOp } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { KV, RequestOpSchema } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { WatchCreateRequestSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { ADMIN } from "./credential.ts";
import { authCall, authEnd, authStart, authWhileOff, bySomebody, logins } from "./generateauth.ts";
import { clusterCall, downgradeAndBack, learner } from "./generatecluster.ts";
import { overHttp, strayHttp } from "./generatehttp.ts";
import { compact, cutRange, deleteRange, put, range, rangeStream } from "./generatekv.ts";
import { anonymousLease, grant, keepAlive, leases, revoke, shortLease, timeToLive } from "./generatelease.ts";
import { lockCall } from "./generatelock.ts";
import {
  alarm,
  defragment,
  hashKV,
  status,
  watchCancel,
  watchCreate,
  watchOther,
  watchProgress,
} from "./generateother.ts";
import { txn } from "./generatetxn.ts";
import { SMALL, smallKey, ZERO } from "./keys.ts";
import type { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import { by, call, watchRequest } from "./operation.ts";
import type { Random } from "./random.ts";

const SETTLE_INTERVAL = 50;
const MAX_REQUEST_BYTES = 1.5 * 1024 * 1024;
const MAX_MESSAGE_BYTES = MAX_REQUEST_BYTES + 512 * 1024;
/** etcd counts its internal request, whose ID takes more or fewer bytes: no size closer to the limit. */
const REQUEST_LIMIT_SLACK_BYTES = 64;
/** Of a PutRequest with a short key and a value of 2 MiB: two tags and the two lengths. */
const PUT_FRAME_BYTES = 2 + 1 + 3;
/** The stream number of the scenario that cuts responses into fragments; others count up from 1. */
const FRAGMENT_STREAM_OFFSET = 1;

/** Operations while auth is on. */
const AUTH_LENGTH = [60, 500] as const;

/** Operations before the one downgrade of a run: it takes etcd some ten seconds. */
const BEFORE_DOWNGRADE = [200, 5_000] as const;

type Make = (random: Random, model: Model) => Operation;
type Weights = readonly (readonly [weight: number, make: Make])[];

/** KV, Watch, Lease and Maintenance, by gRPC, without auth. */
const BASE_WEIGHTS: Weights = [
  [240, put],
  [200, range],
  [20, cutRange],
  [80, deleteRange],
  [180, txn],
  [30, rangeStream],
  [4, compact],
  [35, grant],
  [12, revoke],
  [15, timeToLive],
  [8, leases],
  [12, keepAlive],
  [2, shortLease],
  [2, anonymousLease],
  [25, watchCreate],
  [10, watchCancel],
  [6, watchProgress],
  [3, watchOther],
  [14, hashKV],
  [8, status],
  [0.7, defragment],
];
const ALL_WEIGHTS: Weights = [
  ...BASE_WEIGHTS,
  [20, lockCall],
  [14, clusterCall],
  [2, strayHttp],
  [25, (random, model) => (model.auth.isEnabled ? authCall(random, model) : authWhileOff(random, model))],
];
/** While auth is on, it is what changes most. */
const AUTH_WEIGHTS: Weights = [...ALL_WEIGHTS, [120, authCall]];
/** Of the requests that the JSON gateway has, how many go by it. */
const HTTP_SHARE = 0.25;

/** How much is compared. */
export type Scope = "base" | "all";

/** An operation that ends what another has begun, after some operations. */
type Ending = { readonly make: () => Operation; left: number };

export class Generator {
  readonly #random: Random;
  readonly #model: Model;
  readonly #isAll: boolean;
  /** Operations decided on already. */
  readonly #queue: Operation[] = [];
  #sinceSettle = 0;
  #alarmEnd: Ending | undefined;
  #authEnd: Ending | undefined;
  #learnerEnd: Ending | undefined;
  #beforeDowngrade = Number.POSITIVE_INFINITY;

  constructor(random: Random, model: Model, scope: Scope) {
    this.#random = random;
    this.#model = model;
    this.#isAll = scope === "all";
    if (this.#isAll) this.#beforeDowngrade = random.integer(...BEFORE_DOWNGRADE);
  }

  next(): Operation {
    const queued = this.#queue.shift();
    if (queued !== undefined) return queued;
    this.#sinceSettle += 1;
    if (this.#sinceSettle >= SETTLE_INTERVAL) {
      this.#sinceSettle = 0;
      return { kind: "settle" };
    }
    const ending = this.#ending();
    if (ending !== undefined) return ending;
    if (this.#alarmEnd === undefined && this.#random.chance(1 / 500)) return this.#alarm();
    if (this.#random.chance(1 / 2500)) return this.#enqueue(this.#rarity());
    return this.#isAll ? this.#anyOfAll() : this.#random.weighted(BASE_WEIGHTS)(this.#random, this.#model);
  }

  /** The end of a learner, an alarm or a phase of auth whose time has come. */
  #ending(): Operation | undefined {
    const { auth } = this.#model;
    if (!auth.isEnabled) {
      this.#authEnd = undefined;
    } else if (this.#authEnd === undefined) {
      this.#authEnd = { make: authEnd, left: this.#random.integer(...AUTH_LENGTH) };
      this.#queue.push(...logins(this.#random, this.#model));
    }
    for (const ending of [this.#learnerEnd, this.#alarmEnd, this.#authEnd]) {
      if (ending === undefined) continue;
      ending.left -= 1;
      if (ending.left >= 0) continue;
      if (ending === this.#learnerEnd) this.#learnerEnd = undefined;
      if (ending === this.#alarmEnd) this.#alarmEnd = undefined;
      if (ending === this.#authEnd) this.#authEnd = undefined;
      return this.#byRoot(ending.make());
    }
    return undefined;
  }

  #anyOfAll(): Operation {
    const random = this.#random;
    const model = this.#model;
    if (!model.auth.isEnabled && random.chance(1 / 1200)) return this.#enqueue(this.#authStart());
    if (this.#learnerEnd === undefined && random.chance(1 / 800)) return this.#learner();
    this.#beforeDowngrade -= 1;
    if (this.#learnerEnd === undefined && this.#beforeDowngrade < 0) {
      this.#beforeDowngrade = Number.POSITIVE_INFINITY;
      return this.#enqueue(downgradeAndBack(random).map((operation) => this.#byRoot(operation)));
    }
    const made = random.weighted(model.auth.isEnabled ? AUTH_WEIGHTS : ALL_WEIGHTS)(random, model);
    const operation = model.auth.isEnabled ? bySomebody(random, made) : made;
    return random.chance(HTTP_SHARE) ? overHttp(random, operation) : operation;
  }

  #enqueue(operations: readonly Operation[]): Operation {
    this.#queue.push(...operations);
    return this.next();
  }

  #byRoot(operation: Operation): Operation {
    return this.#model.auth.isEnabled ? by(ADMIN, operation) : operation;
  }

  #authStart(): Operation[] {
    const random = this.#random;
    return authStart(random, this.#model).map((operation) =>
      random.chance(HTTP_SHARE) ? overHttp(random, operation, true) : operation,
    );
  }

  #alarm(): Operation {
    const { start, end, count } = alarm(this.#random);
    this.#alarmEnd = { make: () => end, left: count };
    return this.#byRoot(start);
  }

  #learner(): Operation {
    const { start, end, count } = learner(this.#random, this.#model);
    this.#learnerEnd = { make: end, left: count };
    return this.#byRoot(start);
  }

  #rarity(): Operation[] {
    const random = this.#random;
    return random.pick([sizes, fragments, largeStream])(random, this.#model);
  }
}

/** Requests about the size limits: of a request, and of a message. */
function sizes(random: Random): Operation[] {
  const key = smallKey(random);
  const size = random.pick([
    MAX_REQUEST_BYTES - REQUEST_LIMIT_SLACK_BYTES - 128,
    MAX_REQUEST_BYTES + REQUEST_LIMIT_SLACK_BYTES,
    MAX_MESSAGE_BYTES - key.length - PUT_FRAME_BYTES,
    MAX_MESSAGE_BYTES - key.length - PUT_FRAME_BYTES + 1,
  ]);
  const value = new Uint8Array(size).fill(0x76);
  return [call(KV.method.put, { key, value }), call(KV.method.deleteRange, { key })];
}

/** Two writes of all small keys in one revision each, too large with prev_kv for one watch response. */
function fragments(random: Random, model: Model): Operation[] {
  const stream = model.streams.size + FRAGMENT_STREAM_OFFSET;
  const write = (length: number): Operation =>
    call(KV.method.txn, {
      success: SMALL.map(
        (key): RequestOp =>
          create(RequestOpSchema, {
            request: { case: "requestPut", value: { key, value: new Uint8Array(length).fill(0x66) } },
          }),
      ),
    });
  const watch = { key: ZERO, rangeEnd: ZERO, prevKv: true, fragment: true };
  const length = random.integer(80_000, 120_000);
  return [
    watchRequest(stream, { case: "createRequest", value: create(WatchCreateRequestSchema, watch) }),
    write(length),
    write(length),
    { kind: "settle" },
    { kind: "closeStream", stream },
    write(1),
  ];
}

/** A RangeStream whose chunks grow and shrink, over keys of its own. */
function largeStream(random: Random): Operation[] {
  const keys = Array.from({ length: 40 }, (_, index) => Buffer.from(`S/${String(index).padStart(2, "0")}`));
  const large = random.integer(20_000, 400_000);
  const puts = keys.map((key, index) => {
    const value = new Uint8Array(index % 20 > 9 ? large : 100).fill(0x73);
    return call(KV.method.put, { key, value });
  });
  const range = { key: Buffer.from("S/"), rangeEnd: Buffer.from("S0") };
  return [
    ...puts,
    call(KV.method.rangeStream, range),
    call(KV.method.rangeStream, { ...range, limit: BigInt(random.integer(1, 45)) }),
    call(KV.method.deleteRange, range),
  ];
}
