/** Unary calls: headers and trailers, errors, deadlines, metadata, compression, sizes, bytes that are no message. */
import assert from "node:assert/strict";
import { compressionAlgorithms, Metadata, status } from "@grpc/grpc-js";
import { Cluster } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { AlarmRequest_AlarmAction, Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import type { Case } from "./case.ts";
import { bytes, text } from "./case.ts";
import { GrpcClient } from "./client.ts";

const MIB = 1 << 20;

export const callCases: readonly Case[] = [
  {
    name: "unary calls of every service",
    body: async (client, prefix) => {
      const key = bytes(`${prefix}a`);
      const put = await client.unary(KV.method.put, { key, value: bytes("1") });
      assert.equal(put.status.code, status.OK);
      assert.deepEqual(put.header?.get("content-type"), ["application/grpc"]);
      const got = await client.call(KV.method.range, { key });
      assert.equal(text(got.kvs[0]?.value), "1");
      assert.equal(got.header?.revision, put.response?.header?.revision);
      const txn = await client.call(KV.method.txn, {
        success: [{ request: { case: "requestDeleteRange", value: { key, prevKv: true } } }],
      });
      assert.equal(txn.succeeded, true);
      const lease = await client.call(Lease.method.leaseGrant, { TTL: 600n });
      const left = await client.call(Lease.method.leaseTimeToLive, { ID: lease.ID });
      assert.equal(left.grantedTTL, 600n);
      await client.call(Lease.method.leaseRevoke, { ID: lease.ID });
      await client.call(Lease.method.leaseLeases, {});
      const state = await client.call(Maintenance.method.status, {});
      assert.equal(state.version, "3.7.1");
      assert.equal((await client.call(Maintenance.method.hash, {})).header?.memberId, state.header?.memberId);
      await client.call(Maintenance.method.hashKV, {});
      await client.call(Maintenance.method.alarm, { action: AlarmRequest_AlarmAction.GET });
      await client.call(Maintenance.method.defragment, {});
      const { members } = await client.call(Cluster.method.memberList, { linearizable: true });
      assert.equal(members[0]?.ID, state.header?.memberId);
      await client.call(KV.method.deleteRange, { key });
      const { header } = await client.call(KV.method.put, { key, value: bytes("2") });
      await client.call(KV.method.compact, { revision: header?.revision ?? 0n });
    },
  },
  {
    name: "errors have etcd's codes and messages",
    body: async (client) => {
      const unknown = await client.unary(Lease.method.leaseRevoke, { ID: 1234n });
      assert.equal(unknown.status.code, status.NOT_FOUND);
      assert.equal(unknown.status.details, "etcdserver: requested lease not found");
      const empty = await client.unary(KV.method.put, {});
      assert.equal(empty.status.code, status.INVALID_ARGUMENT);
      assert.equal(empty.status.details, "etcdserver: key is not provided");
      const future = await client.unary(KV.method.range, { key: bytes("a"), revision: 1n << 40n });
      assert.equal(future.status.code, status.OUT_OF_RANGE);
      assert.equal(future.status.details, "etcdserver: mvcc: required revision is a future revision");
      const order = await client.unary(KV.method.range, { key: bytes("a"), sortOrder: 9 as never });
      assert.equal(order.status.details, "etcdserver: invalid sort option");
    },
  },
  {
    name: "unknown methods and services are unimplemented",
    body: async (client) => {
      for (const path of ["/etcdserverpb.KV/None", "/none.None/Range", "/none"]) {
        const { status: got } = await client.unaryBytes(path, new Uint8Array());
        assert.equal(got.code, status.UNIMPLEMENTED, `${path}: ${got.code} ${got.details}`);
      }
    },
  },
  {
    name: "bytes that are no message fail, and the connection lives on",
    body: async (client, prefix) => {
      const garbage = await client.unaryBytes("/etcdserverpb.KV/Put", Uint8Array.of(0x0a, 0xff));
      assert.equal(garbage.status.code, status.INTERNAL, garbage.status.details);
      const unknownField = await client.unaryBytes(
        "/etcdserverpb.KV/Range",
        Uint8Array.of(0x0a, 1, 0x61, 0x98, 0x06, 1),
      );
      assert.equal(unknownField.status.code, status.OK, unknownField.status.details);
      await client.call(KV.method.put, { key: bytes(`${prefix}a`) });
    },
  },
  {
    name: "metadata: etcd's own, unknown, binary",
    body: async (client, prefix) => {
      const metadata = new Metadata();
      metadata.set("hasleader", "true");
      metadata.set("client-api-version", "3.7");
      metadata.set("x-unknown", "value");
      metadata.set("x-unknown-bin", Buffer.from([0, 255]));
      const { status: got } = await client.unary(KV.method.range, { key: bytes(`${prefix}a`) }, metadata);
      assert.equal(got.code, status.OK, got.details);
    },
  },
  {
    name: "deadlines: one that holds, one that has passed",
    body: async (client, prefix) => {
      const request = { key: bytes(`${prefix}a`) };
      const held = await client.unary(KV.method.range, request, new Metadata(), { deadline: Date.now() + 25_000 });
      assert.equal(held.status.code, status.OK);
      const passed = await client.unary(KV.method.range, request, new Metadata(), { deadline: Date.now() - 1 });
      assert.equal(passed.status.code, status.DEADLINE_EXCEEDED);
    },
  },
  {
    name: "gzip requests",
    body: async (_client, prefix, url) => {
      const algorithm = compressionAlgorithms.gzip;
      const client = new GrpcClient(url, { "grpc.default_compression_algorithm": algorithm });
      try {
        const value = bytes("compressible ".repeat(10_000));
        const put = await client.unary(KV.method.put, { key: bytes(`${prefix}a`), value });
        assert.equal(put.status.code, status.OK, put.status.details);
        const got = await client.call(KV.method.range, { key: bytes(`${prefix}a`) });
        assert.equal(text(got.kvs[0]?.value), text(value));
      } finally {
        client.close();
      }
    },
  },
  {
    name: "request sizes: the limit of a request, the limit of a message",
    body: async (client, prefix) => {
      const put = async (length: number) => {
        const request = { key: bytes(`${prefix}a`), value: new Uint8Array(length) };
        return (await client.unary(KV.method.put, request)).status;
      };
      const large = await put(1.5 * MIB - 100);
      assert.equal(large.code, status.OK, large.details);
      const tooLarge = await put(1.5 * MIB);
      assert.equal(tooLarge.code, status.INVALID_ARGUMENT);
      assert.equal(tooLarge.details, "etcdserver: request is too large");
      const message = await put(3 * MIB);
      assert.equal(message.code, status.RESOURCE_EXHAUSTED);
      assert.match(message.details, /received message larger than max/);
      assert.equal((await put(1)).code, status.OK);
    },
  },
  {
    name: "a response beyond the client's own limit, and within a raised one",
    body: async (client, prefix, url) => {
      for (const index of [0, 1, 2, 3, 4]) {
        await client.call(KV.method.put, { key: bytes(prefix + index), value: new Uint8Array(MIB) });
      }
      const request = { key: bytes(prefix), rangeEnd: bytes(`${prefix}~`) };
      assert.equal((await client.unary(KV.method.range, request)).status.code, status.RESOURCE_EXHAUSTED);
      const larger = new GrpcClient(url, { "grpc.max_receive_message_length": 64 * MIB });
      assert.equal((await larger.call(KV.method.range, request)).kvs.length, 5);
      larger.close();
    },
  },
  {
    name: "500 calls at once on one connection",
    body: async (client, prefix) => {
      const calls = Array.from({ length: 500 }, (_, index) => {
        return client.call(KV.method.put, { key: bytes(prefix + index), value: bytes(String(index)) });
      });
      const revisions = (await Promise.all(calls)).map((put) => put.header?.revision);
      assert.equal(new Set(revisions).size, 500);
      const got = await client.call(KV.method.range, {
        key: bytes(prefix),
        rangeEnd: bytes(`${prefix}~`),
        countOnly: true,
      });
      assert.equal(got.count, 500n);
    },
  },
];
