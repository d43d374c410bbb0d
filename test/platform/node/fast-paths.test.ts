/** `--fast-paths=false`: every call goes the plain road, by node:http2, Connect and protobuf-es; clients see the same. */
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, onTestFinished, test } from "vitest";
import {
  CompactionRequestSchema,
  Compare_CompareResult,
  Compare_CompareTarget,
  DeleteRangeRequestSchema,
  PutRequestSchema,
  RangeRequestSchema,
  type RequestOpSchema,
  TxnRequestSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { LeaseGrantRequestSchema } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { WatchRequestSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { createServer } from "../../../src/platform/node/index.ts";
import { VirtualClock } from "../../support/clock.ts";
import { fc } from "../../support/property.ts";
import { frame, hex, RANGE_STREAM, RawClient, WATCH } from "./support/raw.ts";

interface Request {
  readonly path: string;
  readonly bytes: Uint8Array;
}

interface Roads {
  readonly fast: RawClient;
  readonly plain: RawClient;
}

async function roads(): Promise<Roads> {
  const clients = [true, false].map(async (fastPaths) => {
    const server = await createServer({ fastPaths, clock: new VirtualClock(), advertiseClientUrls: ["http://one:1"] });
    onTestFinished(() => server.close());
    return RawClient.connect(server.url);
  });
  const [fast, plain] = (await Promise.all(clients)) as [RawClient, RawClient];
  return { fast, plain };
}

function request<D extends DescMessage>(path: string, desc: D, init: MessageInitShape<D>): Request {
  return { path, bytes: toBinary(desc, create(desc, init)) };
}

async function reply(client: RawClient, { path, bytes }: Request): Promise<object> {
  const { httpStatus, code, message, body } = await client.call({ path, chunks: [frame(bytes)] });
  // Connect encodes more of a text than it must.
  return { path, httpStatus, code, message: decodeURIComponent(message ?? ""), body: body.toString("hex") };
}

async function expectTheSame({ fast, plain }: Roads, requests: readonly Request[]): Promise<void> {
  for (const one of requests) expect(await reply(fast, one)).toEqual(await reply(plain, one));
}

const KV = "/etcdserverpb.KV";
const key = fc.constantFrom("", "a", "b", "c").map((text) => Buffer.from(text));
const rangeEnd = fc.constantFrom("", "c", "\0").map((text) => Buffer.from(text));
const value = fc.uint8Array({ maxLength: 300 });
const put = fc.record({ key, value, prevKv: fc.boolean(), lease: fc.constantFrom(0n, 1n, 99n) });
const range = fc.record({
  key,
  rangeEnd,
  revision: fc.bigInt(-1n, 12n),
  limit: fc.bigInt(0n, 3n),
  keysOnly: fc.boolean(),
  countOnly: fc.boolean(),
  serializable: fc.boolean(),
});
const deletion = fc.record({ key, rangeEnd, prevKv: fc.boolean() });
const operation: fc.Arbitrary<MessageInitShape<typeof RequestOpSchema>> = fc.oneof(
  put.map((op) => ({ request: { case: "requestPut", value: op } }) as const),
  range.map((op) => ({ request: { case: "requestRange", value: op } }) as const),
  deletion.map((op) => ({ request: { case: "requestDeleteRange", value: op } }) as const),
);
const compare = fc.record({
  key,
  target: fc.constant(Compare_CompareTarget.VERSION),
  result: fc.constantFrom(Compare_CompareResult.EQUAL, Compare_CompareResult.GREATER),
  targetUnion: fc.bigInt(0n, 2n).map((version) => ({ case: "version" as const, value: version })),
});
const operations = fc.array(operation, { maxLength: 3 });
const txn = fc.record({ compare: fc.array(compare, { maxLength: 2 }), success: operations, failure: operations });
const anyRequest = fc.oneof(
  put.map((init) => request(`${KV}/Put`, PutRequestSchema, init)),
  range.map((init) => request(`${KV}/Range`, RangeRequestSchema, init)),
  range.map((init) => request(RANGE_STREAM, RangeRequestSchema, init)),
  deletion.map((init) => request(`${KV}/DeleteRange`, DeleteRangeRequestSchema, init)),
  txn.map((init) => request(`${KV}/Txn`, TxnRequestSchema, init)),
  fc.bigInt(0n, 8n).map((revision) => request(`${KV}/Compact`, CompactionRequestSchema, { revision })),
);

test("native gRPC is answered with the same bytes by either road", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRequest, { minLength: 5, maxLength: 25 }), async (requests) => {
      const both = await roads();
      const lease = request("/etcdserverpb.Lease/LeaseGrant", LeaseGrantRequestSchema, { TTL: 60n, ID: 1n });
      await expectTheSame(both, [lease, ...requests]);
    }),
    { numRuns: 15 },
  );
});

test("so are the services around the keys", async () => {
  const empty = [
    "etcdserverpb.Cluster/MemberList",
    "etcdserverpb.Maintenance/Status",
    "etcdserverpb.Maintenance/Alarm",
    "etcdserverpb.Lease/LeaseLeases",
    "etcdserverpb.Auth/AuthStatus",
    "etcdserverpb.Auth/UserList",
    "grpc.health.v1.Health/Check",
  ];
  await expectTheSame(
    await roads(),
    empty.map((path) => ({ path: `/${path}`, bytes: hex("") })),
  );
});

test("a watch sees the same events", async () => {
  const { fast, plain } = await roads();
  const create = { key: Buffer.from("a"), rangeEnd: Buffer.from("c"), prevKv: true };
  const { bytes } = request(WATCH, WatchRequestSchema, { requestUnion: { case: "createRequest", value: create } });
  const [onFast, onPlain] = [fast, plain].map((client) =>
    client.start({ path: WATCH, chunks: [frame(bytes)], end: false }),
  );
  await Promise.all([onFast?.messages(1), onPlain?.messages(1)]);
  for (const text of ["a", "b", "a"]) {
    const one = request(`${KV}/Put`, PutRequestSchema, { key: Buffer.from(text), value: Buffer.alloc(500, text) });
    await expectTheSame({ fast, plain }, [one]);
  }
  expect(await onFast?.messages(4)).toEqual(await onPlain?.messages(4));
});
