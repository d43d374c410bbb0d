/** From real etcds to etcdlite. */
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AlarmRequest_AlarmAction, AlarmType } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { createServer } from "../../../src/platform/node/index.ts";
import { startEtcd } from "../../support/etcd.ts";
import { startEtcdlite } from "../../support/etcdlite.ts";
import { check, checkRefused } from "./checks.ts";
import { type Clients, clientsOf } from "./clients.ts";
import { tokenOf } from "./forth.ts";
import { alarmsOf, hashesOf, keysOf, leasesOf, usersOf } from "./picture.ts";
import { etcdctl, hashOf, startRestored } from "./tools.ts";
import { fillStore, fillUsers } from "./workload.ts";

/** A full etcd, saved, and an etcdlite started from it. */
export async function backFromEtcd(folder: string): Promise<void> {
  const etcd = await startEtcd();
  const file = join(folder, "etcd.db");
  const database = join(folder, "etcd-database.db");
  try {
    const theirs = clientsOf(etcd.url);
    await fillStore(theirs);
    await fillUsers(theirs);
    await etcdctl("--endpoints", etcd.url, "snapshot", "save", file);
    await sameAs("from a snapshot", theirs, file);
    await alarmCheck(theirs, etcd.url, folder);
    await theirs.auth.authEnable({});
    await etcdctl("--endpoints", etcd.url, "--user", "root:secret", "snapshot", "save", join(folder, "etcd-auth.db"));
    // What a database has that nobody has closed: nothing is written now, and all is durable.
    cpSync(join(etcd.dataDir, "member", "snap", "db"), database);
    await authChecks(clientsOf(etcd.url, await tokenOf(etcd.url)), join(folder, "etcd-auth.db"));
  } finally {
    await etcd.stop();
  }
  await likeRestored(file, folder);
  await throughUs(file, folder);
  await raisedRevision(file, folder);
  await check("from a database, without a checksum", () => hashOfFile(database), await hashOf(file));
  await commandChecks(file, folder);
}

async function sameAs(name: string, theirs: Clients, fromSnapshot: string): Promise<void> {
  await using server = await createServer({ fromSnapshot });
  const ours = clientsOf(server.url);
  await check(`${name}: keys at many revisions`, () => keysOf(ours), await keysOf(theirs));
  await check(`${name}: HashKV at many revisions`, () => hashesOf(ours), await hashesOf(theirs));
  await check(`${name}: leases, their keys and TTLs`, () => leasesOf(ours), await leasesOf(theirs));
  await check(`${name}: users and roles`, () => usersOf(ours), await usersOf(theirs));
}

/** The command, with a file that is good, damaged, missing. */
async function commandChecks(file: string, folder: string): Promise<void> {
  const start = (path: string) => startEtcdlite(["--from-snapshot", path]);
  const keys = async () => {
    const command = await start(file);
    return hashesOf(clientsOf(command.url)).finally(() => command.stop());
  };
  await using server = await createServer({ fromSnapshot: file });
  await check("etcdlite --from-snapshot", keys, await hashesOf(clientsOf(server.url)));
  const damaged = join(folder, "damaged-etcd.db");
  writeFileSync(damaged, readFileSync(file).fill(1, 50_000, 50_001));
  await checkRefused(
    "a damaged snapshot is refused, and why",
    () => start(damaged),
    /etcdlite: .*checksum is not right/,
  );
  await checkRefused("one that is missing too", () => start(join(folder, "missing.db")), /etcdlite: .*ENOENT/);
}

/** With its alarm raised no etcd is healthy, and so not in a snapshot that others are started from. */
async function alarmCheck(theirs: Clients, url: string, folder: string): Promise<void> {
  const alarm = { memberID: 5n, alarm: AlarmType.NOSPACE };
  await theirs.maintenance.alarm({ action: AlarmRequest_AlarmAction.ACTIVATE, ...alarm });
  const fromSnapshot = join(folder, "alarm.db");
  await etcdctl("--endpoints", url, "snapshot", "save", fromSnapshot);
  await using server = await createServer({ fromSnapshot });
  await check("from a snapshot: alarms", () => alarmsOf(clientsOf(server.url)), await alarmsOf(theirs));
  await theirs.maintenance.alarm({ action: AlarmRequest_AlarmAction.DEACTIVATE, ...alarm });
}

