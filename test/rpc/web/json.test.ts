/** Connect's JSON is protobuf-es's, byte for byte. */
import { type DescMessage, toJsonString } from "@bufbuild/protobuf";
import { AnySchema, StructSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { HealthListResponseSchema } from "../../../src/gen/grpc/health/v1/health_pb.ts";
import { connectJsonEncoder } from "../../../src/rpc/json/encoder.ts";
import { MESSAGES, message } from "../../platform/node/support/arbitrary.ts";
import { fc } from "../../support/property.ts";

/** The one with a map. */
const WRITTEN = MESSAGES.filter(([, desc]) => desc !== HealthListResponseSchema);

describe.each(WRITTEN)("%s", (_, desc: DescMessage) => {
  test("is written as protobuf-es writes it", () => {
    const encode = connectJsonEncoder(desc);
    fc.assert(
      fc.property(message(desc), (one) => {
        expect(new TextDecoder().decode(encode?.(one))).toBe(toJsonString(desc, one));
      }),
      { numRuns: 30 },
    );
  });
});

test("messages with maps, or a JSON of their own, are left to protobuf-es", () => {
  for (const desc of [HealthListResponseSchema, AnySchema, StructSchema, TimestampSchema]) {
    expect(connectJsonEncoder(desc)).toBeUndefined();
  }
});
