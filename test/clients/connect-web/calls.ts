/** Unary calls of every service, their errors, deadlines and cancellation. */
import assert from "node:assert/strict";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { Lease as BrowserLease } from "../../../src/gen/etcdlite/v1/lease_pb.ts";
import { Cluster } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import type { Case } from "./case.ts";
import { bytes, text, withPrefix } from "./case.ts";

/** The error of a call that must fail with this code and message. */
async function rejects(call: Promise<unknown>, code: Code, message: string): Promise<void> {
  const error = await call.then(
    () => assert.fail(`no error, but ${message} was wanted`),
    (reason: unknown) => ConnectError.from(reason),
  );
  assert.deepEqual([Code[error.code], error.rawMessage], [Code[code], message]);
}

export const callCases: readonly Case[] = [
  {
    name: "unary KV",
    body: async (transport, prefix) => {
      const kv = createClient(KV, transport);
      const key = bytes(`${prefix}a`);
      const first = await kv.put({ key, value: bytes("1") });
      const second = await kv.put({ key, value: Uint8Array.of(0, 255, 254), prevKv: true });
      assert.equal(text(second.prevKv?.value), "1");
      assert.equal(second.header?.revision, (first.header?.revision ?? 0n) + 1n);
      const now = await kv.range({ key });
      assert.deepEqual([...(now.kvs[0]?.value ?? [])], [0, 255, 254]);
      assert.equal(now.kvs[0]?.createRevision, first.header?.revision);
      const past = await kv.range({ key, revision: first.header?.revision ?? 0n });
      assert.equal(text(past.kvs[0]?.value), "1");
      const txn = await kv.txn({
        compare: [{ key, target: 0, result: 0, targetUnion: { case: "version", value: 2n } }],
        success: [
          { request: { case: "requestPut", value: { key: bytes(`${prefix}b`), value: bytes("2") } } },
          { request: { case: "requestRange", value: withPrefix(prefix) } },
        ],
      });
      assert.equal(txn.succeeded, true);
      const inner = txn.responses[1]?.response;
      assert.equal(inner?.case === "responseRange" ? inner.value.count : 0n, 2n);
      const deleted = await kv.deleteRange({ ...withPrefix(prefix), prevKv: true });
      assert.equal(deleted.deleted, 2n);
      const last = await kv.put({ key, value: new Uint8Array(1 << 20) });
      assert.equal((await kv.range({ key })).kvs[0]?.value.length, 1 << 20);
      await kv.compact({ revision: last.header?.revision ?? 0n, physical: true });
    },
  },
  {
    name: "unary Lease, Maintenance, Cluster",
    body: async (transport, prefix) => {
      const lease = createClient(Lease, transport);
      const { ID } = await lease.leaseGrant({ TTL: 600n });
      await createClient(KV, transport).put({ key: bytes(`${prefix}a`), lease: ID });
      const left = await lease.leaseTimeToLive({ ID, keys: true });
      assert.deepEqual([left.grantedTTL, left.keys.map(text)], [600n, [`${prefix}a`]]);
      assert.ok((await lease.leaseLeases({})).leases.some((entry) => entry.ID === ID));
      await lease.leaseRevoke({ ID });
      const maintenance = createClient(Maintenance, transport);
      const status = await maintenance.status({});
      assert.equal(status.version, "3.7.1");
      assert.equal(status.leader, status.header?.memberId);
      const hash = await maintenance.hashKV({});
      assert.equal(hash.hashRevision, hash.header?.revision);
      await maintenance.hash({});
      await maintenance.defragment({});
      assert.deepEqual((await maintenance.alarm({})).alarms, []);
      const { members } = await createClient(Cluster, transport).memberList({});
      assert.equal(members[0]?.ID, status.header?.memberId);
    },
  },
  {
    name: "etcdlite.v1 LeaseKeepAlive",
    body: async (transport) => {
      const lease = createClient(Lease, transport);
      const browserLease = createClient(BrowserLease, transport);
      const { ID } = await lease.leaseGrant({ TTL: 600n });
      const kept = await browserLease.leaseKeepAlive({ ID });
      assert.deepEqual([kept.ID, kept.TTL], [ID, 600n]);
      await lease.leaseRevoke({ ID });
      assert.equal((await browserLease.leaseKeepAlive({ ID })).TTL, 0n);
    },
  },
  {
    name: "errors have etcd's codes and messages",
    body: async (transport, prefix) => {
      const kv = createClient(KV, transport);
      const lease = createClient(Lease, transport);
      const key = bytes(`${prefix}a`);
      await rejects(kv.put({}), Code.InvalidArgument, "etcdserver: key is not provided");
      await rejects(kv.put({ key, lease: 1234n }), Code.NotFound, "etcdserver: requested lease not found");
      await rejects(
        kv.range({ key, revision: 1n << 40n }),
        Code.OutOfRange,
        "etcdserver: mvcc: required revision is a future revision",
      );
      const { ID } = await lease.leaseGrant({ TTL: 600n });
      await rejects(lease.leaseGrant({ ID, TTL: 600n }), Code.FailedPrecondition, "etcdserver: lease already exists");
      await rejects(
        kv.put({ key, value: new Uint8Array(1_600_000) }),
        Code.InvalidArgument,
        "etcdserver: request is too large",
      );
      await lease.leaseRevoke({ ID });
    },
  },
  {
    name: "a deadline that holds, a call that is aborted",
    body: async (transport, prefix) => {
      const kv = createClient(KV, transport);
      const key = bytes(`${prefix}a`);
      assert.equal((await kv.range({ key }, { timeoutMs: 25_000 })).count, 0n);
      await assert.rejects(kv.range({ key }, { signal: AbortSignal.abort() }), (error) => {
        return ConnectError.from(error).code === Code.Canceled;
      });
    },
  },
];
