/**
 * A service registry: instances register under a lease of 3 s and keep it alive; a client finds them by prefix
 * and follows changes; an instance that dies is gone after its lease, and one that lives is not.
 */
import assert from "node:assert/strict";
import type { Store, Use } from "./use.ts";
import { bytes, connect, firstChange, KEYS_OF_USES, keepLease, text, under } from "./use.ts";

const TTL_SECONDS = 3n;
/** The lease, and what a server may take to notice. */
const GONE_WITHIN_MS = 6_000;
const SERVICES = `${KEYS_OF_USES}registry/web/`;

async function register(store: Store, instance: string, address: string) {
  const lease = await keepLease(store, TTL_SECONDS);
  await store.kv.put({ key: bytes(SERVICES + instance), value: bytes(address), lease: lease.id });
  return lease;
}

async function discover({ kv }: Store): Promise<Record<string, string>> {
  const { kvs } = await kv.range(under(SERVICES));
  return Object.fromEntries(kvs.map((entry) => [text(entry.key).slice(SERVICES.length), text(entry.value)]));
}

export const registry: Use = {
  name: "a service registry: an instance goes when its keep-alives stop, another stays",
  run: async ({ url }) => {
    const store = connect(url);
    await store.kv.deleteRange(under(SERVICES));
    const stable = await register(store, "stable", "10.0.0.1:80");
    const dying = await register(store, "dying", "10.0.0.2:80");
    assert.deepEqual(await discover(store), { stable: "10.0.0.1:80", dying: "10.0.0.2:80" });
    const { header } = await store.kv.range({ key: bytes(SERVICES) });
    const gone = firstChange(store, under(SERVICES), (header?.revision ?? 0n) + 1n, ({ type }) => type === "DELETE");
    const died = Date.now();
    dying.abandon();
    assert.equal((await gone).key, `${SERVICES}dying`);
    const afterMs = Date.now() - died;
    assert.ok(afterMs <= GONE_WITHIN_MS, `gone after ${afterMs} ms`);
    assert.deepEqual(await discover(store), { stable: "10.0.0.1:80" });
    // The lease went with it; the living one has been renewed beyond its own TTL by now.
    assert.equal((await store.lease.leaseTimeToLive({ ID: dying.id })).TTL, -1n);
    const replacement = await register(store, "replacement", "10.0.0.3:80");
    assert.deepEqual(Object.keys(await discover(store)), ["replacement", "stable"]);
    for (const lease of [stable, replacement]) {
      lease.abandon();
      await store.lease.leaseRevoke({ ID: lease.id });
    }
    assert.deepEqual(await discover(store), {});
  },
};
