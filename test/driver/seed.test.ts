/** What an etcd begins with that is made from a snapshot, be it of an etcd or of somebody who means harm. */
import { expect, test } from "vitest";
import { readSeed } from "../../src/driver/index.ts";
import { BUCKETS, type Bucket, JournalError, type Row } from "../../src/journal/index.ts";
import { databaseRowsOf, Etcd, Restoration } from "../../src/server/index.ts";
import { SnapshotError, writeSnapshot } from "../../src/snapshot/index.ts";
import { rangeRequest, utf8 } from "../mvcc/support/requests.ts";
import { everythingOf } from "../server/support/kept.ts";
import { listOf } from "../snapshot/support/lists.ts";
import { VirtualClock } from "../support/clock.ts";
import { fc } from "../support/property.ts";

const PART_BYTES = 32 * 1024;

function newEtcd(state?: ConstructorParameters<typeof Etcd>[1]): Etcd {
  return new Etcd({ clock: new VirtualClock(1_000) }, state);
}

function fileOf(etcd: Etcd): Uint8Array {
  return bytesOf(databaseRowsOf(etcd));
}

function bytesOf(lists: Parameters<typeof writeSnapshot>[0]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const part of writeSnapshot(lists, PART_BYTES)) if (part !== undefined) parts.push(part.bytes);
  return new Uint8Array(Buffer.concat(parts));
}

async function restored(file: Uint8Array): Promise<Etcd> {
  const restoration = new Restoration();
  const read = async (offset: number, length: number) => file.slice(offset, offset + length);
  await readSeed({ sizeBytes: file.length, read }, (bucket, row) => restoration.add(bucket, [row]));
  return newEtcd({ state: restoration.finish().state });
}

function put(etcd: Etcd, key: string, value: string, lease = 0n): void {
  etcd.put({ key, value: utf8(value), lease, prevKv: false, ignoreValue: false, ignoreLease: false });
}

/** With something of everything. */
function fullEtcd(): Etcd {
  const etcd = newEtcd();
  etcd.leaseGrant(7n, 100);
  for (let at = 0; at < 40; at++) {
    put(etcd, `key/${at % 9}`, "x".repeat(at * 20), at % 3 === 0 ? 7n : 0n);
    if (at % 6 === 5) etcd.deleteRange({ key: `key/${at % 7}`, rangeEnd: "", prevKv: false });
  }
  etcd.compact(20);
  etcd.activateAlarm({ memberId: 5n, type: 3 });
  etcd.auth.addRole("reader");
  etcd.members.add({ id: 9n, peerUrls: ["http://127.0.0.1:1"], isLearner: true });
  return etcd;
}

test("MA2: it has the keys, leases, alarms and roles, but members of its own and a log that begins", async () => {
  const etcd = fullEtcd();
  const again = await restored(fileOf(etcd));
  const { ids, hashes, size, ...expected } = everythingOf(etcd);
  expect(everythingOf(again)).toMatchObject(expected);
  expect(everythingOf(again).hashes.slice(1)).toEqual(hashes.slice(1));
  expect(again.auth.rows()).toEqual(etcd.auth.rows());
  expect(again.members.list().map(({ id }) => id)).toEqual([again.options.memberId]);
  expect([again.raftTerm, again.raftIndex]).toEqual([2, 3]);
  expect([ids.length, size.totalBytes > 0]).toEqual([2, true]);
});

test("MA2: a bbolt file that is no etcd's is refused", async () => {
  const file = bytesOf([listOf("widgets", 3, (at) => ({ key: Uint8Array.of(at + 1), value: Uint8Array.of(at) }))]);
  await expect(restored(file)).rejects.toThrow(new SnapshotError("the file is no etcd's: it has no bucket key"));
});

const ROW = { key: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2, 0x5f, 0, 0, 0, 0, 0, 0, 0, 0), value: new Uint8Array(0) };
const LAST_REVISION = Uint8Array.of(0x7f, ...new Uint8Array(7).fill(0xff), 0x5f, ...new Uint8Array(8));

test.each<[string, Bucket, Row]>([
  ["a revision that numbers cannot tell", "key", { key: LAST_REVISION, value: Uint8Array.of(0x0a, 1, 0x61) }],
  ["a key of another form", "key", { key: ROW.key.subarray(1), value: ROW.value }],
  ["a version that was never created", "key", { key: ROW.key, value: Uint8Array.of(0x0a, 1, 0x61) }],
  ["a lease that is none", "lease", { key: ROW.key, value: Uint8Array.of(0xff) }],
  ["a user that is none", "authUsers", { key: ROW.key, value: Uint8Array.of(0xff) }],
  ["a role that is none", "authRoles", { key: ROW.key, value: Uint8Array.of(0xff) }],
  ["a compaction to no revision", "meta", { key: utf8("scheduledCompactRev"), value: LAST_REVISION }],
  ["a version to come", "cluster", { key: utf8("clusterVersion"), value: utf8("3.9.0") }],
])("MA2: it is refused to begin with %s", async (_, bucket, row) => {
  const lists = BUCKETS.map((name) => listOf(name, name === bucket ? 1 : 0, () => row));
  await expect(restored(bytesOf(lists))).rejects.toThrow(JournalError);
});

test("MA2: whatever is in a file, it is refused or makes an etcd that works", async () => {
  const whole = fileOf(fullEtcd()).slice(0, -32);
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 40 });
  let made = 0;
  await fc.assert(
    fc.asyncProperty(changes, async (changes) => {
      const file = whole.slice();
      for (const [at, byte] of changes) file[at] = byte;
      let etcd: Etcd;
      try {
        etcd = await restored(file);
      } catch (error) {
        if (!(error instanceof SnapshotError || error instanceof JournalError)) throw error;
        return;
      }
      made++;
      put(etcd, "new", "1");
      etcd.hash(0);
      etcd.range(rangeRequest("\0", "\0"));
      etcd.leases();
      expect(fileOf(etcd).length).toBeGreaterThan(0);
      etcd.close();
    }),
    { numRuns: 500 },
  );
  expect(made).toBeGreaterThan(0);
});
