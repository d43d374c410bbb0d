import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toDisplay } from "../../../web/src/store/bytes.ts";
import type { Clients } from "../../../web/src/store/clients.ts";
import { chunksOf, MAX_TXN_OPS } from "../../../web/src/travel/restore/chunks.ts";
import { planRestore, type RestorePlan } from "../../../web/src/travel/restore/plan.ts";
import { type RestoreOutcome, runRestore, stepsForConflicts } from "../../../web/src/travel/restore/run.ts";
import { EVERYTHING } from "../../rpc/support/ops.ts";
import { bytes } from "../../rpc/support/show.ts";
import { type Store, storeWith } from "../keys/support.ts";

const never = new AbortController().signal;

function plan(store: Store, revision: number, prefix = ""): Promise<RestorePlan> {
  return planRestore({ source: store.etcdlite, kv: store.target.kv, prefix: bytes(prefix), revision, signal: never });
}

function run(store: Store, { steps }: Pick<RestorePlan, "steps">, revision: number, options: Partial<RunExtra> = {}) {
  const { kv = store.target.kv, signal = never, onProgress = () => {} } = options;
  return runRestore({ kv, steps, revision, signal, onProgress });
}

interface RunExtra {
  readonly kv: Clients["kv"];
  readonly signal: AbortSignal;
  readonly onProgress: (outcome: RestoreOutcome) => void;
}

async function content(store: Store, revision = 0): Promise<string[]> {
  const { kvs } = await store.target.kv.range({ ...EVERYTHING, revision: BigInt(revision) });
  return kvs.map(({ key, value }) => `${toDisplay(key)}=${toDisplay(value)}`);
}

function shown({ steps }: RestorePlan): string[] {
  return steps.map(({ kind, key, modRevision, thenModRevision }) => {
    return `${kind} ${toDisplay(key)} ${modRevision} → ${thenModRevision}`;
  });
}

test("a plan is what was added, changed and removed since", async () => {
  const store = await storeWith("/a", "/b", "/c", "/z");
  await store.put("/b", "new");
  await store.remove("/a");
  await store.put("/d");
  await store.put("/z", "elsewhere");
  const made = await plan(store, 2);
  expect(shown(made)).toEqual(["add /a 0 → 2", "change /b 3 → 2", "remove /d 5 → 0", "change /z 6 → 2"]);
  expect([made.unchanged, made.nowRevision]).toEqual([1, 6]);
  expect(shown(await plan(store, 2, "/b"))).toEqual(["change /b 3 → 2"]);
});

const KEY = fc.constantFrom("/a", "a", "//a", "/a/b", "\xff", "\xff\0");
const OP = fc.record({ key: KEY, value: fc.constantFrom("", "1", "2"), isPut: fc.boolean() });

test("a restore makes everything what it was, at any revision, and back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(OP, { minLength: 1, maxLength: 25 }), fc.nat(), async (ops, pick) => {
      const store = await storeWith();
      for (const { key, value, isPut } of ops) await (isPut ? store.put(key, value) : store.remove(key));
      const latest = store.target.etcd.store.revision;
      const revision = 1 + (pick % latest);
      const [then, now] = [await content(store, revision), await content(store)];
      const made = await plan(store, revision);
      const outcome = await run(store, made, revision);
      expect(await content(store)).toEqual(then);
      expect(outcome).toMatchObject({ done: made.steps.length, conflicts: [] });
      expect((await plan(store, revision)).steps).toEqual([]);
      expect(outcome.beforeRevision === undefined).toBe(then.join() === now.join());
      if (outcome.beforeRevision === undefined) return;
      await run(store, await plan(store, outcome.beforeRevision), outcome.beforeRevision);
      expect(await content(store)).toEqual(now);
    }),
    { numRuns: 60 },
  );
});

