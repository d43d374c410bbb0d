/** Our encoder against protobuf-es: the same bytes for every message of every service. */
import { clone, create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RangeResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { WatchResponseSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { KeyValueSchema } from "../../../src/gen/mvccpb/kv_pb.ts";
import { frameEncoder } from "../../../src/platform/node/grpc/encoder.ts";
import { FrameBatch } from "../../../src/platform/node/grpc/frame-batch.ts";
import { encodeFrame } from "../../../src/platform/node/grpc/frames.ts";
import { header } from "../../../src/rpc/header.ts";
import { rangeMessage } from "../../../src/rpc/responses.ts";
import { StoredKeyValue } from "../../../src/rpc/storedkeyvalue.ts";
import { SharedEvents, WatchMessages } from "../../../src/rpc/watchmessage.ts";
import { DEFAULT_OPTIONS, Etcd } from "../../../src/server/index.ts";
import { rangeRequest, watchRequest } from "../../mvcc/support/requests.ts";
import { VirtualClock } from "../../support/clock.ts";
import { MESSAGES, message } from "./support/arbitrary.ts";

describe("the same bytes as protobuf-es", () => {
  test.each(MESSAGES)("%s", (_name, desc) => {
    const encode = frameEncoder(desc).frame;
    fc.assert(
      fc.property(message(desc), (value) => {
        expect(Buffer.compare(encode(value), encodeFrame(toBinary(desc, value)))).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});

test("messages larger than the scratch buffer, and small ones after them", () => {
  const encode = frameEncoder(RangeResponseSchema).frame;
  for (const [pairs, valueBytes] of [
    [1, 10],
    [1, 200_000],
    [300, 30_000],
    [1, 10],
    [50_000, 1],
    [1, 10],
  ] as const) {
    const kvs = Array.from({ length: pairs }, (_, i) => ({
      key: Buffer.from(`key ${i}`),
      value: new Uint8Array(valueBytes).fill(i),
    }));
    const value = create(RangeResponseSchema, { kvs, count: BigInt(pairs) });
    expect(Buffer.compare(encode(value), encodeFrame(toBinary(RangeResponseSchema, value)))).toBe(0);
  }
});

test("a frame is the caller's: the next one does not change it", () => {
  const encode = frameEncoder(RangeResponseSchema).frame;
  const first = encode(create(RangeResponseSchema, { count: 1n }));
  const copy = Buffer.from(first);
  encode(create(RangeResponseSchema, { count: 2n }));
  expect(Buffer.compare(first, copy)).toBe(0);
});

test("frames in a batch are the frames one behind the other, whatever their sizes", () => {
  const encoder = frameEncoder(RangeResponseSchema);
  const sizes = fc.array(fc.oneof(fc.nat(40), fc.nat(3000), fc.nat(90_000)), { maxLength: 12 });
  const batch = new FrameBatch();
  fc.assert(
    fc.property(sizes, sizes, (...batches) => {
      for (const sizes of batches) {
        if (sizes.length === 0) continue;
        const values = sizes.map((size, at) => create(RangeResponseSchema, { kvs: [{ value: filled(size, at) }] }));
        const expected = values.map((value) => encoder.frame(value));
        const lengths = values.map((value) => encoder.append(value, batch));
        expect(lengths).toEqual(expected.map(({ length }) => length));
        const taken = batch.take();
        encoder.append(create(RangeResponseSchema, { count: 7n }), batch);
        expect(Buffer.compare(taken, Buffer.concat(expected))).toBe(0);
        batch.clear();
      }
    }),
    { numRuns: 40 },
  );
});

test("a batch's memory is used again once it was released, and not before", () => {
  const encoder = frameEncoder(RangeResponseSchema);
  const frames = (byte: number): Uint8Array => {
    const batch = new FrameBatch();
    encoder.append(create(RangeResponseSchema, { kvs: [{ value: new Uint8Array(20_000).fill(byte) }] }), batch);
    const taken = batch.take();
    if (byte === 1) batch.release();
    return taken;
  };
  const held = frames(0);
  const copy = Buffer.from(held);
  const released = frames(1);
  expect(frames(2).buffer).toBe(released.buffer);
  expect(released.buffer).not.toBe(held.buffer);
  expect(Buffer.compare(held, copy)).toBe(0);
  // What was not large shares its memory with others.
  const small = new FrameBatch();
  encoder.append(create(RangeResponseSchema, { count: 1n }), small);
  const { buffer } = small.take();
  small.release();
  expect(frames(3).buffer).not.toBe(buffer);
});

describe("what the store keeps encoded is copied, to the same bytes", () => {
  const key = fc.string({ minLength: 1, maxLength: 90, unit: fc.constantFrom("a", "/", "\0", "\xff") });
  const value = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 60, maxLength: 300 }));
  const lease = fc.constantFrom(0n, 1n, 9n, 2n ** 62n, -1n);
  const puts = fc.array(fc.record({ key, value, lease }), { minLength: 1, maxLength: 12 });

  function written(list: readonly { key: string; value: Uint8Array; lease: bigint }[]): Etcd {
    const etcd = new Etcd({ ...DEFAULT_OPTIONS, clock: new VirtualClock() });
    for (const { key, value, lease } of list) {
      if (lease !== 0n && !etcd.hasLease(lease)) etcd.leaseGrant(lease, 60);
      etcd.put({ key, value, lease, prevKv: false, ignoreValue: false, ignoreLease: false });
    }
    return etcd;
  }

  test("keys of a range", () => {
    const encoder = frameEncoder(RangeResponseSchema);
    fc.assert(
      fc.property(puts, (list) => {
        const etcd = written(list);
        const response = etcd.range(rangeRequest("\0", "\0"));
        const message = rangeMessage(response, header(etcd, etcd.store.revision));
        expect(message.kvs.every((kv) => kv instanceof StoredKeyValue)).toBe(true);
        const plain = create(RangeResponseSchema, {
          ...{ header: message.header, count: message.count },
          kvs: message.kvs.map((kv) => clone(KeyValueSchema, kv)),
        });
        expect(toBinary(RangeResponseSchema, message)).toEqual(toBinary(RangeResponseSchema, plain));
        expect(Buffer.compare(encoder.frame(message), encodeFrame(toBinary(RangeResponseSchema, plain)))).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test("events that many watches are sent", () => {
    const encoder = frameEncoder(WatchResponseSchema);
    fc.assert(
      fc.property(puts, fc.boolean(), fc.array(key, { maxLength: 5 }), (list, prevKv, deleted) => {
        const etcd = written(list);
        const stream = etcd.watchStream(() => {});
        for (let watch = 0; watch < 4; watch++)
          stream.create({ ...watchRequest("\0", "\0", { startRevision: 1, prevKv }) });
        for (const key of deleted) etcd.deleteRange({ key, rangeEnd: "", prevKv: false });
        const messages = new WatchMessages(etcd);
        const shared: boolean[] = [];
        for (let response = stream.pull(); response !== undefined; response = stream.pull()) {
          const message = messages.of(response);
          if (message.events.length > 0) shared.push(message.events instanceof SharedEvents);
          const plain = clone(WatchResponseSchema, message);
          for (let again = 0; again < 2; again++) {
            const expected = encodeFrame(toBinary(WatchResponseSchema, plain));
            expect(Buffer.compare(encoder.frame(message), expected)).toBe(0);
          }
        }
        expect(shared).toEqual([false, true, true, true]);
      }),
      { numRuns: 100 },
    );
  });
});

function filled(bytes: number, fill: number): Uint8Array {
  return new Uint8Array(bytes).fill(fill);
}

test("what is no message fails, and the next one is right again", () => {
  const encode = frameEncoder(RangeResponseSchema).frame;
  const wrong = create(RangeResponseSchema, { kvs: [{ key: new Uint8Array(3) }] });
  (wrong as { count: unknown }).count = "many";
  expect(() => encode(wrong)).toThrow();
  const right = create(RangeResponseSchema, { count: 2n });
  expect(Buffer.compare(encode(right), encodeFrame(toBinary(RangeResponseSchema, right)))).toBe(0);
});
