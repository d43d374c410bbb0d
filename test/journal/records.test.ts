import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { AlarmMemberSchema, type AlarmType } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import {
  decodeAlarm,
  decodeLease,
  decodeNumbers,
  decodeRevision,
  encodeAlarm,
  encodeLease,
  encodeNumbers,
  encodeRevision,
  JournalError,
} from "../../src/journal/index.ts";
import { fc } from "../support/property.ts";

test("MA1: an alarm's row is etcd's message of it", () => {
  const alarms = fc.record({ memberId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), type: fc.integer() });
  fc.assert(
    fc.property(alarms, ({ memberId, type }) => {
      const message = create(AlarmMemberSchema, { memberID: memberId, alarm: type as AlarmType });
      expect(encodeAlarm({ memberId, type })).toEqual(toBinary(AlarmMemberSchema, message));
      expect(decodeAlarm(encodeAlarm({ memberId, type }))).toEqual({ memberId, type });
    }),
  );
});

test("LE1: a lease's row reads as what was written", () => {
  const leases = fc.record({
    id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    ttlSeconds: fc.maxSafeInteger(),
    remainingSeconds: fc.maxSafeInteger(),
  });
  fc.assert(
    fc.property(leases, (lease) => {
      expect(decodeLease(encodeLease(lease))).toEqual(lease);
    }),
  );
  // leasepb.Lease: ID is field 1, TTL field 2, RemainingTTL field 3.
  const lease = { id: 7n, ttlSeconds: 100, remainingSeconds: 0 };
  expect([...encodeLease(lease)]).toEqual([0x08, 7, 0x10, 100]);
  expect([...encodeLease({ ...lease, remainingSeconds: 9 })]).toEqual([0x08, 7, 0x10, 100, 0x18, 9]);
});

test("CO2: a revision's row is etcd's, and numbers read as what was written", () => {
  expect([...encodeRevision(0x010203)]).toEqual([0, 0, 0, 0, 0, 1, 2, 3, 0x5f, 0, 0, 0, 0, 0, 0, 0, 0]);
  fc.assert(
    fc.property(fc.maxSafeInteger(), (number) => {
      expect(decodeNumbers(encodeNumbers(number, 5n)).map((one) => BigInt.asIntN(64, one))).toEqual([
        BigInt(number),
        5n,
      ]);
      if (number >= 0) expect(decodeRevision(encodeRevision(number))).toBe(number);
    }),
  );
});

test.each([
  ["numbers", () => decodeNumbers(new Uint8Array(9))],
  ["a revision", () => decodeRevision(new Uint8Array(16))],
  ["a lease with another field", () => decodeLease(Uint8Array.of(0x0a, 1))],
  ["a lease that ends in a number", () => decodeLease(Uint8Array.of(0x08, 0x80))],
  ["an alarm with a number without end", () => decodeAlarm(new Uint8Array(20).fill(0x88))],
])("bytes that are no row of %s are found out", (_, decode) => {
  expect(decode).toThrow(JournalError);
});
