/** Keys: put, get, ranges, delete, transactions, namespaces, maintenance, errors. */
import assert from "node:assert/strict";
import { EtcdLeaseInvalidError } from "etcd3";
import type { Case } from "./case.ts";

export const kvCases: readonly Case[] = [
  {
    name: "put, get, delete",
    body: async (client, prefix) => {
      const key = `${prefix}a`;
      assert.equal(await client.get(key), null);
      await client.put(key).value("1");
      const previous = await client.put(key).value("2").getPrevious();
      assert.equal(previous.value.toString(), "1");
      assert.equal(await client.get(key).string(), "2");
      assert.equal(await client.get(key).number(), 2);
      assert.equal(await client.get(key).exists(), true);
      const { kvs, header, count } = await client.get(key).exec();
      assert.equal(count, "1");
      assert.equal(kvs[0]?.version, "2");
      assert.equal(kvs[0]?.mod_revision, header.revision);
      await client.put(key).touch();
      assert.equal((await client.get(key).exec()).kvs[0]?.version, "3");
      assert.equal(await client.get(key).revision(previous.mod_revision).string(), "1");
      assert.equal(await client.get(key).serializable(true).string(), "2");
      const deleted = await client.delete().key(key).getPrevious();
      assert.equal(deleted[0]?.value.toString(), "2");
      assert.equal((await client.delete().key(key).exec()).deleted, "0");
      const bytes = Buffer.from([0, 255, 254]);
      await client.put(Buffer.from(key)).value(bytes);
      assert.deepEqual(await client.get(key).buffer(), bytes);
    },
  },
  {
    name: "getAll: prefix, sort, limit, count, keys, filters",
    body: async (client, prefix) => {
      for (const [key, value] of Object.entries({ c: 1, a: 3, b: 2 })) await client.put(prefix + key).value(value);
      const all = () => client.getAll().prefix(prefix);
      const names = async (query: ReturnType<typeof all>) => {
        return (await query.keys()).map((key) => key.slice(prefix.length)).join("");
      };
      assert.deepEqual(await all().numbers(), { [`${prefix}a`]: 3, [`${prefix}b`]: 2, [`${prefix}c`]: 1 });
      assert.equal(await names(all()), "abc");
      assert.equal(await names(all().sort("Key", "Descend")), "cba");
      assert.equal(await names(all().sort("Create", "Ascend")), "cab");
      assert.equal(await names(all().sort("Mod", "Descend").limit(2)), "ba");
      assert.equal(await all().count(), 3);
      const first = (await client.get(`${prefix}c`).exec()).kvs[0]?.mod_revision ?? "";
      assert.equal(await names(all().maxModRevision(first)), "c");
      assert.equal(await names(client.getAll().inRange({ start: `${prefix}b`, end: `${prefix}z` })), "bc");
      assert.equal((await client.delete().prefix(prefix).exec()).deleted, "3");
    },
  },
  {
    name: "if, then, else",
    body: async (client, prefix) => {
      const key = `${prefix}a`;
      const create = () => {
        return client
          .if(key, "Create", "==", 0)
          .then(client.put(key).value("1"))
          .else(client.get(key), client.put(key).value("2"));
      };
      assert.equal((await create().commit()).succeeded, true);
      const second = await create().commit();
      assert.equal(second.succeeded, false);
      assert.equal(second.responses[0]?.response_range?.kvs[0]?.value.toString(), "1");
      const third = await client
        .if(key, "Value", "==", "2")
        .and(key, "Version", "==", 2)
        .and(key, "Mod", ">", 0)
        .and(`${prefix}none`, "Create", "==", 0)
        .then(client.delete().key(key))
        .commit();
      assert.equal(third.responses[0]?.response_delete_range?.deleted, "1");
    },
  },
  {
    name: "namespace",
    body: async (client, prefix) => {
      const space = client.namespace(prefix);
      await space.put("a").value("1");
      assert.equal(await space.get("a").string(), "1");
      assert.equal(await client.get(`${prefix}a`).string(), "1");
      assert.deepEqual(await space.getAll().strings(), { a: "1" });
      const watcher = await space.watch().prefix("").create();
      const seen = new Promise<string>((resolve) => watcher.on("put", (kv) => resolve(kv.key.toString())));
      await space.put("b").value("2");
      assert.equal(await seen, "b");
      await watcher.cancel();
      await space.delete().all();
      assert.equal(await client.getAll().prefix(prefix).count(), 0);
    },
  },
  {
    name: "STM",
    body: async (client, prefix) => {
      const key = `${prefix}counter`;
      await client.put(key).value(0);
      const increment = () => {
        return client.stm({ retries: 100 }).transact(async (tx) => {
          const value = Number(await tx.get(key).number());
          await tx.put(key).value(value + 1);
        });
      };
      await Promise.all(Array.from({ length: 10 }, increment));
      assert.equal(await client.get(key).number(), 10);
    },
  },
  {
    name: "maintenance and cluster",
    body: async (client) => {
      const status = await client.maintenance.status();
      assert.equal(status.version, "3.7.1");
      assert.equal(status.leader, status.header.member_id);
      const hash = await client.maintenance.hash();
      assert.equal(hash.hash, (await client.maintenance.hash()).hash);
      await client.maintenance.defragment();
      const { members } = await client.cluster.memberList({});
      assert.equal(members.length, 1);
      assert.equal(members[0]?.ID, status.header.member_id);
      const alarms = await client.maintenance.alarm({ action: "Get" as never });
      assert.deepEqual(alarms.alarms, []);
    },
  },
  {
    name: "errors",
    body: async (client, prefix) => {
      await assert.rejects(client.put("").value("1").exec(), /etcdserver: key is not provided/);
      await assert.rejects(client.put(`${prefix}a`).value("1").lease("1234").exec(), EtcdLeaseInvalidError);
      await assert.rejects(client.get(`${prefix}a`).revision(1e9).exec(), /required revision is a future revision/);
      const twice = [client.put(`${prefix}a`).value("1"), client.put(`${prefix}a`).value("2")];
      await assert.rejects(
        client
          .if(prefix, "Create", "==", 0)
          .then(...twice)
          .commit(),
        /duplicate key given in txn request/,
      );
      await assert.rejects(client.put(`${prefix}big`).value("v".repeat(1_600_000)).exec(), /request is too large/);
    },
  },
];
