/** What is measured: one RPC under one shape of load. */
import { create, toBinary } from "@bufbuild/protobuf";
import { PutRequestSchema, RangeRequestSchema } from "../src/gen/etcdserverpb/kv_pb.ts";

export interface Row {
  readonly name: string;
  readonly path: "/etcdserverpb.KV/Put" | "/etcdserverpb.KV/Range";
  /** HTTP/2 connections, and requests under way at once on each. */
  readonly connections: number;
  readonly streams: number;
  /** Requests in a full run; a quick one sends a quarter. */
  readonly requests: number;
  /** The request as one gRPC frame. */
  readonly body: Uint8Array;
  /** Revisions of the key before the load begins: etcd reads a key with many more slowly. */
  readonly revisions: number;
}

export const KEY: Uint8Array = new TextEncoder().encode("bench/0123456789");
export const VALUE: Uint8Array = new Uint8Array(256).fill(0x78);

export const PUT = frame(toBinary(PutRequestSchema, create(PutRequestSchema, { key: KEY, value: VALUE })));
const RANGE = frame(toBinary(RangeRequestSchema, create(RangeRequestSchema, { key: KEY })));

const MANY_REVISIONS = 100_000;

const SHAPES = [
  { connections: 8, streams: 32, requests: 100_000 },
  { connections: 64, streams: 1, requests: 60_000 },
  { connections: 1, streams: 1, requests: 16_000 },
];

export const ROWS: readonly Row[] = SHAPES.flatMap((shape) => {
  const load = `${shape.connections} × ${shape.streams}`;
  return [
    { ...shape, name: `Put 256 B, ${load}`, path: "/etcdserverpb.KV/Put", body: PUT, revisions: 1 } as const,
    { ...shape, ...range(1), name: `Range 1 key, ${load}` },
    { ...shape, ...range(MANY_REVISIONS), name: `Range 1 key of ${MANY_REVISIONS} revisions, ${load}` },
  ];
});

function range(revisions: number): Pick<Row, "path" | "body" | "revisions"> {
  return { path: "/etcdserverpb.KV/Range", body: RANGE, revisions };
}

function frame(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + message.length);
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, 5);
  return bytes;
}
