import { expect, test } from "vitest";
import {
  AlarmRequest_AlarmAction,
  AlarmType,
  DowngradeRequest_DowngradeAction,
} from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { expectError } from "./support/show.ts";
import { newTarget, type Target } from "./support/target.ts";
import { addUser, enableAuth, READWRITE, signIn, withToken } from "./support/users.ts";

const { GET, ACTIVATE, DEACTIVATE } = AlarmRequest_AlarmAction;
const PEER_URLS = ["http://127.0.0.1:1"];

type Call = (target: Target) => Promise<unknown>;

/** Takes what a stream begins with. */
async function first(responses: AsyncIterable<unknown>): Promise<unknown> {
  for await (const response of responses) return response;
  return undefined;
}

const FOR_ROOT: readonly Call[] = [
  ({ maintenance }) => maintenance.alarm({ action: ACTIVATE, alarm: AlarmType.CORRUPT }),
  ({ maintenance }) => maintenance.alarm({ action: DEACTIVATE, alarm: AlarmType.CORRUPT }),
  ({ maintenance }) => maintenance.alarm({ action: 9 as 0 }),
  ({ maintenance }) => maintenance.defragment({}),
  ({ maintenance }) => maintenance.hash({}),
  ({ maintenance }) => maintenance.hashKV({}),
  ({ maintenance }) => maintenance.hashKV({ revision: 99n }),
  ({ maintenance }) => first(maintenance.snapshot({})),
  ({ maintenance }) => maintenance.moveLeader({ targetID: 1n }),
  ({ maintenance }) => maintenance.downgrade({ action: DowngradeRequest_DowngradeAction.VALIDATE, version: "no" }),
  ({ cluster }) => cluster.memberAdd({ peerURLs: PEER_URLS }),
  ({ cluster }) => cluster.memberRemove({ ID: 1n }),
  ({ cluster }) => cluster.memberUpdate({ ID: 1n, peerURLs: PEER_URLS }),
  ({ cluster }) => cluster.memberPromote({ ID: 1n }),
  ({ kv }) => kv.compact({ revision: 99n }),
];

const FOR_USERS: readonly Call[] = [
  ({ maintenance }) => maintenance.status({}),
  ({ maintenance }) => maintenance.alarm({ action: GET }),
  ({ cluster }) => cluster.memberList({}),
  ({ cluster }) => cluster.memberList({ linearizable: true }),
];

async function withUsers(): Promise<{ target: Target; root: Target; alice: Target }> {
  const target = await newTarget();
  await addUser(target, "alice", [READWRITE, "\0", "\0"]);
  const root = await enableAuth(target);
  return { target, root, alice: await signIn(target, "alice") };
}

test("AU8: what administers the server is for root", async () => {
  const { target, alice } = await withUsers();
  const lost = withToken(target, "abcdefghijklmnop.1");
  for (const call of FOR_ROOT) {
    await expectError(call(target), "INVALID_ARGUMENT", "etcdserver: user name is empty");
    await expectError(call(alice), "PERMISSION_DENIED", "etcdserver: permission denied");
    await expectError(call(lost), "UNAUTHENTICATED", "etcdserver: invalid auth token");
  }
});

test("AU8: its state is for any user", async () => {
  const { target, alice } = await withUsers();
  const lost = withToken(target, "abcdefghijklmnop.1");
  for (const call of FOR_USERS) {
    await expectError(call(target), "INVALID_ARGUMENT", "etcdserver: user name is empty");
    await expectError(call(lost), "UNAUTHENTICATED", "etcdserver: invalid auth token");
    expect(await call(alice)).toBeDefined();
  }
});

test("AU8: a member's URLs are looked at before the user", async () => {
  const { target } = await withUsers();
  const call = target.cluster.memberAdd({ peerURLs: ["no URL"] });
  await expectError(call, "INVALID_ARGUMENT", "etcdserver: given member URLs are invalid");
});

test("AU8: root may do all of it", async () => {
  const { root } = await withUsers();
  await root.maintenance.defragment({});
  await root.maintenance.hash({});
  expect((await root.maintenance.hashKV({})).hashRevision).toBe(1n);
  await root.maintenance.alarm({ action: ACTIVATE, alarm: AlarmType.NOSPACE });
  await root.maintenance.alarm({ action: DEACTIVATE, alarm: AlarmType.NOSPACE });
  await expectError(root.cluster.memberRemove({ ID: 1n }), "NOT_FOUND", "etcdserver: member not found");
});