describe("what others change meanwhile", () => {
  test("is left alone and told, and restored after all if wanted", async () => {
    const store = await storeWith("/a", "/b", "/c");
    for (const key of ["/a", "/b", "/c"]) await store.put(key, "new");
    await store.put("/d");
    const made = await plan(store, 2);
    await store.put("/b", "theirs");
    await store.remove("/c");
    const outcome = await run(store, made, 2);
    expect(outcome.done).toBe(2);
    expect(outcome.conflicts.map(({ step, modRevision }) => [toDisplay(step.key), modRevision])).toEqual([
      ["/b", 7],
      ["/c", 0],
    ]);
    expect(await content(store)).toEqual(["/a=value", "/b=theirs"]);
    const again = await run(store, { steps: stepsForConflicts(outcome.conflicts) }, 2);
    expect(again).toMatchObject({ done: 2, conflicts: [] });
    expect(await content(store)).toEqual(await content(store, 2));
  });

  test("has nothing to restore where a key to remove is gone already", async () => {
    const store = await storeWith("/a");
    await store.put("/b");
    const made = await plan(store, 2);
    await store.remove("/b");
    const outcome = await run(store, made, 2);
    expect([outcome.done, outcome.conflicts.length, stepsForConflicts(outcome.conflicts)]).toEqual([0, 1, []]);
  });
});

test("a restore goes in txns that any etcd takes, and stops where it is canceled", async () => {
  const keys = Array.from({ length: 300 }, (_, at) => `/${String(at).padStart(3, "0")}`);
  const store = await storeWith(...keys);
  const revision = store.target.etcd.store.revision;
  await store.target.kv.deleteRange(EVERYTHING);
  const made = await plan(store, revision);
  const sizes: number[] = [];
  const kv: Clients["kv"] = {
    ...store.target.kv,
    txn: (request, options) => {
      sizes.push(request.compare?.length ?? 0, request.success?.length ?? 0, request.failure?.length ?? 0);
      return store.target.kv.txn(request, options);
    },
  };
  const abort = new AbortController();
  const stopped = await run(store, made, revision, { kv, signal: abort.signal, onProgress: () => abort.abort() });
  expect(stopped.done).toBe(128);
  expect(await content(store)).toHaveLength(128);
  const rest = await run(store, await plan(store, revision), revision, { kv });
  expect([rest.done, (await content(store)).length]).toEqual([172, 300]);
  expect(Math.max(...sizes)).toBe(MAX_TXN_OPS);
});

test("chunks are bounded by number and by bytes, and one that is larger is alone", () => {
  const MIB = 1024 * 1024;
  const sizes = [MIB / 2, MIB / 2, 1, 2 * MIB, 1];
  expect(chunksOf(sizes, (size) => size).map((chunk) => chunk.length)).toEqual([2, 1, 1, 1]);
  expect(
    chunksOf(
      Array.from({ length: 300 }, () => 0),
      () => 0,
    ).map((chunk) => chunk.length),
  ).toEqual([128, 128, 44]);
});

test("keys keep a lease that they have now as they had it then, and only that", async () => {
  const store = await storeWith();
  const { kv, lease } = store.target;
  await lease.leaseGrant({ ID: 5n, TTL: 100n });
  await kv.put({ key: bytes("/kept"), value: bytes("1"), lease: 5n });
  await kv.put({ key: bytes("/lost"), value: bytes("1"), lease: 5n });
  await kv.put({ key: bytes("/kept"), value: bytes("2"), lease: 5n });
  await kv.put({ key: bytes("/lost"), value: bytes("2") });
  await run(store, await plan(store, 3), 3);
  const { kvs } = await kv.range(EVERYTHING);
  expect(kvs.map(({ key, lease: id }) => [toDisplay(key), id])).toEqual([
    ["/kept", 5n],
    ["/lost", 0n],
  ]);
});

test("history that is compacted meanwhile ends it, and nothing is put in its place", async () => {
  const store = await storeWith("/a");
  await store.put("/a", "new");
  const made = await plan(store, 2);
  await store.put("/b");
  await store.target.kv.compact({ revision: 4n });
  await expect(run(store, made, 2)).rejects.toThrow("compacted");
  expect(await content(store)).toEqual(["/a=new", "/b=value"]);
});
