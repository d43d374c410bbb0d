/** Faults that an etcd must not have, put between it and the world: each must be found. */
import { create } from "@bufbuild/protobuf";
import { KV, type RangeResponse } from "../../src/gen/etcdserverpb/kv_pb.ts";
import {
  Watch,
  type WatchRequest,
  type WatchResponse,
  WatchResponseSchema,
} from "../../src/gen/etcdserverpb/watch_pb.ts";
import type { Change, Journal } from "../../src/journal/index.ts";
import type { ServiceBinding } from "../../src/rpc/index.ts";
import type { Clock } from "../../src/server/index.ts";
import type { Mutation } from "./simulation.ts";

type Method = (request: unknown, context: unknown) => unknown;

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "acknowledges before it is durable",
    wrappers: () => ({
      journal: (journal) =>
        journalWith(journal, (changes) => {
          journal.write(changes).catch(() => {});
          return Promise.resolve();
        }),
    }),
  },
  {
    name: "drops a write",
    wrappers: (random) => ({
      journal: (journal) =>
        journalWith(journal, (changes) => (random.chance(0.05) ? Promise.resolve() : journal.write(changes))),
    }),
  },
  {
    name: "drops a row",
    wrappers: (random) => ({
      journal: (journal) =>
        journalWith(journal, (changes) => journal.write(random.chance(0.05) ? changes.slice(1) : changes)),
    }),
  },
  { name: "a txn may be there in part", disk: { flaw: "takesPartsOfWrites" } },
  { name: "a torn row is taken for whole", disk: { flaw: "takesTornPages" } },
  { name: "a failed sync is taken for a good one", disk: { flaw: "acknowledgesFailedSync" } },
  { name: "leases end early", wrappers: () => ({ clock: fastClock }) },
  { name: "leases do not end", wrappers: () => ({ clock: clockWithoutTimers }) },
  { name: "loses an event on resume", wrappers: () => ({ bindings: (all) => watchWith(all, loseFirstOfResumed) }) },
  { name: "sends events twice", wrappers: () => ({ bindings: (all) => watchWith(all, sendTwice) }) },
  { name: "splits a revision", wrappers: () => ({ bindings: (all) => watchWith(all, split) }) },
  { name: "tells progress that is not so", wrappers: () => ({ bindings: (all) => watchWith(all, hurryProgress) }) },
  { name: "reads what was before", wrappers: () => ({ bindings: staleReads }) },
];

function journalWith(journal: Journal, write: (changes: readonly Change[]) => Promise<void>): Journal {
  return { kind: journal.kind, rows: (bucket) => journal.rows(bucket), write, close: () => journal.close() };
}

/** A tenth faster than time, in whole milliseconds. */
function fastClock(clock: Clock): Clock {
  return {
    now: () => Math.floor(clock.now() * 1.1),
    setTimer: (delayMs, callback) => clock.setTimer(Math.ceil(delayMs / 1.1), callback),
  };
}

function clockWithoutTimers(clock: Clock): Clock {
  return { now: () => clock.now(), setTimer: () => () => {} };
}

type WatchChange = (responses: AsyncIterable<WatchResponse>, wasResumed: () => boolean) => AsyncIterable<WatchResponse>;

function watchWith(bindings: readonly ServiceBinding[], change: WatchChange): ServiceBinding[] {
  return bindings.map((binding) => {
    if (binding.service.typeName !== Watch.typeName) return binding;
    const watch = (binding.impl as unknown as Record<string, Method>).watch as Method;
    const changed: Method = (requests, context) => {
      let wasResumed = false;
      const seen = tap(requests as AsyncIterable<WatchRequest>, ({ requestUnion }) => {
        if (requestUnion.case === "createRequest" && requestUnion.value.startRevision > 0n) wasResumed = true;
      });
      return change(watch(seen, context) as AsyncIterable<WatchResponse>, () => wasResumed);
    };
    return { ...binding, impl: { watch: changed } } as unknown as ServiceBinding;
  });
}

async function* tap<T>(items: AsyncIterable<T>, look: (item: T) => void): AsyncGenerator<T> {
  for await (const item of items) {
    look(item);
    yield item;
  }
}

async function* loseFirstOfResumed(
  responses: AsyncIterable<WatchResponse>,
  wasResumed: () => boolean,
): AsyncGenerator<WatchResponse> {
  let hasLost = false;
  for await (const response of responses) {
    if (hasLost || !wasResumed() || response.events.length === 0) {
      yield response;
      continue;
    }
    hasLost = true;
    if (response.events.length > 1) yield { ...response, events: response.events.slice(1) };
  }
}

async function* sendTwice(responses: AsyncIterable<WatchResponse>): AsyncGenerator<WatchResponse> {
  for await (const response of responses) {
    yield response;
    if (response.events.length > 0) yield response;
  }
}

async function* split(responses: AsyncIterable<WatchResponse>): AsyncGenerator<WatchResponse> {
  for await (const response of responses) {
    if (response.events.length < 2) yield response;
    else for (const event of response.events) yield { ...response, events: [event] };
  }
}

/** Answers at once, whatever is still to come. */
async function* hurryProgress(responses: AsyncIterable<WatchResponse>): AsyncGenerator<WatchResponse> {
  for await (const response of responses) {
    const { header, events } = response;
    if (events.length > 0) yield create(WatchResponseSchema, { header, watchId: -1n });
    yield response;
  }
}

function staleReads(bindings: readonly ServiceBinding[]): ServiceBinding[] {
  return bindings.map((binding) => {
    if (binding.service.typeName !== KV.typeName) return binding;
    const impl = binding.impl as unknown as Record<string, Method>;
    const known = new Map<string, RangeResponse>();
    const range: Method = (request, context) => {
      const { key, rangeEnd, revision, limit } = request as { [name: string]: unknown };
      const text = `${String(key)} ${String(rangeEnd)} ${String(revision)} ${String(limit)}`;
      const reply = known.get(text) ?? impl.range?.(request, context);
      if (!(reply instanceof Promise)) known.set(text, reply as RangeResponse);
      return reply;
    };
    return { ...binding, impl: { ...impl, range } } as unknown as ServiceBinding;
  });
}
