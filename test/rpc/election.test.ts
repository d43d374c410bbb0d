import { expect, onTestFinished, test } from "vitest";
import type { CampaignResponse, LeaderKey, LeaderResponse } from "../../src/gen/v3electionpb/election_pb.ts";
import { del, EVERYTHING, put, putOf, rangeOf } from "./support/ops.ts";
import { bytes, expectError, keys, kv, kvs, text } from "./support/show.ts";
import { newTarget, type Target } from "./support/target.ts";
import { Waiting, watchKeys } from "./support/waiters.ts";

const A = 0xa1n;
const B = 0xb2n;
const C = 0xc3n;

const NO_LEADER = "election: no leader";
const NOT_LEADER = "election: not leader";
const NO_LEASE = "etcdserver: requested lease not found";
const MISSING = '"leader" field must be provided';

async function withLeases(...leases: bigint[]): Promise<Target> {
  const target = await newTarget();
  for (const ID of leases) await target.lease.leaseGrant({ ID, TTL: 600n });
  return target;
}

function campaign(target: Target, lease: bigint, value: string, name = "e"): Waiting<CampaignResponse> {
  return new Waiting((options) => target.election.campaign({ name: bytes(name), lease, value: bytes(value) }, options));
}

async function lead(target: Target, lease: bigint, value: string): Promise<LeaderKey> {
  const { leader } = await campaign(target, lease, value).outcome;
  if (leader === undefined) throw new Error("nobody leads");
  return leader;
}

/** `name key rev lease @revision`. */
function shown({ leader, header }: CampaignResponse): string {
  if (leader === undefined) return "none";
  return `${text(leader.name)} ${text(leader.key)} ${leader.rev} ${leader.lease.toString(16)} @${header?.revision}`;
}

function observed({ header, kv: pair }: LeaderResponse): string {
  return `${pair === undefined ? "none" : kv(pair)} @${header?.revision}`;
}

class Observer {
  readonly #abort = new AbortController();
  readonly #responses: AsyncIterator<LeaderResponse>;

