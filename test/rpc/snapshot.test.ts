import { expect, test } from "vitest";
import type { SnapshotResponse } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { crc32c } from "../../src/mvcc/index.ts";
import { readBytes, readSnapshot } from "../../src/snapshot/index.ts";
import { putAll, putOf } from "./support/ops.ts";
import { text } from "./support/show.ts";
import { inProcess, localTarget, newTarget, type Target } from "./support/target.ts";

const PART_BYTES = 32 * 1024;

async function snapshotOf({ maintenance }: Target): Promise<SnapshotResponse[]> {
  const messages: SnapshotResponse[] = [];
  for await (const message of maintenance.snapshot({})) messages.push(message);
  return messages;
}

async function bytesOf(messages: readonly SnapshotResponse[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Blob(messages.map(({ blob }) => blob as BlobPart)).arrayBuffer());
}

/** The rows of a bucket, or only their keys. */
function rowsOf(file: Uint8Array, bucket: string): Map<string, string> {
  const rows = new Map<string, string>();
  const visitorOf = (name: string) => {
    return (key: Uint8Array, value: Uint8Array) => void (name === bucket && rows.set(text(key), text(value)));
  };
  readBytes(readSnapshot(file.length, visitorOf), file);
  return rows;
}

test("MA2: parts of 32 KiB that say how much is to come, and last the SHA-256 of them", async () => {
  const target = await newTarget();
  for (let at = 0; at < 4; at++) await target.kv.put(putOf(`large/${at}`, "x".repeat(100_000 + at)));
  const messages = await snapshotOf(target);
  const data = messages.slice(0, -1);
  const whole = await bytesOf(data);
  expect(whole.length).toBeGreaterThan(400_000);
  expect(whole.length % 4096).toBe(0);
  expect(data.slice(0, -1).every(({ blob }) => blob.length === PART_BYTES)).toBe(true);
  let left = whole.length;
  for (const { blob, remainingBytes } of data) {
    left -= blob.length;
    expect(remainingBytes).toBe(BigInt(left));
  }
  const last = messages.at(-1);
  expect(last?.remainingBytes).toBe(0n);
  expect(last?.blob).toEqual(new Uint8Array(await crypto.subtle.digest("SHA-256", whole)));
  expect(messages.map(({ version, header }) => [version, header])).toEqual(messages.map(() => ["3.7.0", undefined]));
});

test("MA2: the rows are those that etcd keeps", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=2", "a=3");
  await target.kv.deleteRange({ key: new TextEncoder().encode("b") });
  await target.kv.compact({ revision: 3n, physical: true });
  await target.lease.leaseGrant({ ID: 0x1234n, TTL: 1000n });
  const file = await bytesOf(await snapshotOf(target));
  const revision = (main: number) => `${"\\x00".repeat(7)}\\x0${main}_${"\\x00".repeat(8)}`;
  expect(Object.fromEntries(rowsOf(file, "key"))).toEqual({
    [revision(2)]: "\\x0a\\x01a\\x10\\x02\\x18\\x02 \\x01*\\x011",
    [revision(3)]: "\\x0a\\x01b\\x10\\x03\\x18\\x03 \\x01*\\x012",
    [revision(4)]: "\\x0a\\x01a\\x10\\x02\\x18\\x04 \\x02*\\x013",
    [`${revision(5)}t`]: "\\x0a\\x01b",
  });
  expect([...rowsOf(file, "lease")]).toEqual([[`${"\\x00".repeat(6)}\\x124`, "\\x08\\xb4$\\x10\\xe8\\x07"]]);
  const meta = rowsOf(file, "meta");
  expect([...meta.keys()]).toEqual([
    "confState",
    "consistent_index",
    "finishedCompactRev",
    "scheduledCompactRev",
    "storageVersion",
    "term",
  ]);
  expect(meta.get("confState")).toMatch(/^\{"voters":\[\d+\],"auto_leave":false\}$/);
  expect([meta.get("finishedCompactRev"), meta.get("scheduledCompactRev")]).toEqual([revision(3), revision(3)]);
  expect([meta.get("storageVersion"), meta.get("term")]).toEqual(["3.7.0", `${"\\x00".repeat(7)}\\x02`]);
  expect([...rowsOf(file, "members").values()]).toEqual([
    expect.stringMatching(/^\{"id":\d+,"peerURLs":\[".*"\],"name":"default","clientURLs":\[".*"\]\}$/),
  ]);
  expect([...rowsOf(file, "cluster")]).toEqual([["clusterVersion", "3.7.0"]]);
  expect([...rowsOf(file, "auth").keys()]).toContain("authRevision");
});

test("MA2: Maintenance.Hash is the hash of its rows, but of those that differ from member to member", async () => {
  const target = await newTarget();
  await putAll(target, "a=1", "b=2", "a=3");
  await target.lease.leaseGrant({ ID: 5n, TTL: 1000n });
  await target.kv.compact({ revision: 3n, physical: true });
  const file = await bytesOf(await snapshotOf(target));
  let crc = 0;
  const visitorOf = (bucket: string) => {
    crc = crc32c(crc, new TextEncoder().encode(bucket));
    return (key: Uint8Array, value: Uint8Array) => {
      if (bucket === "meta" && /^(term|consistent_index|storageVersion)$/.test(text(key))) return;
      crc = crc32c(crc32c(crc, key), value);
    };
  };
  readBytes(readSnapshot(file.length, visitorOf), file);
  expect((await target.maintenance.hash({})).hash).toBe(crc);
});

inProcess("MA2: it is what there was when it began, whatever comes while it is read", async () => {
  const target = localTarget();
  for (let at = 0; at < 100; at++) await target.kv.put(putOf(`key/${at}`, "x".repeat(3000)));
  const expected = await bytesOf(await snapshotOf(target));
  const messages: SnapshotResponse[] = [];
  for await (const message of target.maintenance.snapshot({})) {
    messages.push(message);
    await target.kv.put(putOf("key/7", `${messages.length}`));
    await target.kv.deleteRange({ key: new TextEncoder().encode(`key/${messages.length}`) });
    await target.kv.compact({ revision: BigInt(target.etcd.store.revision) });
    await target.lease.leaseGrant({ ID: BigInt(messages.length), TTL: 100n });
  }
  expect(messages.length).toBeGreaterThan(5);
  expect(await bytesOf(messages)).toEqual(expected);
});

inProcess("MA2: others get their turn while a large one is made", async () => {
  const target = localTarget();
  for (let at = 0; at < 20; at++) await target.kv.put({ key: Uint8Array.of(at), value: new Uint8Array(1_000_000) });
  let turns = 0;
  let isRead = false;
  const turn = (): void => {
    turns++;
    if (!isRead) setTimeout(turn, 0);
  };
  turn();
  await snapshotOf(target);
  isRead = true;
  expect(turns).toBeGreaterThan(10);
});
