/** Messages that are made without protobuf-es's `create` are what it makes: every field, nothing beside. */
import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ResponseHeaderSchema } from "../../src/gen/etcdserverpb/header_pb.ts";
import { Event_EventType, EventSchema, KeyValueSchema } from "../../src/gen/mvccpb/kv_pb.ts";
import { header } from "../../src/rpc/header.ts";
import { eventMessage, rangeMessage } from "../../src/rpc/responses.ts";
import { DEFAULT_OPTIONS, Etcd } from "../../src/server/index.ts";
import { VirtualClock } from "../support/clock.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function same<D extends DescMessage>(made: unknown, desc: D, init: MessageInitShape<D>): void {
  const expected = create(desc, init);
  expect(made).toEqual(expected);
  expect(Object.keys(made as object)).toEqual(expect.arrayContaining(Object.keys(expected)));
  expect(Object.getPrototypeOf(made)).toBe(Object.getPrototypeOf(expected));
}

function etcdWithKey(): Etcd {
  const etcd = new Etcd({ ...DEFAULT_OPTIONS, clock: new VirtualClock() });
  etcd.leaseGrant(9n, 60);
  etcd.put({ key: "k", value: bytes("v"), lease: 9n, prevKv: false, ignoreValue: false, ignoreLease: false });
  return etcd;
}

const KEY_VALUE = { key: bytes("k"), createRevision: 2n, modRevision: 2n, version: 1n, value: bytes("v"), lease: 9n };

test("a header", () => {
  const etcd = etcdWithKey();
  const { clusterId, memberId } = etcd.options;
  const raftTerm = BigInt(etcd.raftTerm);
  same(header(etcd, 7), ResponseHeaderSchema, { clusterId, memberId, revision: 7n, raftTerm });
});

test.each([
  ["whole", KEY_VALUE],
  ["withoutValue", { ...KEY_VALUE, value: bytes("") }],
  ["withoutValueAndLease", { ...KEY_VALUE, value: bytes(""), lease: 0n }],
] as const)("a key and what is asked for of it: %s", (projection, expected) => {
  const etcd = etcdWithKey();
  const entry = etcd.store.get("k");
  if (entry === undefined) throw new Error("no key");
  const [made] = rangeMessage(
    { entries: [entry], projection, more: false, count: 1, revision: 2 },
    header(etcd, 2),
  ).kvs;
  same(made, KeyValueSchema, expected);
});

test("an event", () => {
  const etcd = etcdWithKey();
  const entry = etcd.store.get("k");
  if (entry === undefined) throw new Error("no key");
  same(eventMessage({ entry, prevKv: undefined }), EventSchema, { kv: KEY_VALUE });
  const tombstone = { ...entry, tombstone: true };
  same(eventMessage({ entry: tombstone, prevKv: entry }), EventSchema, {
    ...{ type: Event_EventType.DELETE, kv: KEY_VALUE, prevKv: KEY_VALUE },
  });
});
