/** Every request and reply of the services, and real ones of them. */
import { create, type DescMessage, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { AuthUserAddRequestSchema } from "../../src/gen/etcdserverpb/auth_pb.ts";
import {
  CompactionRequestSchema,
  Compare_CompareResult,
  Compare_CompareTarget,
  PutRequestSchema,
  RangeRequest_SortOrder,
  RangeRequestSchema,
  RangeResponseSchema,
  TxnRequestSchema,
} from "../../src/gen/etcdserverpb/kv_pb.ts";
import { LeaseGrantRequestSchema } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { WatchRequestSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { etcdServices } from "../../src/rpc/index.ts";
import { Etcd } from "../../src/server/index.ts";
import { VirtualClock } from "../support/clock.ts";
import { utf8 } from "./target.ts";

export function newEtcd(): Etcd {
  return new Etcd({ clock: new VirtualClock() });
}

export const DESCS: readonly DescMessage[] = [
  ...new Set(
    etcdServices(newEtcd()).flatMap(({ service }) => service.methods.flatMap(({ input, output }) => [input, output])),
  ),
].sort((a, b) => (a.typeName < b.typeName ? -1 : 1));

export interface Example {
  readonly desc: DescMessage;
  readonly message: Message;
}

function example<D extends DescMessage>(desc: D, init: MessageInitShape<D>): Example {
  return { desc, message: create(desc, init) };
}

const [key, value] = [utf8("/a/b"), utf8("value")];
const put = { request: { case: "requestPut" as const, value: { key, value, lease: 7n, prevKv: true } } };
const nested = { request: { case: "requestTxn" as const, value: { success: [put], failure: [put] } } };

export const EXAMPLES: readonly Example[] = [
  example(PutRequestSchema, { key, value, lease: -1n, prevKv: true, ignoreValue: true }),
  example(RangeRequestSchema, {
    ...{ key, rangeEnd: Uint8Array.of(0), limit: 5n, revision: 2n, sortOrder: RangeRequest_SortOrder.DESCEND },
    ...{ keysOnly: true, minModRevision: 1n, maxCreateRevision: 2n ** 62n },
  }),
  example(TxnRequestSchema, {
    compare: [
      { key, target: Compare_CompareTarget.VALUE, targetUnion: { case: "value", value } },
      { key, result: Compare_CompareResult.GREATER, targetUnion: { case: "version", value: 3n }, rangeEnd: key },
    ],
    success: [put, nested],
    failure: [{ request: { case: "requestRange", value: { key } } }],
  }),
  example(CompactionRequestSchema, { revision: 5n, physical: true }),
  example(WatchRequestSchema, {
    requestUnion: { case: "createRequest", value: { key, startRevision: 1n, filters: [0, 1], fragment: true } },
  }),
  example(LeaseGrantRequestSchema, { TTL: 60n, ID: 7n }),
  example(AuthUserAddRequestSchema, { name: "ann", password: "pw", options: { noPassword: true } }),
  example(RangeResponseSchema, {
    header: { clusterId: 2n ** 64n - 1n, revision: 3n },
    kvs: [{ key, value, modRevision: 3n }],
    more: true,
    count: 9n,
  }),
];
