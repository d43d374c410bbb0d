/** Streams: Watch and LeaseKeepAlive both ways, RangeStream; half close, cancel, deadline, many at once. */
import assert from "node:assert/strict";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import type { WatchCreateRequestSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import type { Case } from "./case.ts";
import { bytes, text } from "./case.ts";
import type { GrpcClient } from "./client.ts";

type CreateInit = MessageInitShape<typeof WatchCreateRequestSchema>;

const create = (value: CreateInit) => ({ requestUnion: { case: "createRequest" as const, value } });
const cancel = (watchId: bigint) => ({ requestUnion: { case: "cancelRequest" as const, value: { watchId } } });
const progress = { requestUnion: { case: "progressRequest" as const, value: {} } };

async function put(client: GrpcClient, key: string, value: string): Promise<bigint> {
  const { header } = await client.call(KV.method.put, { key: bytes(key), value: bytes(value) });
  return header?.revision ?? 0n;
}

export const streamCases: readonly Case[] = [
  {
    name: "watch: create, events, progress, cancel, on one stream",
    body: async (client, prefix) => {
      const call = client.bidi(Watch.method.watch);
      call.send(create({ key: bytes(`${prefix}a`) }));
      call.send(create({ key: bytes(prefix), rangeEnd: bytes(`${prefix}~`), prevKv: true, watchId: 7n }));
      call.send(create({ key: bytes(`${prefix}a`), watchId: 7n }));
      const created = [await call.next(), await call.next(), await call.next()];
      assert.deepEqual(
        created.map((reply) => [reply?.watchId, reply?.created, reply?.canceled, reply?.cancelReason]),
        [
          [0n, true, false, ""],
          [7n, true, false, ""],
          [-1n, true, true, "mvcc: duplicate watch ID provided on the WatchStream"],
        ],
      );
      const revision = await put(client, `${prefix}b`, "1");
      const event = await call.next();
      assert.equal(event?.watchId, 7n);
      assert.equal(event?.header?.revision, revision);
      assert.equal(text(event?.events[0]?.kv?.value), "1");
      call.send(cancel(99n));
      call.send(progress);
      const notice = await call.next();
      assert.equal(notice?.watchId, -1n);
      assert.equal(notice?.header?.revision, revision);
      call.send(cancel(7n));
      const canceled = await call.next();
      assert.deepEqual([canceled?.watchId, canceled?.canceled], [7n, true]);
      await put(client, `${prefix}b`, "2");
      await put(client, `${prefix}a`, "3");
      assert.equal((await call.next())?.watchId, 0n);
      call.cancel();
      assert.equal((await call.status).code, status.CANCELLED);
    },
  },
  {
    name: "watch: a half-closed stream goes on sending",
    body: async (client, prefix) => {
      const call = client.bidi(Watch.method.watch);
      call.send(create({ key: bytes(`${prefix}a`) }));
      call.halfClose();
      assert.equal((await call.next())?.created, true);
      for (const value of ["1", "2", "3"]) {
        await put(client, `${prefix}a`, value);
        assert.equal(text((await call.next())?.events[0]?.kv?.value), value);
      }
      call.cancel();
    },
  },
  {
    name: "watch: a deadline ends it",
    body: async (client, prefix) => {
      const call = client.bidi(Watch.method.watch, { deadline: Date.now() + 2_000 });
      call.send(create({ key: bytes(`${prefix}a`) }));
      assert.equal((await call.next())?.created, true);
      assert.equal(await call.next(), undefined);
      assert.equal((await call.status).code, status.DEADLINE_EXCEEDED);
    },
  },
  {
    name: "watch: fragments of a large revision",
    body: async (client, prefix) => {
      const value = new Uint8Array(400_000);
      for (let index = 0; index < 8; index++) {
        await client.call(KV.method.put, { key: bytes(prefix + index), value });
      }
      const whole = { key: bytes(prefix), rangeEnd: bytes(`${prefix}~`) };
      const deleted = await client.call(KV.method.deleteRange, whole);
      const call = client.bidi(Watch.method.watch);
      const startRevision = deleted.header?.revision ?? 0n;
      call.send(create({ ...whole, startRevision, prevKv: true, fragment: true }));
      assert.equal((await call.next())?.created, true);
      const fragments: boolean[] = [];
      let events = 0;
      do {
        const reply = await call.next();
        events += reply?.events.length ?? 0;
        fragments.push(reply?.fragment ?? false);
      } while (fragments.at(-1) === true);
      assert.equal(events, 8);
      assert.equal(fragments.length, 2);
      call.cancel();
    },
  },
  {
    name: "keep-alive: many leases on one stream, half close ends it",
    body: async (client) => {
      const ids: bigint[] = [];
      for (let index = 0; index < 5; index++) {
        ids.push((await client.call(Lease.method.leaseGrant, { TTL: 600n })).ID);
      }
      const call = client.bidi(Lease.method.leaseKeepAlive);
      for (const id of [...ids, 1234n]) call.send({ ID: id });
      for (const id of ids) {
        const reply = await call.next();
        assert.deepEqual([reply?.ID, reply?.TTL], [id, 600n]);
      }
      assert.equal((await call.next())?.TTL, 0n);
      call.halfClose();
      assert.equal(await call.next(), undefined);
      assert.equal((await call.status).code, status.OK);
      for (const id of ids) await client.call(Lease.method.leaseRevoke, { ID: id });
    },
  },
  {
    name: "RangeStream",
    body: async (client, prefix) => {
      for (let index = 10; index < 35; index++) await put(client, `${prefix}${index}`, "x");
      const replies = client.serverStream(KV.method.rangeStream, {
        key: bytes(prefix),
        rangeEnd: bytes(`${prefix}~`),
      });
      const sizes: number[] = [];
      let last = (await replies.next())?.rangeResponse;
      for (let reply = last; reply !== undefined; reply = (await replies.next())?.rangeResponse) {
        sizes.push(reply.kvs.length);
        last = reply;
      }
      assert.deepEqual(sizes, [10, 15]);
      assert.equal(last?.count, 25n);
      assert.notEqual(last?.header, undefined);
      assert.equal((await replies.status).code, status.OK);
      const sorted = client.serverStream(KV.method.rangeStream, { key: bytes(prefix), sortOrder: 2, sortTarget: 4 });
      assert.equal((await sorted.status).code, status.UNIMPLEMENTED);
    },
  },
  {
    name: "300 watch streams at once, then all canceled",
    body: async (client, prefix) => {
      const calls = Array.from({ length: 300 }, (_, index) => {
        const call = client.bidi(Watch.method.watch);
        call.send(create({ key: bytes(prefix + index) }));
        return call;
      });
      const created = await Promise.all(calls.map((call) => call.next()));
      assert.ok(created.every((reply) => reply?.created));
      await Promise.all(calls.map((_, index) => put(client, prefix + index, String(index))));
      const events = await Promise.all(calls.map((call) => call.next()));
      const values = events.map((reply) => text(reply?.events[0]?.kv?.value));
      assert.deepEqual(
        values,
        calls.map((_, index) => String(index)),
      );
      for (const call of calls) call.cancel();
      const ends = await Promise.all(calls.map((call) => call.status));
      assert.ok(ends.every((end) => end.code === status.CANCELLED));
      await put(client, prefix, "the connection lives on");
    },
  },
];
