/** What calls tell the log: a line each on demand, a warning for slow ones as etcd's, and never a secret. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { Compare_CompareResult, Compare_CompareTarget, KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { createLog } from "../../../src/platform/node/cli/logger.ts";
import { createServer, type ServerOptions } from "../../../src/platform/node/index.ts";
import { compare, EVERYTHING, putOf, rangeOf } from "../../rpc/support/ops.ts";
import { bytes } from "../../rpc/support/show.ts";
import { findEtcd, MISSING_ETCD, startEtcd, toolsAreRequired } from "../../support/etcd.ts";

const ALONE = findEtcd() === undefined && !toolsAreRequired();
if (ALONE) console.log(`skipped: the warning of slow calls beside a real etcd: ${MISSING_ETCD}`);

const { VALUE } = Compare_CompareTarget;
const { EQUAL } = Compare_CompareResult;
const SECRET = "s3cret-of-mine";

type Line = Readonly<Record<string, unknown>>;

/** The command's own log, and what it wrote. */
async function start(options: ServerOptions, level: "debug" | "info" = "info") {
  let written = "";
  const stderr = { write: (text: string) => (written += text) } as unknown as NodeJS.WritableStream;
  const log = createLog({ level, format: "json", outputs: ["stderr"] }, { stdout: stderr, stderr });
  const server = await createServer({ closeGraceMs: 0, ...options, log });
  onTestFinished(() => server.close());
  const lines = (): Line[] =>
    written
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line);
  return { server, log, text: () => written, lines, calls: () => lines().filter(({ msg }) => msg === "call") };
}

function clientsOf(url: string, token?: string) {
  const authorize: Interceptor = (next) => (request) => {
    if (token !== undefined) request.header.set("token", token);
    return next(request);
  };
  const transport = createGrpcTransport({ baseUrl: url, interceptors: [authorize] });
  return {
    kv: createClient(KV, transport),
    auth: createClient(Auth, transport),
    lease: createClient(Lease, transport),
    watch: createClient(Watch, transport),
  };
}

test("a call is one line with its method, code, duration, sizes, revision and client", async () => {
  const { server, calls } = await start({ logRequests: true });
  const { kv } = clientsOf(server.url);
  await kv.put(putOf("k", SECRET));
  await kv.range(rangeOf("k"));
  await expect(kv.range(rangeOf(""))).rejects.toThrow("key is not provided");
  const common = { level: "info", ts: expect.any(String), ms: expect.any(Number) };
  const from = { remote: expect.stringMatching(/^127\.0\.0\.1:\d+$/) };
  expect(calls()).toEqual([
    {
      ...{ ...common, ...from, msg: "call", method: "/etcdserverpb.KV/Put", code: "OK" },
      ...{ requestBytes: 19, responseBytes: expect.any(Number), revision: 2 },
    },
    {
      ...{ ...common, ...from, msg: "call", method: "/etcdserverpb.KV/Range", code: "OK" },
      ...{ requestBytes: 3, responseBytes: expect.any(Number), revision: 2 },
    },
    {
      ...{ ...common, ...from, msg: "call", method: "/etcdserverpb.KV/Range", code: "INVALID_ARGUMENT" },
      ...{ requestBytes: 0, responseBytes: 0 },
    },
  ]);
});

test("a stream is one line when it is over, and every way in is told of", async () => {
  const { server, calls } = await start({ logRequests: true });
  const { watch } = clientsOf(server.url);
  const web = createClient(KV, createGrpcWebTransport({ baseUrl: server.url, httpVersion: "1.1" }));
  await web.put(putOf("k", "v"));
  await fetch(`${server.url}/v3/kv/put`, { method: "POST", body: '{"key":"aw==","value":"dg=="}' });
  const left = new AbortController();
  const requests = async function* () {
    yield { requestUnion: { case: "createRequest" as const, value: { ...EVERYTHING, startRevision: 2n } } };
    await new Promise(() => {});
  };
  const responses = watch.watch(requests(), { signal: left.signal })[Symbol.asyncIterator]();
  await responses.next();
  await responses.next();
  left.abort();
  await expect(responses.next()).rejects.toThrow();
  await expect.poll(() => calls().length).toBe(3);
  const remote = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
  expect(calls()).toMatchObject([
    { method: "/etcdserverpb.KV/Put", code: "OK", revision: 2, remote },
    { method: "/etcdserverpb.KV/Put", code: "OK", revision: 3, remote },
    { method: "/etcdserverpb.Watch/Watch", code: "CANCELLED", requests: 1, responses: 2, revision: 3, remote },
  ]);
});

