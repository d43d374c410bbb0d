/** Watches and RangeStream: what is counted are events and keys. */
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { exchange } from "../exchange.ts";
import { goLoad, type LoadSpec } from "../loads/go.ts";
import { h2load } from "../loads/h2load.ts";
import { callOf } from "../protocols.ts";
import { type Counted, type Row, SERVERS, type Target } from "../row.ts";
import { bytes, endOf, fill, fillerOf, once } from "./client.ts";

const VALUE_BYTES = 64;
const STREAMED = "bench/stream/";
const STREAMED_KEYS = 100_000;
const HISTORY = "bench/history";
const HISTORY_REVISIONS = 1_000_000;
const QUICK_HISTORY_REVISIONS = 30_000;
const WARM_UP_REVISIONS = 5_000;

/** @param total in a full run: how often each key is put */
function watch(name: string, total: number, spec: LoadSpec): Row {
  return {
    name: `watch: ${name}`,
    unit: "events",
    tool: "load",
    on: SERVERS,
    load: (target, share) =>
      goLoad(target, { kind: "watch", valueBytes: VALUE_BYTES, ...spec, total: Math.ceil(total * share) }),
  };
}

/** Revisions of one key, one after the other. */
async function writeHistory(target: Target, share: number): Promise<void> {
  const request = { key: bytes(HISTORY), value: fillerOf(VALUE_BYTES) };
  const call = callOf("grpc", KV.method.put, request, (reply) => reply.header !== undefined);
  await once(target, HISTORY, async () => {
    const reply = await exchange(target, call);
    const shape = { connections: 8, streams: 32 };
    // In parts: h2load notes the time of each request.
    const part = Math.ceil(historyRevisions(share) / 4);
    for (let at = 0; at < 4; at++) await h2load(target, call, reply, shape, part);
  });
}

function historyRevisions(share: number): number {
  return share < 1 ? QUICK_HISTORY_REVISIONS : HISTORY_REVISIONS;
}

function catchUp(target: Target, total: number): Promise<Counted> {
  const one = { keys: 1, watchers: 1, streams: 1, connections: 1 };
  return goLoad(target, { kind: "watch", key: HISTORY, ...one, startRevision: 1, total });
}

export const STREAM_ROWS: readonly Row[] = [
  watch("1 watcher, 100,000 events", 1000, {
    ...{ key: "bench/watch/one/", keys: 100, watchers: 1, streams: 1, connections: 1, inFlight: 8 },
  }),
  watch("1,000 watchers of one key", 1000, {
    ...{ key: "bench/watch/key", keys: 1, watchers: 1000, streams: 10, connections: 10, inFlight: 8 },
  }),
  watch("10,000 watchers of own keys", 20, {
    ...{ key: "bench/watch/own/", keys: 10_000, watchers: 10_000, streams: 10, connections: 10, inFlight: 8 },
  }),
  {
    name: "RangeStream 100,000 keys",
    unit: "keys",
    tool: "load",
    // The constant bytes come without regard to windows, which a client bears with small replies only.
    on: SERVERS,
    prepare: (target) => fill(target, STREAMED, STREAMED_KEYS, VALUE_BYTES),
    calls: [
      callOf(
        "grpc",
        KV.method.rangeStream,
        { key: bytes(STREAMED), rangeEnd: endOf(STREAMED) },
        (reply) => (reply.rangeResponse?.kvs.length ?? 0) > 0,
      ),
    ],
    revisions: 0,
    load: (target, share) =>
      goLoad(target, {
        ...{ kind: "rangestream", key: STREAMED, keys: STREAMED_KEYS, connections: 1 },
        total: Math.ceil(20 * share),
      }),
  },
  {
    name: "watch: catch-up over 1,000,000 revisions",
    unit: "events",
    tool: "load",
    on: SERVERS,
    // etcd gives a watcher 1,000 revisions each 100 ms: it takes 100 s.
    maxRounds: 1,
    prepare: writeHistory,
    warmUp: (target) => catchUp(target, WARM_UP_REVISIONS),
    load: (target, share) => catchUp(target, historyRevisions(share)),
  },
];
