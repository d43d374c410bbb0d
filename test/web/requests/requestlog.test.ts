import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Watch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import { KV, RangeRequestSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { filtered } from "../../../web/src/requests/filter.ts";
import { jsonOf, statusText } from "../../../web/src/requests/words.ts";
import { background, RequestLog } from "../../../web/src/store/requestlog.ts";
import { layered } from "../../../web/src/store/transport.ts";

const FRAME_MS = 300;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setup({ valueBytes = 1 } = {}) {
  const revisions: number[] = [];
  const log = new RequestLog((revision) => revisions.push(revision));
  const server = createRouterTransport((router) => {
    router.rpc(KV.method.range, ({ limit }) => {
      if (limit === 9n) throw new ConnectError("etcdserver: requested lease not found", Code.NotFound);
      return { header: { revision: 5n }, kvs: [{ key: new Uint8Array(1), value: new Uint8Array(valueBytes) }] };
    });
    router.rpc(Watch.method.watch, async function* () {
      yield { created: true, header: { revision: 6n } };
      yield { header: { revision: 8n } };
      throw new ConnectError("gone", Code.Unavailable);
    });
  });
  const transport = layered(server, [log.interceptor]);
  return { log, revisions, kv: createClient(KV, transport), watch: createClient(Watch, transport) };
}

async function frame(): Promise<void> {
  await vi.advanceTimersByTimeAsync(FRAME_MS);
}

test("a call is kept with its request, its response and its outcome", async () => {
  const { log, kv, revisions } = setup();
  await kv.range({ key: Uint8Array.of(97), limit: 3n });
  await expect(kv.range({ limit: 9n })).rejects.toThrow("not found");
  await frame();
  const [first, second] = log.entries.value;
  expect(first).toMatchObject({ method: "etcdserverpb.KV/Range", messages: 1, error: undefined, isBackground: false });
  expect(first?.request).toMatchObject({ limit: 3n });
  expect(first?.response).toMatchObject({ header: { revision: 5n } });
  expect(second?.error?.code).toBe(Code.NotFound);
  expect([first, second].map((entry) => entry && statusText(entry))).toEqual(["OK", "NOT_FOUND"]);
  expect(revisions).toEqual([5]);
});

test("a stream is kept with what opened it, its count and its last message", async () => {
  const { log, watch, revisions } = setup();
  const read = async (): Promise<void> => {
    for await (const _ of watch.watch({ key: Uint8Array.of(97), startRevision: 4n })) await frame();
  };
  await expect(read()).rejects.toThrow("gone");
  await frame();
  const [entry] = log.entries.value;
  expect(entry).toMatchObject({ isStream: true, messages: 2, error: { code: Code.Unavailable } });
  expect(entry?.request).toMatchObject({ $typeName: "etcdserverpb.WatchCreateRequest", startRevision: 4n });
  expect(entry?.response).toMatchObject({ header: { revision: 8n } });
  expect(revisions).toEqual([6, 8]);
});

test("thousands of calls are told of once a frame, and the last 500 are kept", async () => {
  const { log, kv } = setup();
  let told = 0;
  log.entries.subscribe(() => told++);
  await Promise.all(Array.from({ length: 3_000 }, (_, at) => kv.range({ limit: BigInt(at + 10) })));
  await frame();
  expect(told).toBeLessThanOrEqual(2);
  expect(log.entries.value).toHaveLength(500);
  expect(log.entries.value.at(-1)?.request).toMatchObject({ limit: 3_009n });
});

test("an entry that did not change stays the same object", async () => {
  const { log, kv } = setup();
  await kv.range({});
  await frame();
  const [before] = log.entries.value;
  await kv.range({});
  await frame();
  expect(log.entries.value[0]).toBe(before);
});

test("past its memory the oldest calls lose their messages", async () => {
  const { log, kv } = setup({ valueBytes: 4 * 1024 * 1024 });
  for (let times = 0; times < 12; times++) {
    await kv.range({});
    await frame();
  }
  const kept = log.entries.value.map(({ response }) => response !== undefined);
  expect(kept).toEqual([...Array(5).fill(false), ...Array(7).fill(true)]);
  expect(log.entries.value[0]?.isForgotten).toBe(true);
});

test("background calls are marked, and hidden unless asked for", async () => {
  const { log, kv } = setup();
  await kv.range({}, { contextValues: background });
  await kv.range({});
  await frame();
  expect(filtered(log.entries.value, { text: "", background: false })).toHaveLength(1);
  expect(filtered(log.entries.value, { text: "range", background: true })).toHaveLength(2);
  expect(filtered(log.entries.value, { text: "txn", background: true })).toHaveLength(0);
});

test("clear leaves the open calls", async () => {
  const { log, kv, watch } = setup();
  await kv.range({});
  const stream = watch.watch({})[Symbol.asyncIterator]();
  await stream.next();
  log.clear();
  expect(log.entries.value.map(({ method }) => method)).toEqual(["etcdlite.v1.Watch/Watch"]);
  await stream.return?.();
});

test("messages are shown as proto JSON with etcd's names", () => {
  const request = create(RangeRequestSchema, { key: Uint8Array.of(97), rangeEnd: Uint8Array.of(98), keysOnly: true });
  expect(JSON.parse(jsonOf(RangeRequestSchema, request))).toEqual({ key: "YQ==", range_end: "Yg==", keys_only: true });
});
