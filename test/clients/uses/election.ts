/**
 * Leader election with nothing but leases and KV: who creates the key under his lease leads; the others get
 * the leader's name in the same transaction and watch the key; it goes when the leader resigns or dies.
 */
import assert from "node:assert/strict";
import type { KeptLease, Store, Use } from "./use.ts";
import { bytes, connect, firstChange, KEYS_OF_USES, keepLease, text } from "./use.ts";

const LEADER = bytes(`${KEYS_OF_USES}leader`);
const TTL_SECONDS = 3n;
/** The lease, and what a server may take to notice. */
const FAILOVER_WITHIN_MS = 6_000;

type Outcome = { readonly leader: string; readonly revision: bigint };

/** One try: leads, or says who does. */
async function campaign({ kv }: Store, name: string, lease: KeptLease): Promise<Outcome> {
  const { responses, succeeded, header } = await kv.txn({
    compare: [{ key: LEADER, target: 1, result: 0, targetUnion: { case: "createRevision", value: 0n } }],
    success: [{ request: { case: "requestPut", value: { key: LEADER, value: bytes(name), lease: lease.id } } }],
    failure: [{ request: { case: "requestRange", value: { key: LEADER } } }],
  });
  const revision = header?.revision ?? 0n;
  if (succeeded) return { leader: name, revision };
  const response = responses[0]?.response;
  const current = response?.case === "responseRange" ? response.value.kvs[0]?.value : undefined;
  return { leader: text(current), revision };
}

/** Tries, waits for the leader to go, tries again. */
async function untilElected(store: Store, name: string, lease: KeptLease): Promise<void> {
  for (;;) {
    const { leader, revision } = await campaign(store, name, lease);
    if (leader === name) return;
    await firstChange(store, { key: LEADER }, revision + 1n, ({ type }) => type === "DELETE");
  }
}

async function leaderNow({ kv }: Store): Promise<string> {
  return text((await kv.range({ key: LEADER })).kvs[0]?.value);
}

/** Gives up the lead if it still has it. */
async function resign({ kv }: Store, lease: KeptLease): Promise<boolean> {
  const { succeeded } = await kv.txn({
    compare: [{ key: LEADER, target: 4, result: 0, targetUnion: { case: "lease", value: lease.id } }],
    success: [{ request: { case: "requestDeleteRange", value: { key: LEADER } } }],
  });
  return succeeded;
}

export const election: Use = {
  name: "leader election by lease and KV: campaign, resign, failover when the leader dies",
  run: async ({ url }) => {
    const stores = [connect(url), connect(url), connect(url)] as const;
    await stores[0].kv.deleteRange({ key: LEADER });
    const leases = await Promise.all(stores.map((store) => keepLease(store, TTL_SECONDS)));
    const [first, second, third] = leases as [KeptLease, KeptLease, KeptLease];
    assert.equal((await campaign(stores[0], "first", first)).leader, "first");
    assert.equal((await campaign(stores[1], "second", second)).leader, "first");
    const secondElected = untilElected(stores[1], "second", second);
    assert.equal(await resign(stores[0], first), true);
    await secondElected;
    assert.equal(await leaderNow(stores[0]), "second");
    assert.equal(await resign(stores[0], first), false, "who does not lead cannot resign");

    const thirdElected = untilElected(stores[2], "third", third);
    const died = Date.now();
    second.abandon();
    await thirdElected;
    const afterMs = Date.now() - died;
    assert.ok(afterMs <= FAILOVER_WITHIN_MS, `failover after ${afterMs} ms`);
    assert.equal(await leaderNow(stores[0]), "third");
    assert.equal((await campaign(stores[0], "first", first)).leader, "third");
    assert.equal(await resign(stores[2], third), true);
    for (const [index, lease] of [first, third].entries()) {
      lease.abandon();
      await (stores[index] as Store).lease.leaseRevoke({ ID: lease.id });
    }
  },
};
