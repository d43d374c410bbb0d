/** Watches over owners that come and go: no event is missed, none comes twice, and nobody can tell. */
import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  WatchCreateRequestSchema,
  type WatchResponse,
  WatchResponseSchema,
} from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { Position } from "../../../src/platform/browser/page/resume/position.ts";
import { bytes, events } from "../../rpc/support/show.ts";
import { WatchClient } from "../../rpc/support/watch.ts";
import { Owners } from "./support/owners.ts";

const ALL = { key: bytes("\0"), rangeEnd: bytes("\0") };

async function put(owners: Owners, key: string, value = ""): Promise<void> {
  await owners.kv.put({ key: bytes(key), value: bytes(value) });
}

function browserWatch(owners: Owners, init: object) {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const iterator = owners.browserWatch.watch({ ...ALL, ...init }, { signal: abort.signal })[Symbol.asyncIterator]();
  return async (): Promise<WatchResponse> => {
    const { value, done } = await iterator.next();
    if (done === true) throw new Error("the stream has ended");
    return value;
  };
}

describe("a browser's watch", () => {
  test("goes on where it was, created once", async () => {
    const owners = await Owners.start();
    const next = browserWatch(owners, { prevKv: true });
    expect((await next()).created).toBe(true);
    await put(owners, "a", "1");
    expect(events(await next())).toEqual(["PUT a=1 2/2/1"]);
    await owners.replace();
    await put(owners, "a", "2");
    expect(events(await next())).toEqual(["PUT a=2 2/3/2 [a=1 2/2/1]"]);
  });

  test("misses nothing of what is written before it is there again", async () => {
    const owners = await Owners.start();
    const next = browserWatch(owners, {});
    await next();
    const follow = await owners.lose();
    for (const key of ["a", "b", "c"]) await put(owners, key);
    follow();
    const seen: string[] = [];
    while (seen.length < 3) seen.push(...events(await next()));
    expect(seen).toEqual(["PUT a= 2/2/1", "PUT b= 3/3/1", "PUT c= 4/4/1"]);
  });

  test("that was lost before it began begins at the next owner", async () => {
    const owners = await Owners.start();
    const follow = await owners.lose();
    const next = browserWatch(owners, {});
    const created = next();
    follow();
    expect((await created).created).toBe(true);
  });

  test("keeps a start in the future", async () => {
    const owners = await Owners.start();
    const next = browserWatch(owners, { startRevision: 4n });
    await next();
    await owners.replace();
    for (const key of ["a", "b", "c"]) await put(owners, key);
    expect(events(await next())).toEqual(["PUT c= 4/4/1"]);
  });

  test("that compaction has overtaken meanwhile is canceled as etcd does it, and ends", async () => {
    const owners = await Owners.start();
    const next = browserWatch(owners, {});
    await next();
    const follow = await owners.lose();
    await writeAndCompact(owners);
    follow();
    expect(await next()).toMatchObject({ canceled: true, created: false, compactRevision: 5n });
    await expect(next()).rejects.toThrow("the stream has ended");
  });

  test("fails where the revisions begin anew", async () => {
    const owners = await Owners.start();
    const next = browserWatch(owners, {});
    await next();
    owners.history = "two";
    await owners.replace();
    await expect(next()).rejects.toMatchObject({ code: Code.DataLoss });
  });
});

async function writeAndCompact(owners: Owners): Promise<void> {
  for (const key of ["a", "b", "c", "d", "e"]) await put(owners, key);
  await owners.kv.compact({ revision: 5n });
}

