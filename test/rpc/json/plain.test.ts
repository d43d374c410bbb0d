/** What is read as plain JSON is what the gateway's own reader and protobuf-es make of it; anything else is left to them. */
import {
  type DescMessage,
  equals,
  fromJsonString,
  type JsonWriteOptions,
  type Message,
  toJsonString,
} from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { AuthUserAddRequestSchema } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { PutRequestSchema, RangeRequestSchema, TxnRequestSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { HealthListResponseSchema } from "../../../src/gen/grpc/health/v1/health_pb.ts";
import { bodyLimits, exactRequest } from "../../../src/rpc/gateway/body.ts";
import { MAX_PLAIN_DEPTH, readPlain } from "../../../src/rpc/json/plain.ts";
import { MESSAGES, message } from "../../platform/node/support/arbitrary.ts";
import { fc } from "../../support/property.ts";

const LIMITS = bodyLimits(2 * 1024 * 1024);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** By the rules of etcd's gateway. */
function byGateway(desc: DescMessage, bytes: Uint8Array): Message {
  return exactRequest(desc, bytes, LIMITS);
}

function byConnect(desc: DescMessage, bytes: Uint8Array): Message {
  return fromJsonString(desc, new TextDecoder().decode(bytes), { ignoreUnknownFields: true });
}

/** Whether it was read; what was read must be what the others read. */
function isPlain(desc: DescMessage, text: string): boolean {
  const bytes = bytesOf(text);
  const plain = readPlain(desc, bytes);
  if (plain === undefined) return false;
  for (const other of [byGateway(desc, bytes), byConnect(desc, bytes)]) {
    expect(equals(desc, plain, other), text).toBe(true);
    expect(Object.keys(plain).sort()).toEqual(Object.keys(other).sort());
  }
  return true;
}

const STYLES: readonly Partial<JsonWriteOptions & { prettySpaces: number }>[] = [
  {},
  { useProtoFieldName: true, enumAsInteger: true },
  { alwaysEmitImplicit: true, prettySpaces: 2 },
];
/** The one with a map. */
const READ = MESSAGES.filter(([, desc]) => desc !== HealthListResponseSchema);
/** What a byte of a text is replaced by, or what comes before it. */
const INTRUDERS = [...'{}[]",:\\ \n\t0195-+.eE=/_tfnkYé\u0000\u007f', '"key":', "null", "1e3", "\ufeff", '"\\u0041"'];

describe.each(READ)("%s", (_, desc: DescMessage) => {
  test("is read as protobuf-es and the gateway read it", () => {
    fc.assert(
      fc.property(message(desc), fc.constantFrom(...STYLES), (one, style) => {
        isPlain(desc, toJsonString(desc, one, style));
      }),
      { numRuns: 30 },
    );
  });

  test("is read so or not at all where the text is another one", () => {
    const change = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(2), fc.constantFrom(...INTRUDERS));
    fc.assert(
      fc.property(
        message(desc),
        fc.constantFrom(...STYLES),
        fc.array(change, { maxLength: 3 }),
        (one, style, changes) => {
          let text = toJsonString(desc, one, style);
          for (const [place, removed, added] of changes) {
            const at = Math.floor(place * text.length);
            text = text.slice(0, at) + added + text.slice(at + removed);
          }
          isPlain(desc, text);
        },
      ),
      { numRuns: 100 },
    );
  });
});

test.each([
  [PutRequestSchema, '{"key":"Zm9v","value":"YmFy"}'],
  [PutRequestSchema, ' {\n"key" : "Zm8=" , "value":"", "lease":"7587894412843212345","prev_kv":true}\r\n'],
  [PutRequestSchema, '{"key":"Zg==","prevKv":false,"lease":"-12"}'],
  [RangeRequestSchema, '{"key":"Zm9v","range_end":"AA==","limit":100,"sort_order":"DESCEND","sortTarget":2}'],
  [RangeRequestSchema, "{}"],
  [AuthUserAddRequestSchema, '{"name":"a longer name than is put together here","options":{"no_password":true}}'],
  [
    TxnRequestSchema,
    '{"compare":[{"target":"VERSION","key":"YQ==","version":"3"}],"success":[{"requestPut":{"key":"YQ=="}},{"request_txn":{}}],"failure":[]}',
  ],
])("%s is plain as %s", (desc: DescMessage, text) => {
  expect(isPlain(desc, text)).toBe(true);
});

test.each([
  ["an escape", '{"key":"Zm\\u0039v"}'],
  ["an escaped name", '{"k\\u0065y":"Zm9v"}'],
  ["base64 of the other alphabet", '{"key":"-_=="}'],
  ["base64 without padding", '{"key":"Zg"}'],
  ["base64 with bits left over", '{"key":"Zh=="}'],
  ["base64 with padding in its midst", '{"key":"Zg==Zg=="}'],
  ["base64 of three pads", '{"key":"Z==="}'],
  ["null", '{"key":null}'],
  ["a null in place of a message", "null"],
  ["an unknown field", '{"nokey":1}'],
  ["a field twice", '{"key":"","key":""}'],
  ["a field by both names", '{"range_end":"","rangeEnd":""}'],
  ["a number with an exponent", '{"limit":1e2}'],
  ["a number with a fraction", '{"limit":1.0}'],
  ["a number with a zero before it", '{"limit":"01"}'],
  ["minus zero", '{"limit":-0}'],
  ["a number that a double does not hold", '{"limit":9007199254740993}'],
  ["a number that is too large", '{"limit":"9223372036854775808"}'],
  ["a number in blanks", '{"limit":" 1"}'],
  ["an unknown name of an enum", '{"sort_order":"SIDEWAYS"}'],
  ["an enum's number in quotes", '{"sort_order":"1"}'],
  ["a bool in quotes", '{"serializable":"true"}'],
  ["a comma too many", '{"key":"",}'],
  ["no comma", '{"key":"" "limit":1}'],
  ["an open end", '{"key":"Zm9v"'],
  ["a string without its end", '{"key":"Zm9v'],
  ["more behind it", '{"key":"Zm9v"} {}'],
  ["nothing", ""],
  ["a list", "[]"],
])("%s is not plain", (_, text) => {
  expect(readPlain(RangeRequestSchema, bytesOf(text))).toBeUndefined();
});

test("two members of a oneof are not plain", () => {
  const text = '{"compare":[{"version":"1","lease":"1"}]}';
  expect(readPlain(TxnRequestSchema, bytesOf(text))).toBeUndefined();
});

test("strings with more than ASCII are not plain", () => {
  for (const name of ["é", "\u007f", "\u0001"]) {
    expect(readPlain(AuthUserAddRequestSchema, bytesOf(`{"name":"${name}"}`))).toBeUndefined();
  }
});

test("messages with maps, or a JSON of their own, are not plain", () => {
  expect(readPlain(HealthListResponseSchema, bytesOf('{"statuses":{}}'))).toBeUndefined();
  expect(readPlain(StructSchema, bytesOf('{"fields":{}}'))).toBeUndefined();
});

test("what is nested deep is not plain", () => {
  // A txn is nested as an operation of one, a message more.
  const nested = (count: number): string => (count === 0 ? "{}" : `{"success":[{"requestTxn":${nested(count - 1)}}]}`);
  const most = Math.floor((MAX_PLAIN_DEPTH - 1) / 2);
  expect(isPlain(TxnRequestSchema, nested(most))).toBe(true);
  expect(isPlain(TxnRequestSchema, nested(most + 1))).toBe(false);
});
