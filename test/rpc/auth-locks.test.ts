/** Lock and Election read and write keys like anyone, for whoever calls them; of a refusal they keep the text alone. */
import { expect, test } from "vitest";
import { bytes, expectError, text } from "./support/show.ts";
import { newTarget, type Target } from "./support/target.ts";
import { addUser, enableAuth, READ, READWRITE, signIn, withToken } from "./support/users.ts";

const DENIED = "etcdserver: permission denied";
const NOBODY = "etcdserver: user name is empty";
const INVALID = "etcdserver: invalid auth token";

type Call = (target: Target) => Promise<unknown>;

const CALLS: readonly Call[] = [
  ({ lock }) => lock.lock({ name: bytes("l"), lease: 7n }),
  ({ lock }) => lock.unlock({ key: bytes("l/7") }),
  ({ election }) => election.campaign({ name: bytes("e"), value: bytes("v"), lease: 7n }),
  ({ election }) => election.leader({ name: bytes("e") }),
];

async function withUsers(): Promise<{ target: Target; root: Target; alice: Target; bob: Target }> {
  const target = await newTarget();
  await addUser(target, "alice", [READWRITE, "l", "m"], [READWRITE, "e", "f"]);
  await addUser(target, "bob", [READ, "l", "m"], [READ, "x"]);
  const root = await enableAuth(target);
  await root.lease.leaseGrant({ ID: 7n, TTL: 600n });
  return { target, root, alice: await signIn(target, "alice"), bob: await signIn(target, "bob") };
}

test("AU5: locks and elections need the rights to their keys", async () => {
  const { target, alice, bob } = await withUsers();
  const lost = withToken(target, "abcdefghijklmnop.1");
  for (const call of CALLS) {
    await expectError(call(target), "UNKNOWN", NOBODY);
    await expectError(call(lost), "UNKNOWN", INVALID);
    await expectError(call(bob), "UNKNOWN", DENIED);
  }
  const { key } = await alice.lock.lock({ name: bytes("l"), lease: 7n });
  expect(text(key)).toBe("l/7");
  await alice.lock.unlock({ key });
  const { leader } = await alice.election.campaign({ name: bytes("e"), value: bytes("v"), lease: 7n });
  expect(text(leader?.key ?? bytes(""))).toBe("e/7");
  expect(text((await alice.election.leader({ name: bytes("e") })).kv?.value ?? bytes(""))).toBe("v");
});
