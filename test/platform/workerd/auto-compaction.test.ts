/** Auto-compaction that goes on where it was, however often its etcd sleeps. */
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { AutoCompaction } from "../../../src/platform/workerd/auto-compaction.ts";
import type { SqlStorage, SqlValue } from "../../../src/platform/workerd/types.ts";
import { Etcd, type EtcdOptions } from "../../../src/server/index.ts";
import { VirtualClock } from "../../support/clock.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function newSql(): SqlStorage {
  const db = new DatabaseSync(":memory:");
  onTestFinished(() => db.close());
  return {
    exec(query, ...bindings) {
      const statement = db.prepare(query);
      statement.setReturnArrays(true);
      const rows = statement.all(...(bindings as Array<string | number>)) as unknown as SqlValue[][];
      return { raw: () => rows.values() };
    },
  };
}

/** An etcd, and what wakes it. `sleep` forgets all timers but when the first of them is due, as an alarm does. */
function compacted(settings: Partial<EtcdOptions>) {
  const clock = new VirtualClock(1_000_000);
  const sql = newSql();
  const start = (): VirtualClock => {
    const own = new VirtualClock(clock.now());
    new AutoCompaction({ etcd: running, clock: own, sql }, settings).start();
    return own;
  };
  const running = new Etcd({ clock: new VirtualClock() });
  onTestFinished(() => running.close());
  let timers = start();
  return {
    etcd: running,
    put(count = 1): void {
      const request = { key: "a", value: new Uint8Array(1), lease: 0n };
      for (let at = 0; at < count; at++) {
        running.put({ ...request, prevKv: false, ignoreValue: false, ignoreLease: false });
      }
    },
    /** In steps, asleep in between. */
    pass(ms: number, stepMs: number): void {
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.advance(stepMs);
        timers.advance(stepMs);
      }
    },
    sleep(): void {
      timers = start();
    },
    get isWaiting(): boolean {
      return timers.pending > 0;
    },
  };
}

test("without a retention nothing is compacted, and no timer is set", () => {
  const { put, pass, etcd, ...store } = compacted({});
  put(10);
  pass(HOUR_MS, MINUTE_MS);
  expect([etcd.store.compactRevision > 0, store.isWaiting]).toEqual([false, false]);
});

test("by time it keeps what is younger than the retention, and stops when nothing is left", () => {
  const store = compacted({ autoCompactionRetentionMs: HOUR_MS });
  expect(store.isWaiting).toBe(false);
  store.put(10);
  store.pass(30 * MINUTE_MS, MINUTE_MS);
  store.put(10);
  store.pass(35 * MINUTE_MS, MINUTE_MS);
  expect(store.etcd.store.compactRevision).toBe(-1);
  store.pass(5 * MINUTE_MS, MINUTE_MS);
  expect(store.etcd.store.compactRevision).toBe(11);
  store.pass(HOUR_MS, MINUTE_MS);
  expect(store.etcd.store.compactRevision).toBe(21);
  expect(store.isWaiting).toBe(false);
});

test("by time a sleep after each step makes no difference but for its length", () => {
  const store = compacted({ autoCompactionRetentionMs: HOUR_MS });
  store.put(10);
  for (let step = 0; step < 12; step++) {
    store.pass(6 * MINUTE_MS, 6 * MINUTE_MS);
    store.sleep();
  }
  expect(store.etcd.store.compactRevision).toBe(11);
});

test("by revisions it keeps as many, and stops when there are no more", () => {
  const store = compacted({ autoCompactionMode: "revision", autoCompactionRetentionRevisions: 5 });
  store.put(3);
  store.sleep();
  expect(store.isWaiting).toBe(false);
  store.put(10);
  store.pass(5 * MINUTE_MS, MINUTE_MS);
  expect(store.etcd.store.compactRevision).toBe(9);
  expect(store.isWaiting).toBe(false);
});
