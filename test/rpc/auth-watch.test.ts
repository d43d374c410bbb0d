import { expect, test } from "vitest";
import { putOf, rangeOf } from "./support/ops.ts";
import { events } from "./support/show.ts";
import { inProcess, localTarget, newTarget, type Target } from "./support/target.ts";
import { addUser, enableAuth, READ, signIn, WRITE, withToken } from "./support/users.ts";
import { openWatch, WatchClient } from "./support/watch.ts";

const DENIED = "rpc error: code = PermissionDenied desc = etcdserver: permission denied";
const NOBODY = "rpc error: code = InvalidArgument desc = etcdserver: user name is empty";
const INVALID = "rpc error: code = Unauthenticated desc = etcdserver: invalid auth token";

async function withUsers<T extends Target>(target: T): Promise<{ target: T; root: T; alice: T }> {
  await addUser(target, "alice", [READ, "a", "c"], [WRITE, "w"]);
  const root = await enableAuth(target);
  return { target, root, alice: await signIn(target, "alice") };
}

/** The reason for which the next create is refused. */
async function refusal(watch: WatchClient): Promise<string> {
  const { created, canceled, watchId, cancelReason, header } = await watch.next();
  expect([created, canceled, watchId, header?.revision]).toEqual([true, true, -1n, 1n]);
  return cancelReason;
}

test("AU7: WA3: a watch of what one may not read is canceled, and the stream goes on", async () => {
  const { root, alice } = await withUsers(await newTarget());
  const watch = new WatchClient(alice);
  for (const [key, end] of [
    ["c", ""],
    ["w", ""],
    ["a", "d"],
    ["b", "\0"],
    ["", "\0"],
    ["d", "a"],
  ] as const) {
    watch.create(key, end);
    expect(await refusal(watch)).toBe(DENIED);
  }
  watch.create("a", "c");
  expect((await watch.next()).watchId).toBe(0n);
  await root.kv.put(putOf("b", "1"));
  await root.kv.put(putOf("c", "2"));
  expect(events(await watch.next())).toEqual(["PUT b=1 2/2/1"]);
});

test("AU7: a right to one key gives that key only", async () => {
  const target = await newTarget();
  await addUser(target, "alice", [READ, "k"]);
  await enableAuth(target);
  const watch = new WatchClient(await signIn(target, "alice"));
  watch.create("k", "l");
  expect(await refusal(watch)).toBe(DENIED);
  watch.create("k");
  expect((await watch.next()).canceled).toBe(false);
});

test("AU7: without a user, or with a token that is none", async () => {
  const { target } = await withUsers(await newTarget());
  const nobody = new WatchClient(target);
  nobody.create("a");
  expect(await refusal(nobody)).toBe(NOBODY);
  const lost = new WatchClient(withToken(target, "abcdefghijklmnop.1"));
  lost.create("a");
  expect(await refusal(lost)).toBe(INVALID);
});

test("AU7: a start before the beginning is told first, an empty range after the right to it", async () => {
  const { target, alice } = await withUsers(await newTarget());
  const nobody = new WatchClient(target);
  nobody.create("a", "", { startRevision: -1n });
  expect(await refusal(nobody)).toBe("etcdserver: mvcc: required revision has been compacted");
  const watch = new WatchClient(alice);
  watch.create("b", "a");
  expect(await refusal(watch)).toBe("mvcc: watcher range is empty");
});

test("AU7: a watch that is there goes on, be its user's right or the user gone", async () => {
  const { root, alice } = await withUsers(await newTarget());
  const watch = await openWatch(alice, "a");
  await root.auth.userDelete({ name: "alice" });
  await root.kv.put(putOf("a", "1"));
  expect(events(await watch.next())).toEqual(["PUT a=1 2/2/1"]);
  watch.create("b");
  expect((await watch.next()).cancelReason).toBe(INVALID);
});

test("AU7: with auth off a watch needs nothing, and goes on when it is enabled", async () => {
  const target = await newTarget();
  const watch = await openWatch(target, "a");
  const root = await enableAuth(target);
  await root.kv.put(putOf("a", "1"));
  expect(events(await watch.next())).toEqual(["PUT a=1 2/2/1"]);
  watch.create("b");
  expect((await watch.next()).cancelReason).toBe(NOBODY);
});

inProcess("AU7: a browser's watch is asked as the stream's is, and ends where it is refused", async () => {
  const { alice } = await withUsers(localTarget());
  const responses = [];
  for await (const response of alice.browserWatch.watch(rangeOf("c"))) responses.push(response.cancelReason);
  expect(responses).toEqual([DENIED]);
});
