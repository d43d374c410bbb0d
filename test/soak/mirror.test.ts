/** What the other etcd is asked again, and in which order: one in which the server can have been asked. */
import { setImmediate as turn } from "node:timers/promises";
import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { RangeResponseSchema } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { HashKVResponseSchema } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { bytes, type Clients } from "../crash/clients.ts";
import { localTarget } from "../rpc/support/target.ts";
import { isCompacted, mayBeCompacted } from "./compaction.ts";
import { Faults } from "./faults.ts";
import type { Revision } from "./history.ts";
import { type Answered, Ledger } from "./ledger.ts";
import { HASH, Mirror } from "./mirror.ts";

const A = bytes("a");

interface Sides {
  /** What was asked first. */
  readonly server: Clients;
  readonly ledger: Ledger;
  /** Makes a revision on the server, by a call that nobody knows of. */
  readonly put: () => Promise<Revision>;
}

/** What the mirror finds when `load` is over; with it, how many replies were the same. */
async function replayed(load: (sides: Sides) => Promise<void>, other: Clients = localTarget()) {
  const server = localTarget();
  const faults = new Faults(() => {});
  const ledger = new Ledger(faults);
  const mirror = new Mirror(other, ledger, faults);
  const put = async (): Promise<Revision> => {
    const { header } = await server.kv.put({ key: A });
    const number = Number(header?.revision);
    const change = { key: "a", isDelete: false, version: 1n, createRevision: 2n, lease: 0n, value: new Uint8Array(0) };
    const revision = { number, changes: [{ ...change, revision: number }], seenAt: ledger.now(), seenMs: 0 };
    mirror.push(revision);
    return revision;
  };
  await load({ server, ledger, put });
  mirror.close();
  await mirror.run();
  return { faults: faults.summary(), same: mirror.same, hashes: mirror.hashes };
}

/** A read of a revision of the past, answered. */
async function pastRead({ kv }: Clients, revision: bigint): Promise<Answered> {
  const make = (clients: Clients): Promise<Message> => clients.kv.range({ key: A, revision });
  return {
    name: "Range",
    replay: make,
    expected: { schema: RangeResponseSchema, reply: await make({ kv } as Clients) },
  };
}

async function hash({ maintenance }: Clients): Promise<Answered> {
  const reply = await maintenance.hashKV({});
  return {
    name: HASH,
    replay: (clients) => clients.maintenance.hashKV({}),
    expected: { schema: HashKVResponseSchema as DescMessage, reply },
    compactRevision: reply.compactRevision,
  };
}

const SAME = { faults: [], hashes: 1 };

test.each(["first", "last"])("a read that a compaction would refuse is asked before it, answered %s", async (place) => {
  const found = await replayed(async ({ server, ledger, put }) => {
    for (let at = 0; at < 3; at++) await put();
    const read = await pastRead(server, 2n);
    await server.kv.compact({ revision: 4n });
    const answers = [read, await hash(server)];
    // On connections of their own, they arrive in any order.
    for (const answered of place === "first" ? answers : answers.toReversed()) ledger.noted(4, answered);
  });
  expect(found).toEqual({ ...SAME, same: 2 });
});

test("of two compactions at one revision, the one that goes further is the second", async () => {
  const found = await replayed(async ({ server, ledger, put }) => {
    for (let at = 0; at < 3; at++) await put();
    await server.kv.compact({ revision: 3n });
    const first = await hash(server);
    await server.kv.compact({ revision: 4n });
    ledger.noted(4, await hash(server));
    ledger.noted(4, first);
  });
  expect(found).toEqual({ faults: [], hashes: 2, same: 2 });
});

test("calls at one revision that waited for one another do so again", async () => {
  const other = localTarget();
  const leaseGrant: Clients["lease"]["leaseGrant"] = async (...request) => {
    await turn();
    return other.lease.leaseGrant(...request);
  };
  const lease = { ...other.lease, leaseGrant };
  const found = await replayed(
    async ({ ledger }) => {
      const call = { name: "a lease's", expected: undefined };
      ledger.noted(1, { ...call, replay: (clients) => clients.lease.leaseGrant({ ID: 7n, TTL: 60n }) });
      ledger.noted(1, { ...call, replay: (clients) => clients.lease.leaseRevoke({ ID: 7n }) });
    },
    { ...other, lease },
  );
  expect(found).toEqual({ faults: [], hashes: 0, same: 0 });
});

test("what the other etcd answers otherwise is noticed", async () => {
  const found = await replayed(async ({ server, ledger, put }) => {
    await put();
    const read = await pastRead(server, 2n);
    const reply = create(RangeResponseSchema, { count: 2n });
    ledger.noted(2, { ...read, expected: { schema: RangeResponseSchema, reply } });
  });
  expect(found).toEqual({ faults: ["1 × Range is answered otherwise by a real etcd"], hashes: 0, same: 0 });
});

test("a call is over once its answer was noted", async () => {
  const ledger = new Ledger(new Faults(() => {}));
  const seen: number[] = [];
  ledger.onEnd = () => seen.push(ledger.takeOthers(1).length);
  await ledger.during(async () => {
    await turn();
    expect(ledger.oldestOpen).toBe(1);
    ledger.noted(1, { name: "Range", replay: () => Promise.reject(), expected: undefined });
  });
  expect({ seen, open: ledger.oldestOpen }).toEqual({ seen: [1], open: Number.POSITIVE_INFINITY });
});

test("a read of the past may be refused where compaction can have come to it, and not before", async () => {
  const { kv } = localTarget();
  for (let at = 0; at < 3; at++) await kv.put({ key: A });
  await kv.compact({ revision: 4n });
  const error = await kv.range({ key: A, revision: 3n }).catch((thrown: unknown) => thrown);
  expect(isCompacted(error)).toBe(true);
  const nowMs = performance.now();
  const read = { number: 3, changes: [], seenAt: 0 };
  expect(mayBeCompacted({ ...read, seenMs: nowMs - 1_000 }, 1_000)).toBe(false);
  expect(mayBeCompacted({ ...read, seenMs: nowMs - 11_000 }, 4)).toBe(true);
  expect(mayBeCompacted({ ...read, seenMs: nowMs - 1_000 }, 2_003)).toBe(true);
});
