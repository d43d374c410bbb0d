/** Our encoder against protobuf-es: the same bytes for every message of every service. */
import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RangeResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { frameEncoder } from "../../../src/platform/node/grpc/encoder.ts";
import { encodeFrame } from "../../../src/platform/node/grpc/frames.ts";
import { MESSAGES, message } from "./support/arbitrary.ts";

describe("the same bytes as protobuf-es", () => {
  test.each(MESSAGES)("%s", (_name, desc) => {
    const encode = frameEncoder(desc);
    fc.assert(
      fc.property(message(desc), (value) => {
        expect(Buffer.compare(encode(value), encodeFrame(toBinary(desc, value)))).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});

test("messages larger than the scratch buffer, and small ones after them", () => {
  const encode = frameEncoder(RangeResponseSchema);
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
  const encode = frameEncoder(RangeResponseSchema);
  const first = encode(create(RangeResponseSchema, { count: 1n }));
  const copy = Buffer.from(first);
  encode(create(RangeResponseSchema, { count: 2n }));
  expect(Buffer.compare(first, copy)).toBe(0);
});

test("what is no message fails, and the next one is right again", () => {
  const encode = frameEncoder(RangeResponseSchema);
  const wrong = create(RangeResponseSchema, { kvs: [{ key: new Uint8Array(3) }] });
  (wrong as { count: unknown }).count = "many";
  expect(() => encode(wrong)).toThrow();
  const right = create(RangeResponseSchema, { count: 2n });
  expect(Buffer.compare(encode(right), encodeFrame(toBinary(RangeResponseSchema, right)))).toBe(0);
});