describe("a stream of watches", () => {
  test("has all its watches again, each where it was, with its ID", async () => {
    const owners = await Owners.start();
    const watch = new WatchClient(owners);
    watch.create("a");
    watch.create("b", "", { watchId: 7n });
    watch.create("c");
    const created = [await watch.next(), await watch.next(), await watch.next()];
    expect(created.map(({ watchId }) => watchId)).toEqual([0n, 7n, 1n]);
    await put(owners, "b", "1");
    expect((await watch.next()).watchId).toBe(7n);
    await owners.replace();
    for (const key of ["a", "b", "c"]) await put(owners, key, "2");
    const responses = await watch.nextEvents(3);
    expect(responses.map((response) => `${response.watchId} ${events(response)}`).toSorted()).toEqual([
      "0 PUT a=2 3/3/1",
      "1 PUT c=2 5/5/1",
      "7 PUT b=2 2/4/2",
    ]);
  });

  test("does not have those again that were canceled, nor gives their IDs to others", async () => {
    const owners = await Owners.start();
    const watch = new WatchClient(owners);
    watch.create("a");
    watch.create("b");
    await watch.next();
    await watch.next();
    watch.cancel(0n);
    expect(await watch.next()).toMatchObject({ watchId: 0n, canceled: true });
    await owners.replace();
    watch.create("c");
    expect(await watch.next()).toMatchObject({ watchId: 2n, created: true });
    await put(owners, "a");
    await put(owners, "b");
    expect(await watch.next()).toMatchObject({ watchId: 1n });
  });

  test("answers requests that were under way or made in between", async () => {
    const owners = await Owners.start();
    const watch = new WatchClient(owners);
    watch.create("a");
    await watch.next();
    const follow = await owners.lose();
    watch.create("b");
    watch.cancel(0n);
    watch.requestProgress();
    follow();
    expect(await watch.next()).toMatchObject({ watchId: 1n, created: true });
    expect(await watch.next()).toMatchObject({ watchId: 0n, canceled: true });
    expect(await watch.next()).toMatchObject({ watchId: -1n, events: [] });
  });

  test("goes on after a half-close", async () => {
    const owners = await Owners.start();
    const watch = new WatchClient(owners);
    watch.create("a");
    await watch.next();
    watch.halfClose();
    await owners.replace();
    await put(owners, "a");
    expect(events(await watch.next())).toEqual(["PUT a= 2/2/1"]);
  });

  test("cancels the watches that compaction has overtaken, and keeps the others", async () => {
    const owners = await Owners.start();
    const watch = new WatchClient(owners);
    watch.create("a");
    watch.create("z", "", { startRevision: 100n });
    await watch.next();
    await watch.next();
    const follow = await owners.lose();
    await writeAndCompact(owners);
    follow();
    expect(await watch.next()).toMatchObject({ watchId: 0n, canceled: true, compactRevision: 5n });
    watch.cancel(1n);
    expect(await watch.next()).toMatchObject({ watchId: 1n, canceled: true });
  });

  test("keeps what compaction is behind of, by what progress has told", async () => {
    const owners = await Owners.start();
    const watch = new WatchClient(owners);
    watch.create("z");
    await watch.next();
    for (const key of ["a", "b", "c", "d"]) await put(owners, key);
    watch.requestProgress();
    expect((await watch.next()).header?.revision).toBe(5n);
    await owners.kv.compact({ revision: 5n });
    await owners.replace();
    await put(owners, "z");
    expect(events(await watch.next())).toEqual(["PUT z= 6/6/1"]);
  });

  test("ends with the client's signal while no owner is there", async () => {
    const owners = await Owners.start();
    const watch = new WatchClient(owners);
    watch.create("a");
    await watch.next();
    await owners.lose();
    const next = watch.next();
    watch.close();
    await expect(next).rejects.toMatchObject({ code: Code.Canceled });
  });
});

describe("the position of a watch whose responses come in parts", () => {
  const responseOf = (fragment: boolean, ...revisions: number[]): WatchResponse =>
    create(WatchResponseSchema, {
      fragment,
      events: revisions.map((revision, at) => ({ kv: { key: bytes(`k${at}`), modRevision: BigInt(revision) } })),
    });
  const created = (revision: bigint): WatchResponse =>
    create(WatchResponseSchema, { created: true, header: { revision } });
  const seen = (response: WatchResponse | undefined): string =>
    response?.events.map(({ kv }) => kv?.modRevision).join(" ") ?? "nothing";

  test("is within a revision after a part, and what comes again is left out", () => {
    const position = new Position(create(WatchCreateRequestSchema, { ...ALL, fragment: true }));
    position.accept(created(3n));
    expect(seen(position.accept(responseOf(true, 4, 5, 5)))).toBe("4 5 5");
    expect(seen(position.accept(responseOf(true, 5)))).toBe("5");
    expect(position.resume().startRevision).toBe(5n);
    expect(position.accept(created(9n))).toBeUndefined();
    expect(position.accept(responseOf(true, 5, 5))).toBeUndefined();
    expect(seen(position.accept(responseOf(true, 5, 5)))).toBe("5");
    expect(position.resume().startRevision).toBe(5n);
    expect(seen(position.accept(responseOf(false, 5, 5, 5, 5, 5, 6)))).toBe("5 6");
    expect(position.resume().startRevision).toBe(7n);
  });

  test("moves with progress, but not within a revision", () => {
    const position = new Position(create(WatchCreateRequestSchema, ALL));
    position.accept(created(3n));
    position.accept(create(WatchResponseSchema, { header: { revision: 8n } }));
    expect(position.resume().startRevision).toBe(9n);
    position.accept(responseOf(true, 9));
    position.progressed(20n);
    expect(position.resume().startRevision).toBe(9n);
  });
});