test("the user is told, and never a password, a token or a value", async () => {
  const { server, log, text, calls } = await start({ warningUnaryRequestDurationMs: -1, bcryptCost: 4 }, "debug");
  const { auth } = clientsOf(server.url);
  await auth.userAdd({ name: "root", password: SECRET });
  await auth.userGrantRole({ user: "root", role: "root" });
  await auth.authEnable({});
  await auth.userChangePassword({ name: "root", password: SECRET }).catch(() => {});
  const { token } = await auth.authenticate({ name: "root", password: SECRET });
  const { kv } = clientsOf(server.url, token);
  await kv.put(putOf("k", SECRET));
  await kv.txn({
    compare: [compare("k", VALUE, EQUAL, { case: "value", value: bytes(SECRET) })],
    success: [{ request: { case: "requestPut", value: putOf("k", SECRET) } }],
  });
  await expect(clientsOf(server.url, "no token").kv.range(rangeOf("k"))).rejects.toThrow("invalid auth token");
  const users = calls().map(({ method, user }) => [method, user]);
  expect(users).toContainEqual(["/etcdserverpb.KV/Put", "root"]);
  expect(users.at(-1)).toEqual(["/etcdserverpb.KV/Range", undefined]);
  for (const secret of [SECRET, btoa(SECRET), Buffer.from(SECRET).toString("hex"), token]) {
    expect(text()).not.toContain(secret);
  }
  expect(log.level).toBe("debug");
});

test("with a level above debug there is nothing, until the level changes", async () => {
  const { server, log, lines } = await start({});
  const { kv } = clientsOf(server.url);
  await kv.range(rangeOf("k"));
  expect(lines()).toEqual([]);
  log.level = "debug";
  await kv.range(rangeOf("k"));
  log.level = "info";
  await kv.range(rangeOf("k"));
  expect(lines().filter(({ msg }) => msg === "call")).toMatchObject([{ level: "debug", code: "OK" }]);
});

test("only a call that takes longer is worth a warning", async () => {
  const { server, lines } = await start({ warningUnaryRequestDurationMs: 600_000 });
  await clientsOf(server.url).kv.range(rangeOf("k"));
  expect(lines()).toEqual([]);
});

/** Calls of each kind that etcd has figures for, and one it has none for. */
async function callEach(url: string): Promise<void> {
  const { kv, lease } = clientsOf(url);
  await kv.put(putOf("key", "value"));
  await kv.range(rangeOf("key"));
  await kv.range(rangeOf("")).catch(() => {});
  await kv.txn({
    compare: [compare("key", VALUE, EQUAL, { case: "value", value: bytes("value") })],
    success: [
      { request: { case: "requestPut", value: putOf("key", "other") } },
      { request: { case: "requestRange", value: { key: bytes("key") } } },
    ],
    failure: [{ request: { case: "requestDeleteRange", value: { key: bytes("key") } } }],
  });
  await kv.deleteRange({ key: bytes("key"), rangeEnd: bytes("kez"), prevKv: true });
  await lease.leaseGrant({ TTL: 60n });
}

/** All but what differs from run to run; of the content only what there is of it. */
function comparable(lines: readonly Line[]): unknown[] {
  return lines
    .filter(({ msg }) => msg === "request stats")
    .map(({ caller, ts, remote, "start time": start, "time spent": spent, "response size": size, ...rest }) => ({
      ...rest,
      "request content": String(rest["request content"]).match(/value_size|"[^"]*"/g) ?? [],
      "response size": size === -1 || size === 0 ? size : "some",
      isTimed: [typeof ts, typeof start, /^[\d.]+(µs|ms|s)$/.test(String(spent))],
      hasRemote: /^127\.0\.0\.1:\d+$/.test(String(remote)),
    }));
}

test.skipIf(ALONE)("the warning of a slow unary call has etcd's fields and figures", async () => {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "etcd.log");
  const flags = ["--warning-unary-request-duration=1ns", "--log-level=warn", "--log-format=json"];
  const etcd = await startEtcd({ flags: [...flags, "--log-outputs", file] });
  onTestFinished(() => etcd.stop());
  const { server, lines } = await start({ warningUnaryRequestDurationMs: 1e-6 });
  await callEach(etcd.url);
  await callEach(server.url);
  const theirs = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.includes('"msg":"request stats"'))
    .map((line) => JSON.parse(line) as Line);
  const ours = comparable(lines());
  expect(ours).toHaveLength(6);
  expect(ours).toEqual(comparable(theirs));
});
