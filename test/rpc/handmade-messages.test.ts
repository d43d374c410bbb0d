/** Messages that are made without protobuf-es's `create` are what it makes: every field, nothing beside. */
import { clone, create, type DescMessage, equals, type MessageInitShape, toBinary, toJson } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ResponseHeaderSchema } from "../../src/gen/etcdserverpb/header_pb.ts";
import {
  DeleteRangeResponseSchema,
  PutResponseSchema,
  RangeResponseSchema,
  TxnResponseSchema,
} from "../../src/gen/etcdserverpb/kv_pb.ts";
import { Event_EventType, EventSchema, type KeyValue, KeyValueSchema } from "../../src/gen/mvccpb/kv_pb.ts";
import { header, revisionHeader } from "../../src/rpc/header.ts";
import { deleteRangeMessage, eventMessage, putMessage, rangeMessage, txnMessage } from "../../src/rpc/responses.ts";
import { StoredKeyValue } from "../../src/rpc/storedkeyvalue.ts";
import { DEFAULT_OPTIONS, Etcd } from "../../src/server/index.ts";
import { plainEntry } from "../mvcc/support/entry.ts";
import { VirtualClock } from "../support/clock.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function same<D extends DescMessage>(made: unknown, desc: D, init: MessageInitShape<D>): void {
  const expected = create(desc, init);
  expect(made).toEqual(expected);
  expect(Object.keys(made as object)).toEqual(expect.arrayContaining(Object.keys(expected)));
  expect(Object.getPrototypeOf(made)).toBe(Object.getPrototypeOf(expected));
}

/** Of a class of its own, and whatever is done with it as with what `create` makes. */
function sameFromStore(made: unknown, init: MessageInitShape<typeof KeyValueSchema>): void {
  const [own, expected] = [made as KeyValue, create(KeyValueSchema, init)];
  expect(made).toBeInstanceOf(StoredKeyValue);
  expect(equals(KeyValueSchema, own, expected)).toBe(true);
  expect(toBinary(KeyValueSchema, own)).toEqual(toBinary(KeyValueSchema, expected));
  expect(toJson(KeyValueSchema, own)).toEqual(toJson(KeyValueSchema, expected));
  expect(clone(KeyValueSchema, own)).toEqual(expected);
  expect(create(EventSchema, { kv: own }).kv).toBe(own);
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
  if (projection === "whole") sameFromStore(made, expected);
  else same(made, KeyValueSchema, expected);
});

test("an event", () => {
  const etcd = etcdWithKey();
  const entry = etcd.store.get("k");
  if (entry === undefined) throw new Error("no key");
  const { kv, ...put } = eventMessage({ entry, prevKv: undefined });
  sameFromStore(kv, KEY_VALUE);
  same({ ...put, kv: undefined }, EventSchema, {});
  const tombstone = { ...plainEntry(entry), tombstone: true };
  const { prevKv, ...deletion } = eventMessage({ entry: tombstone, prevKv: entry });
  sameFromStore(prevKv, KEY_VALUE);
  same({ ...deletion, prevKv: undefined }, EventSchema, { type: Event_EventType.DELETE, kv: KEY_VALUE });
});

test("a txn's response, and all that may be in it", () => {
  const header = revisionHeader(3);
  same(header, ResponseHeaderSchema, { revision: 3n });
  const put = { revision: 3, prevKv: undefined };
  const deleteRange = { revision: 3, deleted: 2, prevKvs: [] };
  const range = { revision: 3, entries: [], projection: "whole", more: true, count: 5 } as const;
  same(putMessage(put, header), PutResponseSchema, { header });
  same(deleteRangeMessage(deleteRange, header), DeleteRangeResponseSchema, { header, deleted: 2n });
  same(rangeMessage(range, header), RangeResponseSchema, { header, more: true, count: 5n });
  const responses = [
    { kind: "put", response: put },
    { kind: "deleteRange", response: deleteRange },
    { kind: "range", response: range },
    { kind: "txn", response: { revision: 0, succeeded: false, responses: [] } },
  ] as const;
  const made = txnMessage({ revision: 3, succeeded: true, responses }, header);
  const expected = create(TxnResponseSchema, {
    ...{ header, succeeded: true },
    responses: [
      { response: { case: "responsePut", value: { header } } },
      { response: { case: "responseDeleteRange", value: { header, deleted: 2n } } },
      { response: { case: "responseRange", value: { header, more: true, count: 5n } } },
      { response: { case: "responseTxn", value: { header: {} } } },
    ],
  });
  expect(made).toEqual(expected);
  expect(toBinary(TxnResponseSchema, made)).toEqual(toBinary(TxnResponseSchema, expected));
});
