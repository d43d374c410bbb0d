/** Stores as Durable Objects, in the real workerd: they sleep, are woken, and there are many. */
import http from "node:http";
import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Watch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lock } from "../../../src/gen/v3lockpb/lock_pb.ts";
import type { EtcdObjectOptions } from "../../../src/platform/workerd/index.ts";
import { bytes, text } from "../../rpc/support/show.ts";
import { HOST_SUFFIX, nameWithOptions } from "./support/names.ts";
import { call, type Runtime, startRuntime, storeUrl } from "./support/runtime.ts";
import { connect } from "./support/socket.ts";

let runtime: Runtime;
let stores = 0;

beforeAll(async () => {
  runtime = await startRuntime();
});
afterAll(() => runtime.close());

interface TestStore {
  readonly url: string;
  /** Has the object forget everything that is not kept. */
  sleep(): Promise<void>;
}

function newStore(options: EtcdObjectOptions = {}): TestStore {
  const name = nameWithOptions(`store${++stores}`, options);
  return { url: storeUrl(runtime, name), sleep: () => runtime.evict(name) };
}

const ALL = { key: btoa("\0"), range_end: btoa("\0") };

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function valueAt(url: string, key: string): Promise<string | undefined> {
  const { kvs = [] } = await call(url, "kv/range", { key: btoa(key) });
  const [kv] = kvs as Array<Record<string, string>>;
  return kv === undefined ? undefined : atob(kv.value ?? "");
}

