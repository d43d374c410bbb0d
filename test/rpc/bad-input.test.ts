/**
 * Wrong requests to every RPC, and what etcd 3.7.1 answers to them: code and text, as recorded from a real etcd,
 * and held against one again where there is one. What is wrong already on the wire, whatever the RPC, is in
 * test/platform/node/grpc-wire.test.ts.
 */
import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemberListRequestSchema } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import {
  CompactionRequestSchema,
  DeleteRangeRequestSchema,
  PutRequestSchema,
  RangeRequestSchema,
  type RequestOpSchema,
  TxnRequestSchema,
} from "../../src/gen/etcdserverpb/kv_pb.ts";
import {
  LeaseGrantRequestSchema,
  LeaseKeepAliveRequestSchema,
  LeaseKeepAliveResponseSchema,
  LeaseLeasesRequestSchema,
  LeaseRevokeRequestSchema,
  LeaseTimeToLiveRequestSchema,
} from "../../src/gen/etcdserverpb/lease_pb.ts";
import {
  AlarmRequestSchema,
  DefragmentRequestSchema,
  HashKVRequestSchema,
  HashRequestSchema,
  StatusRequestSchema,
} from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { WatchRequestSchema, WatchResponseSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { createServer } from "../../src/platform/node/index.ts";
import { frame, hex, RawClient } from "../platform/node/support/raw.ts";
import { findEtcd, MISSING_ETCD, startEtcd, toolsAreRequired } from "../support/etcd.ts";
import { bytes } from "./support/show.ts";

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const k = bytes("k");
/** A value of an enum that its type does not know. */
const unknown = (value: number): never => value as never;

type Op = MessageInitShape<typeof RequestOpSchema>;
const put = (init: MessageInitShape<typeof PutRequestSchema>): Op => ({
  request: { case: "requestPut", value: init },
});
const range = (init: MessageInitShape<typeof RangeRequestSchema>): Op => ({
  request: { case: "requestRange", value: init },
});
const del = (init: MessageInitShape<typeof DeleteRangeRequestSchema>): Op => ({
  request: { case: "requestDeleteRange", value: init },
});
const txn = (init: MessageInitShape<typeof TxnRequestSchema>): Op => ({ request: { case: "requestTxn", value: init } });
const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

interface Answer {
  readonly code: number;
  readonly text?: string;
}

const OK: Answer = { code: 0 };
const EMPTY_KEY: Answer = { code: 3, text: "etcdserver: key is not provided" };
const COMPACTED: Answer = { code: 11, text: "etcdserver: mvcc: required revision has been compacted" };
const INVALID_SORT: Answer = { code: 3, text: "etcdserver: invalid sort option" };
const FUTURE_REVISION: Answer = { code: 11, text: "etcdserver: mvcc: required revision is a future revision" };
const LEASE_NOT_FOUND: Answer = { code: 5, text: "etcdserver: requested lease not found" };
const KEY_NOT_FOUND: Answer = { code: 3, text: "etcdserver: key not found" };
const TOO_MANY_OPS: Answer = { code: 3, text: "etcdserver: too many operations in txn request" };
const TOO_LARGE: Answer = { code: 3, text: "etcdserver: request is too large" };
const DUPLICATE_KEY: Answer = { code: 3, text: "etcdserver: duplicate key given in txn request" };
const VALUE_PROVIDED: Answer = { code: 3, text: "etcdserver: value is provided" };
const NO_STREAM_FILTERS: Answer = { code: 12, text: "RangeStream does not support revision filters" };
const TTL_TOO_LARGE: Answer = { code: 11, text: "etcdserver: too large lease TTL" };
const LEASE_EXISTS: Answer = { code: 9, text: "etcdserver: lease already exists" };
const LEASE_PROVIDED: Answer = { code: 3, text: "etcdserver: lease is provided" };
const NO_STREAM_ORDER: Answer = { code: 12, text: "RangeStream does not support custom sort orders" };

interface Row {
  readonly rpc: string;
  readonly name: string;
  readonly message: Uint8Array;
  readonly answer: Answer;
}

const ROWS: Row[] = [];

function rpc<D extends DescMessage>(
  path: string,
  schema: D,
  rows: readonly (readonly [name: string, init: MessageInitShape<D>, answer: Answer])[],
): void {
  for (const [name, init, answer] of rows) {
    ROWS.push({ rpc: path, name, message: toBinary(schema, create(schema, init)), answer });
  }
}
rpc("etcdserverpb.KV/Range", RangeRequestSchema, [
  ["no key", {}, EMPTY_KEY],
  ["no key, but an end", { rangeEnd: k }, EMPTY_KEY],
  ["an unknown sort order", { key: k, sortOrder: unknown(3) }, INVALID_SORT],
  ["a negative sort order", { key: k, sortOrder: unknown(-1) }, INVALID_SORT],
  ["an unknown sort target", { key: k, sortTarget: unknown(5) }, INVALID_SORT],
  ["a negative sort target", { key: k, sortTarget: unknown(-1) }, INVALID_SORT],
  ["a negative limit", { key: k, limit: -1n }, OK],
  ["the least limit", { key: k, limit: MIN_INT64 }, OK],
  ["a negative revision", { key: k, revision: -1n }, OK],
  ["the least revision", { key: k, revision: MIN_INT64 }, OK],
  ["a revision to come", { key: k, revision: 1_000_000n }, FUTURE_REVISION],
  ["the greatest revision", { key: k, revision: MAX_INT64 }, FUTURE_REVISION],
  ["a compacted revision", { key: k, revision: 1n }, COMPACTED],
  ["negative revision filters", { key: k, minModRevision: -1n, maxCreateRevision: -1n }, OK],
  ["an end before the key", { key: k, rangeEnd: bytes("a") }, OK],
  ["a key larger than any request", { key: new Uint8Array(1_600_000) }, OK],
]);
rpc("etcdserverpb.KV/RangeStream", RangeRequestSchema, [
  ["no key", {}, EMPTY_KEY],
  ["an unknown sort order", { key: k, sortOrder: unknown(3) }, INVALID_SORT],
  ["an unknown sort target", { key: k, sortTarget: unknown(5) }, INVALID_SORT],
  ["a sort order", { key: k, sortOrder: 2 }, NO_STREAM_ORDER],
  ["a sort target", { key: k, sortTarget: 1 }, OK],
  ["a revision filter", { key: k, minModRevision: 1n }, NO_STREAM_FILTERS],
  ["a negative revision filter", { key: k, minModRevision: -1n }, NO_STREAM_FILTERS],
  ["a negative limit", { key: k, limit: -1n }, OK],
  ["a negative revision", { key: k, revision: -1n }, OK],
  ["a revision to come", { key: k, revision: 1_000_000n }, FUTURE_REVISION],
  ["a compacted revision", { key: k, revision: 1n }, COMPACTED],
  ["no key and a sort order", { sortOrder: 2 }, EMPTY_KEY],
]);
rpc("etcdserverpb.KV/Put", PutRequestSchema, [
  ["no key", {}, EMPTY_KEY],
  ["a value for a value to be kept", { key: k, value: k, ignoreValue: true }, VALUE_PROVIDED],
  ["a lease for a lease to be kept", { key: k, lease: 1n, ignoreLease: true }, LEASE_PROVIDED],
  ["a value to be kept of a key that is not there", { key: bytes("none"), ignoreValue: true }, KEY_NOT_FOUND],
  ["a lease to be kept of a key that is not there", { key: bytes("none"), ignoreLease: true }, KEY_NOT_FOUND],
  ["an unknown lease", { key: k, lease: 99n }, LEASE_NOT_FOUND],
  ["a negative lease", { key: k, lease: -1n }, LEASE_NOT_FOUND],
  ["no key and a value to be kept", { value: k, ignoreValue: true }, EMPTY_KEY],
  ["a value larger than any request", { key: k, value: new Uint8Array(1_572_864) }, TOO_LARGE],
]);
rpc("etcdserverpb.KV/DeleteRange", DeleteRangeRequestSchema, [
  ["no key", {}, EMPTY_KEY],
  ["no key, but an end", { rangeEnd: k }, EMPTY_KEY],
  ["an end before the key", { key: k, rangeEnd: bytes("a") }, OK],
  ["a key larger than any request", { key: new Uint8Array(1_600_000) }, TOO_LARGE],
]);
rpc("etcdserverpb.KV/Txn", TxnRequestSchema, [
  ["nothing at all", {}, OK],
  ["too many compares", { compare: many(129, () => ({ key: k })) }, TOO_MANY_OPS],
  ["too many operations", { success: many(129, (i) => put({ key: bytes(`${i}`) })) }, TOO_MANY_OPS],
  ["too many operations otherwise", { failure: many(129, (i) => put({ key: bytes(`${i}`) })) }, TOO_MANY_OPS],
  ["as many as there may be", { success: many(128, (i) => put({ key: bytes(`${i}`) })) }, OK],
  [
    "too many in a txn within",
    {
      success: [
        ...many(127, (i) => put({ key: bytes(`${i}`) })),
        txn({ success: [range({ key: k }), range({ key: k })] }),
      ],
    },
    TOO_MANY_OPS,
  ],
  ["a compare of no key", { compare: [{}] }, EMPTY_KEY],
  ["a compare with an unknown target", { compare: [{ key: k, target: unknown(9) }] }, OK],
  ["a compare with an unknown result", { compare: [{ key: k, result: unknown(9) }] }, OK],
  ["a compare with nothing to compare with", { compare: [{ key: k, target: 3 }] }, OK],
  ["an operation that is none", { success: [{}] }, KEY_NOT_FOUND],
  ["an operation that is none, not taken", { failure: [{}] }, KEY_NOT_FOUND],
  ["a put of no key", { success: [put({})] }, EMPTY_KEY],
  ["a range of no key", { failure: [range({})] }, EMPTY_KEY],
  ["a delete of no key", { success: [del({})] }, EMPTY_KEY],
  ["a range with an unknown sort order", { success: [range({ key: k, sortOrder: unknown(3) })] }, INVALID_SORT],
  ["a range of a revision to come", { success: [range({ key: k, revision: 1_000_000n })] }, FUTURE_REVISION],
  ["a range of a compacted revision", { success: [range({ key: k, revision: 1n })] }, COMPACTED],
  ["a range of a negative revision", { success: [range({ key: k, revision: -1n })] }, COMPACTED],
  ["a put with an unknown lease", { success: [put({ key: k, lease: 99n })] }, LEASE_NOT_FOUND],
  [
    "a put of a value to be kept that is not there",
    { success: [put({ key: bytes("none"), ignoreValue: true })] },
    KEY_NOT_FOUND,
  ],
  [
    "a put with a value for one to be kept",
    { success: [put({ key: k, value: k, ignoreValue: true })] },
    VALUE_PROVIDED,
  ],
  ["a key put twice", { success: [put({ key: k }), put({ key: k })] }, DUPLICATE_KEY],
  ["a key put and deleted", { success: [put({ key: k }), del({ key: k })] }, DUPLICATE_KEY],
  [
    "a key deleted and put in a txn within",
    { success: [del({ key: k }), txn({ success: [put({ key: k })] })] },
    DUPLICATE_KEY,
  ],
  ["a wrong operation in a txn within", { success: [txn({ failure: [put({})] })] }, EMPTY_KEY],
  ["a value larger than any request", { success: [put({ key: k, value: new Uint8Array(1_572_864) })] }, TOO_LARGE],
  ["a large range, which changes nothing", { success: [range({ key: new Uint8Array(1_600_000) })] }, OK],
]);
rpc("etcdserverpb.KV/Compact", CompactionRequestSchema, [
  ["no revision", {}, COMPACTED],
  ["a negative revision", { revision: -1n }, COMPACTED],
  ["a revision to come", { revision: 1_000_000n }, FUTURE_REVISION],
  ["the greatest revision", { revision: MAX_INT64, physical: true }, FUTURE_REVISION],
  ["a compacted revision", { revision: 1n }, COMPACTED],
]);
rpc("etcdserverpb.Lease/LeaseGrant", LeaseGrantRequestSchema, [
  ["no TTL", { ID: 100n }, OK],
  ["a negative TTL", { ID: 101n, TTL: -5n }, OK],
  ["a TTL of centuries", { TTL: 9_000_000_001n }, TTL_TOO_LARGE],
  ["the greatest TTL", { TTL: MAX_INT64 }, TTL_TOO_LARGE],
  ["the longest TTL", { ID: 102n, TTL: 9_000_000_000n }, OK],
  ["an ID that is taken", { ID: 7n, TTL: 10n }, LEASE_EXISTS],
  ["a negative ID", { ID: -7n, TTL: 10n }, OK],
]);
rpc("etcdserverpb.Lease/LeaseRevoke", LeaseRevokeRequestSchema, [
  ["no ID", {}, LEASE_NOT_FOUND],
  ["an unknown ID", { ID: 99n }, LEASE_NOT_FOUND],
  ["a negative ID", { ID: -1n }, LEASE_NOT_FOUND],
]);
rpc("etcdserverpb.Lease/LeaseTimeToLive", LeaseTimeToLiveRequestSchema, [
  ["no ID", {}, OK],
  ["an unknown ID", { ID: 99n, keys: true }, OK],
  ["a negative ID", { ID: -1n }, OK],
]);
rpc("etcdserverpb.Lease/LeaseLeases", LeaseLeasesRequestSchema, [["nothing, as there is nothing", {}, OK]]);
rpc("etcdserverpb.Maintenance/Alarm", AlarmRequestSchema, [
  ["an alarm of no type", { action: 1 }, OK],
  ["an alarm of an unknown type", { action: 1, memberID: 5n, alarm: unknown(9) }, OK],
  ["an end of an alarm that is not on", { action: 2, memberID: 1n, alarm: 1 }, OK],
  ["alarms of an unknown type", { alarm: unknown(9) }, OK],
]);
rpc("etcdserverpb.Maintenance/Status", StatusRequestSchema, [["nothing, as there is nothing", {}, OK]]);
rpc("etcdserverpb.Maintenance/Defragment", DefragmentRequestSchema, [["nothing, as there is nothing", {}, OK]]);
rpc("etcdserverpb.Maintenance/Hash", HashRequestSchema, [["nothing, as there is nothing", {}, OK]]);
rpc("etcdserverpb.Maintenance/HashKV", HashKVRequestSchema, [
  ["a negative revision", { revision: -1n }, OK],
  ["a revision to come", { revision: 1_000_000n }, FUTURE_REVISION],
  ["a compacted revision", { revision: 1n }, COMPACTED],
]);
rpc("etcdserverpb.Cluster/MemberList", MemberListRequestSchema, [["nothing, as there is nothing", {}, OK]]);

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

/** A key of three revisions, of which the first two are compacted, and a lease of ID 7. */
async function prepare(url: string): Promise<void> {
  const client = await RawClient.open(url);
  const call = async (path: string, message: Uint8Array): Promise<void> => {
    const { code, message: text } = await client.call({ path: `/${path}`, chunks: [frame(message)] });
    if (code !== 0) throw new Error(`${path}: ${text}`);
  };
  for (let i = 0; i < 3; i++) {
    await call("etcdserverpb.KV/Put", toBinary(PutRequestSchema, create(PutRequestSchema, { key: k, value: k })));
  }
  const compact = create(CompactionRequestSchema, { revision: 3n, physical: true });
  await call("etcdserverpb.KV/Compact", toBinary(CompactionRequestSchema, compact));
  const grant = create(LeaseGrantRequestSchema, { ID: 7n, TTL: 3600n });
  await call("etcdserverpb.Lease/LeaseGrant", toBinary(LeaseGrantRequestSchema, grant));
  client.session.destroy();
}

const WATCH = "etcdserverpb.Watch/Watch";
const KEEP_ALIVE = "etcdserverpb.Lease/LeaseKeepAlive";
const STREAMS = ["etcdserverpb.KV/RangeStream", WATCH, KEEP_ALIVE];
const RPCS = [...new Set(ROWS.map((row) => row.rpc)), WATCH, KEEP_ALIVE];

const UNMARSHAL = "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data";
const UNMARSHAL_STREAM = "grpc: failed to unmarshal the received message: proto: cannot parse invalid wire-format data";

type WatchInit = NonNullable<MessageInitShape<typeof WatchRequestSchema>["requestUnion"]>;
const created = (init: Extract<WatchInit, { case: "createRequest" }>["value"]): WatchInit => ({
  case: "createRequest",
  value: init,
});
const canceled = (watchId: bigint): WatchInit => ({ case: "cancelRequest", value: { watchId } });

/** What is asked on one stream, and the replies, up to that of the last request: a watch of ID 77. */
const WATCH_ROWS: readonly (readonly [name: string, requests: readonly WatchInit[], replies: readonly string[]])[] = [
  ["a request that is none", [{ case: undefined }], []],
  ["no key", [created({})], ["0 created"]],
  [
    "an end before the key",
    [created({ key: k, rangeEnd: bytes("a") })],
    ["-1 created canceled (mvcc: watcher range is empty)"],
  ],
  [
    "a negative start",
    [created({ key: k, startRevision: -1n })],
    ["-1 created canceled (etcdserver: mvcc: required revision has been compacted)"],
  ],
  [
    "an ID that is taken",
    [created({ key: k, watchId: 5n }), created({ key: k, watchId: 5n })],
    ["5 created", "-1 created canceled (mvcc: duplicate watch ID provided on the WatchStream)"],
  ],
  ["a negative ID", [created({ key: k, watchId: -5n })], ["-5 created"]],
  ["an unknown filter", [created({ key: k, filters: [unknown(9)] })], ["0 created"]],
  ["an unknown watch to cancel", [canceled(9n), canceled(-1n)], []],
  ["a watch cancelled twice", [created({ key: k }), canceled(0n), canceled(0n)], ["0 created", "0 canceled"]],
];

async function watchReplies(client: RawClient, requests: readonly WatchInit[]): Promise<string[]> {
  const last = created({ key: bytes("last"), watchId: 77n });
  const chunks = [...requests, last].map((requestUnion) =>
    frame(toBinary(WatchRequestSchema, create(WatchRequestSchema, { requestUnion }))),
  );
  const call = client.start({ path: `/${WATCH}`, chunks, end: false });
  for (let count = 1; ; count++) {
    const responses = (await call.messages(count)).map((message) => fromBinary(WatchResponseSchema, message));
    if (!responses.some(({ watchId }) => watchId === 77n)) continue;
    call.stream.close(8);
    return responses.map(({ watchId, created, canceled, cancelReason, compactRevision }) =>
      [
        watchId,
        ...(created ? ["created"] : []),
        ...(canceled ? ["canceled"] : []),
        ...(compactRevision === 0n ? [] : [`compacted at ${compactRevision}`]),
        ...(cancelReason === "" ? [] : [`(${cancelReason})`]),
      ].join(" "),
    );
  }
}

function answersAsRecorded(start: () => Promise<Server>): void {
  let server: Server;
  beforeAll(async () => {
    server = await start();
    await prepare(server.url);
  });
  afterAll(() => server?.stop());

  test.each(ROWS)("$rpc: $name", async ({ rpc: path, message, answer }) => {
    const client = await RawClient.connect(server.url);
    const reply = await client.call({ path: `/${path}`, chunks: [frame(message)] });
    expect({ code: reply.code, text: reply.message || undefined }).toEqual({ text: undefined, ...answer });
  });

  test.each(RPCS)("%s: truncated protobuf", async (path) => {
    const client = await RawClient.connect(server.url);
    const reply = await client.call({ path: `/${path}`, chunks: [frame(hex("0a05"))] });
    const message = STREAMS.includes(path) ? UNMARSHAL_STREAM : UNMARSHAL;
    expect({ code: reply.code, message: reply.message }).toEqual({ code: 13, message });
  });

  test.each(RPCS)("%s: more bytes than are read", async (path) => {
    const client = await RawClient.connect(server.url);
    const reply = await client.call({ path: `/${path}`, chunks: [frame(new Uint8Array(2_097_153))] });
    const message = "grpc: received message larger than max (2097153 vs. 2097152)";
    expect({ code: reply.code, message: reply.message }).toEqual({ code: 8, message });
  });

  test.each(WATCH_ROWS)("etcdserverpb.Watch/Watch: %s", async (_name, requests, replies) => {
    const client = await RawClient.connect(server.url);
    expect(await watchReplies(client, requests)).toEqual([...replies, "77 created"]);
  });

  test.each([0n, 99n, -1n])("etcdserverpb.Lease/LeaseKeepAlive: an ID of %s", async (ID) => {
    const client = await RawClient.connect(server.url);
    const request = toBinary(LeaseKeepAliveRequestSchema, create(LeaseKeepAliveRequestSchema, { ID }));
    const call = client.start({ path: `/${KEEP_ALIVE}`, chunks: [frame(request)] });
    expect(await call.reply).toMatchObject({ code: 0 });
    const [message] = await call.messages(1);
    expect(fromBinary(LeaseKeepAliveResponseSchema, message as Uint8Array)).toMatchObject({ ID, TTL: 0n });
  });

  test("and the server goes on", async () => {
    const client = await RawClient.connect(server.url);
    const message = toBinary(RangeRequestSchema, create(RangeRequestSchema, { key: k }));
    expect(await client.call({ path: "/etcdserverpb.KV/Range", chunks: [frame(message)] })).toMatchObject({ code: 0 });
  });
}

async function startEtcdlite(): Promise<Server> {
  const server = await createServer();
  return { url: server.url, stop: () => server.close() };
}

describe("etcdlite", () => answersAsRecorded(startEtcdlite));

const hasEtcd = findEtcd() !== undefined || toolsAreRequired();
describe.skipIf(!hasEtcd)(hasEtcd ? "etcd" : `etcd: ${MISSING_ETCD}`, () => answersAsRecorded(() => startEtcd()));

test.each([9, -1])("Alarm: the unknown action %s, which ends an etcd, is refused", async (action) => {
  const server = await startEtcdlite();
  const client = await RawClient.connect(server.url);
  const message = toBinary(AlarmRequestSchema, create(AlarmRequestSchema, { action: unknown(action) }));
  const reply = await client.call({ path: "/etcdserverpb.Maintenance/Alarm", chunks: [frame(message)] });
  expect(reply).toMatchObject({ code: 3, message: `etcdserver: unknown alarm action ${action}` });
  await server.stop();
});
