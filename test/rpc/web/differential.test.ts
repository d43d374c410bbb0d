/** What comes back does not depend on the road: requests as clients send them, and as no client should. */
import { create, type DescMethod, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import { expect, onTestFinished, test } from "vitest";
import { KV, PutRequestSchema, RangeRequestSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Health } from "../../../src/gen/grpc/health/v1/health_pb.ts";
import { etcdServices } from "../../../src/rpc/index.ts";
import { Etcd } from "../../../src/server/index.ts";
import { message } from "../../platform/node/support/arbitrary.ts";
import { VirtualClock } from "../../support/clock.ts";
import { fc } from "../../support/property.ts";
import { envelope, type HttpRequest, Road } from "./support/roads.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** LeaseGrant makes IDs up, and passwords have salt. */
const METHODS: readonly DescMethod[] = [
  ...[KV.method.put, KV.method.range, KV.method.deleteRange, KV.method.txn, KV.method.compact],
  ...[Lease.method.leaseRevoke, Lease.method.leaseTimeToLive, Lease.method.leaseLeases],
  ...[Maintenance.method.status, Maintenance.method.hashKV, Maintenance.method.moveLeader, Health.method.check],
];

interface Call {
  readonly method: DescMethod;
  readonly message: Message;
}

const key = fc.constantFrom("a", "b", "c", "\0", "").map(utf8);
const likely: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ key, value: fc.constantFrom(0, 3, 2000).map((size) => new Uint8Array(size).fill(7)) }).map((init) => ({
    method: KV.method.put,
    message: create(PutRequestSchema, init),
  })),
  fc.record({ key, rangeEnd: key }).map((init) => ({
    method: KV.method.range,
    message: create(RangeRequestSchema, init),
  })),
);
const any: fc.Arbitrary<Call> = fc
  .constantFrom(...METHODS)
  .chain((method) => message(method.input).map((one) => ({ method, message: one })));

const TYPES = [
  ...["application/json", "application/json; charset=utf-8", "application/proto", "application/grpc-web"],
  ...["application/grpc-web+proto", "application/grpc-web+json"],
];
const ODD_TYPES = [
  ...["application/grpc-web-text", "Application/JSON", "application/connect+json", "text/plain", "", "application/js"],
  ...["application/grpc-web+json; charset=utf-8", "application/proto; charset=utf-8", "application/connect+proto"],
];

function bodyOf({ method, message: one }: Call, type: string): Uint8Array {
  const isJson = type.toLowerCase().includes("json");
  const bytes = isJson ? utf8(toJsonString(method.input, one)) : toBinary(method.input, one);
  return type.includes("grpc-web") || type.includes("connect+") ? envelope(bytes) : bytes;
}

/** What becomes of a body on the way. */
const damage: fc.Arbitrary<(body: Uint8Array) => Uint8Array> = fc.oneof(
  fc.nat({ max: 400 }).map((length) => (body: Uint8Array) => body.slice(0, length)),
  fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 })).map(([at, byte]) => (body: Uint8Array) => {
    const changed = body.slice();
    changed[at % Math.max(1, body.length)] = byte;
    return changed;
  }),
  fc.uint8Array({ maxLength: 20 }).map((more) => (body: Uint8Array) => Uint8Array.of(...body, ...more)),
  fc
    .constantFrom(
      "",
      "{",
      "null",
      "[]",
      '{"key":1}',
      '{"unknown":{"x":[1]}}',
      '{"key":"YQ==","key":"Yg=="}',
      "\ufeff{}",
    )
    .map((text) => () => utf8(text)),
  fc
    .constantFrom('{"limit":1e1}', '{"limit":"1e1"}', '{"limit":9007199254740993}', '{"sortOrder":"NONE_SUCH"}', '"a"')
    .map((text) => (body: Uint8Array) => (body[0] === 0 ? envelope(utf8(text)) : utf8(text))),
  // Deeper than is allowed, and just as deep.
  fc.constantFrom(10, 19, 20, 21, 1000).map((depth) => () => utf8(`{"x":${"[".repeat(depth)}${"]".repeat(depth)}}`)),
  fc.constant((body: Uint8Array) => Uint8Array.of(...body, ...envelope(new Uint8Array(0)))),
  fc.constant(() => envelope(new Uint8Array(3), 1)),
  fc.constantFrom(65_000, 90_000).map((size) => () => new Uint8Array(size).fill(0x20)),
);

const headers: fc.Arbitrary<Record<string, string>> = fc
  .record(
    {
      "connect-protocol-version": fc.constantFrom("1", "2"),
      "connect-timeout-ms": fc.constantFrom("0", "60000", "12345678901", "-1", "1s", ""),
      "grpc-timeout": fc.constantFrom("0m", "60S", "123456789S", "1", "x", ""),
      "content-encoding": fc.constantFrom("identity", "reversed", "br", ""),
      "accept-encoding": fc.constantFrom("reversed", "gzip, reversed", "identity", ""),
      "grpc-encoding": fc.constantFrom("identity", "reversed", "br"),
      "grpc-accept-encoding": fc.constantFrom("reversed", "identity"),
      "content-length": fc.constantFrom("0", "7", "nonsense"),
      token: fc.constantFrom("t", ""),
    },
    { requiredKeys: [] },
  )
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));

const request: fc.Arbitrary<HttpRequest> = fc
  .record({
    call: fc.oneof({ weight: 3, arbitrary: likely }, { weight: 2, arbitrary: any }),
    type: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...TYPES) }, fc.constantFrom(...ODD_TYPES)),
    verb: fc.oneof({ weight: 20, arbitrary: fc.constant("POST") }, fc.constantFrom("GET", "PUT")),
    harm: fc.option(damage, { freq: 3, nil: undefined }),
    odd: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, headers),
  })
  .map(({ call, type, verb, harm, odd }) => {
    const body = bodyOf(call, type);
    const path = `/${call.method.parent.typeName}/${call.method.name}`;
    const contentType = type === "" ? undefined : { "content-type": type };
    return { method: verb, path, headers: { ...contentType, ...odd }, body: harm === undefined ? body : harm(body) };
  });

function road(isLean: boolean): Road {
  const etcd = new Etcd({ clock: new VirtualClock() });
  onTestFinished(() => etcd.close());
  return new Road(isLean, { bindings: etcdServices(etcd) });
}

test("status, headers and bytes are those of Connect's router", async () => {
  let [asked, lean] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 12 }), async (requests) => {
      const [fast, plain] = [road(true), road(false)];
      for (const one of requests) {
        const [reply, expected] = [await fast.ask(one), await plain.ask(one)];
        expect(reply.reply).toEqual(expected.reply);
        asked++;
        if (reply.isLean) lean++;
      }
      expect(fast.faults).toEqual(plain.faults);
    }),
    { numRuns: 60 },
  );
  // Else it were the router that was compared with itself.
  expect(lean / asked).toBeGreaterThan(0.15);
}, 60_000);