describe("an object's store", () => {
  test("is there again after a sleep, history and members too", async () => {
    const { url, sleep } = newStore();
    await call(url, "kv/put", { key: btoa("a"), value: btoa("1") });
    await call(url, "kv/put", { key: btoa("a"), value: btoa("2") });
    const before = await call(url, "cluster/member/list", {});
    for (const term of ["3", "4"]) {
      await sleep();
      const { header, kvs } = await call(url, "kv/range", { key: btoa("a"), revision: "2" });
      expect(header).toMatchObject({ revision: "3", raft_term: term });
      expect(kvs).toMatchObject([{ value: btoa("1") }]);
      expect(await valueAt(url, "a")).toBe("2");
    }
    expect((await call(url, "cluster/member/list", {})).members).toEqual(before.members);
  });

  test("loses nothing that was answered, wherever it falls asleep", async () => {
    const { url, sleep } = newStore();
    for (let round = 0; round < 5; round++) {
      const answered = Array.from({ length: 20 }, (_, at) => {
        return call(url, "kv/put", { key: btoa(`${round}.${at}`), value: btoa("x") });
      });
      await Promise.race(answered);
      await sleep();
      await Promise.all(answered);
      expect((await call(url, "kv/range", { key: btoa(`${round}.`), range_end: btoa(`${round}/`) })).count).toBe("20");
    }
  });

  test("LE1: a lease ends while its object sleeps, and wakes it", async () => {
    const { url, sleep } = newStore();
    await call(url, "lease/grant", { ID: "5", TTL: "2" });
    await call(url, "kv/put", { key: btoa("a"), lease: "5" });
    const socket = await connect(`${url}/v3/watch`);
    socket.send({ create_request: { key: btoa("a") } });
    expect(await socket.next()).toMatchObject({ created: true });
    await sleep();
    // Nobody asks: it is the alarm that wakes it.
    expect(await socket.next()).toMatchObject({ events: [{ type: "DELETE" }] });
    expect(await call(url, "lease/leases", {})).not.toHaveProperty("leases");
  });

  test("LE2: a renewal counts though the object sleeps after it; the time asleep does, too", async () => {
    const { url, sleep } = newStore();
    await call(url, "lease/grant", { ID: "5", TTL: "3" });
    await later(2000);
    await call(url, "lease/keepalive", { ID: "5" });
    await sleep();
    await later(1500);
    // Without the renewal it would have ended; with all its time given back, it would have 3 seconds left.
    const { TTL = "0" } = await call(url, "lease/timetolive", { ID: "5" });
    expect(["1", "2"]).toContain(TTL);
    await sleep();
    await expect.poll(async () => (await call(url, "lease/leases", {})).leases, { timeout: 5000 }).toBe(undefined);
  });

  test("AU4: a token outlasts a sleep, and none that has ended comes back", async () => {
    const { url, sleep } = newStore({ bcryptCost: 4, authTokenTtlSeconds: 60 });
    await call(url, "auth/user/add", { name: "root", password: "p" });
    await call(url, "auth/user/grant", { user: "root", role: "root" });
    await call(url, "auth/enable", {});
    const { token } = await call(url, "auth/authenticate", { name: "root", password: "p" });
    const headers = { authorization: String(token) };
    await sleep();
    await call(url, "kv/put", { key: btoa("a") }, headers);
    await call(url, "auth/user/changepw", { name: "root", password: "q" }, headers);
    await sleep();
    await expect(call(url, "kv/put", { key: btoa("a") }, headers)).rejects.toThrow("invalid auth token");
  });

  test("MA1: is refused more than its quota, and says so", async () => {
    const { url, sleep } = newStore({ quotaBackendBytes: 1_000_000 });
    const put = (): Promise<unknown> => call(url, "kv/put", { key: btoa("a"), value: btoa("x".repeat(300_000)) });
    for (let count = 0; count < 3; count++) await put();
    await expect(put()).rejects.toThrow("etcdserver: mvcc: database space exceeded");
    await sleep();
    await expect(put()).rejects.toThrow("etcdserver: mvcc: database space exceeded");
    expect(await call(url, "maintenance/status", {})).toMatchObject({ dbSizeQuota: "1000000" });
  });

  test("is compacted by time though it sleeps most of the time, and is not woken for nothing", async () => {
    const { url, sleep } = newStore({ autoCompactionRetentionMs: 1500 });
    for (let count = 0; count < 5; count++) await call(url, "kv/put", { key: btoa("a") });
    await sleep();
    await later(2500);
    const { header } = await call(url, "kv/range", { key: btoa("a") });
    // Once by the alarms, and perhaps once more by this.
    expect(Number((header as Record<string, string>).raft_term)).toBeLessThanOrEqual(4);
    await expect(call(url, "kv/range", { key: btoa("a"), revision: "5" })).rejects.toThrow("has been compacted");
  });

  test("that cannot write something says so, and goes on with what is kept", async () => {
    const { url } = newStore();
    await call(url, "kv/put", { key: btoa("a"), value: btoa("kept") });
    await call(url, "auth/role/add", { name: "r" });
    const grant = (key: string): Promise<unknown> => {
      return call(url, "auth/role/grant", { name: "r", perm: { permType: "READ", key: btoa(key.repeat(1_200_000)) } });
    };
    await grant("a");
    // A role is one row, and two such keys are larger than a row may be.
    await expect(grant("b")).rejects.toThrow("503");
    expect(await valueAt(url, "a")).toBe("kept");
    const { perm } = await call(url, "auth/role/get", { role: "r" });
    expect((perm as unknown[]).length).toBe(1);
    await call(url, "kv/put", { key: btoa("a"), value: btoa("new") });
    expect(await valueAt(url, "a")).toBe("new");
  });
});

describe("a watch stream", () => {
  async function watchersOf(url: string): Promise<number> {
    return ((await (await fetch(`${url}/test/watchers`)).json()) as { watchers: number }).watchers;
  }

  test("WA2: carries events as they happen, and ends with its client", async () => {
    const { url } = newStore();
    const transport = createGrpcWebTransport({ baseUrl: url, httpVersion: "1.1" });
    const kv = createClient(KV, transport);
    const left = new AbortController();
    const responses = createClient(Watch, transport)
      .watch({ key: Uint8Array.of(97) }, { signal: left.signal })
      [Symbol.asyncIterator]();
    expect((await responses.next()).value?.created).toBe(true);
    for (let count = 0; count < 3; count++) {
      await kv.put({ key: Uint8Array.of(97) });
      expect((await responses.next()).value?.events.length).toBe(1);
    }
    expect(await watchersOf(url)).toBe(1);
    left.abort();
    await expect(responses.next()).rejects.toThrow();
    await expect.poll(() => watchersOf(url)).toBe(0);
  });

  test("LK4: so does a waiter for a lock, which takes its key with it", async () => {
    const { url } = newStore();
    const transport = createGrpcWebTransport({ baseUrl: url, httpVersion: "1.1" });
    const { lock } = createClient(Lock, transport);
    await lock({ name: Uint8Array.of(97) });
    const left = new AbortController();
    const waiting = lock({ name: Uint8Array.of(97) }, { signal: left.signal });
    waiting.catch(() => {});
    const keys = async (): Promise<unknown> => (await call(url, "kv/range", ALL)).count;
    await expect.poll(keys).toBe("2");
    left.abort();
    await expect(waiting).rejects.toThrow();
    await expect.poll(keys).toBe("1");
  });

  test("WA2: over a WebSocket ends with its client", async () => {
    const { url } = newStore();
    const socket = await connect(`${url}/v3/watch`);
    socket.send({ create_request: { key: btoa("a") } });
    await socket.next();
    expect(await watchersOf(url)).toBe(1);
    socket.close();
    await expect.poll(() => watchersOf(url)).toBe(0);
  });
});

