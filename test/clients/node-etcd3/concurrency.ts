/** Leases, locks, elections. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { EtcdLockFailedError } from "etcd3";
import type { Case } from "./case.ts";

export const concurrencyCases: readonly Case[] = [
  {
    name: "lease: expires when it is not kept",
    beside: true,
    body: async (client, prefix) => {
      const started = Date.now();
      const lease = client.lease(2, { autoKeepAlive: false });
      await lease.put(`${prefix}a`).value("1");
      const watcher = await client.watch().key(`${prefix}a`).create();
      await once(watcher, "delete");
      assert.ok(Date.now() - started > 1_000);
      assert.equal(await client.get(`${prefix}a`), null);
    },
  },
  {
    name: "lease: kept beyond its TTL",
    beside: true,
    body: async (client, prefix) => {
      const lease = client.lease(1);
      await lease.put(`${prefix}a`).value("1");
      for (let renewals = 0; renewals < 6; renewals++) await once(lease, "keepaliveSucceeded");
      assert.equal(await client.get(`${prefix}a`), "1");
      await lease.revoke();
      assert.equal(await client.get(`${prefix}a`), null);
    },
  },
  {
    name: "lease: grant, keep alive once, time to live, list, revoke",
    body: async (client, prefix) => {
      const lease = client.lease(600, { autoKeepAlive: false });
      const id = await lease.grant();
      await lease.put(`${prefix}a`).value("1");
      assert.equal((await lease.keepaliveOnce()).TTL, "600");
      const left = await client.leaseClient.leaseTimeToLive({ ID: id, keys: true });
      assert.equal(left.grantedTTL, "600");
      assert.deepEqual(left.keys.map(String), [`${prefix}a`]);
      const { leases } = await client.leaseClient.leaseLeases();
      assert.ok(leases.some((entry) => entry.ID === id));
      await lease.revoke();
      assert.equal(await client.get(`${prefix}a`), null);
    },
  },
  {
    name: "lock",
    body: async (client, prefix) => {
      const lock = client.lock(prefix).ttl(20);
      await lock.acquire();
      await assert.rejects(client.lock(prefix).acquire(), EtcdLockFailedError);
      await lock.release();
      assert.equal(await client.lock(prefix).do(async () => "done"), "done");
    },
  },
  {
    name: "election",
    body: async (client, prefix) => {
      const election = client.election(prefix, 10);
      const first = election.campaign("first");
      await first.wait();
      assert.equal(await election.leader(), "first");
      const observer = await election.observe();
      assert.equal(observer.leader(), "first");
      await first.proclaim("still first");
      while (observer.leader() !== "still first") await once(observer, "change");
      const second = election.campaign("second");
      await second.getCampaignKey();
      assert.equal(await election.leader(), "still first");
      const elected = once(second, "elected");
      await first.resign();
      await elected;
      while (observer.leader() !== "second") await once(observer, "change");
      await second.resign();
      await observer.cancel();
    },
  },
];
