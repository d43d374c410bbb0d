/**
 * A distributed lock: each contender puts a key of its own under the lock's name; the one with the lowest
 * create_revision holds it, and each of the others waits for the one before it to go.
 */
import assert from "node:assert/strict";
import type { Store, Use } from "./use.ts";
import { bytes, connect, firstChange, KEYS_OF_USES, under } from "./use.ts";

const LOCK = `${KEYS_OF_USES}lock/`;
const LEDGER = bytes(`${KEYS_OF_USES}ledger`);
const CONTENDERS = 8;
const TURNS = 3;

type Held = { release(): Promise<void> };

async function acquire(store: Store, contender: string): Promise<Held> {
  const { ID: lease } = await store.lease.leaseGrant({ TTL: 30n });
  const key = bytes(`${LOCK}${contender}`);
  const created = await store.kv.txn({
    compare: [{ key, target: 1, result: 0, targetUnion: { case: "createRevision", value: 0n } }],
    success: [{ request: { case: "requestPut", value: { key, lease } } }],
  });
  assert.equal(created.succeeded, true);
  const own = created.header?.revision ?? 0n;
  for (;;) {
    // The newest of those who were there before.
    const before = await store.kv.range({
      ...under(LOCK),
      maxCreateRevision: own - 1n,
      sortTarget: 2,
      sortOrder: 2,
      limit: 1n,
    });
    const ahead = before.kvs[0];
    if (ahead === undefined) break;
    const from = (before.header?.revision ?? 0n) + 1n;
    await firstChange(store, { key: ahead.key as Uint8Array<ArrayBuffer> }, from, ({ type }) => type === "DELETE");
  }
  return { release: async () => void (await store.lease.leaseRevoke({ ID: lease })) };
}

export const lock: Use = {
  name: "a lock by create_revision: one holder at a time, in the order of arrival",
  run: async ({ url }) => {
    const store = connect(url);
    await store.kv.deleteRange(under(LOCK));
    await store.kv.deleteRange({ key: LEDGER });
    let holders = 0;
    let turns = 0;
    const contend = async (number: number): Promise<void> => {
      const own = connect(url);
      for (let turn = 0; turn < TURNS; turn++) {
        const held = await acquire(own, `${number}-${turn}`);
        assert.equal(++holders, 1, "two hold the lock");
        await own.kv.put({ key: LEDGER, value: bytes(String(++turns)) });
        holders--;
        await held.release();
      }
    };
    await Promise.all(Array.from({ length: CONTENDERS }, (_, number) => contend(number)));
    assert.equal(turns, CONTENDERS * TURNS);
    assert.equal((await store.kv.range(under(LOCK))).count, 0n);
    assert.equal((await store.kv.range({ key: LEDGER })).kvs[0]?.version, BigInt(CONTENDERS * TURNS));
  },
};
