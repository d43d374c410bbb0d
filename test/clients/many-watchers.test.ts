/**
 * Many watchers on one server, and readers that stop reading (WA8): each of 10,000 watchers sees exactly its own
 * event; readers that stopped delay nobody, cost no memory for what they have not read, and lose nothing.
 */
import { execFileSync } from "node:child_process";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createWritableIterable } from "@connectrpc/connect/protocol";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import type { WatchResponse } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { Watch, type WatchRequestSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import type { EtcdliteProcess } from "../support/etcdlite.ts";
import { startEtcdlite } from "../support/etcdlite.ts";
import { RawWatch } from "./harness/raw-watch.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytes = (text: string) => encoder.encode(text);

let server: EtcdliteProcess;

beforeEach(async () => {
  server = await startEtcdlite();
});

afterEach(async () => {
  await server.stop();
});

/** A watch stream of connect-node with many watchers on it. */
class Stream {
  private readonly requests = createWritableIterable<MessageInitShape<typeof WatchRequestSchema>>();
  private readonly abort = new AbortController();
  private readonly replies: AsyncIterator<WatchResponse>;

  constructor(transport: ReturnType<typeof createGrpcTransport>) {
    const signal = this.abort.signal;
    this.replies = createClient(Watch, transport).watch(this.requests, { signal })[Symbol.asyncIterator]();
  }

  /** Creates a watcher for each key; resolves when the server has answered them all, in order. */
  async create(keys: readonly string[]): Promise<void> {
    const created = this.take(keys.length);
    for (const key of keys) {
      await this.requests.write({ requestUnion: { case: "createRequest", value: { key: bytes(key) } } });
    }
    (await created).forEach((reply, index) => {
      expect([reply.created, reply.canceled, reply.watchId]).toEqual([true, false, BigInt(index)]);
    });
  }

  /** What each watcher saw until a progress reply, which comes when none has anything to come. */
  async seenUntilProgress(): Promise<Map<bigint, string[]>> {
    await this.requests.write({ requestUnion: { case: "progressRequest", value: {} } });
    const seen = new Map<bigint, string[]>();
    for (;;) {
      const [reply] = (await this.take(1)) as [WatchResponse];
      if (reply.watchId === -1n) return seen;
      const events = reply.events.map(({ kv }) => `${decoder.decode(kv?.key)}=${decoder.decode(kv?.value)}`);
      seen.set(reply.watchId, [...(seen.get(reply.watchId) ?? []), ...events]);
    }
  }

  close(): void {
    this.abort.abort();
  }

  private async take(count: number): Promise<WatchResponse[]> {
    const replies: WatchResponse[] = [];
    while (replies.length < count) {
      const { value, done } = await this.replies.next();
      if (done === true) throw new Error("the watch stream ended");
      replies.push(value);
    }
    return replies;
  }
}

test("WA8: each of 10,000 watchers on 20 streams sees exactly its own event", { timeout: 120_000 }, async () => {
  const connections = Array.from({ length: 4 }, () => createGrpcTransport({ baseUrl: server.url }));
  const streams = Array.from({ length: 20 }, (_, index) => {
    return new Stream(connections[index % 4] as (typeof connections)[number]);
  });
  const keysOf = (stream: number) => Array.from({ length: 500 }, (_, watcher) => `many/${stream}/${watcher}`);
  await Promise.all(streams.map((stream, index) => stream.create(keysOf(index))));

  const kv = createClient(KV, createGrpcTransport({ baseUrl: server.url }));
  for (let watcher = 0; watcher < 500; watcher++) {
    await Promise.all(
      streams.map((_, stream) => {
        return kv.put({ key: bytes(`many/${stream}/${watcher}`), value: bytes(`${stream}-${watcher}`) });
      }),
    );
  }
  for (const [index, stream] of streams.entries()) {
    const seen = await stream.seenUntilProgress();
    const wanted = keysOf(index).map((key, watcher) => [BigInt(watcher), [`${key}=${index}-${watcher}`]] as const);
    expect(seen).toEqual(new Map(wanted));
    stream.close();
  }
});

const EVENTS = 100_000;
const EVENTS_A_REVISION = 100;
const VALUE_BYTES = 1_000;
const PAUSED_READERS = 10;
/**
 * The history itself is 100 MB, which the heap may hold twice or three times before it collects; a queue for each
 * paused reader would be 1,000 MB on top.
 */
const GROWTH_LIMIT_MB = 600;

test("WA8: readers that stop reading delay nobody and cost no memory", { timeout: 120_000 }, async () => {
  const paused = Array.from({ length: PAUSED_READERS }, () => new RawWatch(server.url));
  const reading = new RawWatch(server.url);
  for (const watch of [...paused, reading]) {
    watch.create({ key: bytes("slow/"), rangeEnd: bytes("slow0") });
    expect((await watch.next()).created).toBe(true);
  }
  for (const watch of paused) watch.pause();
  const beforeMb = residentMb(server.pid);

  const writing = writeAll();
  expect(await countInOrder(reading)).toBe(EVENTS);
  await writing;
  const growthMb = residentMb(server.pid) - beforeMb;
  expect(growthMb, `grew by ${growthMb} MB`).toBeLessThan(GROWTH_LIMIT_MB);

  const [late, ...others] = paused as [RawWatch, ...RawWatch[]];
  for (const watch of others) watch.close();
  late.resume();
  expect(await countInOrder(late), "what it did not read waits for it").toBe(EVENTS);
  late.close();
  reading.close();
});

async function writeAll(): Promise<void> {
  const kv = createClient(KV, createGrpcTransport({ baseUrl: server.url }));
  const value = new Uint8Array(VALUE_BYTES);
  const success = Array.from({ length: EVENTS_A_REVISION }, (_, index) => {
    return { request: { case: "requestPut" as const, value: { key: bytes(`slow/${index}`), value } } };
  });
  for (let done = 0; done < EVENTS; done += EVENTS_A_REVISION) await kv.txn({ success });
}

/** Reads all events; no revision may be skipped, and none may come back. */
async function countInOrder(watch: RawWatch): Promise<number> {
  let count = 0;
  let last = 0n;
  while (count < EVENTS) {
    for (const { kv } of (await watch.next()).events) {
      const revision = kv?.modRevision ?? 0n;
      if (last !== 0n && revision !== last && revision !== last + 1n) throw new Error(`${revision} after ${last}`);
      last = revision;
      count++;
    }
  }
  return count;
}

/** What the system says a process holds in memory. */
function residentMb(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024;
}
