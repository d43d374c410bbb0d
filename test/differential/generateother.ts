/** Random requests of the Watch and Maintenance services. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { Cluster } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import { AlarmRequest_AlarmAction, AlarmType, Maintenance } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import type { WatchCreateRequest_FilterType } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { WatchCancelRequestSchema, WatchCreateRequestSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { anyRevision } from "./generatekv.ts";
import { OWN_ID } from "./identity.ts";
import { anyRange, EMPTY } from "./keys.ts";
import type { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import { call, watchRequest } from "./operation.ts";
import type { Random } from "./random.ts";

const MAX_STREAMS = 3;
const MAX_WATCHES = 7;
/** Chosen IDs, some of which the server would also choose itself. -1 stands for no watch and is left out. */
const WATCH_IDS: readonly bigint[] = [1n, 2n, 3n, 5n, 1_000_000_000_000n, -7n];

export type WatchInit = MessageInitShape<typeof WatchCreateRequestSchema>;

/** A stream that takes requests, a new one if there are few. */
function anyStream(random: Random, model: Model): number {
  const open = [...model.streams].filter(([, stream]) => !stream.isClosed && !stream.isHalfClosed);
  if (open.length === 0 || (open.length < MAX_STREAMS && random.chance(0.1))) return model.streams.size + 1;
  return random.pick(open)[0];
}

export function watchCreate(random: Random, model: Model): Operation {
  const stream = anyStream(random, model);
  const watchers = model.streams.get(stream)?.watchers;
  if (watchers !== undefined && watchers.size >= MAX_WATCHES) return cancel(random, model, stream);
  const range = anyRange(random);
  // Unknown filters are ignored.
  const filters = random.weighted<readonly number[]>([
    [80, []],
    [8, [0]],
    [8, [1]],
    [2, [0, 1]],
    [2, [7, 1]],
  ]);
  const init: WatchInit = {
    ...(random.chance(0.05) ? { key: EMPTY, rangeEnd: range.rangeEnd } : range),
    startRevision: anyRevision(random, model, 110),
    progressNotify: random.chance(0.2),
    filters: filters.map((filter) => filter as WatchCreateRequest_FilterType),
    prevKv: random.chance(0.4),
    watchId: random.chance(0.2) ? random.pick(WATCH_IDS) : 0n,
    fragment: random.chance(0.2),
  };
  return watchRequest(stream, { case: "createRequest", value: create(WatchCreateRequestSchema, init) });
}

export function watchCancel(random: Random, model: Model): Operation {
  return cancel(random, model, anyStream(random, model));
}

function cancel(random: Random, model: Model, stream: number): Operation {
  const known = [...(model.streams.get(stream)?.watchers.keys() ?? [])];
  const watchId = known.length > 0 && random.chance(0.85) ? random.pick(known) : random.pick([9n, -1n, 4n]);
  return watchRequest(stream, { case: "cancelRequest", value: create(WatchCancelRequestSchema, { watchId }) });
}

export function watchProgress(random: Random, model: Model): Operation {
  const stream = anyStream(random, model);
  return watchRequest(stream, { case: "progressRequest", value: { $typeName: "etcdserverpb.WatchProgressRequest" } });
}

/** A request that asks for nothing, the end of the client's half, the end of a stream. */
export function watchOther(random: Random, model: Model): Operation {
  const stream = anyStream(random, model);
  return random.weighted<Operation>([
    [3, watchRequest(stream, { case: undefined })],
    [1, { kind: "halfClose", stream }],
    [2, { kind: "closeStream", stream: random.pick([stream, ...halfClosed(model)]) }],
  ]);
}

function halfClosed(model: Model): number[] {
  return [...model.streams].filter(([, stream]) => stream.isHalfClosed && !stream.isClosed).map(([number]) => number);
}

export function hashKV(random: Random, model: Model): Operation {
  return call(Maintenance.method.hashKV, { revision: anyRevision(random, model, 30) });
}

export function status(random: Random): Operation {
  return random.weighted<Operation>([
    [3, call(Maintenance.method.status, {})],
    [1, call(Cluster.method.memberList, { linearizable: random.chance(0.5) })],
    [1, call(Maintenance.method.hash, {})],
    [2, call(Maintenance.method.alarm, { alarm: random.pick([AlarmType.NONE, AlarmType.NOSPACE, AlarmType.CORRUPT]) })],
  ]);
}

/**
 * An alarm that refuses writes, what happens under it, and its end. `during` makes the operations meanwhile.
 * Alarms of other members are listed beside the own one; an unknown kind only is.
 */
export function alarm(random: Random): { readonly start: Operation; readonly end: Operation; readonly count: number } {
  const kind = random.weighted<AlarmType>([
    [70, AlarmType.NOSPACE],
    [20, AlarmType.CORRUPT],
    [5, AlarmType.NONE],
    [5, 7 as AlarmType],
  ]);
  const memberID = random.weighted([
    [70, OWN_ID],
    [15, 0n],
    [15, 4711n],
  ]);
  const request = (action: AlarmRequest_AlarmAction): Operation =>
    call(Maintenance.method.alarm, { action, memberID, alarm: kind });
  return {
    start: request(AlarmRequest_AlarmAction.ACTIVATE),
    end: request(AlarmRequest_AlarmAction.DEACTIVATE),
    count: random.integer(3, 20),
  };
}

export function defragment(): Operation {
  return call(Maintenance.method.defragment, {});
}
