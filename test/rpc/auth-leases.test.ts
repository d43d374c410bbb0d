import { expect, test } from "vitest";
import type { LeaseKeepAliveResponse } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { putOf, rangeOf } from "./support/ops.ts";
import { expectError, keys, text } from "./support/show.ts";
import { inProcess, localTarget, newTarget, type Target } from "./support/target.ts";
import { addUser, enableAuth, READ, READWRITE, signIn, WRITE, withToken } from "./support/users.ts";
import { Queue } from "./support/watch.ts";

const DENIED = "etcdserver: permission denied";
const NOBODY = "etcdserver: user name is empty";
const INVALID = "etcdserver: invalid auth token";

interface Users<T extends Target = Target> {
  readonly target: T;
  readonly root: T;
  readonly alice: T;
}

/** Lease 7 has a key of alice's, 8 has one that she may only read, 9 one that is not hers, and 10 none. */
async function withLeases<T extends Target>(target: T): Promise<Users<T>> {
  await addUser(target, "alice", [READWRITE, "a", "b"], [READ, "r", "s"], [WRITE, "w", "x"]);
  const root = await enableAuth(target);
  for (const ID of [7n, 8n, 9n, 10n]) await root.lease.leaseGrant({ ID, TTL: 600n });
  await root.kv.put(putOf("a1", "", { lease: 7n }));
  await root.kv.put(putOf("a2", "", { lease: 8n }));
  await root.kv.put(putOf("r1", "", { lease: 8n }));
  await root.kv.put(putOf("z1", "", { lease: 9n }));
  return { target, root, alice: await signIn(target, "alice") };
}

async function keepAlive(target: Target, ID: bigint): Promise<LeaseKeepAliveResponse> {
  const requests = new Queue<{ ID: bigint }>();
  requests.push({ ID });
  const { value } = await target.lease.leaseKeepAlive(requests)[Symbol.asyncIterator]().next();
  requests.end();
  return value;
}

async function denied(call: Promise<unknown>): Promise<void> {
  await expectError(call, "PERMISSION_DENIED", DENIED);
}

test("AU6: whatever is done with leases is done by a user", async () => {
  const { target } = await withLeases(await newTarget());
  const calls: Array<(target: Target) => Promise<unknown>> = [
    ({ lease }) => lease.leaseGrant({ ID: 11n, TTL: 60n }),
    ({ lease }) => lease.leaseRevoke({ ID: 10n }),
    ({ lease }) => lease.leaseRevoke({ ID: 99n }),
    ({ lease }) => lease.leaseTimeToLive({ ID: 10n }),
    ({ lease }) => lease.leaseTimeToLive({ ID: 99n, keys: true }),
    ({ lease }) => lease.leaseLeases({}),
    (any) => keepAlive(any, 10n),
    (any) => keepAlive(any, 99n),
  ];
  const lost = withToken(target, "abcdefghijklmnop.1");
  for (const call of calls) {
    await expectError(call(target), "INVALID_ARGUMENT", NOBODY);
    await expectError(call(lost), "UNAUTHENTICATED", INVALID);
  }
});

test("AU6: any user may grant a lease, and revoke one without keys", async () => {
  const { alice } = await withLeases(await newTarget());
  expect((await alice.lease.leaseGrant({ ID: 11n, TTL: 60n })).ID).toBe(11n);
  await alice.lease.leaseRevoke({ ID: 11n });
  await alice.lease.leaseRevoke({ ID: 10n });
  await expectError(alice.lease.leaseRevoke({ ID: 10n }), "NOT_FOUND", "etcdserver: requested lease not found");
});

test("AU6: revoking needs the right to write each key of the lease", async () => {
  const { root, alice } = await withLeases(await newTarget());
  await denied(alice.lease.leaseRevoke({ ID: 8n }));
  await denied(alice.lease.leaseRevoke({ ID: 9n }));
  await alice.lease.leaseRevoke({ ID: 7n });
  expect(keys(await root.kv.range(rangeOf("a", "b")))).toEqual(["a2"]);
  await root.lease.leaseRevoke({ ID: 9n });
  expect(keys(await root.kv.range(rangeOf("z", "z2")))).toEqual([]);
});

