/** Streams: RangeStream, Watch in its three shapes, deadlines and aborts. */
import assert from "node:assert/strict";
import type { DescMethodServerStreaming, MessageInitShape } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createWritableIterable } from "@connectrpc/connect/protocol";
import { Watch as BrowserWatch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import type { WatchResponse } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { Watch, type WatchRequestSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import type { Case } from "./case.ts";
import { bytes, text, withPrefix } from "./case.ts";

type WatchRequestInit = MessageInitShape<typeof WatchRequestSchema>;

/** etcd's own Watch as a method that a browser can call: one request, many responses, the same path. */
const WATCH_AS_SERVER_STREAM = {
  ...Watch.method.watch,
  methodKind: "server_streaming",
} as unknown as DescMethodServerStreaming<typeof WatchRequestSchema, typeof Watch.method.watch.output>;

/** Reads a stream by hand, so that a case acts between two responses. */
class Reader {
  private readonly iterator: AsyncIterator<WatchResponse>;

  constructor(stream: AsyncIterable<WatchResponse>) {
    this.iterator = stream[Symbol.asyncIterator]();
  }

  async next(): Promise<WatchResponse> {
    const { value, done } = await this.iterator.next();
    if (done === true) throw new Error("the stream ended");
    return value;
  }

  /** So many events, as "PUT value". */
  async events(count: number): Promise<string[]> {
    const seen: string[] = [];
    while (seen.length < count) {
      for (const event of (await this.next()).events) {
        seen.push(`${event.type === 0 ? "PUT" : "DELETE"} ${text(event.kv?.value)}`.trim());
      }
    }
    return seen;
  }

  /** The error it ends with. */
  async failure(): Promise<ConnectError> {
    try {
      await this.iterator.next();
    } catch (error) {
      return ConnectError.from(error);
    }
    throw new Error("the stream did not fail");
  }
}

async function put(transport: Transport, key: string, value: string): Promise<bigint> {
  const { header } = await createClient(KV, transport).put({ key: bytes(key), value: bytes(value) });
  return header?.revision ?? 0n;
}

export const streamCases: readonly Case[] = [
  {
    name: "RangeStream, and its errors",
    body: async (transport, prefix) => {
      const kv = createClient(KV, transport);
      for (let index = 10; index < 35; index++) await put(transport, `${prefix}${index}`, "x");
      const sizes: number[] = [];
      let count = 0n;
      for await (const { rangeResponse } of kv.rangeStream(withPrefix(prefix))) {
        sizes.push(rangeResponse?.kvs.length ?? 0);
        count = rangeResponse?.count ?? 0n;
      }
      assert.deepEqual([sizes, count], [[10, 15], 25n]);
      const sorted = kv.rangeStream({ ...withPrefix(prefix), sortOrder: 2, sortTarget: 4 });
      await assert.rejects(sorted[Symbol.asyncIterator]().next(), (error) => {
        const { code, rawMessage } = ConnectError.from(error);
        assert.equal(rawMessage, "RangeStream does not support custom sort orders");
        return code === Code.Unimplemented;
      });
    },
  },
  {
    name: "etcdlite.v1 Watch: history, live events, abort",
    body: async (transport, prefix) => {
      const startRevision = await put(transport, `${prefix}a`, "1");
      await put(transport, `${prefix}a`, "2");
      const abort = new AbortController();
      const watch = createClient(BrowserWatch, transport);
      const reader = new Reader(watch.watch({ ...withPrefix(prefix), startRevision }, { signal: abort.signal }));
      assert.equal((await reader.next()).created, true);
      assert.deepEqual(await reader.events(2), ["PUT 1", "PUT 2"]);
      await put(transport, `${prefix}b`, "3");
      assert.deepEqual(await reader.events(1), ["PUT 3"]);
      await createClient(KV, transport).deleteRange(withPrefix(prefix));
      assert.deepEqual(await reader.events(2), ["DELETE", "DELETE"]);
      abort.abort();
      assert.equal((await reader.failure()).code, Code.Canceled);
      await put(transport, `${prefix}a`, "the server lives on");
    },
  },
  {
    name: "etcdlite.v1 Watch: many at once, each its own events",
    body: async (transport, prefix) => {
      const abort = new AbortController();
      const watch = createClient(BrowserWatch, transport);
      const readers = Array.from({ length: 20 }, (_, index) => {
        return new Reader(watch.watch({ key: bytes(`${prefix}${index}`) }, { signal: abort.signal }));
      });
      await Promise.all(readers.map((reader) => reader.next()));
      await Promise.all(readers.map((_, index) => put(transport, `${prefix}${index}`, String(index))));
      const seen = await Promise.all(readers.map((reader) => reader.events(1)));
      assert.deepEqual(
        seen.flat(),
        readers.map((_, index) => `PUT ${index}`),
      );
      abort.abort();
      await Promise.all(readers.map((reader) => reader.failure()));
    },
  },
  {
    name: "etcdlite.v1 Watch: a deadline, a compacted revision, an empty range",
    body: async (transport, prefix) => {
      const watch = createClient(BrowserWatch, transport);
      const timed = new Reader(watch.watch({ key: bytes(`${prefix}a`) }, { timeoutMs: 1_000 }));
      assert.equal((await timed.next()).created, true);
      assert.equal((await timed.failure()).code, Code.DeadlineExceeded);
      const startRevision = await put(transport, `${prefix}a`, "1");
      const now = await put(transport, `${prefix}a`, "2");
      await createClient(KV, transport).compact({ revision: now });
      const compacted = new Reader(watch.watch({ key: bytes(`${prefix}a`), startRevision }));
      assert.equal((await compacted.next()).created, true);
      const end = await compacted.next();
      assert.deepEqual([end.canceled, end.compactRevision], [true, now]);
      const empty = await new Reader(watch.watch({ key: bytes("b"), rangeEnd: bytes("a") })).next();
      assert.deepEqual([empty.canceled, empty.cancelReason], [true, "mvcc: watcher range is empty"]);
    },
  },
  {
    name: "etcd's Watch called as a server stream",
    appliesTo: ({ protocol, httpVersion }, subject) => {
      // Before a real etcd stands Connect's own server, which refuses it on HTTP/1.1.
      return protocol === "grpc-web" && (subject !== "etcd" || httpVersion === "2");
    },
    body: async (transport, prefix) => {
      const request: WatchRequestInit = {
        requestUnion: { case: "createRequest", value: withPrefix(prefix) },
      };
      const abort = new AbortController();
      const input = (async function* () {
        yield request;
      })();
      const response = await transport.stream(WATCH_AS_SERVER_STREAM, abort.signal, undefined, undefined, input);
      const reader = new Reader(response.message);
      assert.equal((await reader.next()).created, true);
      await put(transport, `${prefix}a`, "1");
      await put(transport, `${prefix}a`, "2");
      assert.deepEqual(await reader.events(2), ["PUT 1", "PUT 2"]);
      abort.abort();
      assert.equal((await reader.failure()).code, Code.Canceled);
    },
  },
  {
    name: "etcd's Watch both ways",
    appliesTo: ({ name, httpVersion }) => httpVersion === "2" && name.startsWith("connect-node"),
    body: async (transport, prefix) => {
      const requests = createWritableIterable<WatchRequestInit>();
      const reader = new Reader(createClient(Watch, transport).watch(requests));
      const first = reader.next();
      await requests.write({ requestUnion: { case: "createRequest", value: { key: bytes(`${prefix}a`) } } });
      assert.equal((await first).watchId, 0n);
      await requests.write({ requestUnion: { case: "createRequest", value: withPrefix(prefix) } });
      assert.equal((await reader.next()).watchId, 1n);
      await requests.write({ requestUnion: { case: "cancelRequest", value: { watchId: 0n } } });
      assert.deepEqual([(await reader.next()).canceled], [true]);
      await put(transport, `${prefix}a`, "1");
      assert.deepEqual(await reader.events(1), ["PUT 1"]);
    },
  },
];
