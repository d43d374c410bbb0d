/** From etcdlite to real etcds. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "../../../src/platform/node/index.ts";
import { check, checkRefused } from "./checks.ts";
import { type Clients, clientsOf } from "./clients.ts";
import { hashesOf, keysOf, leasesOf, usersOf } from "./picture.ts";
import { etcdctl, etcdutl, hashOf, startRestored, statusOf } from "./tools.ts";
import { fillStore, fillUsers } from "./workload.ts";

/** A full etcdlite, saved, restored, and a real etcd started on the result. */
export async function toEtcd(folder: string): Promise<void> {
  await using server = await createServer();
  const ours = clientsOf(server.url);
  await emptyStore(server.url, folder);
  await fillStore(ours);
  await fillUsers(ours);
  await etcdctl("--endpoints", server.url, "member", "add", "other", "--learner", "--peer-urls", "http://127.0.0.1:1");
  const file = join(folder, "lite.db");
  await etcdctl("--endpoints", server.url, "snapshot", "save", file);
  await fileChecks(ours, file, folder);
  const theirs = await startRestored(file, join(folder, "restored"));
  try {
    const real = clientsOf(theirs.url);
    await check("etcd on it: keys at many revisions", async () => keysOf(real), await keysOf(ours));
    await check("etcd on it: HashKV at many revisions", async () => hashesOf(real), await hashesOf(ours));
    await check("etcd on it: leases, their keys and TTLs", async () => leasesOf(real), await leasesOf(ours));
    await check("etcd on it: users and roles", async () => usersOf(real), await usersOf(ours));
    await check(
      "etcd on it: one member",
      async () => (await etcdctl("--endpoints", theirs.url, "member", "list")).match(/\n/g)?.length,
      1,
    );
    await goesOn(real, theirs.url, folder);
  } finally {
    await theirs.stop();
  }
}

async function emptyStore(url: string, folder: string): Promise<void> {
  const file = join(folder, "empty.db");
  await etcdctl("--endpoints", url, "snapshot", "save", file);
  const { revision, totalKey, version } = await statusOf(file);
  await check("an empty store: etcdutl snapshot status", () => [revision, totalKey, version], [0, 0, "3.7.0"]);
  const theirs = await startRestored(file, join(folder, "empty"));
  try {
    await check("an empty store: HashKV", async () => hashesOf(clientsOf(theirs.url)), await hashesOf(clientsOf(url)));
  } finally {
    await theirs.stop();
  }
}

/** What etcdutl says of a file, and of what has been done to it. */
async function fileChecks(ours: Clients, file: string, folder: string): Promise<void> {
  const { hash, header, compactRevision } = await ours.maintenance.hashKV({});
  const hashed = `${hash}, ${header?.revision}, ${compactRevision}`;
  const { count } = await ours.kv.range({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0), countOnly: true });
  const status = await statusOf(file);
  await check("etcdutl snapshot status: revision", () => status.revision, Number(header?.revision));
  await check("etcdutl snapshot status: keys", () => status.totalKey, Number(count));
  await check("etcdutl snapshot status: size and version", () => [status.totalSize, status.version], [
    readFileSync(file).length - 32,
    "3.7.0",
  ]);
  await check("etcdutl hashkv", () => hashOf(file), hashed);
  for (const version of ["3.6", "3.7"]) {
    const migrated = join(folder, "migrated");
    if (version === "3.6") await etcdutl("snapshot", "restore", file, "--data-dir", migrated);
    await check(
      `etcdutl migrate to ${version}`,
      () => etcdutl("migrate", "--data-dir", migrated, "--target-version", version),
      "",
    );
  }
  const defragmented = join(folder, "defragmented");
  await etcdutl("snapshot", "restore", file, "--data-dir", defragmented);
  await etcdutl("defrag", "--data-dir", defragmented);
  const database = join(folder, "defragmented.db");
  cpSync(join(defragmented, "member", "snap", "db"), database);
  await check("etcdutl defrag", () => hashOf(database), hashed);
  const damaged = join(folder, "damaged.db");
  writeFileSync(damaged, readFileSync(file).fill(1, 50_000, 50_001));
  await checkRefused(
    "etcdutl refuses it with a byte changed",
    () => startRestored(damaged, join(folder, "d")),
    /sha256/,
  );
}

/** That bbolt can write where our pages are: many puts, deletes, a compaction, a defragmentation. */
async function goesOn({ kv, maintenance }: Clients, url: string, folder: string): Promise<void> {
  const key = (text: string) => new TextEncoder().encode(text);
  for (let at = 0; at < 300; at++) await kv.put({ key: key(`new/${at}`), value: new Uint8Array(at * 10) });
  await kv.deleteRange({ key: key("many/3"), rangeEnd: key("many/8") });
  const { header } = await kv.deleteRange({ key: key("key/"), rangeEnd: key("key/3") });
  await kv.compact({ revision: header?.revision, physical: true });
  const before = join(folder, "goes-on.db");
  await etcdctl("--endpoints", url, "snapshot", "save", before);
  await maintenance.defragment({});
  const after = join(folder, "goes-on-defragmented.db");
  await etcdctl("--endpoints", url, "snapshot", "save", after);
  await check(
    "etcd on it: goes on writing, compacting, defragmenting",
    async () => (await statusOf(before)).totalKey,
    (await statusOf(after)).totalKey,
  );
}

/** With auth on: only root may save, and its passwords are good on a real etcd. */
export async function withAuth(folder: string): Promise<void> {
  await using server = await createServer();
  await fillUsers(clientsOf(server.url));
  await clientsOf(server.url).auth.authEnable({});
  const file = join(folder, "auth.db");
  const save = (...user: string[]) => etcdctl("--endpoints", server.url, ...user, "snapshot", "save", file);
  await checkRefused("with auth on, nobody saves a snapshot", () => save(), /user name is empty/);
  await checkRefused("nor a user", () => save("--user", "anna:anna's"), /permission denied/);
  await check("but root", () => save("--user", "root:secret"), `Snapshot saved at ${file}\nServer version 3.7.0\n`);
  const root = await tokenOf(server.url);
  const theirs = await startRestored(file, join(folder, "auth"));
  try {
    await check(
      "etcd on it: auth is on, and passwords are good",
      async () => usersOf(clientsOf(theirs.url, await tokenOf(theirs.url))),
      await usersOf(clientsOf(server.url, root)),
    );
  } finally {
    await theirs.stop();
  }
}

/** Of root. */
export async function tokenOf(url: string): Promise<string> {
  return (await clientsOf(url).auth.authenticate({ name: "root", password: "secret" })).token;
}
