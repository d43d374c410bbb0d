/** Connect and gRPC-Web over fetch, by the lean road and by Connect's router: what a client sees is the same. */
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, onTestFinished, test } from "vitest";
import { KV, PutRequestSchema, RangeResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import {
  createFetchHandler,
  type FetchHandler,
  type FetchStore,
  openStore,
} from "../../../src/platform/fetch/index.ts";
import type { ServiceBinding } from "../../../src/rpc/index.ts";
import { Etcd } from "../../../src/server/index.ts";
import { envelope } from "../../rpc/web/support/roads.ts";
import { VirtualClock } from "../../support/clock.ts";

const PUT = "/etcdserverpb.KV/Put";
const RANGE = "/etcdserverpb.KV/Range";
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

interface Row {
  readonly name: string;
  readonly path?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const put = toBinary(PutRequestSchema, create(PutRequestSchema, { key: utf8("k"), value: utf8("v") }));
const web = "application/grpc-web+proto";
const ROWS: readonly Row[] = [
  { name: "JSON", body: utf8('{"key":"aw==","value":"dg=="}') },
  { name: "a binary message", type: "application/proto", body: put },
  { name: "gRPC-Web", type: web, body: envelope(put) },
  { name: "a reply with something in it", path: RANGE, body: utf8('{"key":"aw=="}') },
  { name: "an error", body: utf8("{}") },
  { name: "an error of gRPC-Web", type: web, body: envelope(new Uint8Array(0)) },
  { name: "no JSON", body: utf8("{") },
  { name: "half a message", type: web, body: envelope(put).subarray(0, 7) },
  { name: "a length that is wrong", headers: { "content-length": "5" }, body: utf8("{}") },
  { name: "a length that is none", headers: { "content-length": "x" }, body: utf8("{}") },
  { name: "a body that is too large", type: "application/proto", body: new Uint8Array(4 * 1024 * 1024) },
  { name: "another type", type: "text/plain", body: utf8("{}") },
];

/** Requests that come over a network say how long they are. */
function requestOf({ path = PUT, type = "application/json", headers, body }: Row): Request {
  const all = { "content-type": type, "content-length": String(body.length), ...headers };
  return new Request(`http://localhost${path}`, { method: "POST", headers: all, body: body as BodyInit });
}

async function seen(handler: FetchHandler, row: Row): Promise<object> {
  const { status, headers, body } = await handler(requestOf(row));
  const own = [...headers].filter(([name]) => name !== "content-length");
  return { row: row.name, status, headers: own, body: body === null ? "" : await new Response(body).text() };
}

async function handlerOf(fastPaths: boolean): Promise<FetchHandler> {
  const store = await openStore();
  onTestFinished(() => store.close());
  return createFetchHandler({ store, fastPaths });
}

test("a client sees the same", async () => {
  const [lean, plain] = [await handlerOf(true), await handlerOf(false)];
  // Without it the lean road is not taken.
  expect(requestOf({ name: "", body: put }).headers.get("content-length")).toBe(String(put.length));
  for (const row of ROWS) expect(await seen(lean, row)).toEqual(await seen(plain, row));
});

function made(range: (request: unknown, context: { signal: AbortSignal }) => unknown): FetchHandler {
  const etcd = new Etcd({ clock: new VirtualClock() });
  onTestFinished(() => etcd.close());
  const bindings = [{ service: KV, impl: { range } }] as unknown as ServiceBinding[];
  return createFetchHandler({ store: { etcd, bindings } as FetchStore });
}

test("a method that answers later is answered", async () => {
  const handler = made(async () => create(RangeResponseSchema, { count: 7n }));
  const reply = await handler(requestOf({ name: "later", path: RANGE, body: utf8("{}") }));
  expect(await reply.json()).toEqual({ count: "7" });
});

test("a client that leaves ends a method that takes its time", async () => {
  const left = new AbortController();
  const handler = made((_, { signal }) => {
    queueMicrotask(() => left.abort());
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const request = requestOf({ name: "left", path: RANGE, body: utf8("{}") });
  expect((await handler(new Request(request, { signal: left.signal }))).status).toBe(499);
});
