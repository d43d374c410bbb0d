/**
 * Requests that are wrong on the wire, and what etcd 3.7.1 (grpc-go) answers: HTTP status, gRPC status, message.
 * Every row was recorded from a real etcd, and is held against one again where there is one.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findEtcd, MISSING_ETCD, startEtcd, toolsAreRequired } from "../../support/etcd.ts";
import { frame, hex, RANGE_STREAM, RawClient, type RawRequest, WATCH } from "./support/raw.ts";
import { createServer } from "./support/server.ts";

const PUT_K_V = frame(hex("0a016b 120176"));
const RANGE_K = frame(hex("0a016b"));
/** A field of five bytes, of which none follow. */
const TRUNCATED = hex("0a05");
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

interface Row {
  readonly name: string;
  readonly request: RawRequest;
  readonly httpStatus?: number;
  readonly code: number;
  readonly message?: string;
}

function header(name: string, value: string): Pick<RawRequest, "headers" | "chunks"> {
  return { headers: { [name]: value }, chunks: [PUT_K_V] };
}

const UNMARSHAL = "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data";
const UNMARSHAL_STREAM = "grpc: failed to unmarshal the received message: proto: cannot parse invalid wire-format data";

const ROWS: readonly Row[] = [
  { name: "a Put as it should be", request: { chunks: [PUT_K_V] }, code: 0 },
  { name: "no message", request: {}, code: 2, message: "EOF" },
  { name: "a second message, which is not looked at", request: { chunks: [PUT_K_V, PUT_K_V] }, code: 0 },
  { name: "garbage behind the message", request: { chunks: [PUT_K_V, hex("0000")] }, code: 0 },
  { name: "part of a prefix", request: { chunks: [PUT_K_V.subarray(0, 3)] }, code: 2, message: "EOF" },
  { name: "part of a message", request: { chunks: [PUT_K_V.subarray(0, 8)] }, code: 2, message: "unexpected EOF" },
  { name: "truncated protobuf", request: { chunks: [frame(TRUNCATED)] }, code: 13, message: UNMARSHAL },
  { name: "an unknown wire type", request: { chunks: [frame(hex("0f"))] }, code: 13, message: UNMARSHAL },
  {
    name: "the largest message that is read",
    request: { chunks: [frame(Buffer.alloc(MAX_MESSAGE_BYTES))] },
    code: 13,
    message: UNMARSHAL,
  },
  {
    name: "a byte more than that",
    request: { chunks: [frame(Buffer.alloc(MAX_MESSAGE_BYTES + 1))] },
    code: 8,
    message: "grpc: received message larger than max (2097153 vs. 2097152)",
  },
  {
    name: "a length beyond all limits, and no more",
    request: { chunks: [hex("00 ffffffff")], end: false },
    code: 8,
    message: "grpc: received message larger than max (4294967295 vs. 2097152)",
  },
  {
    name: "compressed, with nothing said about how",
    request: { chunks: [frame(hex("0a016b"), 1)] },
    code: 13,
    message: "grpc: compressed flag set with identity or empty encoding",
  },
  {
    name: "a flag that means nothing",
    request: { chunks: [frame(hex("0a016b"), 2)] },
    code: 13,
    message: "grpc: received unexpected payload format 2",
  },
  {
    name: "an unknown compression",
    request: header("grpc-encoding", "snappy"),
    code: 12,
    message: 'grpc: Decompressor is not installed for grpc-encoding "snappy"',
  },
  { name: "the compression that is none", request: header("grpc-encoding", "identity"), code: 0 },
  {
    name: "an unknown service",
    request: { path: "/foo.Bar/Baz", chunks: [PUT_K_V] },
    code: 12,
    message: "unknown service foo.Bar",
  },
  {
    name: "an unknown method",
    request: { path: "/etcdserverpb.KV/Nope", chunks: [PUT_K_V] },
    code: 12,
    message: "unknown method Nope for service etcdserverpb.KV",
  },
  { name: "a path of one part", request: { path: "/foo" }, code: 12, message: 'malformed method name: "/foo"' },
  { name: "no path", request: { path: "/" }, code: 12, message: 'malformed method name: "/"' },
  {
    name: "GET",
    request: { headers: { ":method": "GET" } },
    httpStatus: 405,
    code: 13,
    message: 'Received a HEADERS frame with :method "GET" which should be POST',
  },
  { name: "content type grpc+proto", request: header("content-type", "application/grpc+proto"), code: 0 },
  { name: "a subtype of no meaning", request: header("content-type", "application/grpc+foo"), code: 0 },
  { name: "a parameter", request: header("content-type", "application/grpc;charset=utf-8"), code: 0 },
  { name: "no te: trailers", request: { headers: { te: undefined }, chunks: [PUT_K_V] }, code: 0 },
  {
    name: "a timeout of no unit",
    request: header("grpc-timeout", "abc"),
    httpStatus: 400,
    code: 13,
    message: 'malformed grpc-timeout: transport: timeout unit is not recognized: "abc"',
  },
  {
    name: "a timeout of no number",
    request: header("grpc-timeout", "S"),
    httpStatus: 400,
    code: 13,
    message: 'malformed grpc-timeout: transport: timeout string is too short: "S"',
  },
  {
    name: "a timeout of too many digits",
    request: header("grpc-timeout", "1234567890S"),
    httpStatus: 400,
    code: 13,
    message: 'malformed grpc-timeout: transport: timeout string is too long: "1234567890S"',
  },
  {
    name: "a timeout that is over",
    request: header("grpc-timeout", "0m"),
    code: 4,
    message: "context deadline exceeded",
  },
  { name: "a timeout of weeks", request: header("grpc-timeout", "99999999H"), code: 0 },
  {
    name: "a stream whose message is truncated protobuf",
    request: { path: WATCH, chunks: [frame(TRUNCATED)], end: false },
    code: 13,
    message: UNMARSHAL_STREAM,
  },
  {
    name: "a stream with part of a message",
    request: { path: WATCH, chunks: [PUT_K_V.subarray(0, 8)] },
    code: 13,
    message: "unexpected EOF",
  },
  {
    name: "a stream with a compressed message",
    request: { path: WATCH, chunks: [frame(hex("0a016b"), 1)] },
    code: 13,
    message: "grpc: compressed flag set with identity or empty encoding",
  },
  {
    name: "a stream with a message too large",
    request: { path: WATCH, chunks: [hex("00 00200001")], end: false },
    code: 8,
    message: "grpc: received message larger than max (2097153 vs. 2097152)",
  },
  { name: "a stream of replies", request: { path: RANGE_STREAM, chunks: [RANGE_K] }, code: 0 },
  {
    name: "a stream of replies to no request",
    request: { path: RANGE_STREAM },
    code: 13,
    message: "cardinality violation: received no request message from non-client-streaming RPC",
  },
  {
    name: "a stream of replies to two requests",
    request: { path: RANGE_STREAM, chunks: [RANGE_K, RANGE_K] },
    code: 13,
    message: "cardinality violation: received multiple request messages for non-client-streaming RPC",
  },
  {
    name: "a stream of replies to truncated protobuf",
    request: { path: RANGE_STREAM, chunks: [frame(TRUNCATED)] },
    code: 13,
    message: UNMARSHAL_STREAM,
  },
];

function answersAsRecorded(start: () => Promise<{ readonly url: string; stop(): Promise<void> }>): void {
  let server: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.stop());

  test.each(ROWS)("$name", async ({ request, httpStatus = 200, code, message }) => {
    const client = await RawClient.connect(server.url);
    const reply = await client.call(request);
    expect({ httpStatus: reply.httpStatus, code: reply.code, message: reply.message || undefined }).toEqual({
      httpStatus,
      code,
      message,
    });
    // Errors before any message are told in the headers alone; nothing is reset under the client's hands.
    expect(reply.trailers === undefined).toBe(code !== 0);
    expect(reply.resetCode).toBe(0);
    expect(reply.headers["content-type"]).toMatch(/^application\/grpc/);
    // The connection and the server go on.
    expect((await client.call({ chunks: [PUT_K_V] })).code).toBe(0);
  });
}

describe("etcdlite", () => {
  answersAsRecorded(async () => {
    const server = await createServer();
    return { url: server.url, stop: () => server.close() };
  });
});

const hasEtcd = findEtcd() !== undefined || toolsAreRequired();
describe.skipIf(!hasEtcd)(hasEtcd ? "etcd" : `etcd: ${MISSING_ETCD}`, () => answersAsRecorded(() => startEtcd()));
