import { expect, test } from "vitest";
import { Lock } from "../../src/gen/v3lockpb/lock_pb.ts";
import { directClient } from "../rpc/support/direct.ts";
import { bytes, expectError } from "../rpc/support/show.ts";
import { Outcomes, open, turns } from "./support/opened.ts";

async function openWithLeases() {
  const opened = await open();
  for (const ID of [1n, 2n]) await opened.lease.leaseGrant({ ID, TTL: 600n });
  return { ...opened, lock: directClient(Lock, opened.kept.bindings) };
}

test("LK3: a waiter is let in once the unlock that it waited for is durable", async () => {
  const { journal, kept, lock } = await openWithLeases();
  await lock.lock({ name: bytes("l"), lease: 1n });
  const outcomes = new Outcomes();
  outcomes.follow("lock", lock.lock({ name: bytes("l"), lease: 2n }));
  await turns();
  expect(kept.etcd.watchers).toBe(1);
  journal.hold();
  outcomes.follow("unlock", lock.unlock({ key: bytes("l/1") }));
  await turns();
  expect([outcomes.ended, kept.etcd.watchers]).toEqual([[], 1]);
  journal.letGo();
  await turns();
  expect(outcomes.ended.toSorted()).toEqual(["lock", "unlock"]);
});

test("LK4: a waiter that goes away leaves no watch, and that its key is gone is kept", async () => {
  const { journal, kept, lock } = await openWithLeases();
  await lock.lock({ name: bytes("l"), lease: 1n });
  const abort = new AbortController();
  const waiting = lock.lock({ name: bytes("l"), lease: 2n }, { signal: abort.signal }).catch(() => "gone");
  await turns();
  const writes = journal.writes.length;
  abort.abort();
  expect(await waiting).toBe("gone");
  await kept.durable();
  expect([kept.etcd.watchers, kept.etcd.store.revision, journal.writes.length]).toEqual([0, 4, writes + 1]);
});

test("LK3: the end of the store ends those who wait", async () => {
  const { kept, lock } = await openWithLeases();
  await lock.lock({ name: bytes("l"), lease: 1n });
  const waiting = lock.lock({ name: bytes("l"), lease: 2n });
  const ended = expectError(waiting, "UNAVAILABLE", "etcdserver: server stopped");
  await turns();
  await kept.close();
  await ended;
});
