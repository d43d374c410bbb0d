import { expect, test } from "vitest";
import { AlarmType, Etcd, type EtcdOptions } from "../../src/server/index.ts";
import { VirtualClock } from "../support/clock.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function newEtcd(options: Partial<EtcdOptions>) {
  const clock = new VirtualClock(7_000);
  const etcd = new Etcd({ clock, ...options });
  const compacted: string[] = [];
  const note = (): void => {
    const { compactRevision } = etcd.store;
    const line = `${(clock.now() - 7_000) / MINUTE_MS} min: ${compactRevision}`;
    if (compactRevision >= 0 && compacted.at(-1)?.endsWith(` ${compactRevision}`) !== true) compacted.push(line);
  };
  return {
    clock,
    etcd,
    compacted,
    /** Lets minutes pass and puts one key at the end of each. */
    pass(minutes: number, writes = 1): void {
      for (let minute = 0; minute < minutes; minute++) {
        clock.advance(MINUTE_MS);
        note();
        for (let at = 0; at < writes; at++) putOne(etcd);
      }
    },
  };
}

function putOne(etcd: Etcd): void {
  const flags = { prevKv: false, ignoreValue: false, ignoreLease: false };
  etcd.put({ key: "a", value: new Uint8Array(1), lease: 0n, ...flags });
}

test("CO3: without a retention nothing is compacted by itself, in either mode", () => {
  for (const autoCompactionMode of ["periodic", "revision"] as const) {
    const { clock, compacted, pass } = newEtcd({ autoCompactionMode });
    pass(600);
    expect([compacted, clock.pending]).toEqual([[], 0]);
  }
});

test("CO3: by revision, the newest so many are kept; every five minutes", () => {
  const options = { autoCompactionMode: "revision", autoCompactionRetentionRevisions: 10 } as const;
  const { etcd, compacted, pass } = newEtcd(options);
  pass(21);
  // After 10 minutes revision 10 or less; after 15 revision 15 (14 writes), after 20 revision 20.
  expect(compacted).toEqual(["15 min: 5", "20 min: 10"]);
  expect(etcd.store.revision).toBe(22);
});

test("CO3: by revision, where nothing was written since there is nothing to do", () => {
  const options = { autoCompactionMode: "revision", autoCompactionRetentionRevisions: 1 } as const;
  const { compacted, pass } = newEtcd(options);
  pass(6);
  pass(30, 0);
  expect(compacted).toEqual(["5 min: 4", "10 min: 6"]);
});

test("CO3: by time under an hour, after it and then each time it has passed, to what was current a tenth before", () => {
  const options = { autoCompactionMode: "periodic", autoCompactionRetentionMs: 10 * MINUTE_MS } as const;
  const { compacted, pass } = newEtcd(options);
  pass(31);
  expect(compacted).toEqual(["10 min: 1", "20 min: 9", "30 min: 19"]);
});

test("CO3: by time over an hour, first after it, then every hour to what was current that long and a sample ago", () => {
  const options = { autoCompactionMode: "periodic", autoCompactionRetentionMs: 3 * HOUR_MS } as const;
  const { compacted, pass } = newEtcd(options);
  pass(5 * 60 + 1);
  expect(compacted).toEqual(["180 min: 1", "240 min: 54", "300 min: 114"]);
});

test("CO3: by time, where nothing was written since there is nothing to do", () => {
  const options = { autoCompactionMode: "periodic", autoCompactionRetentionMs: 10 * MINUTE_MS } as const;
  const { compacted, pass } = newEtcd(options);
  pass(3);
  pass(60, 0);
  expect(compacted).toEqual(["10 min: 1", "20 min: 4"]);
});

test("CO3: that a client compacted further stops nothing", () => {
  const options = { autoCompactionMode: "revision", autoCompactionRetentionRevisions: 2 } as const;
  const { etcd, compacted, pass } = newEtcd(options);
  pass(4);
  etcd.compact(5);
  pass(7);
  expect(compacted).toEqual(["5 min: 5", "10 min: 8"]);
});

test("CO3: what an alarm did not let happen is done once it is taken back, though nothing was written since", () => {
  const alarm = { memberId: 1n, type: AlarmType.CORRUPT };
  const modes = [
    { autoCompactionMode: "revision", autoCompactionRetentionRevisions: 2 },
    { autoCompactionMode: "periodic", autoCompactionRetentionMs: 5 * MINUTE_MS },
  ] as const;
  for (const options of modes) {
    const { etcd, compacted, pass } = newEtcd(options);
    pass(4);
    etcd.activateAlarm(alarm);
    pass(16, 0);
    expect(compacted).toEqual([]);
    etcd.deactivateAlarm(alarm);
    pass(5, 0);
    expect(compacted.length).toBe(1);
  }
});

test("CO3: closing ends it", () => {
  const options = { autoCompactionMode: "revision", autoCompactionRetentionRevisions: 1 } as const;
  const { clock, etcd, compacted, pass } = newEtcd(options);
  pass(3);
  etcd.close();
  clock.advance(HOUR_MS);
  expect([compacted, clock.pending]).toEqual([[], 0]);
});
