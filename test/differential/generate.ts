/**
 * The generator: which operation comes next. The same seed and the same replies of the reference give the
 * same operations.
 */
import { create } from "@bufbuild/protobuf";
import type { RequestOp } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { KV, RequestOpSchema } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { WatchCreateRequestSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { compact, cutRange, deleteRange, put, range, rangeStream } from "./generatekv.ts";
import { anonymousLease, grant, keepAlive, leases, revoke, shortLease, timeToLive } from "./generatelease.ts";
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
import { call, watchRequest } from "./operation.ts";
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

type Make = (random: Random, model: Model) => Operation;

const WEIGHTS: readonly (readonly [number, Make])[] = [
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
  [0.3, defragment],
];

export class Generator {
  readonly #random: Random;
  readonly #model: Model;
  /** Operations decided on already. */
  readonly #queue: Operation[] = [];
  #sinceSettle = 0;
  #alarmEnd: { operation: Operation; left: number } | undefined;

  constructor(random: Random, model: Model) {
    this.#random = random;
    this.#model = model;
  }

  next(): Operation {
    const queued = this.#queue.shift();
    if (queued !== undefined) return queued;
    this.#sinceSettle += 1;
    if (this.#sinceSettle >= SETTLE_INTERVAL) {
      this.#sinceSettle = 0;
      return { kind: "settle" };
    }
    if (this.#alarmEnd !== undefined) {
      this.#alarmEnd.left -= 1;
      if (this.#alarmEnd.left < 0) {
        const { operation } = this.#alarmEnd;
        this.#alarmEnd = undefined;
        return operation;
      }
    } else if (this.#random.chance(1 / 500)) {
      return this.#alarm();
    } else if (this.#random.chance(1 / 2500)) {
      this.#queue.push(...this.#rarity());
      return this.next();
    }
    return this.#random.weighted(WEIGHTS)(this.#random, this.#model);
  }

  #alarm(): Operation {
    const { start, end, count } = alarm(this.#random);
    this.#alarmEnd = { operation: end, left: count };
    return start;
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
