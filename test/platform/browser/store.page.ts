/** Stores as a page has them. Two of one name in a page are to each other what two tabs are. */
import { Code, createClient, type Transport } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test } from "vitest";
import { Watch as BrowserWatch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import { KV, RangeRequest_SortOrder } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { type BrowserStore, type OpenOptions, openStore } from "../../../src/platform/browser/index.ts";
import { Queue } from "../../rpc/support/queue.ts";
import { bytes, kvs } from "../../rpc/support/show.ts";
import { LAST_VALUE } from "./support/faults.ts";

const ALL = { key: bytes("\0"), rangeEnd: bytes("\0") };
let names = 0;

async function open(options: OpenOptions): Promise<BrowserStore> {
  const store = await openStore(options);
  onTestFinished(() => store.close());
  return store;
}

/** A name that no other test uses. */
function newName(): string {
  return `store-${names++}`;
}

async function put({ transport }: { transport: Transport }, key: string, value = ""): Promise<void> {
  await createClient(KV, transport).put({ key: bytes(key), value: bytes(value) });
}

async function all({ transport }: { transport: Transport }): Promise<string[]> {
  return kvs(await createClient(KV, transport).range(ALL));
}

function refusing(): Worker {
  return new Worker(new URL("./support/refusing-worker.ts", import.meta.url), { type: "module" });
}

function filling(): Worker {
  return new Worker(new URL("./support/filling-worker.ts", import.meta.url), { type: "module" });
}

describe("a store", () => {
  test("is there again after it was closed: keys, revisions, leases", async () => {
    const name = newName();
    const before = await open({ name });
    expect(before.state).toEqual({ role: "owner", persistence: "indexeddb", epoch: 1, notice: undefined });
    await createClient(Lease, before.transport).leaseGrant({ ID: 7n, TTL: 100n });
    await put(before, "a", "1");
    await createClient(KV, before.transport).put({ key: bytes("a"), value: bytes("2"), lease: 7n });
    await before.close();
    expect(before.state.role).toBe("closed");
    const after = await open({ name });
    expect(after.state.epoch).toBe(2);
    expect(await all(after)).toEqual(["a=2 2/3/2/7"]);
    const { leases } = await createClient(Lease, after.transport).leaseLeases({});
    expect(leases.map(({ ID }) => ID)).toEqual([7n]);
    const old = await createClient(KV, after.transport).range({ key: bytes("a"), revision: 2n });
    expect(kvs(old)).toEqual(["a=1 2/2/1"]);
  });

  test("that is not to be kept is its page's alone", async () => {
    const name = newName();
    const [one, two] = [await open({ name, persist: false }), await open({ name, persist: false })];
    expect(one.state).toEqual({ role: "owner", persistence: "memory", epoch: 1, notice: undefined });
    await put(one, "a");
    expect([(await all(one)).length, (await all(two)).length]).toEqual([1, 0]);
  });

  test("takes etcd's options", async () => {
    const { transport } = await open({ persist: false, etcd: { maxTxnOps: 1, quotaBackendBytes: 100 } });
    const kv = createClient(KV, transport);
    const range = { request: { case: "requestRange" as const, value: ALL } };
    await expect(kv.txn({ success: [range, range] })).rejects.toMatchObject({ code: Code.InvalidArgument });
    await expect(kv.put({ key: bytes("a"), value: new Uint8Array(1000) })).rejects.toThrow("database space exceeded");
  });

  test("keeps deadlines, headers and errors", async () => {
    const { transport } = await open({ persist: false });
    const kv = createClient(KV, transport);
    await expect(kv.range({ key: bytes("") })).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: "etcdserver: key is not provided",
    });
    let header: Headers | undefined;
    await kv.range(ALL, { timeoutMs: 10_000, headers: { "x-a": "b" }, onHeader: (got) => (header = got) });
    expect(header?.get("content-type")).toBe("application/proto");
    const watch = createClient(BrowserWatch, transport).watch(ALL, { timeoutMs: 50 });
    await expect(
      (async () => {
        for await (const { created } of watch) expect(created).toBe(true);
      })(),
    ).rejects.toMatchObject({ code: Code.DeadlineExceeded });
    const sorted = kv.rangeStream({ ...ALL, sortOrder: RangeRequest_SortOrder.DESCEND });
    await expect(sorted[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: Code.Unimplemented });
  });

  test("keeps leases alive on a stream of requests", async () => {
    const { transport } = await open({ persist: false });
    const lease = createClient(Lease, transport);
    await lease.leaseGrant({ ID: 5n, TTL: 60n });
    const requests = new Queue<{ ID: bigint }>();
    const responses = lease.leaseKeepAlive(requests)[Symbol.asyncIterator]();
    for (const ID of [5n, 6n]) {
      requests.push({ ID });
      const { value } = await responses.next();
      expect([value.ID, value.TTL]).toEqual([ID, ID === 5n ? 60n : 0n]);
    }
    requests.end();
    expect((await responses.next()).done).toBe(true);
  });

  test("says why its worker cannot be started", async () => {
    const worker = (): Worker => new Worker("/there/is/no/such/script.js", { type: "module" });
    await expect(openStore({ worker })).rejects.toThrow("the store's worker failed: its script could not be loaded");
  });

  test("that is closed answers nothing", async () => {
    const store = await open({ persist: false });
    await store.close();
    await expect(put(store, "a")).rejects.toMatchObject({ code: Code.Unavailable, rawMessage: "the store is closed" });
  });
});

