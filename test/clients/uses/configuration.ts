/**
 * Configuration that is watched: consumers read the whole, then watch from that revision + 1, at any moment
 * while somebody writes; one of them loses its stream now and then and goes on from the last revision it saw.
 * None may miss a change, see one twice, or see them out of order.
 */
import assert from "node:assert/strict";
import type { Store, Use } from "./use.ts";
import { bytes, changes, connect, KEYS_OF_USES, text, under } from "./use.ts";

const CONFIG = `${KEYS_OF_USES}config/`;
const CONSUMERS = 6;
const CHANGES = 300;
const KEYS = 7;
const RESUME_AFTER_CHANGES = 25;
const LAST = `${CONFIG}last`;

type Config = Map<string, string>;

/** Puts and deletes in turn; returns what is left. */
async function write({ kv }: Store): Promise<Config> {
  const config: Config = new Map();
  for (let number = 0; number < CHANGES; number++) {
    const key = `${CONFIG}${number % KEYS}`;
    if (number % 5 === 4 && config.has(key)) {
      await kv.deleteRange({ key: bytes(key) });
      config.delete(key);
    } else {
      await kv.put({ key: bytes(key), value: bytes(String(number)) });
      config.set(key, String(number));
    }
  }
  await kv.put({ key: bytes(LAST), value: bytes("done") });
  config.set(LAST, "done");
  return config;
}

/** Follows the configuration to its last change; a restless one drops its stream again and again. */
async function follow(store: Store, restless: boolean): Promise<Config> {
  const snapshot = await store.kv.range(under(CONFIG));
  const config: Config = new Map(snapshot.kvs.map((entry) => [text(entry.key), text(entry.value)]));
  let seen = snapshot.header?.revision ?? 0n;
  while (!config.has(LAST)) {
    const abort = new AbortController();
    let count = 0;
    for await (const change of changes(store, under(CONFIG), seen + 1n, abort.signal)) {
      assert.ok(change.revision > seen, `revision ${change.revision} came after ${seen}`);
      seen = change.revision;
      if (change.type === "PUT") config.set(change.key, change.value);
      else assert.ok(config.delete(change.key), `${change.key} was deleted, and never seen`);
      count++;
      if (change.key === LAST || (restless && count === RESUME_AFTER_CHANGES)) break;
    }
    abort.abort();
  }
  return config;
}

export const configuration: Use = {
  name: "watched configuration: read, then watch from revision + 1, and never miss a change",
  run: async ({ url }) => {
    const writer = connect(url);
    await writer.kv.deleteRange(under(CONFIG));
    const writing = write(writer);
    const following: Promise<Config>[] = [];
    for (let number = 0; number < CONSUMERS; number++) {
      following.push(follow(connect(url), number % 2 === 1));
      // Each begins at another moment of the writing.
      await writer.kv.range({ key: bytes(CONFIG) });
    }
    const wanted = await writing;
    for (const config of await Promise.all(following)) {
      assert.deepEqual(new Map([...config].sort()), new Map([...wanted].sort()));
    }
  },
};
