/**
 * Random transactions: nested up to three levels, all compares, ranges at any revision, duplicate keys, too
 * many operations.
 *
 * etcd lets a delete with range_end "\0" and a put of a key in its range pass (its check takes the range for
 * an empty one), and then crashes: at once if the put has ignore_value or ignore_lease, or at a later
 * compaction. So a put that follows such a delete anywhere in a transaction keeps out of its range.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  Compare_CompareResult,
  CompareSchema,
  RequestOpSchema,
  TxnRequestSchema,
} from "../../src/gen/etcdserverpb/kv_pb.ts";
import { Compare_CompareTarget, KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { deleteInit, largePutInit, putInit, rangeInit } from "./generatekv.ts";
import { anyLeaseId } from "./generatelease.ts";
import { anyRange, EMPTY, isFromKey, SMALL, smallKey } from "./keys.ts";
import type { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import { call } from "./operation.ts";
import type { Random } from "./random.ts";

type CompareInit = MessageInitShape<typeof CompareSchema>;
type OpInit = MessageInitShape<typeof RequestOpSchema>;
type TxnInit = MessageInitShape<typeof TxnRequestSchema>;

const MAX_DEPTH = 3;
const MAX_TXN_OPS = 128;

export function txn(random: Random, model: Model): Operation {
  if (random.chance(0.01)) return call(KV.method.txn, crowdedTxn(random));
  return call(KV.method.txn, new TxnBuilder(random, model).txn(1));
}

class TxnBuilder {
  readonly #random: Random;
  readonly #model: Model;
  /** Written so far in any branch; a careful transaction keeps away from these. */
  #freeKeys: Uint8Array[];
  readonly #isCareful: boolean;
  /** The least start of a delete with range_end "\0" so far. */
  #fromKey: Uint8Array | undefined;
  #hasLargePut = false;

  constructor(random: Random, model: Model) {
    this.#random = random;
    this.#model = model;
    this.#isCareful = random.chance(0.8);
    this.#freeKeys = random.sample(SMALL, SMALL.length);
  }

  txn(depth: number): TxnInit {
    const random = this.#random;
    const count = (): number => random.pick([0, 1, 1, 2, 2, 3, 4]);
    return {
      compare: Array.from({ length: random.pick([0, 0, 1, 1, 2, 3]) }, () => anyCompare(random, this.#model)),
      success: Array.from({ length: count() }, () => this.#op(depth)),
      failure: Array.from({ length: count() }, () => this.#op(depth)),
    };
  }

  #op(depth: number): OpInit {
    const random = this.#random;
    return random.weighted<() => OpInit>([
      [35, () => this.#put()],
      [25, () => this.#range()],
      [18, () => this.#delete()],
      [depth < MAX_DEPTH ? 14 : 0, () => request("requestTxn", this.txn(depth + 1))],
      [0.3, () => ({})],
    ])();
  }

  #range(): OpInit {
    return request("requestRange", rangeInit(this.#random, this.#model));
  }

  #put(): OpInit {
    const random = this.#random;
    if (!this.#hasLargePut && this.#fromKey === undefined && random.chance(0.05)) {
      this.#hasLargePut = true;
      return request("requestPut", largePutInit(random));
    }
    const key = this.#isCareful ? this.#freeKeys.pop() : smallKey(random);
    const isFree = key !== undefined && (this.#fromKey === undefined || Buffer.compare(key, this.#fromKey) < 0);
    return isFree ? request("requestPut", putInit(random, key)) : this.#range();
  }

  #delete(): OpInit {
    const random = this.#random;
    const key = this.#isCareful && random.chance(0.8) ? this.#freeKeys.pop() : undefined;
    const init = key === undefined ? deleteInit(random) : { key, prevKv: random.chance(0.4) };
    if (isFromKey(init.rangeEnd ?? EMPTY)) {
      const start = init.key ?? EMPTY;
      if (this.#fromKey === undefined || Buffer.compare(start, this.#fromKey) < 0) this.#fromKey = start;
    }
    return request("requestDeleteRange", init);
  }
}

function request(name: NonNullable<NonNullable<OpInit["request"]>["case"]>, value: object): OpInit {
  return { request: { case: name, value } as NonNullable<OpInit["request"]> };
}

/** About the limit of operations, in one list or in a nested transaction's remaining budget. */
function crowdedTxn(random: Random): TxnInit {
  const range = request("requestRange", { key: smallKey(random) });
  const list = (length: number): OpInit[] => Array.from({ length }, () => range);
  const compare = { key: smallKey(random), targetUnion: { case: "version" as const, value: 0n } };
  return random.weighted<() => TxnInit>([
    [1, () => ({ success: list(MAX_TXN_OPS + random.integer(0, 1)) })],
    [1, () => ({ failure: list(MAX_TXN_OPS + random.integer(0, 1)) })],
    [1, () => ({ compare: Array.from({ length: MAX_TXN_OPS + random.integer(0, 1) }, () => compare) })],
    [
      2,
      () => {
        const outer = random.integer(1, 100);
        const inner = MAX_TXN_OPS - outer + random.integer(0, 2);
        const nested = request("requestTxn", { success: list(inner - 1) });
        return { success: [nested, ...list(outer - 1)] };
      },
    ],
  ])();
}

function anyCompare(random: Random, model: Model): CompareInit {
  const { key, rangeEnd } = random.chance(0.7) ? { key: smallKey(random), rangeEnd: EMPTY } : anyRange(random);
  const revision = (): bigint => BigInt(random.integer(Math.max(0, model.compactRevision - 1), model.revision));
  const unions: readonly (() => CompareInit["targetUnion"])[] = [
    () => ({ case: "version", value: BigInt(random.integer(0, 4)) }),
    () => ({ case: "createRevision", value: random.chance(0.5) ? 0n : revision() }),
    () => ({ case: "modRevision", value: random.chance(0.3) ? 0n : revision() }),
    () => ({ case: "value", value: random.chance(0.2) ? EMPTY : Buffer.from(String(random.integer(0, 9))) }),
    () => ({ case: "lease", value: random.chance(0.5) ? 0n : anyLeaseId(random) }),
  ];
  const target = random.integer(Compare_CompareTarget.VERSION, Compare_CompareTarget.LEASE);
  return {
    key: random.chance(0.003) ? EMPTY : key,
    rangeEnd,
    // Past the known ones now and then; etcd takes an unknown result as true.
    result: (random.chance(0.01) ? 4 : random.integer(0, 3)) as Compare_CompareResult,
    target: (random.chance(0.01) ? 5 : target) as Compare_CompareTarget,
    targetUnion: random.weighted<() => CompareInit["targetUnion"]>([
      [95, unions[target] as () => CompareInit["targetUnion"]],
      [3, random.pick(unions)],
      [2, () => ({ case: undefined })],
    ])(),
  };
}
