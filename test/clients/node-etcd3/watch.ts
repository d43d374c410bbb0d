/** Watches: live, from a revision, filtered, many on one stream. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Watcher } from "etcd3";
import type { Case } from "./case.ts";

/** The next events of a watcher, as "put key=value" or "delete key". */
function collect(watcher: Watcher, count: number, prefix: string): Promise<string[]> {
  const seen: string[] = [];
  return new Promise((resolve, reject) => {
    const add = (text: string): void => {
      seen.push(text);
      if (seen.length === count) resolve(seen);
    };
    watcher.on("put", (kv) => add(`put ${kv.key.toString().slice(prefix.length)}=${kv.value}`));
    watcher.on("delete", (kv) => add(`delete ${kv.key.toString().slice(prefix.length)}`));
    watcher.on("error", reject);
  });
}

export const watchCases: readonly Case[] = [
  {
    name: "watch: one key and a prefix",
    body: async (client, prefix) => {
      const one = await client.watch().key(`${prefix}a`).create();
      const all = await client.watch().prefix(prefix).create();
      const seen = Promise.all([collect(one, 2, prefix), collect(all, 3, prefix)]);
      await client.put(`${prefix}a`).value("1");
      await client.put(`${prefix}b`).value("2");
      await client.delete().key(`${prefix}a`);
      assert.deepEqual(await seen, [
        ["put a=1", "delete a"],
        ["put a=1", "put b=2", "delete a"],
      ]);
      await one.cancel();
      await all.cancel();
    },
  },
  {
    name: "watch: from a revision, previous values, filters (only: its ignore does the same)",
    body: async (client, prefix) => {
      const first = await client.put(`${prefix}a`).value("1").exec();
      await client.put(`${prefix}a`).value("2");
      await client.delete().key(`${prefix}a`);
      const past = () => client.watch().key(`${prefix}a`).startRevision(first.header.revision);
      // Not create(), which waits: the events of the past come right behind its answer.
      const deletes = past().only("delete").watcher();
      assert.deepEqual(await collect(deletes, 1, prefix), ["delete a"]);
      const puts = past().only("put").watcher();
      assert.deepEqual(await collect(puts, 2, prefix), ["put a=1", "put a=2"]);
      const withPrevious = past().withPreviousKV().watcher();
      const [, previous] = await once(withPrevious, "delete");
      assert.equal(previous.value.toString(), "2");
    },
  },
  {
    name: "watch: 50 attached one by one",
    body: async (client, prefix) => {
      const watchers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => client.watch().key(`${prefix}${index}`).create()),
      );
      assert.equal(new Set(watchers.map((watcher) => watcher.id)).size, 50);
      const seen = Promise.all(watchers.map((watcher) => collect(watcher, 1, prefix)));
      await Promise.all(watchers.map((_, index) => client.put(`${prefix}${index}`).value(index)));
      assert.deepEqual(
        await seen,
        watchers.map((_, index) => [`put ${index}=${index}`]),
      );
      await Promise.all(watchers.map((watcher) => watcher.cancel()));
    },
  },
  {
    name: "watch: a compacted revision",
    body: async (client, prefix) => {
      const first = await client.put(`${prefix}a`).value("1").exec();
      const last = await client.put(`${prefix}a`).value("2").exec();
      await client.kv.compact({ revision: last.header.revision });
      const watcher = client.watch().key(`${prefix}a`).startRevision(first.header.revision).watcher();
      const [error] = await once(watcher, "error");
      assert.equal(String(error), "Error: Watcher canceled: ");
    },
  },
];