  constructor(target: Target) {
    const responses = target.election.observe({ name: bytes("e") }, { signal: this.#abort.signal });
    this.#responses = responses[Symbol.asyncIterator]();
    onTestFinished(() => this.#abort.abort());
  }

  async next(): Promise<string> {
    const { done, value } = await this.#responses.next();
    return done === true ? "the end" : observed(value);
  }
}

test("EL1: the first candidate leads, with what it says", async () => {
  const target = await withLeases(A);
  expect(shown(await campaign(target, A, "v1").outcome)).toBe("e e/a1 2 a1 @2");
  expect(observed(await target.election.leader({ name: bytes("e") }))).toBe(`e/a1=v1 2/2/1/${A} @2`);
});

test("EL1: to campaign again keeps the leadership; another value is proclaimed, the reply is of before", async () => {
  const target = await withLeases(A);
  await lead(target, A, "v1");
  expect(shown(await campaign(target, A, "v1").outcome)).toBe("e e/a1 2 a1 @2");
  expect(shown(await campaign(target, A, "v2").outcome)).toBe("e e/a1 2 a1 @2");
  expect(kvs(await target.kv.range(EVERYTHING))).toEqual([`e/a1=v2 2/3/2/${A}`]);
});

test("EL1: with no lease given there is one of 60 seconds", async () => {
  const target = await newTarget();
  const { lease, key } = await lead(target, 0n, "v");
  expect((await target.lease.leaseTimeToLive({ ID: lease })).grantedTTL).toBe(60n);
  expect(text(key)).toBe(`e/${lease.toString(16)}`);
});

test("EL2: errors have etcd's text, and no status of their own", async () => {
  const target = await withLeases(A);
  const { election } = target;
  await expectError(campaign(target, 77n, "v").outcome, "UNKNOWN", NO_LEASE);
  await expectError(election.leader({ name: bytes("e") }), "UNKNOWN", NO_LEADER);
  await expectError(election.proclaim({ value: bytes("v") }), "UNKNOWN", MISSING);
  await expectError(election.resign({}), "UNKNOWN", MISSING);
  const stranger = { name: bytes("e"), key: bytes("e/1"), rev: 5n, lease: 1n };
  await expectError(election.proclaim({ leader: stranger, value: bytes("v") }), "UNKNOWN", NOT_LEADER);
  expect((await election.resign({ leader: stranger })).header?.revision).toBe(1n);
  const noKey = "etcdserver: key is not provided";
  await expectError(election.proclaim({ leader: {}, value: bytes("v") }), "UNKNOWN", noKey);
  await expectError(election.resign({ leader: {} }), "UNKNOWN", noKey);
  const leader = await lead(target, A, "v");
  await expectError(election.proclaim({ leader: { ...leader, lease: 99n } }), "UNKNOWN", NO_LEASE);
});

test("EL3: a proclamation replaces the value, while one leads", async () => {
  const target = await withLeases(A);
  const leader = await lead(target, A, "v1");
  const proclaim = (value: string) => target.election.proclaim({ leader, value: bytes(value) });
  expect((await proclaim("v2")).header?.revision).toBe(3n);
  expect(kvs(await target.kv.range(EVERYTHING))).toEqual([`e/a1=v2 2/3/2/${A}`]);
  await target.lease.leaseRevoke({ ID: A });
  await expectError(proclaim("v3"), "UNKNOWN", NOT_LEADER);
});

test("EL3: a proclamation without a lease gives the key a new one", async () => {
  const target = await withLeases(A);
  const leader = await lead(target, A, "v1");
  await target.election.proclaim({ leader: { ...leader, lease: 0n }, value: bytes("v2") });
  const [pair] = (await target.kv.range(EVERYTHING)).kvs;
  expect([0n, A].includes(pair?.lease ?? 0n)).toBe(false);
  expect((await target.lease.leaseTimeToLive({ ID: pair?.lease ?? 0n })).grantedTTL).toBe(60n);
});

test("EL4: who waits leads in the order of candidacies, and is told the revision of its own", async () => {
  const target = await withLeases(A, B, C);
  const changes = await watchKeys(target, "e");
  const leader = await lead(target, A, "a");
  const b = campaign(target, B, "b");
  expect([await changes.next(), await changes.next()]).toEqual(["+e/a1", "+e/b2"]);
  const c = campaign(target, C, "c");
  expect(await changes.next()).toBe("+e/c3");
  expect((await target.election.resign({ leader })).header?.revision).toBe(5n);
  expect(shown(await b.outcome)).toBe("e e/b2 3 b2 @3");
  expect(c.isOver).toBe(false);
  await target.lease.leaseRevoke({ ID: B });
  expect(shown(await c.outcome)).toBe("e e/c3 4 c3 @4");
});

test("EL4: a candidate that goes away takes its key with it", async () => {
  const target = await withLeases(A, B);
  const changes = await watchKeys(target, "e");
  await lead(target, A, "a");
  const b = campaign(target, B, "b");
  expect([await changes.next(), await changes.next()]).toEqual(["+e/a1", "+e/b2"]);
  b.leave();
  expect(await changes.next()).toBe("-e/b2");
  expect(keys(await target.kv.range(rangeOf("e/", "e0")))).toEqual(["e/a1"]);
});

test("EL4: a candidate whose lease ends is told it leads when its turn comes, and cannot proclaim", async () => {
  const target = await withLeases(A, B);
  const changes = await watchKeys(target, "e");
  const leader = await lead(target, A, "a");
  const b = campaign(target, B, "b");
  expect([await changes.next(), await changes.next()]).toEqual(["+e/a1", "+e/b2"]);
  await target.lease.leaseRevoke({ ID: B });
  expect(await changes.next()).toBe("-e/b2");
  expect(b.isOver).toBe(false);
  await target.election.resign({ leader });
  const lost = await b.outcome;
  expect(shown(lost)).toBe("e e/b2 3 b2 @3");
  await expectError(target.election.proclaim({ leader: lost.leader }), "UNKNOWN", NOT_LEADER);
});

test("EL5: an observer sees the leader, its proclamations, and the next one", async () => {
  const target = await withLeases(A, B);
  const changes = await watchKeys(target, "e");
  const leader = await lead(target, A, "a1");
  const b = campaign(target, B, "b1");
  expect([await changes.next(), await changes.next()]).toEqual(["+e/a1", "+e/b2"]);
  const observer = new Observer(target);
  expect(await observer.next()).toBe(`e/a1=a1 2/2/1/${A} @3`);
  await target.election.proclaim({ leader, value: bytes("a2") });
  expect(await observer.next()).toBe(`e/a1=a2 2/4/2/${A} @4`);
  await target.election.resign({ leader });
  expect(await observer.next()).toBe(`e/b2=b1 3/3/1/${B} @5`);
  await b.outcome;
});

test("EL5: an observer waits for the first leader, whoever puts the key", async () => {
  const target = await newTarget();
  await target.kv.put(putOf("e/gone", "1"));
  await target.kv.deleteRange(rangeOf("e/gone"));
  const observer = new Observer(target);
  const first = observer.next();
  await target.kv.put(putOf("other", "1"));
  await target.kv.txn({ success: [put("e/x", "x1"), put("unrelated", "1")] });
  expect(await first).toBe("e/x=x1 5/5/1 @5");
  await target.kv.txn({ success: [put("e/y", "y1"), del("e/x")] });
  expect(await observer.next()).toBe("e/y=y1 6/6/1 @6");
});
