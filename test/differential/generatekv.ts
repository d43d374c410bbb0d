/** Random requests of the KV service, but for transactions (generatetxn.ts). */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  DeleteRangeRequestSchema,
  PutRequestSchema,
  RangeRequestSchema,
} from "../../src/gen/etcdserverpb/kv_pb.ts";
import { KV, RangeRequest_SortOrder, RangeRequest_SortTarget } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { anyLeaseId } from "./generatelease.ts";
import type { KeyRange } from "./keys.ts";
import { anyRange, EMPTY, isLargeOnly, isSmallOnly, largeKey, largeRange, smallKey } from "./keys.ts";
import type { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import { call } from "./operation.ts";
import type { Random } from "./random.ts";

export type RangeInit = MessageInitShape<typeof RangeRequestSchema>;
export type PutInit = MessageInitShape<typeof PutRequestSchema>;
export type DeleteInit = MessageInitShape<typeof DeleteRangeRequestSchema>;

const MAX_INT64 = 2n ** 63n - 1n;
const { KEY, VERSION, CREATE, MOD, VALUE } = RangeRequest_SortTarget;
const { NONE, ASCEND, DESCEND } = RangeRequest_SortOrder;
/** Past this many items the order of equal sort keys is Go's secret. */
const STABLE_SORT_COUNT = 12;

/** A revision to read at: mostly now, else somewhere in history, about its ends, or far out. */
export function anyRevision(random: Random, model: Model, nowWeight = 50): bigint {
  const { revision, compactRevision } = model;
  return random.weighted<() => bigint>([
    [nowWeight, () => 0n],
    [30, () => BigInt(random.integer(Math.max(1, compactRevision), revision))],
    [8, () => BigInt(random.integer(Math.max(0, compactRevision - 3), compactRevision + 3))],
    [6, () => BigInt(revision + random.integer(-2, 2))],
    [2, () => BigInt(revision + random.integer(1, 1000))],
    [2, () => BigInt(random.integer(-9, -1))],
    [1, () => random.pick([MAX_INT64, -(2n ** 63n)])],
  ])();
}

export function rangeInit(random: Random, model: Model, range: KeyRange = anyRange(random)): RangeInit {
  const limit = random.weighted([
    [60, 0n],
    [30, BigInt(random.integer(1, STABLE_SORT_COUNT - 1))],
    [6, BigInt(random.integer(STABLE_SORT_COUNT, 40))],
    [2, -1n],
    [2, MAX_INT64],
  ]);
  const filter = (): bigint => (random.chance(0.05) ? anyRevision(random, model, 0) : 0n);
  return {
    ...range,
    limit,
    revision: anyRevision(random, model, 70),
    ...sorting(random, range),
    serializable: random.chance(0.2),
    keysOnly: random.chance(0.15),
    countOnly: random.chance(0.1),
    minModRevision: filter(),
    maxModRevision: filter(),
    minCreateRevision: filter(),
    maxCreateRevision: filter(),
  };
}

/** Any sort that leaves no order open, see keys.ts. */
function sorting(random: Random, range: KeyRange): Pick<RangeInit, "sortOrder" | "sortTarget"> {
  if (random.chance(0.45)) return {};
  if (random.chance(0.01)) return unknownSort(random);
  const sortOrder = random.pick([NONE, ASCEND, DESCEND]);
  if (isSmallOnly(range)) return { sortOrder, sortTarget: random.pick([KEY, VERSION, CREATE, MOD, VALUE]) };
  if (isLargeOnly(range)) return { sortOrder, sortTarget: random.pick([KEY, CREATE, MOD, VALUE]) };
  return { sortOrder, sortTarget: KEY };
}

/** One past the last order, and targets on both sides. */
function unknownSort(random: Random): Pick<RangeInit, "sortOrder" | "sortTarget"> {
  if (random.chance(0.3)) return { sortOrder: (DESCEND + 1) as RangeRequest_SortOrder };
  return { sortTarget: random.pick([VALUE + 1, -1]) as RangeRequest_SortTarget };
}

export function range(random: Random, model: Model): Operation {
  const operation = random.chance(0.15) ? rangeInit(random, model, largeRange(random)) : rangeInit(random, model);
  return call(KV.method.range, random.chance(0.005) ? { ...operation, key: EMPTY } : operation);
}

/** A range cut before it is sorted: order NONE, a target that is not KEY, a limit that keeps the sort small. */
export function cutRange(random: Random, model: Model): Operation {
  return call(KV.method.range, {
    ...anyRange(random),
    limit: BigInt(random.integer(1, STABLE_SORT_COUNT - 1)),
    revision: anyRevision(random, model, 80),
    sortTarget: random.pick([VERSION, CREATE, MOD, VALUE]),
    keysOnly: random.chance(0.3),
  });
}

export function rangeStream(random: Random, model: Model): Operation {
  const init = rangeInit(random, model, random.chance(0.5) ? largeRange(random) : anyRange(random));
  // Most sorts and filters are Unimplemented: keep a few of them.
  if (random.chance(0.1)) return call(KV.method.rangeStream, init);
  const { key, rangeEnd, limit, revision, keysOnly, countOnly, serializable } = init;
  const plain = { key, rangeEnd, limit, revision, keysOnly, countOnly, serializable };
  return call(KV.method.rangeStream, random.chance(0.01) ? { ...plain, key: EMPTY } : plain);
}

function anyValue(random: Random): Uint8Array {
  return random.weighted<() => Uint8Array>([
    [50, () => Buffer.from(String(random.integer(0, 9)))],
    [15, () => EMPTY],
    [30, () => Uint8Array.from({ length: random.integer(1, 12) }, () => random.integer(0, 255))],
    [1, () => new Uint8Array(random.integer(1_000, 20_000)).fill(random.integer(0, 255))],
  ])();
}

export function putInit(random: Random, key: Uint8Array = smallKey(random)): PutInit {
  const ignoreValue = random.chance(0.06);
  const ignoreLease = random.chance(0.06);
  return {
    key,
    value: ignoreValue && random.chance(0.9) ? EMPTY : anyValue(random),
    lease: random.chance(ignoreLease ? 0.05 : 0.2) ? anyLeaseId(random) : 0n,
    prevKv: random.chance(0.3),
    ignoreValue,
    ignoreLease,
  };
}

/** A value that no other LARGE key has or had. */
export function largePutInit(random: Random): PutInit {
  const lease = random.chance(0.1) ? anyLeaseId(random) : 0n;
  return { key: largeKey(random), value: Buffer.from(`value ${random.serial()}`), lease, prevKv: random.chance(0.2) };
}

export function put(random: Random): Operation {
  const init = random.chance(0.35) ? largePutInit(random) : putInit(random);
  return call(KV.method.put, random.chance(0.005) ? { ...init, key: EMPTY } : init);
}

export function deleteInit(random: Random): DeleteInit {
  const wide = anyRange(random);
  const isNarrow = isSmallOnly(wide) || random.chance(0.05);
  return { ...(isNarrow ? wide : { key: smallKey(random), rangeEnd: EMPTY }), prevKv: random.chance(0.4) };
}

export function deleteRange(random: Random): Operation {
  const init = random.chance(0.2) ? { key: largeKey(random), prevKv: random.chance(0.3) } : deleteInit(random);
  return call(KV.method.deleteRange, random.chance(0.005) ? { ...init, key: EMPTY } : init);
}

/** Mostly a revision that can be compacted, keeping some history; else a wrong one. */
export function compact(random: Random, model: Model): Operation {
  const { revision, compactRevision } = model;
  const target = random.weighted<() => number>([
    [80, () => random.integer(Math.max(compactRevision + 1, revision - 200), Math.max(compactRevision + 1, revision))],
    [8, () => revision],
    [4, () => compactRevision],
    [4, () => revision + random.integer(1, 3)],
    [4, () => random.integer(-2, 1)],
  ])();
  return call(KV.method.compact, { revision: BigInt(target), physical: random.chance(0.5) });
}
