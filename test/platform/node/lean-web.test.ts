/** Connect and gRPC-Web by the lean road and by Connect's router, over connections: what a client sees is the same. */
import http from "node:http";
import http2 from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, onTestFinished, test } from "vitest";
import { KV, PutRequestSchema, RangeResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { etcdServices } from "../../../src/rpc/index.ts";
import { Etcd } from "../../../src/server/index.ts";
import { VirtualClock } from "../../support/clock.ts";
import { binding, startFront, type TestFront } from "./support/front.ts";
import { Later } from "./support/later.ts";
import { frame, PUT, RANGE } from "./support/raw.ts";

interface Row {
  readonly name: string;
  readonly path?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  /** With a pause after each. */
  readonly pieces?: readonly Uint8Array[];
}

interface Seen {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

const MAX_BYTES = 64 * 1024;
const put = toBinary(
  PutRequestSchema,
  create(PutRequestSchema, { key: Buffer.from("k"), value: Buffer.alloc(3000, 1) }),
);
const json = Buffer.from('{"key":"aw=="}');
const web = { "content-type": "application/grpc-web+proto" };
const proto = { "content-type": "application/proto" };
const lengthOf = (body: Uint8Array): http.OutgoingHttpHeaders => ({ "content-length": body.length });

const ROWS: readonly Row[] = [
  { name: "JSON", path: RANGE, pieces: [json] },
  { name: "JSON with its length", path: RANGE, headers: lengthOf(json), pieces: [json] },
  { name: "JSON in two pieces", path: RANGE, pieces: [json.subarray(0, 5), json.subarray(5)] },
  { name: "a binary message", headers: proto, pieces: [put] },
  { name: "a reply that is worth compressing", path: RANGE, headers: { "accept-encoding": "gzip" }, pieces: [json] },
  { name: "an empty body", headers: proto },
  { name: "an empty body of JSON" },
  { name: "no JSON", pieces: [Buffer.from("{")] },
  { name: "gRPC-Web", headers: web, pieces: [frame(put)] },
  { name: "gRPC-Web in two pieces", headers: web, pieces: [frame(put).subarray(0, 3), frame(put).subarray(3)] },
  { name: "gRPC-Web without a message", headers: web },
  { name: "gRPC-Web with half a message", headers: web, pieces: [frame(put).subarray(0, 100)] },
  { name: "gRPC-Web with two messages", headers: web, pieces: [frame(put), frame(put)] },
  { name: "gRPC-Web with JSON", headers: { "content-type": "application/grpc-web+json" }, pieces: [frame(json)] },
  { name: "an error", headers: proto, pieces: [new Uint8Array(0)] },
  { name: "a body that is too large", headers: proto, pieces: [Buffer.alloc(60_000), Buffer.alloc(60_000)] },
  { name: "a body that says it is", headers: { ...proto, "content-length": 120_000 }, pieces: [Buffer.alloc(120_000)] },
  { name: "gRPC-Web with a message that is", headers: web, pieces: [frame(Buffer.alloc(120_000))] },
  { name: "another type", headers: { "content-type": "text/plain" }, pieces: [json] },
  { name: "a path with a query", path: `${RANGE}?x=1`, pieces: [json] },
];

async function frontOf(fastPaths: boolean, h2?: "node" | "engine"): Promise<TestFront> {
  const etcd = new Etcd({ clock: new VirtualClock() });
  onTestFinished(() => etcd.close());
  return startFront({ bindings: etcdServices(etcd), fastPaths, ...(h2 && { h2 }), maxMessageBytes: MAX_BYTES });
}

const headersOf = ({ headers }: Row): http.OutgoingHttpHeaders => ({ "content-type": "application/json", ...headers });

function overHttp1(agent: http.Agent, { url }: TestFront, row: Row): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const request = http.request(url + (row.path ?? PUT), { method: "POST", headers: headersOf(row), agent });
    request.on("response", (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () => resolve(seen(response.statusCode, response.headers, pieces)));
    });
    request.on("error", reject);
    void send(request, row);
  });
}

function overHttp2(session: http2.ClientHttp2Session, row: Row): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": row.path ?? PUT, ...headersOf(row) });
    let head: http2.IncomingHttpHeaders = {};
    const pieces: Buffer[] = [];
    stream.on("response", (headers) => {
      head = headers;
    });
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.on("end", () => resolve(seen(head[":status"] as unknown as number, head, pieces)));
    stream.on("error", reject);
    void send(stream, row);
  });
}

async function send(request: NodeJS.WritableStream, { pieces = [] }: Row): Promise<void> {
  for (const piece of pieces) {
    request.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  request.end();
}

/** Of the connection, and not of the call. */
const IGNORED = new Set(["date", "content-length", "transfer-encoding", "connection", "keep-alive", ":status"]);

function seen(status: number | undefined, headers: http.IncomingHttpHeaders, pieces: readonly Buffer[]): Seen {
  const own = Object.entries(headers).filter(([name]) => !IGNORED.has(name));
  return { status, headers: Object.fromEntries(own), body: Buffer.concat(pieces).toString("latin1") };
}

describe("a client sees the same", () => {
  test("over HTTP/1.1, and its connection goes on", async () => {
    const [lean, plain] = [await frontOf(true), await frontOf(false)];
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    for (const row of ROWS) {
      const expected = await overHttp1(agent, plain, row);
      expect({ row: row.name, ...(await overHttp1(agent, lean, row)) }).toEqual({ row: row.name, ...expected });
    }
  });

  test.each(["node", "engine"] as const)("over HTTP/2 by %s", async (h2) => {
    const [lean, plain] = [await frontOf(true, h2), await frontOf(false, h2)];
    const sessions = [lean, plain].map(({ url }) => http2.connect(url));
    onTestFinished(() => {
      for (const session of sessions) session.destroy();
    });
    const [toLean, toPlain] = sessions as [http2.ClientHttp2Session, http2.ClientHttp2Session];
    for (const row of ROWS) {
      const expected = await overHttp2(toPlain, row);
      expect({ row: row.name, ...(await overHttp2(toLean, row)) }).toEqual({ row: row.name, ...expected });
    }
  });
});

test("a client that leaves ends a method that takes its time", async () => {
  const started = new Later<AbortSignal>();
  const range = (_: unknown, { signal }: { signal: AbortSignal }): Promise<never> => {
    started.resolve(signal);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const { url } = await startFront({ bindings: [binding(KV, { range })] });
  const request = http.request(url + RANGE, { method: "POST", headers: { "content-type": "application/json" } });
  request.on("error", () => {});
  request.end(json);
  const signal = await started.promise;
  const left = new Promise((resolve) => signal.addEventListener("abort", resolve));
  request.destroy();
  await left;
  expect(signal.reason).toMatchObject({ message: expect.stringContaining("cancel") });
});

test("a method that answers later is answered", async () => {
  const range = async () => create(RangeResponseSchema, { count: 7n });
  const { url } = await startFront({ bindings: [binding(KV, { range })] });
  const headers = { "content-type": "application/json" };
  const reply = await fetch(url + RANGE, { method: "POST", headers, body: "{}" });
  expect(await reply.json()).toEqual({ count: "7" });
});