async function authChecks(theirs: Clients, file: string): Promise<void> {
  await using server = await createServer({ fromSnapshot: file });
  const ours = clientsOf(server.url, await tokenOf(server.url));
  await check("with auth on: passwords are good, users the same", () => usersOf(ours), await usersOf(theirs));
}

/** A start from a snapshot beside what etcdutl makes of it. */
async function likeRestored(file: string, folder: string): Promise<void> {
  const etcd = await startRestored(file, join(folder, "beside"));
  try {
    await using server = await createServer({ fromSnapshot: file });
    const [theirs, ours] = [clientsOf(etcd.url), clientsOf(server.url)];
    const compacted = { revision: (await theirs.maintenance.hashKV({})).compactRevision };
    const hash = async ({ maintenance }: Clients) => (await maintenance.hashKV(compacted)).hash;
    await check("as etcdutl restores: HashKV at the compacted revision", () => hash(ours), await hash(theirs));
    const raft = async ({ maintenance }: Clients) => {
      const { raftTerm, storageVersion, header } = await maintenance.status({});
      return [raftTerm, storageVersion, header?.revision];
    };
    await check("as etcdutl restores: term, version, revision", () => raft(ours), await raft(theirs));
  } finally {
    await etcd.stop();
  }
}

/** Into etcdlite and out of it again. */
async function throughUs(file: string, folder: string): Promise<void> {
  await using server = await createServer({ fromSnapshot: file });
  const again = join(folder, "again.db");
  await etcdctl("--endpoints", server.url, "snapshot", "save", again);
  await check("saved again, etcdutl finds the same", () => hashOf(again), await hashOf(file));
}

/** After a restore that raises the revision there is a row in the database that is of no key. */
async function raisedRevision(file: string, folder: string): Promise<void> {
  const flags = ["--bump-revision", "1000000", "--mark-compacted"];
  const etcd = await startRestored(file, join(folder, "raised"), ...flags);
  try {
    const theirs = clientsOf(etcd.url);
    await theirs.kv.put({ key: new TextEncoder().encode("after"), value: new Uint8Array(3) });
    const raised = join(folder, "raised.db");
    await etcdctl("--endpoints", etcd.url, "snapshot", "save", raised);
    await using server = await createServer({ fromSnapshot: raised });
    const ours = clientsOf(server.url);
    await check("a raised revision: keys", () => keysOf(ours), await keysOf(theirs));
    await check("a raised revision: HashKV", () => hashesOf(ours), await hashesOf(theirs));
  } finally {
    await etcd.stop();
  }
}

/** Whatever older etcd is on the PATH: its database has less in it. */
export async function backFromOldEtcd(folder: string): Promise<void> {
  const version = /Version: (3\.[0-6]\.\d+)/.exec(spawnSync("etcd", ["--version"], { encoding: "utf8" }).stdout ?? "");
  if (version === null) {
    console.log("skip  an older etcd: none on the PATH; Debian has one in etcd-server");
    return;
  }
  const etcd = await startEtcd({ binary: "etcd" });
  const file = join(folder, "old.db");
  try {
    const theirs = clientsOf(etcd.url);
    await fillStore(theirs);
    const parts: Uint8Array[] = [];
    for await (const { blob } of theirs.maintenance.snapshot({})) parts.push(blob);
    writeFileSync(file, Buffer.concat(parts));
    await using server = await createServer({ fromSnapshot: file });
    const ours = clientsOf(server.url);
    await check(`from etcd ${version[1]}: keys at many revisions`, () => keysOf(ours), await keysOf(theirs));
    await check(`from etcd ${version[1]}: leases`, () => leasesOf(ours), await leasesOf(theirs));
  } finally {
    await etcd.stop();
  }
}

async function hashOfFile(fromSnapshot: string): Promise<string> {
  await using server = await createServer({ fromSnapshot });
  const { hash, revision, compactRevision } = server.etcd.hash(0);
  return `${hash}, ${revision}, ${compactRevision}`;
}
