/** Watches over WebSockets that let their object sleep, in the real workerd. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nameWithOptions } from "./support/names.ts";
import { call, type Runtime, startRuntime, storeUrl } from "./support/runtime.ts";
import { connect, type Message, type SocketClient } from "./support/socket.ts";

let runtime: Runtime;
let stores = 0;

beforeAll(async () => {
  runtime = await startRuntime();
});
afterAll(() => runtime.close());

class Store {
  readonly name: string;
  readonly url: string;

  constructor(options = {}) {
    this.name = nameWithOptions(`watched${++stores}`, options);
    this.url = storeUrl(runtime, this.name);
  }

  watch(protocols: string[] = []): Promise<SocketClient> {
    return connect(`${this.url}/v3/watch`, protocols);
  }

  sleep(): Promise<void> {
    return runtime.evict(this.name);
  }

  async put(key: string, value = "v"): Promise<number> {
    const { header } = await call(this.url, "kv/put", { key: btoa(key), value: btoa(value) });
    return Number((header as Record<string, string>).revision);
  }
}

async function created(socket: SocketClient, request: object): Promise<Message> {
  socket.send({ create_request: request });
  const message = await socket.next();
  expect(message).toMatchObject({ created: true });
  return message;
}

/** `TYPE KEY=VALUE@REVISION` of each event. */
function events({ events: list }: Message): string[] {
  return ((list ?? []) as Array<{ type?: string; kv: Record<string, string> }>).map(({ type = "PUT", kv }) => {
    return `${type} ${atob(kv.key ?? "")}=${atob(kv.value ?? "")}@${kv.mod_revision}`;
  });
}

const ALL = { key: btoa("\0"), range_end: btoa("\0") };

