/** Calls that differ from one another: by etcd's own benchmark, with its client, and by bench/load. */
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { etcdBenchmark, goLoad } from "../loads/go.ts";
import { callOf } from "../protocols.ts";
import { type Call, EVERYWHERE, type Row, SERVERS, WARM_SHARE } from "../row.ts";
import { bytes, fill, fillerOf, keyAt, once, putOne } from "./client.ts";

const CONNECTIONS = 8;
const CLIENTS = 64;
const VALUE_BYTES = 256;
const MIXED = "bench/mixed/";
const MIXED_KEYS = 10_000;
const DELETED = bytes("bench/delete-one");

const deletedPrefix = (count: number) => `bench/delete/${count}/`;
const putCall = (key: Uint8Array): Call =>
  callOf("grpc", KV.method.put, { key, value: fillerOf(VALUE_BYTES) }, (reply) => reply.header !== undefined);
const rangeCall = (key: Uint8Array): Call =>
  callOf("grpc", KV.method.range, { key }, (reply) => reply.kvs[0]?.value.length === VALUE_BYTES);

function benchmark(
  row: Pick<Row, "name" | "on" | "calls" | "revisions" | "prepare">,
  args: string[],
  full: number,
): Row {
  return {
    ...row,
    unit: "requests",
    tool: "benchmark",
    load: (target, share) => etcdBenchmark(target, args, CONNECTIONS, CLIENTS, Math.ceil(full * share)),
  };
}

const BENCHMARK_PUT = ["put", "--key-size=16", `--val-size=${VALUE_BYTES}`, "--key-space-size=100000"];
const BENCHMARK_KEY = "bench/benchmark";

export const CLIENT_ROWS: readonly Row[] = [
  benchmark(
    { name: "benchmark put 256 B", on: EVERYWHERE, calls: [putCall(bytes(BENCHMARK_KEY))], revisions: 1 },
    [...BENCHMARK_PUT, "--sequential-keys"],
    60_000,
  ),
  benchmark(
    {
      name: "benchmark range 1 key",
      on: EVERYWHERE,
      calls: [rangeCall(bytes(BENCHMARK_KEY))],
      revisions: 0,
      prepare: (target) => once(target, BENCHMARK_KEY, () => putOne(target, bytes(BENCHMARK_KEY), VALUE_BYTES)),
    },
    ["range", BENCHMARK_KEY],
    60_000,
  ),
  {
    name: "Mixed 80 % Range, 20 % Put 256 B",
    unit: "requests",
    tool: "load",
    on: EVERYWHERE,
    prepare: (target) => fill(target, MIXED, MIXED_KEYS, VALUE_BYTES),
    calls: [putCall(keyAt(MIXED, 0)), rangeCall(keyAt(MIXED, 0))],
    revisions: 0.2,
    load: (target, share) =>
      goLoad(target, {
        ...{ kind: "mixed", connections: CONNECTIONS, inFlight: 32, key: MIXED, keys: MIXED_KEYS },
        ...{ valueBytes: VALUE_BYTES, total: Math.ceil(20_000 * share) * 5 },
      }),
  },
  {
    name: "DeleteRange 1 key",
    unit: "requests",
    tool: "load",
    on: EVERYWHERE,
    async prepare(target, share) {
      await putOne(target, DELETED, VALUE_BYTES);
      for (const part of [share, share * WARM_SHARE]) {
        const count = deletions(part);
        await fill(target, deletedPrefix(count), count, VALUE_BYTES);
      }
    },
    // The first deletes it, and is what the server of constant bytes will say.
    calls: [callOf("grpc", KV.method.deleteRange, { key: DELETED }, (reply) => reply.deleted <= 1n)],
    revisions: 1,
    load: (target, share) =>
      goLoad(target, {
        ...{ kind: "delete", connections: CONNECTIONS, inFlight: 32 },
        ...{ key: deletedPrefix(deletions(share)), total: deletions(share) },
      }),
  },
  benchmark(
    { name: "benchmark lease-keepalive, a stream each", on: SERVERS, calls: [], revisions: 0 },
    ["lease-keepalive"],
    40_000,
  ),
];

function deletions(share: number): number {
  return Math.ceil(60_000 * share);
}
