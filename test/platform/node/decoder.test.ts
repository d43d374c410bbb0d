/** What is taken for a message: all that is one, and nothing that protobuf-es would misread. */
import { create, type DescMessage, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CompactionRequestSchema,
  PutRequestSchema,
  RangeRequestSchema,
  type TxnRequest,
  TxnRequestSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { WatchCreateRequestSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { decodeMessage } from "../../../src/platform/node/grpc/decoder.ts";
import { etcdServices } from "../../../src/rpc/index.ts";
import { Etcd } from "../../../src/server/index.ts";
import { VirtualClock } from "../../support/clock.ts";
import { MESSAGES, message } from "./support/arbitrary.ts";
import { hex } from "./support/raw.ts";

/** No request has a map. */
const READABLE = MESSAGES.filter(([, desc]) => desc.fields.every(({ fieldKind }) => fieldKind !== "map"));

describe("every message is read as protobuf-es reads it", () => {
  test.each(READABLE)("%s", (_name, desc) => {
    fc.assert(
      fc.property(message(desc), (value) => {
        const bytes = toBinary(desc, value);
        expect(equals(desc, decodeMessage(desc, bytes), value)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

test("every request that there is can be read", () => {
  for (const { service } of etcdServices(new Etcd({ clock: new VirtualClock() }))) {
    for (const { input } of service.methods) {
      expect(decodeMessage(input, new Uint8Array())).toEqual(create(input));
    }
  }
});

test("what comes again is added to, or takes the place of what was there, as in protobuf-es", () => {
  const twice = fc
    .constantFrom(...READABLE)
    .chain(([, desc]) => fc.tuple(fc.constant(desc as DescMessage), message(desc), message(desc)));
  fc.assert(
    fc.property(twice, ([desc, one, other]) => {
      const bytes = new Uint8Array([...toBinary(desc, one), ...toBinary(desc, other)]);
      expect(decodeMessage(desc, bytes)).toEqual(fromBinary(desc, bytes));
    }),
    { numRuns: 300 },
  );
});

test("what is cut off within a field is no message", () => {
  fc.assert(
    fc.property(message(TxnRequestSchema), fc.nat(), (value, at) => {
      const bytes = toBinary(TxnRequestSchema, value);
      const part = bytes.subarray(0, at % (bytes.length + 1));
      let read: TxnRequest;
      try {
        read = decodeMessage(TxnRequestSchema, part);
      } catch {
        return;
      }
      // Cut between two fields: it is another message, of fewer fields.
      expect(toBinary(TxnRequestSchema, read)).toEqual(new Uint8Array(part));
    }),
  );
});

test("bytes of any kind are read or refused, never read past their end", () => {
  fc.assert(
    fc.property(fc.constantFrom(...READABLE), fc.uint8Array({ maxLength: 40 }), ([, desc], bytes) => {
      const surrounded = new Uint8Array(bytes.length + 20).fill(0x0a);
      surrounded.set(bytes, 10);
      const inside = surrounded.subarray(10, 10 + bytes.length);
      const read = (): Uint8Array => toBinary(desc as DescMessage, decodeMessage(desc, inside));
      let expected: Uint8Array;
      try {
        expected = toBinary(desc, decodeMessage(desc, bytes));
      } catch {
        expect(read).toThrow();
        return;
      }
      expect(read()).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["a length where a number is expected", CompactionRequestSchema, "0a05"],
  ["a whole one of it", CompactionRequestSchema, "0a0101"],
  ["a number where bytes are expected", PutRequestSchema, "0805"],
  ["four bytes where a number is expected", PutRequestSchema, "1d00000000"],
  ["the same in a message within", TxnRequestSchema, "12040a020805"],
  ["field number 0", PutRequestSchema, "0201"],
  ["a group", PutRequestSchema, "7b7c"],
  ["wire type 7", PutRequestSchema, "0f"],
  ["a length beyond the end", PutRequestSchema, "0a05"],
  ["a length beyond all ends", PutRequestSchema, "0affffffff0f"],
  ["a varint without end", CompactionRequestSchema, "08ffffffffffffffffffff01"],
  ["a varint cut off", CompactionRequestSchema, "08ff"],
])("%s is no message", (_name, desc, bytes) => {
  expect(() => decodeMessage(desc, hex(bytes))).toThrow();
});

test("fields that are not known are passed over", () => {
  const unknown = "f20703616263 b80601 c9060102030405060708 cd0601020304";
  const read = decodeMessage(RangeRequestSchema, hex(`${unknown} 0a016b ${unknown}`));
  expect(equals(RangeRequestSchema, read, create(RangeRequestSchema, { key: hex("6b") }))).toBe(true);
});

test("a list of enums comes packed or one by one", () => {
  for (const bytes of ["2a020001", "28002801"]) {
    const read = fromBinary(WatchCreateRequestSchema, hex(bytes));
    expect(read.filters).toEqual([0, 1]);
    expect(decodeMessage(WatchCreateRequestSchema, hex(bytes))).toEqual(read);
  }
});

test("messages within messages are read as deep as a txn may be, and not without end", () => {
  const nested = (levels: number): Uint8Array => {
    let txn = create(TxnRequestSchema);
    for (let i = 0; i < levels; i++) {
      txn = create(TxnRequestSchema, { success: [{ request: { case: "requestTxn", value: txn } }] });
    }
    return toBinary(TxnRequestSchema, txn);
  };
  const deep = nested(128);
  expect(toBinary(TxnRequestSchema, decodeMessage(TxnRequestSchema, deep))).toEqual(deep);
  expect(() => decodeMessage(TxnRequestSchema, nested(600))).toThrow();
});
