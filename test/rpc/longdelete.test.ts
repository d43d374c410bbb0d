/** Large deletes as clients see them, whatever else these do meanwhile. */
import { expect, test } from "vitest";
import type { Clock } from "../../src/server/index.ts";
import { put, putOf, rangeOf } from "./support/ops.ts";
import { bytes, events, text } from "./support/show.ts";
import { inProcess, localTarget, newTarget, type Target } from "./support/target.ts";
import { openWatch, Queue } from "./support/watch.ts";

const KEYS = 2500;
const LEASE = 7n;
const RANGE = { key: bytes("k/"), rangeEnd: bytes("k0") };
const PUTS_PER_TXN = 100;

/** Time goes on by itself. */
const clock: Clock = {
  now: () => performance.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

function keyOf(at: number): string {
  return `k/${String(at).padStart(5, "0")}`;
}

/** Keys with a lease, and one outside of the range. The last revision is returned. */
async function fill(target: Target, TTL = 600n): Promise<bigint> {
  await target.lease.leaseGrant({ ID: LEASE, TTL });
  for (let at = 0; at < KEYS; at += PUTS_PER_TXN) {
    const success = Array.from({ length: PUTS_PER_TXN }, (_, put_) => put(keyOf(at + put_), "v", { lease: LEASE }));
    await target.kv.txn({ success });
  }
  const { header } = await target.kv.put(putOf("x", "1", { lease: LEASE }));
  return header?.revision ?? 0n;
}

async function countOf(target: Target): Promise<bigint> {
  return (await target.kv.range({ ...RANGE, countOnly: true })).count;
}

test("KV11, WA5: a large delete is one revision, its events in the order of the keys", async () => {
  const target = await newTarget({ clock });
  const revision = await fill(target);
  const watch = await openWatch(target, "k/", "k0");
  const { deleted, header, prevKvs } = await target.kv.deleteRange({ ...RANGE, prevKv: true });
  expect([deleted, header?.revision, prevKvs.length]).toEqual([BigInt(KEYS), revision + 1n, KEYS]);
  expect(prevKvs.map(({ key }) => text(key))).toEqual(Array.from({ length: KEYS }, (_, at) => keyOf(at)));
  const seen = (await watch.nextEvents(KEYS)).flatMap(events);
  expect(seen).toEqual(Array.from({ length: KEYS }, (_, at) => `DELETE ${keyOf(at)}@${revision + 1n}`));
  expect(await countOf(target)).toBe(0n);
  expect((await target.kv.range({ ...RANGE, countOnly: true, revision })).count).toBe(BigInt(KEYS));
  expect((await target.lease.leaseTimeToLive({ ID: LEASE, keys: true })).keys.map(text)).toEqual(["x"]);
});

test("LE4: a large lease that is revoked goes with its keys, in one revision", async () => {
  const target = await newTarget({ clock });
  const revision = await fill(target);
  const watch = await openWatch(target, "\0", "\0");
  expect((await target.lease.leaseRevoke({ ID: LEASE })).header?.revision).toBe(revision + 1n);
  const seen = (await watch.nextEvents(KEYS + 1)).flatMap(events);
  expect([seen.length, seen[0], seen.at(-1)]).toEqual([
    KEYS + 1,
    `DELETE ${keyOf(0)}@${revision + 1n}`,
    `DELETE x@${revision + 1n}`,
  ]);
  expect((await target.lease.leaseTimeToLive({ ID: LEASE })).TTL).toBe(-1n);
});

test("LE4, KV6: who reads and writes while a large lease is revoked sees none of it or all", async () => {
  const target = await newTarget({ clock });
  const revision = await fill(target);
  const revoked = target.lease.leaseRevoke({ ID: LEASE });
  const puts = Array.from({ length: 50 }, (_, at) => target.kv.put(putOf(`p${at}`, "")));
  const deleted = target.kv.deleteRange({ key: bytes(keyOf(1)) });
  let isOver = false;
  let sawNone = false;
  const reading = (async () => {
    while (!isOver) {
      const { count, header } = await target.kv.range({ ...RANGE, limit: 1n });
      expect([0n, BigInt(KEYS)]).toContain(count);
      expect(count === 0n).toBe((header?.revision ?? 0n) > revision);
      // What was seen is not undone.
      expect(sawNone && count > 0n).toBe(false);
      sawNone = count === 0n;
      // In this process nobody else would have a turn.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  })();
  expect((await revoked).header?.revision).toBeGreaterThan(revision);
  const revisions = (await Promise.all(puts)).map(({ header }) => header?.revision ?? 0n);
  expect(new Set(revisions).size).toBe(50);
  const ended = await deleted;
  expect([0n, 1n]).toContain(ended.deleted);
  isOver = true;
  await reading;
  expect((await target.kv.range(rangeOf("p", "q"))).kvs.length).toBe(50);
});

inProcess("TX6: writes wait for a large delete in their order; reads do not", async () => {
  const { clock, etcd, ...target } = localTarget();
  const revision = await fill(target);
  const order: string[] = [];
  const note = (name: string, call: Promise<{ header?: { revision: bigint } | undefined }>) =>
    call.then(({ header }) => order.push(`${name}@${(header?.revision ?? 0n) - revision}`));
  const calls = [
    note("delete", target.kv.deleteRange(RANGE)),
    note("put", target.kv.put(putOf("k/new", "1"))),
    note("range", target.kv.range(RANGE)),
    note("txn", target.kv.txn({ success: [put("k/new", "2")] })),
    note("grant", target.lease.leaseGrant({ ID: 8n, TTL: 60n })),
    note("ttl", target.lease.leaseTimeToLive({ ID: LEASE, keys: true })),
    // Another large one: what has come behind it waits for that, too.
    note("revoke", target.kv.deleteRange({ key: bytes("\0"), rangeEnd: bytes("\0") })),
    note("last", target.kv.put(putOf("k/last", ""))),
  ];
  let isOver = false;
  const all = Promise.all(calls).then(() => {
    isOver = true;
  });
  for (let turn = 0; !isOver; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (turn === 5) expect([order, etcd.isBusy]).toEqual([["range@0"], true]);
    // Else it would be another timer's turn.
    if (turn >= 5 && etcd.isBusy) clock.step();
  }
  await all;
  expect(order).toEqual(["range@0", "delete@1", "put@2", "txn@3", "grant@3", "ttl@3", "revoke@4", "last@5"]);
});

inProcess("LE2: a keep-alive waits for a large delete; of a large lease that has run out, for its end", async () => {
  const { clock, etcd, ...target } = localTarget();
  const revision = await fill(target);
  let nowMs = clock.now();
  // The sweep's timer does not come in time.
  clock.now = () => nowMs;
  nowMs += 600_000;
  const requests = new Queue<{ ID: bigint }>();
  requests.push({ ID: LEASE });
  const responses = target.lease.leaseKeepAlive(requests)[Symbol.asyncIterator]();
  const first = responses.next();
  const unary = target.browserLease.leaseKeepAlive({ ID: LEASE });
  let isAnswered = false;
  void Promise.race([first, unary]).then(() => {
    isAnswered = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect([etcd.isBusy, isAnswered, await countOf(target)]).toEqual([true, false, BigInt(KEYS)]);
  while (etcd.isBusy) clock.step();
  const { value } = await first;
  expect([value?.TTL, (await unary).TTL, await countOf(target)]).toEqual([0n, 0n, 0n]);
  expect(BigInt(etcd.store.revision)).toBe(revision + 1n);
  requests.end();
});

inProcess("writes that wait for a large delete fail where the etcd stops, and the delete is done", async () => {
  const { etcd, ...target } = localTarget();
  const revision = await fill(target);
  const deleted = target.kv.deleteRange(RANGE);
  const refused = target.kv.put(putOf("k/new", ""));
  const refusal = expect(refused).rejects.toThrow("etcdserver: server stopped");
  expect(etcd.isBusy).toBe(true);
  etcd.close();
  expect((await deleted).header?.revision).toBe(revision + 1n);
  await refusal;
});