describe("a Worker", () => {
  test("has a thousand stores at once, all of them awake, each on its own", { timeout: 600_000 }, async () => {
    const names = Array.from({ length: 1000 }, (_, at) => `many${at}`);
    const inBatches = async <T>(run: (name: string) => Promise<T>): Promise<T[]> => {
      const results: T[] = [];
      for (let at = 0; at < names.length; at += 50) {
        results.push(...(await Promise.all(names.slice(at, at + 50).map(run))));
      }
      return results;
    };
    const left = new AbortController();
    const events = await inBatches(async (name) => {
      const transport = createGrpcWebTransport({ baseUrl: storeUrl(runtime, name), httpVersion: "1.1" });
      const watch = createClient(Watch, transport).watch({ key: bytes("who") }, { signal: left.signal });
      const responses = watch[Symbol.asyncIterator]();
      expect((await responses.next()).value?.created).toBe(true);
      return responses;
    });
    await inBatches((name) => call(storeUrl(runtime, name), "kv/put", { key: btoa("who"), value: btoa(name) }));
    const seen = events.map(async (responses) => text((await responses.next()).value?.events[0]?.kv?.value));
    expect(await Promise.all(seen)).toEqual(names);
    left.abort();
    const { header, count } = await call(storeUrl(runtime, "many7"), "kv/range", ALL);
    expect([(header as Record<string, string>).revision, count]).toEqual(["2", "1"]);
  });

  test("finds a store by the host, by a header and by the path", async () => {
    const { port } = new URL(runtime.url);
    const put = (key: string, path: string, headers: Record<string, string>): Promise<void> =>
      new Promise((resolve, reject) => {
        const options = { port, path: `${path}/v3/kv/put`, method: "POST", headers, agent: false };
        const request = http.request("http://127.0.0.1", options, (response) => response.resume().on("end", resolve));
        request.on("error", reject).end(JSON.stringify({ key: btoa(key) }));
      });
    await put("a", "", { host: `found${HOST_SUFFIX}` });
    await put("b", "", { "etcdlite-store": "found" });
    await put("c", "/stores/found", {});
    expect(await call(storeUrl(runtime, "found"), "kv/range", ALL)).toMatchObject({ count: "3" });
  });

  test("answers 404 where no store is named, and says what native gRPC lacks", async () => {
    expect((await fetch(`${runtime.url}/`)).status).toBe(404);
    expect((await fetch(`${runtime.url}/stores//v3/kv/range`, { method: "POST" })).status).toBe(404);
    const { url } = newStore();
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ health: "true" });
    const headers = { "content-type": "application/grpc" };
    const refused = await fetch(`${url}/etcdserverpb.KV/Range`, { method: "POST", headers });
    expect(refused.headers.get("grpc-message")).toContain("trailers");
  });

  test("leads a path that is not clean to where it is, under the store's own", async () => {
    const { url } = newStore();
    const response = await fetch(`${url}/v3//kv/range`, { method: "POST", body: "{}", redirect: "manual" });
    expect(response.status).toBe(307);
    expect(`${runtime.url}${response.headers.get("location")}`).toBe(`${url}/v3/kv/range`);
  });
});
