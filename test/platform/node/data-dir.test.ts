/** Servers one after the other on one data dir: each goes on with all that the one before had. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { Cluster } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import {
  createServer,
  type EtcdliteServer,
  JournalError,
  type ServerOptions,
  SnapshotError,
} from "../../../src/platform/node/index.ts";
import { EVERYTHING, put, putOf, rangeOf } from "../../rpc/support/ops.ts";
import { bytes, event, keys, kvs } from "../../rpc/support/show.ts";
import { WatchClient } from "../../rpc/support/watch.ts";
import { VirtualClock } from "../../support/clock.ts";

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "etcdlite-data-dir-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function start(options: ServerOptions): Promise<EtcdliteServer> {
  const server = await createServer({ closeGraceMs: 0, ...options });
  onTestFinished(() => server.close().catch(() => {}));
  return server;
}

function clientsOf({ url }: EtcdliteServer, token?: string) {
  const authorize: Interceptor = (next) => (request) => {
    if (token !== undefined) request.header.set("token", token);
    return next(request);
  };
  const transport = createGrpcTransport({ baseUrl: url, interceptors: [authorize] });
  return {
    kv: createClient(KV, transport),
    watch: createClient(Watch, transport),
    lease: createClient(Lease, transport),
    auth: createClient(Auth, transport),
    cluster: createClient(Cluster, transport),
    maintenance: createClient(Maintenance, transport),
  };
}

async function eventsFrom(server: EtcdliteServer, startRevision: bigint, count: number): Promise<string[]> {
  const watch = new WatchClient(clientsOf(server));
  watch.create("\0", "\0", { startRevision });
  await watch.next();
  return (await watch.nextEvents(count)).flatMap(({ events }) => events.map(event));
}

test("keys, their history, compaction and hashes are there again, and revisions go on", async () => {
  const dataDir = newDirectory();
  const first = await start({ dataDir });
  const { kv, maintenance } = clientsOf(first);
  for (let at = 0; at < 20; at++) await kv.put(putOf(`k${at % 7}`, String(at)));
  await kv.txn({ success: [put("a", "1"), put("b", "1")] });
  await kv.deleteRange({ key: bytes("k1") });
  await kv.compact({ revision: 15n });
  const asked = [0n, 16n, 18n].map((revision) => rangeOf("\0", "\0", { revision }));
  const before = await Promise.all(asked.map((range) => kv.range(range)));
  const events = await eventsFrom(first, 16n, 9);
  const { hash, compactRevision } = await maintenance.hashKV({});
  await first.close();

  const second = await start({ dataDir });
  const again = clientsOf(second);
  const after = await Promise.all(asked.map((range) => again.kv.range(range)));
  expect(after.map(kvs)).toEqual(before.map(kvs));
  expect(await eventsFrom(second, 16n, 9)).toEqual(events);
  expect(await again.maintenance.hashKV({})).toMatchObject({ hash, compactRevision });
  await expect(again.kv.range(rangeOf("a", "", { revision: 14n }))).rejects.toThrow("compacted");
  const { header } = await again.kv.put(putOf("a", "2"));
  expect(header?.revision).toBe((before[0]?.header?.revision ?? 0n) + 1n);
  expect(header?.raftTerm).toBe(3n);
});

test("LE1: leases are there again with their keys and the time they had left", async () => {
  const dataDir = newDirectory();
  const clock = new VirtualClock();
  const first = await start({ dataDir, clock });
  const { kv, lease } = clientsOf(first);
  await lease.leaseGrant({ ID: 7n, TTL: 100n });
  await kv.put(putOf("a", "1", { lease: 7n }));
  clock.advance(40_500);
  await first.close();
  clock.advance(1_000_000);
  const second = await start({ dataDir, clock });
  const again = clientsOf(second);
  expect(await again.lease.leaseTimeToLive({ ID: 7n, keys: true })).toMatchObject({
    TTL: 60n,
    grantedTTL: 100n,
    keys: [bytes("a")],
  });
  clock.advance(60_000);
  expect(keys(await again.kv.range(EVERYTHING))).toEqual([]);
});

test("AU9: users, roles and that auth is on are there again; a token is not", async () => {
  const dataDir = newDirectory();
  const first = await start({ dataDir, bcryptCost: 4 });
  const { auth, kv } = clientsOf(first);
  await auth.userAdd({ name: "root", password: "secret" });
  await auth.roleAdd({ name: "root" });
  await auth.userGrantRole({ user: "root", role: "root" });
  await auth.userAdd({ name: "ann", password: "word" });
  await kv.put(putOf("a", "1"));
  await auth.authEnable({});
  const { token } = await auth.authenticate({ name: "root", password: "secret" });
  await first.close();
  const second = await start({ dataDir });
  await expect(clientsOf(second).kv.range(EVERYTHING)).rejects.toThrow("user name is empty");
  await expect(clientsOf(second, token).kv.range(EVERYTHING)).rejects.toThrow("invalid auth token");
  const renewed = await clientsOf(second).auth.authenticate({ name: "root", password: "secret" });
  const admin = clientsOf(second, renewed.token);
  expect(kvs(await admin.kv.range(EVERYTHING))).toHaveLength(1);
  expect((await admin.auth.userList({})).users).toEqual(["ann", "root"]);
});

test("alarms, members, and who the member is, are there again; its URLs are those of now", async () => {
  const dataDir = newDirectory();
  const first = await start({ dataDir, name: "first", initialClusterToken: "one" });
  const { maintenance, cluster } = clientsOf(first);
  await maintenance.alarm({ action: 1, memberID: 5n, alarm: 1 });
  const { member } = await cluster.memberAdd({ peerURLs: ["http://peer:2380"], isLearner: true });
  const { memberId, clusterId } = first.etcd.options;
  await first.close();
  const second = await start({ dataDir, name: "second", initialClusterToken: "other" });
  const again = clientsOf(second);
  expect(second.etcd.options).toMatchObject({ memberId, clusterId });
  const { alarms } = await again.maintenance.alarm({});
  expect(alarms).toMatchObject([{ memberID: 5n, alarm: 1 }]);
  const { members } = await again.cluster.memberList({});
  expect(members.find(({ ID }) => ID === member?.ID)).toMatchObject({ isLearner: true });
  expect(members.find(({ ID }) => ID === memberId)).toMatchObject({ name: "second", clientURLs: [second.url] });
});

test("without a data dir nothing is kept", async () => {
  const first = await start({});
  await clientsOf(first).kv.put(putOf("a", "1"));
  await first.close();
  expect(kvs(await clientsOf(await start({})).kv.range(EVERYTHING))).toEqual([]);
});

test("what was accepted when the stop began is answered, and kept", async () => {
  const dataDir = newDirectory();
  const first = await start({ dataDir });
  const { kv } = clientsOf(first);
  await kv.put(putOf("warm", "1"));
  const answers: string[] = [];
  const calls = Array.from({ length: 50 }, (_, at) => kv.put(putOf(`k${at}`, "1")).then(() => answers.push(`k${at}`)));
  // At once: some are refused while the server stops.
  const settled = Promise.allSettled(calls);
  while (first.etcd.store.revision < 3) await new Promise((resolve) => setImmediate(resolve));
  const applied = first.etcd.store.revision;
  await first.close();
  await settled;
  const found = keys(await clientsOf(await start({ dataDir })).kv.range(EVERYTHING));
  expect(found).toEqual(expect.arrayContaining(answers));
  expect(found.length).toBeGreaterThanOrEqual(applied - 1);
});

test("a second server on the same data dir is refused, and listens nowhere", async () => {
  const dataDir = newDirectory();
  await start({ dataDir });
  const socket = join(newDirectory(), "etcd.sock");
  const second = createServer({ dataDir, listenClientUrls: [`unix://${socket}`] });
  await expect(second).rejects.toThrow(new JournalError(`${dataDir} is in use by another etcdlite`));
  expect(existsSync(socket)).toBe(false);
});

test("a damaged data dir is refused, with what is damaged and what to do", async () => {
  const dataDir = newDirectory();
  await (await start({ dataDir })).close();
  const db = new DatabaseSync(join(dataDir, "etcdlite.db"));
  db.exec("UPDATE meta SET crc = crc + 1 WHERE key = CAST('term' AS BLOB)");
  db.close();
  const refused = expect(createServer({ dataDir })).rejects;
  await refused.toThrow(`the row 7465726d of the bucket meta in ${dataDir} is damaged`);
  await expect(createServer({ dataDir })).rejects.toThrow(`\`etcdlite export ${dataDir} FILE\` saves what is whole`);
});

test("MA2: a snapshot is what an empty data dir begins with, and is refused for one that holds something", async () => {
  const from = await start({});
  const { kv, lease, maintenance } = clientsOf(from);
  await lease.leaseGrant({ ID: 7n, TTL: 100n });
  for (let at = 0; at < 30; at++) await kv.put(putOf(`k${at % 10}`, String(at), { lease: at % 2 === 0 ? 7n : 0n }));
  await kv.compact({ revision: 12n });
  const parts: Uint8Array[] = [];
  for await (const { blob } of maintenance.snapshot({})) parts.push(blob);
  const fromSnapshot = join(newDirectory(), "snapshot.db");
  writeFileSync(fromSnapshot, Buffer.concat(parts));

  const dataDir = newDirectory();
  const first = await start({ dataDir, fromSnapshot });
  const shown = async (server: EtcdliteServer): Promise<unknown> => {
    const { kv, lease } = clientsOf(server);
    const leases = (await lease.leaseLeases({})).leases.map(({ ID }) => ID);
    return [kvs(await kv.range(EVERYTHING)), leases, server.etcd.hash(0)];
  };
  const expected = await shown(from);
  expect(await shown(first)).toEqual(expected);
  await first.close();
  await expect(createServer({ dataDir, fromSnapshot })).rejects.toThrow(`${dataDir} holds data already`);
  expect(await shown(await start({ dataDir }))).toEqual(expected);
});

test("MA2: a snapshot that is damaged leaves a data dir as empty as it was", async () => {
  const fromSnapshot = join(newDirectory(), "snapshot.db");
  writeFileSync(fromSnapshot, Buffer.alloc(40_000));
  const dataDir = newDirectory();
  await expect(createServer({ dataDir, fromSnapshot })).rejects.toBeInstanceOf(SnapshotError);
  expect(kvs(await clientsOf(await start({ dataDir })).kv.range(EVERYTHING))).toEqual([]);
});
