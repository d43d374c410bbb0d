import { expect, test } from "vitest";
import { putAll, putOf, rangeOf } from "./support/ops.ts";
import { inProcess, localTarget, newTarget } from "./support/target.ts";

const PAGE_BYTES = 4096n;

test("MA3: Status tells version, leader, term and indexes, and who this is", async () => {
  const target = await newTarget();
  const status = await target.maintenance.status({});
  expect([status.version, status.storageVersion, status.isLearner]).toEqual(["3.7.1", "3.7.0", false]);
  expect(status.leader).toBe(status.header?.memberId);
  expect(status.raftTerm).toBe(status.header?.raftTerm);
  expect(status.header?.revision).toBe(1n);
  expect(status.raftAppliedIndex).toBe(status.raftIndex);
  expect([status.downgradeInfo?.enabled, status.downgradeInfo?.targetVersion]).toEqual([false, ""]);
  expect(status.dbSizeQuota).toBe(2n * 1024n * 1024n * 1024n);
  expect([status.dbSize % PAGE_BYTES, status.dbSizeInUse % PAGE_BYTES]).toEqual([0n, 0n]);
  expect(status.dbSizeInUse > 0n && status.dbSizeInUse <= status.dbSize).toBe(true);
});

test("MA3: the quota is told as it was set", async () => {
  const target = await newTarget({ quotaBackendBytes: 123_456_789 });
  expect((await target.maintenance.status({})).dbSizeQuota).toBe(123_456_789n);
});

test("MA3: the raft index goes up with writes and not with reads", async () => {
  const target = await newTarget();
  const index = async () => (await target.maintenance.status({})).raftIndex;
  const before = await index();
  await target.kv.range(rangeOf("a"));
  await target.maintenance.hashKV({});
  expect(await index()).toBe(before);
  await putAll(target, "a=1", "a=2");
  expect(await index()).toBe(before + 2n);
  await target.kv.deleteRange(rangeOf("missing"));
  await target.lease.leaseGrant({ ID: 7n, TTL: 60n });
  expect(await index()).toBe(before + 4n);
});

inProcess("MA3: the size grows by whole pages and shrinks only by defragmentation", async () => {
  const target = localTarget();
  const sizes = async () => {
    const { dbSize, dbSizeInUse } = await target.maintenance.status({});
    return [dbSize, dbSizeInUse];
  };
  const empty = await sizes();
  for (let at = 0; at < 50; at++) await target.kv.put(putOf("a", "x".repeat(10_000)));
  const [grown = 0n] = await sizes();
  expect(grown).toBeGreaterThanOrEqual((empty[0] ?? 0n) + 500_000n);
  await target.kv.compact({ revision: 51n });
  const [kept, inUse = 0n] = await sizes();
  expect(kept).toBe(grown);
  expect(inUse).toBeLessThan(grown / 10n);
  await target.maintenance.defragment({});
  expect(await sizes()).toEqual([inUse, inUse]);
});

test("MA3: Defragment replies with no header", async () => {
  const target = await newTarget();
  expect((await target.maintenance.defragment({})).header).toBeUndefined();
});

test("MA3: Hash answers for what is there", async () => {
  const target = await newTarget();
  const first = await target.maintenance.hash({});
  await putAll(target, "a=1");
  const second = await target.maintenance.hash({});
  expect(second.hash).not.toBe(first.hash);
  expect([first.header?.revision, second.header?.revision]).toEqual([1n, 2n]);
});

test("MA3: MemberList tells the one member; its header has no revision", async () => {
  const target = await newTarget();
  await putAll(target, "a=1");
  for (const linearizable of [false, true]) {
    const response = await target.cluster.memberList({ linearizable });
    expect(response.header?.revision).toBe(0n);
    expect(response.header?.raftTerm).toBeGreaterThan(0n);
    expect(response.members.map((member) => [member.ID, member.name, member.isLearner])).toEqual([
      [response.header?.memberId, "default", false],
    ]);
    expect(response.members[0]?.clientURLs.length).toBe(1);
    expect(response.members[0]?.peerURLs.length).toBe(1);
  }
});

inProcess("MA3: name, URLs and identity are options", async () => {
  const target = localTarget({
    name: "one",
    clientUrls: ["http://c:1", "http://c:2"],
    peerUrls: ["http://p:1"],
    memberId: 11n,
    clusterId: 12n,
  });
  const { header, members } = await target.cluster.memberList({});
  expect([header?.memberId, header?.clusterId]).toEqual([11n, 12n]);
  expect(members.map((member) => [member.ID, member.name, member.clientURLs, member.peerURLs])).toEqual([
    [11n, "one", ["http://c:1", "http://c:2"], ["http://p:1"]],
  ]);
});