test("AU6: a key is tied only to a lease that its writer could revoke", async () => {
  const { alice } = await withLeases(await newTarget());
  await denied(alice.kv.put(putOf("a3", "", { lease: 9n })));
  await denied(alice.kv.put(putOf("a3", "", { lease: 8n })));
  const success = [{ request: { case: "requestPut" as const, value: putOf("a3", "", { lease: 9n }) } }];
  await denied(alice.kv.txn({ success }));
  await denied(alice.kv.txn({ failure: success }));
  await alice.kv.put(putOf("a3", "", { lease: 7n }));
  await alice.kv.put(putOf("a3", "", { lease: 10n }));
});

test("AU6: to keep a lease alive needs the right to write its keys; a refusal ends the stream", async () => {
  const { root, alice } = await withLeases(await newTarget());
  expect((await keepAlive(alice, 7n)).TTL).toBe(600n);
  expect((await keepAlive(alice, 10n)).TTL).toBe(600n);
  expect((await keepAlive(alice, 99n)).TTL).toBe(0n);
  await denied(keepAlive(alice, 8n));
  await denied(keepAlive(alice, 9n));
  expect((await keepAlive(root, 9n)).TTL).toBe(600n);
});

test("AU6: a keep-alive is asked for its right each time", async () => {
  const { root, alice } = await withLeases(await newTarget());
  const requests = new Queue<{ ID: bigint }>();
  const responses = alice.lease.leaseKeepAlive(requests)[Symbol.asyncIterator]();
  requests.push({ ID: 7n });
  expect((await responses.next()).value?.TTL).toBe(600n);
  await root.auth.userRevokeRole({ name: "alice", role: "alice" });
  requests.push({ ID: 7n });
  await denied(responses.next());
});

test("AU6: a lease's time is told to any user, its keys to who may read them", async () => {
  const { root, alice } = await withLeases(await newTarget());
  expect((await alice.lease.leaseTimeToLive({ ID: 9n })).grantedTTL).toBe(600n);
  const told = (await alice.lease.leaseTimeToLive({ ID: 8n, keys: true })).keys;
  expect(told.map(text).toSorted()).toEqual(["a2", "r1"]);
  await denied(alice.lease.leaseTimeToLive({ ID: 9n, keys: true }));
  expect((await root.lease.leaseTimeToLive({ ID: 9n, keys: true })).keys.map(text)).toEqual(["z1"]);
  expect((await alice.lease.leaseTimeToLive({ ID: 99n, keys: true })).TTL).toBe(-1n);
});

test("AU6: leases are listed to who may read all their keys", async () => {
  const { root, alice } = await withLeases(await newTarget());
  await denied(alice.lease.leaseLeases({}));
  expect((await root.lease.leaseLeases({})).leases.length).toBe(4);
  await root.lease.leaseRevoke({ ID: 9n });
  expect((await alice.lease.leaseLeases({})).leases.length).toBe(3);
});

inProcess("AU6: a lease whose time has run out ends by itself, whoever may write its keys", async () => {
  const { target, root } = await withLeases(localTarget());
  target.clock.advance(601_000);
  const again = await signIn(target, "root");
  expect(keys(await again.kv.range(rangeOf("a", "zz")))).toEqual([]);
  await expectError(root.lease.leaseLeases({}), "UNAUTHENTICATED", INVALID);
});

inProcess("AU6: a browser's keep-alive is asked as the stream's is", async () => {
  const { target, alice } = await withLeases(localTarget());
  expect((await alice.browserLease.leaseKeepAlive({ ID: 7n })).TTL).toBe(600n);
  await denied(alice.browserLease.leaseKeepAlive({ ID: 9n }));
  await expectError(target.browserLease.leaseKeepAlive({ ID: 7n }), "INVALID_ARGUMENT", NOBODY);
});
