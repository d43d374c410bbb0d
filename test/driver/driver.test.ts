import { create } from "@bufbuild/protobuf";
import { createHandlerContext, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { openEtcd } from "../../src/driver/index.ts";
import { KV, RangeRequestSchema, type RangeResponse } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { MemoryStorage } from "../../src/journal/index.ts";
import { etcdServices, type ServiceBinding } from "../../src/rpc/index.ts";
import { Etcd } from "../../src/server/index.ts";
import { EVERYTHING, putOf, rangeOf } from "../rpc/support/ops.ts";
import { bytes, events, expectError, keys } from "../rpc/support/show.ts";
import { WatchClient } from "../rpc/support/watch.ts";
import { VirtualClock } from "../support/clock.ts";
import { HeldJournal } from "./support/held.ts";
import { Outcomes, open, turns } from "./support/opened.ts";

function methodOf(bindings: readonly ServiceBinding[], name: string) {
  const binding = bindings.find(({ service }) => service.typeName === KV.typeName);
  const impl = binding?.impl as unknown as Record<string, (request: unknown, context: HandlerContext) => RangeResponse>;
  return impl[name] ?? expect.fail(`no method ${name}`);
}

describe("nothing is answered before it is durable", () => {
  test("a put, and the reads after it", async () => {
    const { kv, journal } = await open();
    const outcomes = new Outcomes();
    journal.hold();
    outcomes.follow("put", kv.put(putOf("a", "1")));
    outcomes.follow("range", kv.range(rangeOf("a")));
    await turns();
    expect([outcomes.ended, journal.held.length]).toEqual([[], 1]);
    journal.letGo();
    await turns();
    expect(outcomes.ended).toEqual(["put", "range"]);
  });

  test("writes that come while one is under way go together into the next, and are answered in their order", async () => {
    const { kv, journal } = await open();
    const outcomes = new Outcomes();
    journal.hold();
    for (const name of ["a", "b", "c", "d"]) {
      outcomes.follow(name, kv.put(putOf(name, "1")));
      await turns();
    }
    expect(journal.held.length).toBe(1);
    journal.letGo();
    await turns();
    expect(outcomes.ended).toEqual(["a"]);
    journal.letGo();
    await turns();
    expect(outcomes.ended).toEqual(["a", "b", "c", "d"]);
    // A row each, and the number of the last request.
    expect(journal.writes).toEqual([2, 4]);
  });

  test("what belongs together is one write: an ended lease and the delete of its keys", async () => {
    const { kv, lease, journal } = await open();
    await lease.leaseGrant({ ID: 7n, TTL: 60n });
    await kv.put(putOf("a", "1", { lease: 7n }));
    journal.hold();
    void lease.leaseRevoke({ ID: 7n });
    await turns();
    expect(journal.held.map(({ changes }) => changes.map(({ bucket }) => bucket))).toEqual([["lease", "key", "meta"]]);
  });

  test("errors wait too: they tell what was applied", async () => {
    const { kv, lease, journal } = await open();
    await lease.leaseGrant({ ID: 7n, TTL: 60n });
    const outcomes = new Outcomes();
    journal.hold();
    outcomes.follow("revoke", lease.leaseRevoke({ ID: 7n }));
    outcomes.follow("put", kv.put(putOf("a", "1", { lease: 7n })));
    await turns();
    expect(outcomes.ended).toEqual([]);
    journal.letGo();
    await turns();
    expect(outcomes.ended).toEqual(["revoke", "put: etcdserver: requested lease not found"]);
  });

  test("messages of a stream wait: no watch tells of what could be lost", async () => {
    const opened = await open();
    const watch = new WatchClient(opened);
    watch.create("a", "z");
    expect((await watch.next()).created).toBe(true);
    opened.journal.hold();
    const outcomes = new Outcomes();
    outcomes.follow("put", opened.kv.put(putOf("a", "1")));
    const next = watch.next();
    outcomes.follow("event", next);
    await turns();
    expect(outcomes.ended).toEqual([]);
    opened.journal.letGo();
    expect(events(await next)).toEqual(["PUT a=1 2/2/1"]);
  });

  test("events of what is durable go out while a later write is under way", async () => {
    const opened = await open();
    const watch = new WatchClient(opened);
    watch.create("a", "z");
    await watch.next();
    opened.journal.hold();
    const puts = [opened.kv.put(putOf("a", "1"))];
    await turns();
    puts.push(opened.kv.put(putOf("a", "2")));
    const next = watch.next();
    opened.journal.letGo();
    expect([events(await next), opened.journal.held.length]).toEqual([["PUT a=1 2/2/1"], 1]);
    opened.journal.release();
    await Promise.all(puts);
    expect(events(await watch.next())).toEqual(["PUT a=2 2/3/2"]);
  });

  test("a range stream and keep-alives wait, and keep their order", async () => {
    const { kv, lease, journal } = await open();
    await lease.leaseGrant({ ID: 7n, TTL: 60n });
    await lease.leaseGrant({ ID: 8n, TTL: 30n });
    const outcomes = new Outcomes();
    journal.hold();
    outcomes.follow("put", kv.put(putOf("a", "1")));
    const seen: string[] = [];
    const stream = async () => {
      for await (const { rangeResponse } of kv.rangeStream(rangeOf("a")))
        seen.push(...keys(rangeResponse ?? { kvs: [] }));
    };
    const keepAlive = async () => {
      const ids = async function* () {
        yield { ID: 7n };
        yield { ID: 8n };
        yield { ID: 9n };
      };
      for await (const { ID, TTL } of lease.leaseKeepAlive(ids())) seen.push(`${ID}: ${TTL}`);
    };
    const both = Promise.all([stream(), keepAlive()]);
    await turns();
    expect([outcomes.ended, seen]).toEqual([[], []]);
    journal.letGo();
    await both;
    expect(seen.filter((line) => line.includes(":"))).toEqual(["7: 60", "8: 30", "9: 0"]);
    expect(seen).toContain("a");
  });

  test("where all is durable, a unary method answers at once, not by a promise", async () => {
    const { kept, kv } = await open();
    await kv.put(putOf("a", "1"));
    const range = methodOf(kept.bindings, "range");
    const context = createHandlerContext({
      service: KV,
      method: KV.method.range,
      protocolName: "grpc",
      requestMethod: "POST",
      url: "http://in-process/",
    });
    const request = create(RangeRequestSchema, { key: bytes("a") });
    expect(range(request, context)).not.toBeInstanceOf(Promise);
    expect(keys(range(request, context))).toEqual(["a"]);
  });

  test("what time does is kept too: an ended lease, an automatic compaction", async () => {
    const options = { autoCompactionMode: "revision", autoCompactionRetentionRevisions: 1 } as const;
    const { kv, lease, clock, kept, storage, journal } = await open(new MemoryStorage(), options);
    await lease.leaseGrant({ ID: 7n, TTL: 10n });
    await kv.put(putOf("a", "1", { lease: 7n }));
    await kv.put(putOf("b", "1"));
    journal.hold();
    clock.advance(10_000);
    const outcomes = new Outcomes();
    outcomes.follow("range", kv.range(rangeOf("a")));
    await turns();
    expect(outcomes.ended).toEqual([]);
    journal.release();
    await kept.durable();
    clock.advance(5 * 60_000);
    await kept.close();
    const again = await open(storage);
    expect([again.kept.etcd.leases(), again.kept.etcd.store.compactRevision]).toEqual([[], 3]);
    expect(keys(await again.kv.range(EVERYTHING))).toEqual(["b"]);
  });
});

describe("compaction", () => {
  test("rows go in several writes, which nobody waits for, and a restart in the middle goes on with them", async () => {
    const { kept, kv, journal, storage } = await open();
    for (let at = 0; at < 2500; at++) void kv.put(putOf("a", String(at)));
    await kept.durable();
    journal.hold();
    journal.writes.length = 0;
    const outcomes = new Outcomes();
    outcomes.follow("compact", kv.compact({ revision: 2501n }));
    await turns();
    expect(journal.held.length).toBe(1);
    journal.letGo();
    await turns();
    expect([outcomes.ended, journal.held.length]).toEqual([["compact"], 1]);
    outcomes.follow("range", kv.range(rangeOf("a")));
    await turns();
    expect(outcomes.ended).toEqual(["compact", "range"]);
    expect(storage.buckets.get("key")?.size).toBe(1500);
    journal.letGo();
    await kept.close();
    expect(storage.buckets.get("key")?.size).toBe(500);
    const again = await open(storage);
    await expect.poll(() => storage.buckets.get("key")?.size).toBe(1);
    expect(again.kept.etcd.store.compactRevision).toBe(2501);
    await expectError(again.kv.range(rangeOf("a", "", { revision: 5n })), "OUT_OF_RANGE", COMPACTED);
  });
});

const COMPACTED = "etcdserver: mvcc: required revision has been compacted";
const FAILED = "etcdlite: the storage failed, so nothing is kept: Error: disk full";

describe("after a write that failed", () => {
  test("nothing is acknowledged: not what waits, not what comes, not what streams", async () => {
    const opened = await open();
    const { kv, lease, keys, maintenance, journal, failures, clock, kept } = opened;
    await kv.put(putOf("a", "1"));
    await lease.leaseGrant({ ID: 7n, TTL: 10n });
    const watch = new WatchClient(opened);
    watch.create("a", "z");
    await watch.next();
    const idle = new WatchClient(opened);
    journal.hold();
    const outcomes = new Outcomes();
    outcomes.follow("put", kv.put(putOf("b", "1")));
    await turns();
    outcomes.follow("later put", kv.put(putOf("c", "1")));
    outcomes.follow("range", kv.range(rangeOf("a")));
    outcomes.follow("watch", watch.next());
    outcomes.follow("idle watch", idle.next());
    outcomes.follow("durable", kept.durable());
    await turns();
    expect(outcomes.ended).toEqual([]);
    journal.fail(new Error("disk full"));
    await turns();
    const names = ["durable", "idle watch", "later put", "put", "range", "watch"];
    expect(outcomes.ended.toSorted()).toEqual(names.map((name) => `${name}: ${FAILED}`));
    await expectError(kv.range(rangeOf("a")), "UNAVAILABLE", FAILED);
    await expectError(kv.put(putOf("d", "1")), "UNAVAILABLE", FAILED);
    await expectError(keys.listChildren({}), "UNAVAILABLE", FAILED);
    await expectError(maintenance.status({}), "UNAVAILABLE", FAILED);
    await expectError(new WatchClient(opened).next(), "UNAVAILABLE", FAILED);
    const writes = journal.writes.length;
    clock.advance(60_000);
    await turns();
    expect([failures.length, journal.writes.length]).toEqual([1, writes]);
    expect(kept.etcd.stopReason).toMatch(/^etcdlite: the storage failed, so nothing is kept: /);
    await kept.close();
    expect(journal.closed).toBe(true);
  });

  test("what had been acknowledged is there at the next start, and nothing else", async () => {
    const { kv, journal, storage, kept } = await open();
    await kv.put(putOf("a", "1"));
    journal.hold();
    const lost = kv.put(putOf("b", "1"));
    await turns();
    journal.fail("no space");
    const reason = "etcdlite: the storage failed, so nothing is kept: no space";
    await expectError(lost, "UNAVAILABLE", reason);
    await kept.close();
    const again = await open(storage);
    expect(keys(await again.kv.range(EVERYTHING))).toEqual(["a"]);
    expect((await again.kv.put(putOf("b", "2"))).header?.revision).toBe(3n);
  });

  test("an etcd does not open on a journal that cannot be written to, or not be read", async () => {
    const options = { clock: new VirtualClock() };
    const full = new HeldJournal(new MemoryStorage());
    full.fail(new Error("disk full"));
    await expectError(openEtcd({ options, journal: full }), "UNAVAILABLE", FAILED);
    expect([full.closed, options.clock.pending]).toEqual([true, 0]);
    const storage = new MemoryStorage();
    storage.apply([{ bucket: "key", key: bytes("what"), value: bytes("ever") }]);
    const damaged = new HeldJournal(storage);
    await expect(openEtcd({ options, journal: damaged })).rejects.toThrow("no version of a key");
    expect([damaged.closed, damaged.writes.length]).toEqual([true, 0]);
  });
});

describe("close", () => {
  test("makes durable what was applied, ends streams, refuses what comes", async () => {
    const opened = await open();
    const { kv, lease, kept, journal, storage, clock } = opened;
    await lease.leaseGrant({ ID: 7n, TTL: 60n });
    const outcomes = new Outcomes();
    const watch = new WatchClient(opened);
    outcomes.follow("watch", watch.next());
    journal.hold();
    outcomes.follow("put", kv.put(putOf("a", "1")));
    await turns();
    const closed = kept.close();
    expect(kept.close()).toBe(closed);
    await turns();
    expect([journal.closed, outcomes.ended]).toEqual([false, []]);
    journal.letGo();
    await closed;
    clock.advance(60_000);
    expect([journal.closed, kept.etcd.hasLease(7n)]).toEqual([true, true]);
    expect(kept.etcd.stopReason).toBe("etcdserver: server stopped");
    expect(outcomes.ended).toEqual(["put", "watch: etcdserver: server stopped"]);
    await expectError(kv.range(rangeOf("a")), "UNAVAILABLE", "etcdserver: server stopped");
    expect(keys(await (await open(storage)).kv.range(EVERYTHING))).toEqual(["a"]);
  });

  test("says so where the last of it could not be written", async () => {
    const { kv, kept, journal } = await open();
    journal.hold();
    const put = kv.put(putOf("a", "1"));
    await turns();
    const closed = kept.close();
    journal.fail(new Error("disk full"));
    await expectError(put, "UNAVAILABLE", FAILED);
    await expectError(closed, "UNAVAILABLE", FAILED);
    expect(journal.closed).toBe(true);
  });
});

test("the services and their methods are those without a journal", async () => {
  const { kept } = await open();
  const shapeOf = (bindings: readonly ServiceBinding[]) =>
    bindings.map(({ service, impl }) => [service.typeName, Object.keys(impl).toSorted()]);
  const plain = etcdServices(new Etcd({ clock: new VirtualClock() }));
  expect(shapeOf(kept.bindings)).toEqual(shapeOf(plain));
});