describe("a watch over a WebSocket", () => {
  test("HT3: goes on after its object has slept, sees each event once, and is not told that it was created again", async () => {
    const store = new Store();
    const socket = await store.watch();
    await created(socket, ALL);
    await store.put("a");
    expect(events(await socket.next())).toEqual(["PUT a=v@2"]);
    for (let round = 0; round < 3; round++) {
      await store.sleep();
      const revision = await store.put("b", String(round));
      expect(events(await socket.next())).toEqual([`PUT b=${round}@${revision}`]);
    }
    await call(store.url, "kv/deleterange", { key: btoa("b") });
    expect(events(await socket.next())).toEqual(["DELETE b=@6"]);
  });

  test("HT3: misses nothing of a burst that its object falls asleep in", async () => {
    const store = new Store();
    const socket = await store.watch();
    await created(socket, ALL);
    const writes: Array<Promise<number>> = [];
    const seen: string[] = [];
    for (let round = 0; round < 5; round++) {
      for (let at = 0; at < 20; at++) writes.push(store.put(`k${round}.${at}`));
      await writes[round * 20 + 5];
      await store.sleep();
    }
    await Promise.all(writes);
    while (new Set(seen).size < 100) seen.push(...events(await socket.next()));
    const revisions = [...new Set(seen)].map((event) => Number(event.split("@")[1]));
    expect(revisions).toEqual(Array.from({ length: 100 }, (_, at) => at + 2));
  });

  test("HT3: keeps its ID, its filters and its other watches; further ones get further IDs, also after a cancel", async () => {
    const store = new Store();
    const socket = await store.watch();
    await created(socket, { key: btoa("a"), filters: ["NOPUT"] });
    expect(await created(socket, { key: btoa("b"), prev_kv: true })).toMatchObject({ watch_id: "1" });
    expect(await created(socket, { key: btoa("c"), watch_id: "7" })).toMatchObject({ watch_id: "7" });
    socket.send({ cancel_request: { watch_id: "1" } });
    expect(await socket.next()).toMatchObject({ watch_id: "1", canceled: true });
    await store.sleep();
    expect(await created(socket, { key: btoa("b"), prev_kv: true })).toMatchObject({ watch_id: "2" });
    await store.put("a");
    await store.put("b", "1");
    const [event] = (await socket.next()).events as unknown[];
    expect(event).not.toHaveProperty("prev_kv");
    await store.sleep();
    await store.put("b", "2");
    const message = await socket.next();
    expect(message).toMatchObject({ watch_id: "2", events: [{ prev_kv: { value: btoa("1") } }] });
    await call(store.url, "kv/deleterange", { key: btoa("a") });
    expect(events(await socket.next())).toEqual(["DELETE a=@5"]);
    await store.put("c");
    expect(await socket.next()).toMatchObject({ watch_id: "7" });
  });

  test("HT3: is not compacted away in its sleep, having seen all there was; one that had not is told", async () => {
    const store = new Store();
    const socket = await store.watch();
    await created(socket, { key: btoa("quiet") });
    for (let at = 0; at < 10; at++) await store.put("loud");
    await call(store.url, "kv/compaction", { revision: "10" });
    await store.sleep();
    await store.put("quiet");
    expect(events(await socket.next())).toEqual(["PUT quiet=v@12"]);
    await created(socket, { key: btoa("late"), start_revision: "3" });
    expect(await socket.next()).toMatchObject({ canceled: true, compact_revision: "10" });
  });

  test("HT3: takes a request in two pieces with a sleep between them, and several in one", async () => {
    const store = new Store();
    const socket = await store.watch();
    const request = JSON.stringify({ create_request: { key: btoa("a") } });
    socket.send(request.slice(0, 18));
    await store.sleep();
    socket.send(`${request.slice(18)} {"create_request":{}}`);
    expect(await socket.next()).toMatchObject({ created: true });
    expect(await socket.next()).toMatchObject({ created: true, watch_id: "1" });
    await store.put("a");
    expect(events(await socket.next())).toEqual(["PUT a=v@2"]);
  });

  test("HT3: answers for its progress, and tells it from time to time, woken for that", async () => {
    const store = new Store({ watchProgressNotifyIntervalMs: 1500 });
    const socket = await store.watch();
    await created(socket, { key: btoa("a"), progress_notify: true });
    await store.put("b");
    socket.send({ progress_request: {} });
    expect(await socket.next()).toMatchObject({ watch_id: "-1", header: { revision: "2" } });
    await store.sleep();
    expect(await socket.next()).toEqual({ header: expect.objectContaining({ revision: "2" }) });
    await store.put("a");
    expect(events(await socket.next())).toEqual(["PUT a=v@3"]);
  });

  test("HT3: is refused what does not fit into its socket's memory, and keeps what it has", async () => {
    const socket = await new Store().watch();
    for (let at = 0; at < 6; at++) await created(socket, { key: btoa("k".repeat(2000)) });
    socket.send({ create_request: { key: btoa("k".repeat(2000)) } });
    expect(await socket.next()).toMatchObject({ created: true, canceled: true, watch_id: "-1" });
    expect(await created(socket, { key: btoa("k") })).toMatchObject({ watch_id: "6" });
  });

  test("HT3: goes on in its user's name after a sleep, whatever has become of the token", async () => {
    const store = new Store({ bcryptCost: 4, authTokenTtlSeconds: 1 });
    await call(store.url, "auth/user/add", { name: "root", password: "p" });
    await call(store.url, "auth/user/grant", { user: "root", role: "root" });
    await call(store.url, "auth/enable", {});
    const login = async (): Promise<string> => {
      return String((await call(store.url, "auth/authenticate", { name: "root", password: "p" })).token);
    };
    const socket = await store.watch(["Bearer", await login()]);
    await created(socket, ALL);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    await store.sleep();
    await call(store.url, "kv/put", { key: btoa("a") }, { authorization: await login() });
    expect(events(await socket.next())).toEqual(["PUT a=@2"]);
  });
});

describe("another call over a WebSocket", () => {
  test("HT3: is answered, errors too", async () => {
    const { url } = new Store();
    const socket = await connect(`${url}/v3/kv/range`);
    socket.send({ key: btoa("a") });
    expect(await socket.next()).toHaveProperty("header");
    expect(await socket.next()).toEqual({ close: 1000 });
    const keepAlive = await connect(`${url}/v3/lease/keepalive`);
    keepAlive.send({ ID: 1 });
    expect(await keepAlive.next()).toMatchObject({ ID: "1" });
    await expect(connect(`${url}/v3/nothing`)).rejects.toThrow("404");
  });
});
