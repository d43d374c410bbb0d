/** KV: by size, by number of keys, by how it is read, and by the number of connections. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  KV,
  type TxnRequestSchema,
} from "../../src/gen/etcdserverpb/kv_pb.ts";
import { exchange } from "../exchange.ts";
import { h2load, type Shape } from "../loads/h2load.ts";
import { callOf } from "../protocols.ts";
import type { Row, Target } from "../row.ts";
import { bytes, endOf, fill, fillerOf, once, putOne } from "./client.ts";
import { unary } from "./unary.ts";

const KEY = bytes("bench/0123456789");
const VALUE_BYTES = 256;
const WIDE: Shape = { connections: 8, streams: 32 };
const WIDE_REQUESTS = 100_000;

const SIZES = [
  { name: "64 B", bytes: 64, requests: 100_000 },
  { name: "4 KiB", bytes: 4096, requests: 40_000 },
  { name: "64 KiB", bytes: 65_536, requests: 4_000 },
];

const CONNECTIONS = [
  { shape: WIDE, requests: WIDE_REQUESTS },
  { shape: { connections: 1, streams: 1 }, requests: 16_000 },
  { shape: { connections: 64, streams: 1 }, requests: 60_000 },
  { shape: { connections: 1000, streams: 1 }, requests: 60_000 },
];

function put(name: string, key: string, valueBytes: number, shape: Shape, requests: number): Row {
  const row = {
    name: `Put ${name}`,
    method: KV.method.put,
    request: { key: bytes(key), value: fillerOf(valueBytes) },
    accepts: (reply: { header?: unknown }) => reply.header !== undefined,
    revisions: 1,
  } as const;
  return unary(row, shape, requests);
}

interface Range {
  readonly name: string;
  readonly key?: Uint8Array;
  readonly rangeEnd?: Uint8Array;
  readonly serializable?: boolean;
  readonly countOnly?: boolean;
  readonly count: number;
  readonly prepare: (target: Target, share: number) => Promise<void>;
}

function range({ name, count, prepare, key = KEY, ...rest }: Range, shape: Shape, requests: number): Row {
  const row = {
    name: `Range ${name}`,
    method: KV.method.range,
    request: { key, ...rest },
    accepts: (reply: { count: bigint; kvs: readonly unknown[] }) =>
      reply.count === BigInt(count) && reply.kvs.length === (rest.countOnly === true ? 0 : count),
    revisions: 0,
    prepare,
  } as const;
  return unary(row, shape, requests);
}

const oneKey = (target: Target) => once(target, "range", () => putOne(target, KEY, VALUE_BYTES));

function many(count: number): Pick<Range, "key" | "rangeEnd" | "count" | "prepare"> {
  const prefix = `bench/range/${count}/`;
  return { key: bytes(prefix), rangeEnd: endOf(prefix), count, prepare: (target) => fill(target, prefix, count, 64) };
}

const REVISIONS = 100_000;
const OLD_KEY = bytes("bench/revisions");

/** etcd reads a key with a long history more slowly. */
async function manyRevisions(target: Target, share: number): Promise<void> {
  const value = { key: OLD_KEY, value: fillerOf(VALUE_BYTES) };
  const call = callOf("grpc", KV.method.put, value, (reply) => reply.header !== undefined);
  await once(target, "revisions", async () => {
    await h2load(target, call, await exchange(target, call), WIDE, Math.ceil(REVISIONS * share));
  });
}

const compareAndPut: MessageInitShape<typeof TxnRequestSchema> = {
  compare: [
    {
      key: KEY,
      result: Compare_CompareResult.GREATER,
      target: Compare_CompareTarget.VERSION,
      targetUnion: { case: "version", value: 0n },
    },
  ],
  success: [{ request: { case: "requestPut", value: { key: KEY, value: fillerOf(VALUE_BYTES) } } }],
};

export const KV_ROWS: readonly Row[] = [
  ...SIZES.map(({ name, bytes: valueBytes, requests }) =>
    put(name, `bench/put/${valueBytes}`, valueBytes, WIDE, requests),
  ),
  ...CONNECTIONS.flatMap(({ shape, requests }) => [
    put("256 B", "bench/put/256", VALUE_BYTES, shape, requests),
    range({ name: "1 key", count: 1, prepare: oneKey }, shape, requests),
  ]),
  range({ name: "1 key, serializable", serializable: true, count: 1, prepare: oneKey }, WIDE, WIDE_REQUESTS),
  range({ name: "1 key of 100,000 revisions", key: OLD_KEY, count: 1, prepare: manyRevisions }, WIDE, WIDE_REQUESTS),
  range({ name: "100 keys", ...many(100) }, WIDE, 20_000),
  range({ name: "10,000 keys", ...many(10_000) }, { connections: 4, streams: 2 }, 400),
  range({ name: "10,000 keys, count only", countOnly: true, ...many(10_000) }, WIDE, 40_000),
  unary(
    {
      name: "Txn compare and put 256 B",
      method: KV.method.txn,
      request: compareAndPut,
      accepts: (reply) => reply.succeeded && reply.responses.length === 1,
      revisions: 1,
      prepare: oneKey,
    },
    WIDE,
    60_000,
  ),
];