describe("a store that is shared", () => {
  test("is owned by the first, handed over when that closes, and watches notice nothing", async () => {
    const name = newName();
    const first = await open({ name });
    const second = await open({ name });
    expect([first.state.role, second.state.role]).toEqual(["owner", "guest"]);
    const watch = createClient(BrowserWatch, second.transport).watch(ALL)[Symbol.asyncIterator]();
    expect((await watch.next()).value.created).toBe(true);
    await put(first, "a", "1");
    expect((await watch.next()).value.events.length).toBe(1);
    const roles: string[] = [];
    second.subscribe(() => roles.push(second.state.role));
    await first.close();
    await put(second, "a", "2");
    expect((await watch.next()).value.events[0]?.kv?.modRevision).toBe(3n);
    expect(roles).toEqual(["electing", "owner"]);
    expect(second.state.epoch).toBe(2);
  });

  test("waits for the next owner with requests that come in between", async () => {
    const name = newName();
    const first = await open({ name });
    const second = await open({ name });
    await put(first, "a");
    const closed = first.close();
    await expect.poll(() => second.state.role, { interval: 1 }).not.toBe("guest");
    expect((await all(second)).length).toBe(1);
    await closed;
  });

  test("is handed over without a call failing", async () => {
    const name = newName();
    const first = await open({ name });
    const second = await open({ name });
    let isClosed = false;
    let count = 0;
    const writing = (async () => {
      for (; !isClosed || count < 50; count++) await put(second, `key${count}`);
    })();
    await expect.poll(() => count).toBeGreaterThan(10);
    await first.close();
    isClosed = true;
    await writing;
    expect((await all(second)).length).toBe(count);
  });

  test("goes on with another worker where the only one dies", async () => {
    const name = newName();
    let worker: Worker | undefined;
    const make = (): Worker => {
      worker = new Worker(new URL("../../../src/platform/browser/worker.ts", import.meta.url), { type: "module" });
      return worker;
    };
    const store = await open({ name, worker: make });
    await put(store, "a");
    worker?.terminate();
    await expect.poll(() => store.state.epoch).toBe(2);
    expect((await all(store)).length).toBe(1);
  });
});

