/** The same calls by what is not gRPC: etcd's JSON gateway, and what etcd does not speak. */
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { NOT_ETCD, type Row, type Target } from "../row.ts";
import { bytes, fillerOf, once, putOne } from "./client.ts";
import { overHttp1, unary } from "./unary.ts";

const KEY = bytes("bench/http");
const VALUE_BYTES = 256;
const CONNECTIONS = 8;

const put = {
  method: KV.method.put,
  request: { key: KEY, value: fillerOf(VALUE_BYTES) },
  accepts: (reply: { header?: unknown }) => reply.header !== undefined,
};

const range = {
  method: KV.method.range,
  request: { key: KEY },
  accepts: (reply: { kvs: readonly { value: Uint8Array }[] }) => reply.kvs[0]?.value.length === VALUE_BYTES,
  prepare: (target: Target) => once(target, "http", () => putOne(target, KEY, VALUE_BYTES)),
};

export const HTTP_ROWS: readonly Row[] = [
  overHttp1({ ...put, name: "JSON gateway, HTTP/1.1, Put 256 B", protocol: "gateway" }, CONNECTIONS),
  overHttp1({ ...range, name: "JSON gateway, HTTP/1.1, Range 1 key", protocol: "gateway" }, CONNECTIONS),
  overHttp1({ ...range, name: "Connect JSON, HTTP/1.1, Range 1 key", protocol: "connect-json", on: NOT_ETCD }, 8),
  overHttp1({ ...range, name: "gRPC-Web, HTTP/1.1, Range 1 key", protocol: "grpc-web over HTTP/1.1", on: NOT_ETCD }, 8),
  unary(
    { ...range, name: "gRPC-Web, HTTP/2, Range 1 key", protocol: "grpc-web", on: NOT_ETCD, revisions: 0 },
    { connections: CONNECTIONS, streams: 32 },
    40_000,
  ),
];
