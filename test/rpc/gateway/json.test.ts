/** Messages from and to JSON, as etcd's gateway has them. */
import { readFileSync } from "node:fs";
import {
  create,
  createFileRegistry,
  type DescMessage,
  equals,
  fromBinary,
  fromJson,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { EtcdError, Status } from "../../../src/errors.ts";
import { AuthRoleGrantPermissionRequestSchema } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import {
  CompareSchema,
  PutRequestSchema,
  RangeRequestSchema,
  RangeResponseSchema,
  TxnRequestSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { AlarmResponseSchema, AlarmType, HashKVResponseSchema } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { WatchRequestSchema, WatchResponseSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { bodyLimits, onlyRequest } from "../../../src/rpc/gateway/body.ts";
import { ROUTES } from "../../../src/rpc/gateway/routes.ts";
import { encodeErrorLine, encodeJson, encodeResultLine, encodeStatus } from "../../../src/rpc/json/encoder.ts";
import { message } from "../../platform/node/support/arbitrary.ts";
import { fc } from "../../support/property.ts";
import { BODIES } from "./support/bodies.ts";

const LIMITS = bodyLimits(2 * 1024 * 1024);
/** All that go through the gateway, and with them those that are in them. */
const MESSAGES = new Set(Object.values(ROUTES).flatMap(({ input, output }) => [input, output]));
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function decode(desc: DescMessage, body: string | Uint8Array): Message {
  return onlyRequest(desc, typeof body === "string" ? new TextEncoder().encode(body) : body, LIMITS);
}

/** `= ` and the message as JSON, or the error's text. */
function outcome(desc: DescMessage, body: string | Uint8Array): string {
  try {
    return `= ${text(encodeJson(desc, decode(desc, body)))}`;
  } catch (error) {
    if (error instanceof EtcdError && error.status === Status.INVALID_ARGUMENT) return error.message;
    throw error;
  }
}

describe("JSON in", () => {
  test.each(BODIES)("HT2: the body %j", (body, expected) => {
    expect(outcome(RangeRequestSchema, body)).toBe(expected);
  });

  test.each([
    [[0xff], "proto: syntax error (line 1:8): invalid UTF-8 in string"],
    [[0x59, 0xc3], "proto: syntax error (line 1:8): invalid UTF-8 in string"],
    [[0xed, 0xa0, 0x80], "proto: syntax error (line 1:8): invalid UTF-8 in string"],
  ])("HT2: a string of the bytes %j", (bytes, expected) => {
    const body = Uint8Array.from([...Buffer.from('{"key":"'), ...bytes, ...Buffer.from('"}')]);
    expect(outcome(RangeRequestSchema, body)).toBe(expected);
  });

  test.each([
    ['{"name":"\\ud83d\\ude00"}', '= {"name":"😀"}'],
    ['{"name":"\\u003c\\/\\"\\b"}', '= {"name":"</\\"\\b"}'],
    ['{"name":"\\ud83d","perm":{}}', 'proto: syntax error (line 1:9): invalid escape code "\\",\\"per" in string'],
    ['{"name":"\\ud83d\\u0041"}', 'proto: syntax error (line 1:9): invalid escape code "\\\\u0041" in string'],
    ['{"name":"\\udc00é\\u2028"}', 'proto: syntax error (line 1:9): invalid escape code "é\\\\u20" in string'],
    ['{"name":"\\udc00\u2028\u0007€"}', "invalid character '\\a' in string literal"],
    [
      '{"name":"\\udc00\u2028\u{1f600}"}',
      'proto: syntax error (line 1:9): invalid escape code "\\u2028\\xf0\\x9f\\x98" in string',
    ],
    ['{"name":5}', "proto: (line 1:9): invalid value for string field name: 5"],
    ['{"perm":[]}', "proto: syntax error (line 1:9): unexpected token ["],
    ['{"perm":{"permType":"WRITE","key":"YQ=="}}', '= {"perm":{"permType":"WRITE","key":"YQ=="}}'],
    ['{"perm":{"permType":null}}', '= {"perm":{}}'],
  ])("HT2: strings and messages: %j", (body, expected) => {
    expect(outcome(AuthRoleGrantPermissionRequestSchema, body)).toBe(expected);
  });

  test.each([
    ['{"compare":{}}', "proto: syntax error (line 1:12): unexpected token {"],
    ['{"compare":[null]}', "proto: syntax error (line 1:13): unexpected token null"],
    ['{"compare":[{"version":0}]}', '= {"compare":[{"version":"0"}]}'],
    ['{"compare":[{"value":""}]}', '= {"compare":[{"value":""}]}'],
    [
      '{"compare":[{"version":1,"value":"YQ=="}]}',
      'proto: (line 1:26): error parsing "value", oneof etcdserverpb.Compare.target_union is already set',
    ],
    ['{"compare":[{"version":null,"lease":3}]}', '= {"compare":[{"lease":"3"}]}'],
    [
      '{"success":[{"request_put":{}},{"requestRange":{"limit":1}}]}',
      '= {"success":[{"request_put":{}},{"request_range":{"limit":"1"}}]}',
    ],
    ['{"success":[{}]}', '= {"success":[{}]}'],
  ])("HT2: lists and oneofs: %j", (body, expected) => {
    expect(outcome(TxnRequestSchema, body)).toBe(expected);
  });

  test.each([
    [
      '{"create_request":{"filters":["NOPUT",1,"NONE"],"watch_id":"-1"}}',
      '= {"create_request":{"filters":["NOPUT","NODELETE"],"watch_id":"-1"}}',
    ],
    ['{"create_request":{"filters":[null]}}', "proto: (line 1:31): invalid value for enum field filters: null"],
    ['{"create_request":{"filters":"NOPUT"}}', 'proto: syntax error (line 1:30): unexpected token "NOPUT"'],
    ['{"progress_request":{}}', '= {"progress_request":{}}'],
  ])("HT2: enums in lists: %j", (body, expected) => {
    expect(outcome(WatchRequestSchema, body)).toBe(expected);
  });

  test.each([
    ["0", "= {}"],
    ["-0", "= {}"],
    ["4294967295", '= {"hash":4294967295}'],
    ["4294967296", "proto: (line 1:9): invalid value for uint32 field hash: 4294967296"],
    ["-1", "proto: (line 1:9): invalid value for uint32 field hash: -1"],
    ["0.1e1", '= {"hash":1}'],
    ["1000e-3", '= {"hash":1}'],
    ["100e-3", "proto: (line 1:9): invalid value for uint32 field hash: 100e-3"],
    ["1e99999999999", "proto: (line 1:9): invalid value for uint32 field hash: 1e99999999999"],
    ["0e99999999999", "= {}"],
    ['"12 34"', '= {"hash":12}'],
    ['"1e,"', '= {"hash":1}'],
    ['"1e+,"', 'proto: (line 1:9): invalid value for uint32 field hash: "1e+,"'],
    ['"0x5"', 'proto: (line 1:9): invalid value for uint32 field hash: "0x5"'],
    ['"5\\u0085"', 'proto: (line 1:9): invalid value for uint32 field hash: "5\\u0085"'],
  ])("HT2: the number %s", (number, expected) => {
    expect(outcome(HashKVResponseSchema, `{"hash":${number}}`)).toBe(expected);
  });

  test("HT2: a txn may be nested as deep as one that comes as bytes, and no deeper", () => {
    const nested = (depth: number): string => `${'{"success":[{"request_txn":'.repeat(depth)}{}${"}]}".repeat(depth)}`;
    expect(outcome(TxnRequestSchema, nested(400))).toBe(`= ${nested(400)}`);
    expect(outcome(TxnRequestSchema, nested(2000))).toBe("proto: exceeded max recursion depth");
  });

  test("HT2: is what it was before it was written, for every message there is", () => {
    for (const desc of MESSAGES) {
      fc.assert(
        fc.property(message(desc), (value) => {
          const json = encodeJson(desc, value);
          const again = decode(desc, json);
          expect(equals(desc, again, value) || text(json)).toBe(true);
          expect(toBinary(desc, again)).toEqual(toBinary(desc, value));
          // protobuf-es reads it alike, as JSON of protobuf.
          expect(equals(desc, fromJson(desc, JSON.parse(text(json))), value) || text(json)).toBe(true);
        }),
        { numRuns: 30 },
      );
    }
  });

  test("HT2: is a message or a clear error, whatever the bytes are", () => {
    const pieces = [
      '"key"',
      '"limit"',
      '"sort_order"',
      '"x"',
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "1",
      "-",
      "null",
      "\\",
      "\xff",
    ];
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.json().map((json) => Buffer.from(json)),
      fc.array(fc.constantFrom(...pieces)).map((parts) => Buffer.from(parts.join(""), "latin1")),
      fc.array(fc.constantFrom(...pieces)).map((parts) => Buffer.from(`{"key":${parts.join("")}}`, "latin1")),
    );
    fc.assert(
      fc.property(body, (bytes) => {
        expect(outcome(RangeRequestSchema, bytes)).toMatch(/^(= \{|unexpected EOF|invalid character |proto: )/);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("JSON out", () => {
  test("HT2: has fields in the order in which etcd's own .proto files declare them", () => {
    const recorded = createFileRegistry(
      fromBinary(FileDescriptorSetSchema, readFileSync(new URL("../../proto/etcd-3.7.1.binpb", import.meta.url))),
    );
    const names = (desc: DescMessage | undefined): string[] | undefined => desc?.fields.map(({ name }) => name);
    const seen = new Set<DescMessage>();
    const check = (desc: DescMessage): void => {
      if (seen.has(desc)) return;
      seen.add(desc);
      expect([desc.typeName, names(desc)]).toEqual([desc.typeName, names(recorded.getMessage(desc.typeName))]);
      for (const { message: nested } of desc.fields) if (nested !== undefined) check(nested);
    };
    for (const desc of MESSAGES) check(desc);
  });

  test("HT2: has names as in the .proto in their order, int64 as strings, base64, and no defaults", () => {
    const response = create(RangeResponseSchema, {
      count: 2n,
      more: true,
      kvs: [{ value: Uint8Array.of(0xff, 0xfe), modRevision: 5n, key: Uint8Array.of(1) }, {}],
      header: { revision: -1n, clusterId: 2n ** 64n - 1n },
    });
    expect(text(encodeJson(RangeResponseSchema, response))).toBe(
      '{"header":{"cluster_id":"18446744073709551615","revision":"-1"},' +
        '"kvs":[{"key":"AQ==","mod_revision":"5","value":"//4="},{}],"more":true,"count":"2"}',
    );
  });

  test("HT2: has enums by name, by number where there is none, and a oneof's member at its default", () => {
    const alarms = [{ memberID: 7n, alarm: AlarmType.NOSPACE }, { alarm: 9 as AlarmType }];
    expect(text(encodeJson(AlarmResponseSchema, create(AlarmResponseSchema, { alarms })))).toBe(
      '{"alarms":[{"memberID":"7","alarm":"NOSPACE"},{"alarm":9}]}',
    );
    const compare = create(CompareSchema, { targetUnion: { case: "version", value: 0n } });
    expect(text(encodeJson(CompareSchema, compare))).toBe('{"version":"0"}');
  });

  test("HT2: escapes in streams what could be HTML, and only there", () => {
    const response = create(WatchResponseSchema, { cancelReason: '<a href="&">\u2028é\u0001' });
    expect(text(encodeJson(WatchResponseSchema, response))).toBe('{"cancel_reason":"<a href=\\"&\\">\u2028é\\u0001"}');
    expect(text(encodeResultLine(WatchResponseSchema, response))).toBe(
      '{"result":{"cancel_reason":"\\u003ca href=\\"\\u0026\\"\\u003e\\u2028é\\u0001"}}\n',
    );
    expect(text(encodeErrorLine(5, "<"))).toBe('{"error":{"code":5,"message":"\\u003c"}}\n');
    expect(text(encodeStatus(5, "<"))).toBe('{"code":5,"message":"<"}');
    expect(text(encodeStatus(2, ""))).toBe('{"code":2}');
  });

  test("HT2: is right beyond the size of its buffer, many times", () => {
    for (const sizeBytes of [0, 1, 2, 3, 4090, 100_000, 3_000_000, 5]) {
      const value = new Uint8Array(sizeBytes).map((_, at) => at % 251);
      const json = text(encodeJson(PutRequestSchema, create(PutRequestSchema, { value })));
      expect(json).toBe(sizeBytes === 0 ? "{}" : `{"value":"${Buffer.from(value).toString("base64")}"}`);
    }
  });
});
