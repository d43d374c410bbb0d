import { create } from "@bufbuild/protobuf";
import { createHandlerContext } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { EtcdError, etcdError, Status } from "../../src/errors.ts";
import { KV, PutRequestSchema, RangeRequestSchema } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { Access } from "../../src/rpc/access.ts";
import { etcdServices, NO_TOKENS } from "../../src/rpc/index.ts";
import { kvService } from "../../src/rpc/kv.ts";
import { Signal } from "../../src/rpc/signal.ts";
import { Etcd } from "../../src/server/index.ts";
import { VirtualClock } from "../support/clock.ts";
import { bytes, text } from "./support/show.ts";

const CONTEXT = createHandlerContext({
  service: KV,
  method: KV.method.put,
  protocolName: "grpc",
  requestMethod: "POST",
  url: "http://in-process/",
});

test("every service of this issue is there, each once", () => {
  const names = etcdServices(new Etcd({ clock: new VirtualClock() })).map(({ service }) => service.typeName);
  expect(names.toSorted()).toEqual([
    "etcdlite.v1.Keys",
    "etcdlite.v1.Lease",
    "etcdlite.v1.Watch",
    "etcdserverpb.Auth",
    "etcdserverpb.Cluster",
    "etcdserverpb.KV",
    "etcdserverpb.Lease",
    "etcdserverpb.Maintenance",
    "etcdserverpb.Watch",
    "grpc.health.v1.Health",
    "v3electionpb.Election",
    "v3lockpb.Lock",
  ]);
});

test("KV5: a unary method answers at once, and what is stored is no view of the request's buffer", async () => {
  const etcd = new Etcd({ clock: new VirtualClock() });
  const kv = kvService(etcd, new Access(etcd, NO_TOKENS));
  const buffer = bytes("key-value");
  const request = create(PutRequestSchema, { key: buffer.subarray(0, 3), value: buffer.subarray(4) });
  const response = kv.put(request, CONTEXT);
  expect(response).not.toBeInstanceOf(Promise);
  buffer.fill(0);
  const read = await kv.range(create(RangeRequestSchema, { key: bytes("key") }), CONTEXT);
  expect(read.kvs?.map((pair) => text(pair.value ?? bytes("")))).toEqual(["value"]);
});

test("an etcd's error is its gRPC status and its text", () => {
  const error = etcdError("compacted");
  expect(error).toBeInstanceOf(EtcdError);
  expect([error.status, error.message, error.name]).toEqual([
    Status.OUT_OF_RANGE,
    "etcdserver: mvcc: required revision has been compacted",
    "EtcdError",
  ]);
});

test("a signal set before anybody waits releases the next waiter, once", async () => {
  const signal = new Signal();
  signal.set();
  signal.set();
  await signal.wait();
  const order: string[] = [];
  const waiting = signal.wait().then(() => order.push("released"));
  await Promise.resolve();
  order.push("set");
  signal.set();
  await waiting;
  expect(order).toEqual(["set", "released"]);
});
