import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { KeyValueSchema } from "../../src/gen/mvccpb/kv_pb.ts";
import type { Entry } from "../../src/mvcc/index.ts";
import { bytesFromKey, keyFromBytes, keyValueSize, varintSize } from "../../src/mvcc/index.ts";
import { RecordDecoder } from "../../src/mvcc/recorddecoder.ts";
import { fc } from "../support/property.ts";
import { recordOf, recordSize } from "./support/entry.ts";
import { databaseRecord } from "./support/model.ts";

const revisions = fc.oneof(fc.nat(300), fc.maxSafeNat());
const bytes = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 120, maxLength: 200 }));

const puts: fc.Arbitrary<Entry> = fc.record({
  key: bytes.filter(({ length }) => length > 0).map(keyFromBytes),
  value: bytes,
  createRevision: revisions,
  modRevision: revisions,
  subRevision: fc.oneof(fc.nat(300), fc.nat()),
  version: revisions,
  lease: fc.oneof(fc.constant(0n), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  tombstone: fc.constant(false),
});

const tombstones: fc.Arbitrary<Entry> = puts.map((entry) => ({
  ...entry,
  value: new Uint8Array(0),
  createRevision: 0,
  version: 0,
  lease: 0n,
  tombstone: true,
}));

test("MA4: a record is the bytes that etcd's database holds, and gives the entry back", () => {
  fc.assert(
    fc.property(fc.oneof(puts, tombstones), (entry) => {
      const { key, value } = recordOf(entry);
      const expected = databaseRecord(entry);
      expect(recordSize(entry)).toBe(expected.length);
      expect(Buffer.compare(Buffer.concat([key, value]), expected)).toBe(0);
      expect(new RecordDecoder().decode(key, value)).toEqual(entry);
    }),
    { numRuns: 1000 },
  );
});

test("MA4: the size of a key-value is that of its message", () => {
  fc.assert(
    fc.property(puts, (entry) => {
      const message = create(KeyValueSchema, {
        key: bytesFromKey(entry.key),
        value: entry.value,
        createRevision: BigInt(entry.createRevision),
        modRevision: BigInt(entry.modRevision),
        version: BigInt(entry.version),
        lease: entry.lease,
      });
      expect(keyValueSize(entry)).toBe(toBinary(KeyValueSchema, message).length);
    }),
    { numRuns: 500 },
  );
});

test("MA4: a revision that etcdutl has taken up has a row without a value", () => {
  const key = Uint8Array.of(0, 0, 0, 0, 0, 0, 3, 0xe8, 0x5f, 0, 0, 0, 0, 0, 0, 0, 0);
  const entry = new RecordDecoder().decode(key, new Uint8Array(0));
  expect(entry).toMatchObject({ key: "", modRevision: 1000, version: 0, tombstone: false });
  const record = recordOf(entry as Entry);
  expect([record.key, record.value.length, recordSize(entry as Entry)]).toEqual([key, 0, 17]);
});

test("MA4: the length of a varint at its steps", () => {
  const steps = [0, 127, 128, 16_383, 16_384, 2 ** 21 - 1, 2 ** 21, 2 ** 28, 2 ** 35 - 1, 2 ** 35, 2 ** 53 - 1];
  expect(steps.map(varintSize)).toEqual([1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 8]);
});
