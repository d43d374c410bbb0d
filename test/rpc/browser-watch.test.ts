import { expect, onTestFinished } from "vitest";
import { etcdError } from "../../src/errors.ts";
import type { WatchResponse } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { putAll, rangeOf } from "./support/ops.ts";
import { bytes, events } from "./support/show.ts";
import { inProcess, type LocalTarget, localTarget } from "./support/target.ts";
import { openWatch } from "./support/watch.ts";

function watchOf(target: LocalTarget, key: string, init: { startRevision?: bigint; prevKv?: boolean } = {}) {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const responses = target.browserWatch.watch({ ...init, key: bytes(key) }, { signal: abort.signal });
  const iterator = responses[Symbol.asyncIterator]();
  return {
    abort,
    async next(): Promise<WatchResponse | undefined> {
      return (await iterator.next()).value;
    },
  };
}

inProcess("WA2: a browser's watch is created by the call and then sends events", async () => {
  const target = localTarget();
  await putAll(target, "a=1");
  const watch = watchOf(target, "a", { startRevision: 2n, prevKv: true });
  const created = await watch.next();
  expect([created?.watchId, created?.created, created?.canceled]).toEqual([0n, true, false]);
  await putAll(target, "a=2");
  const response = await watch.next();
  expect(response && events(response)).toEqual(["PUT a=1 2/2/1", "PUT a=2 2/3/2 [a=1 2/2/1]"]);
});

inProcess("WA3: a browser's watch that is refused says why and ends", async () => {
  const target = localTarget();
  const watch = watchOf(target, "a", { startRevision: -1n });
  const refused = await watch.next();
  expect([refused?.canceled, refused?.cancelReason]).toEqual([
    true,
    "etcdserver: mvcc: required revision has been compacted",
  ]);
  expect(await watch.next()).toBeUndefined();
});

inProcess("WA4: a browser's watch that compaction ends says so and ends", async () => {
  const target = localTarget();
  await putAll(target, "a=1", "a=2");
  await target.kv.compact({ revision: 3n });
  const watch = watchOf(target, "a", { startRevision: 2n });
  expect((await watch.next())?.created).toBe(true);
  expect((await watch.next())?.compactRevision).toBe(3n);
  expect(await watch.next()).toBeUndefined();
  expect(target.clock.pending).toBe(0);
});

inProcess("WA2: a browser that goes away takes its watch with it", async () => {
  const target = localTarget();
  const watch = watchOf(target, "a");
  await watch.next();
  expect(target.etcd.watchers).toBe(1);
  watch.abort.abort();
  await expect(watch.next()).rejects.toThrow();
  expect(target.etcd.watchers).toBe(0);
});

inProcess("WA2: a stream ends with the reason of its request stream's failure", async () => {
  const target = localTarget();
  async function* requests() {
    yield { requestUnion: { case: "createRequest" as const, value: { key: bytes("a") } } };
    throw etcdError("stopped");
  }
  const responses = target.watch.watch(requests())[Symbol.asyncIterator]();
  expect((await responses.next()).value?.created).toBe(true);
  await expect(responses.next()).rejects.toThrow("etcdserver: server stopped");
  expect(target.etcd.watchers).toBe(0);
});

inProcess("WA2: an etcd that is closed opens no watch and takes no write", async () => {
  const target = localTarget();
  target.etcd.close();
  await expect(openWatch(target, "a")).rejects.toThrow("etcdserver: server stopped");
  await expect(target.kv.deleteRange(rangeOf("a"))).rejects.toThrow("etcdserver: server stopped");
});