describe("export, import, erase", () => {
  test("a file holds everything, of a store that is kept and of one that is not", async () => {
    for (const persist of [true, false]) {
      const store = await open({ name: newName(), persist });
      await createClient(Lease, store.transport).leaseGrant({ ID: 7n, TTL: 100n });
      for (const value of ["1", "2", "3"]) await put(store, "a", value);
      await put(store, "b");
      await createClient(KV, store.transport).deleteRange({ key: bytes("b") });
      await createClient(KV, store.transport).compact({ revision: 3n });
      const file = await store.export();
      const hash = await createClient(Maintenance, store.transport).hashKV({});
      await store.erase();
      expect(await all(store)).toEqual([]);
      await put(store, "other");
      await store.import(file);
      expect(await all(store)).toEqual(["a=3 2/4/3"]);
      expect((await createClient(Maintenance, store.transport).hashKV({})).hash).toBe(hash.hash);
      expect((await createClient(Lease, store.transport).leaseLeases({})).leases.length).toBe(1);
      const kv = createClient(KV, store.transport);
      await expect(kv.range({ key: bytes("a"), revision: 2n })).rejects.toMatchObject({ code: Code.OutOfRange });
      await put(store, "c");
      expect((await kv.range(ALL)).header?.revision).toBe(7n);
    }
  });

  test("MA2: a snapshot of an etcd is given and taken too, whole or not at all", async () => {
    const store = await open({ name: newName() });
    await createClient(Lease, store.transport).leaseGrant({ ID: 7n, TTL: 100n });
    for (const value of ["1", "2", "3"]) await put(store, "a", value);
    await createClient(KV, store.transport).compact({ revision: 3n });
    await put(store, "large", "x".repeat(100_000));
    const before = await all(store);
    const { hash } = await createClient(Maintenance, store.transport).hashKV({});
    const file = await store.exportSnapshot();
    expect(file.size % 4096).toBe(32);
    await store.erase();
    const damaged = new Uint8Array(await file.arrayBuffer()).fill(1, 20_000, 20_001);
    await expect(store.import(new Blob([damaged]))).rejects.toThrow("the file is damaged: its checksum is not right");
    await expect(store.import(file.slice(0, 50_000))).rejects.toThrow(/^the file is/);
    expect(await all(store)).toEqual([]);
    await store.import(file);
    expect(await all(store)).toEqual(before);
    expect((await createClient(Maintenance, store.transport).hashKV({})).hash).toBe(hash);
    expect((await createClient(Lease, store.transport).leaseLeases({})).leases.length).toBe(1);
  });

  test("what was imported is kept", async () => {
    const name = newName();
    const store = await open({ name });
    await put(store, "a", "1");
    const file = await store.export();
    await put(store, "b");
    await store.import(file);
    await store.close();
    expect(await all(await open({ name }))).toEqual(["a=1 2/2/1"]);
  });

  test("a file that is damaged anywhere, cut anywhere or none at all is refused, and changes nothing", async () => {
    const store = await open({ name: newName() });
    await put(store, "a", "1");
    const whole = new Uint8Array(await (await store.export()).arrayBuffer());
    for (let at = 0; at < whole.length; at += 1 + Math.floor(at / 8)) {
      const damaged = whole.slice();
      damaged[at] = (damaged[at] as number) ^ 0x10;
      await expect(store.import(new Blob([damaged])), `byte ${at}`).rejects.toThrow(/file/);
      await expect(store.import(new Blob([whole.slice(0, at)])), `the first ${at}`).rejects.toThrow(/file/);
    }
    await expect(store.import(new Blob([whole, "x"]))).rejects.toThrow("the file goes on behind its end");
    expect(await all(store)).toEqual(["a=1 2/2/1"]);
    expect(store.state.epoch).toBe(1);
  });

  test("two at once come one after the other, and calls in between wait", async () => {
    const store = await open({ name: newName() });
    await put(store, "a", "1");
    const file = await store.export();
    await put(store, "b");
    const [, , keys] = await Promise.all([store.import(file), store.import(file), all(store)]);
    expect(keys).toContain("a=1 2/2/1");
    expect(await all(store)).toEqual(["a=1 2/2/1"]);
    expect(store.state.epoch).toBe(3);
  });

  test("a watch of what was there before ends and says why", async () => {
    const store = await open({ name: newName() });
    const watch = createClient(BrowserWatch, store.transport).watch(ALL)[Symbol.asyncIterator]();
    await watch.next();
    const ended = expect(watch.next()).rejects.toMatchObject({
      code: Code.Aborted,
      rawMessage: "the store was erased",
    });
    await store.erase();
    await ended;
  });
});

describe("where the browser keeps nothing", () => {
  test("the store is in memory, shared, and says so; what is lost with its owner is told too", async () => {
    const name = newName();
    const first = await open({ name, worker: refusing });
    expect(first.state.persistence).toBe("memory");
    expect(first.state.notice).toMatch(/^The store is in memory only: the browser does not let this page keep data/);
    const second = await open({ name, worker: refusing });
    await put(first, "a");
    expect((await all(second)).length).toBe(1);
    const watch = createClient(BrowserWatch, second.transport).watch(ALL)[Symbol.asyncIterator]();
    await watch.next();
    const ended = expect(watch.next()).rejects.toMatchObject({ code: Code.DataLoss });
    await first.close();
    await ended;
    expect(await all(second)).toEqual([]);
    expect(second.state.epoch).toBe(2);
    expect(second.state.notice).toMatch(/lost with the tab that ran it/);
  });

  test("a storage that fills up turns the store into one in memory, and nothing fails", async () => {
    const store = await open({ name: newName(), worker: filling });
    expect(store.state.persistence).toBe("indexeddb");
    await put(store, "a", LAST_VALUE);
    await put(store, "b");
    await put(store, "c");
    await expect
      .poll(() => store.state.notice)
      .toBe("From now on the store is in memory only: the browser's storage is full.");
    expect(store.state.persistence).toBe("memory");
    expect((await all(store)).length).toBe(3);
    const file = await store.export();
    expect(file.size).toBeGreaterThan(50);
    await expect(store.import(file)).rejects.toThrow("the browser could not keep it: there is no room");
    expect((await all(store)).length).toBe(3);
    expect(store.state.notice).toMatch(/storage is full/);
  });
});
