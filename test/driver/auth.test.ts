/** Users and roles that are kept: what is there again when an etcd is opened on what another one wrote. */
import type { Client } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { openEtcd } from "../../src/driver/index.ts";
import { Auth } from "../../src/gen/etcdserverpb/auth_pb.ts";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { MemoryStorage } from "../../src/journal/index.ts";
import type { Etcd } from "../../src/server/index.ts";
import { directClient } from "../rpc/support/direct.ts";
import { putOf } from "../rpc/support/ops.ts";
import { bytes, expectError } from "../rpc/support/show.ts";
import { VirtualClock } from "../support/clock.ts";
import { HeldJournal } from "./support/held.ts";
import { Outcomes, turns } from "./support/opened.ts";

interface Kept {
  readonly etcd: Etcd;
  readonly journal: HeldJournal;
  readonly auth: Client<typeof Auth>;
  readonly kv: Client<typeof KV>;
  close(): Promise<void>;
}

async function open(storage: MemoryStorage): Promise<Kept> {
  const journal = new HeldJournal(storage);
  const kept = await openEtcd({ options: { clock: new VirtualClock() }, journal, services: { bcryptCost: 4 } });
  onTestFinished(() => kept.close());
  const { etcd, bindings } = kept;
  return {
    etcd,
    journal,
    auth: directClient(Auth, bindings),
    kv: directClient(KV, bindings),
    close: () => kept.close(),
  };
}

async function enable({ auth }: Kept): Promise<void> {
  await auth.userAdd({ name: "root", password: "p" });
  await auth.userGrantRole({ user: "root", role: "root" });
  await auth.authEnable({});
}

async function login({ auth }: Kept, name: string) {
  const { token } = await auth.authenticate({ name, password: "p" });
  return { headers: { token } };
}

test("AU9: users, roles, permissions and whether auth is on outlast a restart; tokens do not", async () => {
  const storage = new MemoryStorage();
  const before = await open(storage);
  await before.auth.userAdd({ name: "alice", password: "p" });
  await before.auth.userAdd({ name: "gone", password: "p" });
  await before.auth.roleAdd({ name: "r" });
  await before.auth.roleGrantPermission({ name: "r", perm: { permType: 2, key: bytes("k"), rangeEnd: bytes("l") } });
  await before.auth.userGrantRole({ user: "alice", role: "r" });
  await before.auth.userDelete({ name: "gone" });
  await enable(before);
  const old = await login(before, "alice");
  await before.kv.put(putOf("k", "v"), old);
  const rows = before.etcd.auth.rows();
  await before.close();

  const after = await open(storage);
  expect(after.etcd.auth.rows()).toEqual(rows);
  const status = await after.auth.authStatus({});
  expect([status.enabled, status.authRevision]).toEqual([true, 9n]);
  await expectError(after.kv.put(putOf("k", "v"), old), "UNAUTHENTICATED", "etcdserver: invalid auth token");
  const alice = await login(after, "alice");
  await after.kv.put(putOf("k", "v"), alice);
  await expectError(after.kv.put(putOf("m", "v"), alice), "PERMISSION_DENIED", "etcdserver: permission denied");
  const root = await login(after, "root");
  expect((await after.auth.userList({}, root)).users).toEqual(["alice", "root"]);
});

test("AU9: a change of users is answered when it is durable, its rows in one write", async () => {
  const kept = await open(new MemoryStorage());
  await kept.auth.roleAdd({ name: "r" });
  kept.journal.writes.length = 0;
  const outcomes = new Outcomes();
  kept.journal.hold();
  outcomes.follow("granted", kept.auth.roleGrantPermission({ name: "r", perm: { key: bytes("k") } }));
  outcomes.follow("read", kept.auth.roleGet({ role: "r" }));
  await turns();
  expect([outcomes.ended, kept.journal.held.length]).toEqual([[], 1]);
  kept.journal.letGo();
  await turns();
  expect(outcomes.ended).toEqual(["granted", "read"]);
  // The role, the auth revision, and the number of the last request.
  expect(kept.journal.writes).toEqual([3]);
});

test("AU9: auth that is disabled stays so", async () => {
  const storage = new MemoryStorage();
  const before = await open(storage);
  await enable(before);
  await before.auth.authDisable({}, await login(before, "root"));
  await before.close();
  const after = await open(storage);
  expect((await after.auth.authStatus({})).enabled).toBe(false);
  await after.kv.put(putOf("k", "v"));
});
