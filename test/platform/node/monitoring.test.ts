/** /health, /livez, /readyz, /version and /metrics: the same questions to etcdlite and, where there is one, to an etcd. */
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { AlarmRequest_AlarmAction, AlarmType, Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { findEtcd, freePorts, MISSING_ETCD, startEtcd, toolsAreRequired } from "../../support/etcd.ts";
import { createServer } from "./support/server.ts";

interface Subject {
  readonly url: string;
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

const TEXT = "text/plain; charset=utf-8";
const encoder = new TextEncoder();

async function get(url: string, path: string, method = "GET"): Promise<Answer> {
  const response = await fetch(url + path, { method });
  return { status: response.status, type: response.headers.get("content-type"), body: await response.text() };
}

function clientOf<S extends typeof KV | typeof Lease | typeof Maintenance>(service: S, url: string) {
  return createClient(service, createGrpcTransport({ baseUrl: url }));
}

/** The lines of a verbose answer in any order: etcd's order is that of a map. */
function sorted({ body, ...rest }: Answer): Answer {
  return { ...rest, body: body.split("\n").sort().join("\n") };
}

/** Name and value of every line, labels and all; of those that have them the labels are sorted. */
function valuesOf(page: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of page.split("\n")) {
    const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match === null) continue;
    const labels = match[2]?.split(",").sort().join(",");
    values.set(labels === undefined ? (match[1] as string) : `${match[1]}{${labels}}`, Number(match[3]));
  }
  return values;
}

type At = () => Subject;

function describeMonitored(start: () => Promise<Subject>): void {
  let subject: Subject;
  beforeAll(async () => {
    subject = await start();
  });
  afterAll(() => subject?.stop());
  for (const tests of [testProbes, testAlarms, testMetrics, testMetricsAddress]) tests(() => subject);
}

function testProbes(subject: At): void {
  test("HT5: a healthy server says so at each path, and in detail when asked", async () => {
    const well: Answer = { status: 200, type: TEXT, body: '{"health":"true","reason":""}' };
    for (const query of ["", "?serializable=true", "?exclude=NOSPACE", "?exclude=FOO"]) {
      expect(await get(subject().url, `/health${query}`)).toEqual(well);
    }
    const ok: Answer = { status: 200, type: TEXT, body: "ok\n" };
    const paths = ["/livez", "/readyz", "/livez/serializable_read", "/readyz/data_corruption", "/readyz/non_learner"];
    for (const path of [...paths, "/readyz/linearizable_read", "/livez?exclude=serializable_read&verbose"]) {
      expect(await get(subject().url, path)).toEqual(ok);
    }
    expect(await get(subject().url, "/livez?verbose")).toEqual({ ...ok, body: "[+]serializable_read ok\nok\n" });
    const checks = ["data_corruption", "linearizable_read", "non_learner", "serializable_read"];
    const lines = ["", "", ...checks.map((name) => `[+]${name} ok`), "ok"].slice(1);
    expect(sorted(await get(subject().url, "/readyz?verbose"))).toEqual({ ...ok, body: lines.join("\n") });
  });

  test("HT5: the versions of server, cluster and storage", async () => {
    const body = '{"etcdserver":"3.7.1","etcdcluster":"3.7.0","storage":"3.7.0"}';
    expect(await get(subject().url, "/version")).toEqual({ status: 200, type: "application/json", body });
  });

  test("HT5: only GET, and only what is there", async () => {
    for (const path of ["/health", "/livez", "/readyz/non_learner", "/version"]) {
      const answer = { status: 405, type: TEXT, body: "Method Not Allowed\n" };
      expect(await get(subject().url, path, "POST")).toEqual(answer);
    }
    for (const path of ["/readyz/nothing", "/metrics/", "/config/local/log", "/livez/data_corruption"]) {
      expect((await get(subject().url, path)).status).toBe(404);
    }
  });
}

function testAlarms(subject: At): void {
  test("HT5: an alarm makes a server unwell, unless it is excluded, and only corruption makes it unready", async () => {
    const maintenance = clientOf(Maintenance, subject().url);
    const memberID = (await maintenance.status({})).header?.memberId ?? 0n;
    const during = async (alarm: AlarmType, ask: () => Promise<void>): Promise<void> => {
      await maintenance.alarm({ action: AlarmRequest_AlarmAction.ACTIVATE, memberID, alarm });
      try {
        await ask();
      } finally {
        await maintenance.alarm({ action: AlarmRequest_AlarmAction.DEACTIVATE, memberID, alarm });
      }
    };
    await during(AlarmType.NOSPACE, async () => {
      const body = '{"health":"false","reason":"ALARM NOSPACE"}\n';
      expect(await get(subject().url, "/health")).toEqual({ status: 503, type: TEXT, body });
      expect((await get(subject().url, "/health?exclude=NOSPACE")).status).toBe(200);
      expect((await get(subject().url, "/readyz")).status).toBe(200);
    });
    await during(AlarmType.CORRUPT, async () => {
      const body = '{"health":"false","reason":"ALARM CORRUPT"}\n';
      expect(await get(subject().url, "/health?exclude=NOSPACE")).toEqual({ status: 503, type: TEXT, body });
      expect((await get(subject().url, "/livez")).status).toBe(200);
      const failed = "[-]data_corruption failed: alarm activated: CORRUPT";
      expect((await get(subject().url, "/readyz")).body).toContain(`${failed}\n`);
      expect(await get(subject().url, "/readyz/data_corruption")).toEqual({
        status: 503,
        type: TEXT,
        body: `${failed}\n\n`,
      });
      expect((await get(subject().url, "/readyz?exclude=data_corruption")).status).toBe(200);
    });
    expect((await get(subject().url, "/health")).status).toBe(200);
  });
}

function testMetrics(subject: At): void {
  test("HT5: metrics count what is done, by etcd's names", async () => {
    const page = async (): Promise<Map<string, number>> => valuesOf((await get(subject().url, "/metrics")).body);
    const kv = clientOf(KV, subject().url);
    const before = await page();
    const key = encoder.encode("k");
    await kv.put({ key, value: encoder.encode("value") });
    await kv.range({ key });
    await kv.range({ key, rangeEnd: encoder.encode("l") });
    await kv.txn({
      success: [
        { request: { case: "requestPut", value: { key: encoder.encode("k2") } } },
        { request: { case: "requestRange", value: { key } } },
        { request: { case: "requestDeleteRange", value: { key } } },
      ],
    });
    await kv.put({ key: new Uint8Array(0) }).catch(() => {});
    const lease = clientOf(Lease, subject().url);
    const { ID } = await lease.leaseGrant({ TTL: 100n });
    await lease.leaseRevoke({ ID });
    const after = await page();
    const grown = (name: string): number => (after.get(name) ?? Number.NaN) - (before.get(name) ?? 0);
    const of = (method: string, code?: string): string =>
      [
        ...(code === undefined ? [] : [`grpc_code="${code}"`]),
        ...[`grpc_method="${method}"`, 'grpc_service="etcdserverpb.KV"', 'grpc_type="unary"'],
      ].join(",");
    expect({
      puts: grown("etcd_mvcc_put_total"),
      ranges: grown("etcd_mvcc_range_total"),
      deletes: grown("etcd_mvcc_delete_total"),
      txns: grown("etcd_mvcc_txn_total"),
      keys: grown("etcd_debugging_mvcc_keys_total"),
      putBytes: grown("etcd_debugging_mvcc_total_put_size_in_bytes"),
      revision: grown("etcd_debugging_mvcc_current_revision"),
      granted: grown("etcd_debugging_lease_granted_total"),
      revoked: grown("etcd_debugging_lease_revoked_total"),
      started: grown(`grpc_server_started_total{${of("Put")}}`),
      well: grown(`grpc_server_handled_total{${of("Put", "OK")}}`),
      refused: grown(`grpc_server_handled_total{${of("Put", "InvalidArgument")}}`),
      sent: grown(`grpc_server_msg_sent_total{${of("Range")}}`),
    }).toEqual({
      ...{ puts: 2, ranges: 3, deletes: 1, txns: 1, keys: 1, putBytes: 8, revision: 2, granted: 1, revoked: 1 },
      ...{ started: 2, well: 1, refused: 1, sent: 2 },
    });
    expect(grown("etcd_network_client_grpc_received_bytes_total")).toBeGreaterThan(40);
    for (const name of ["etcd_server_has_leader", "etcd_server_is_leader", "etcd_server_leader_changes_seen_total"]) {
      expect(after.get(name)).toBe(1);
    }
    expect(after.get('etcd_server_version{server_version="3.7.1"}')).toBe(1);
    expect(after.get('etcd_cluster_version{cluster_version="3.7"}')).toBe(1);
    expect(after.get("etcd_server_quota_backend_bytes")).toBe(2 * 1024 ** 3);
    expect(after.get("process_resident_memory_bytes")).toBeGreaterThan(1e6);
  });
}

function testMetricsAddress(subject: At): void {
  test("HT5: addresses for metrics alone serve metrics and health, and nothing else", async () => {
    expect((await get(subject().metricsUrl, "/metrics")).body).toContain("etcd_server_has_leader 1\n");
    expect((await get(subject().metricsUrl, "/health")).status).toBe(200);
    expect((await get(subject().metricsUrl, "/readyz")).status).toBe(200);
    expect((await get(subject().metricsUrl, "/version")).status).toBe(404);
    expect((await get(subject().metricsUrl, "/etcdserverpb.KV/Range", "POST")).status).toBe(404);
  });
}

async function startEtcdlite(): Promise<Subject> {
  const server = await createServer({ listenMetricsUrls: ["http://127.0.0.1:0"], metrics: "extensive" });
  return { url: server.url, metricsUrl: server.metricsUrls[0] as string, stop: () => server.close() };
}

async function startRealEtcd(): Promise<Subject> {
  const metricsUrl = `http://127.0.0.1:${(await freePorts(1))[0]}`;
  const etcd = await startEtcd({ flags: ["--listen-metrics-urls", metricsUrl] });
  return { url: etcd.url, metricsUrl, stop: () => etcd.stop() };
}

describe("etcdlite", () => describeMonitored(startEtcdlite));

const hasEtcd = findEtcd() !== undefined || toolsAreRequired();
describe.skipIf(!hasEtcd)(hasEtcd ? "etcd" : `etcd: ${MISSING_ETCD}`, () => {
  describeMonitored(startRealEtcd);

  test("HT5: every metric of etcdlite that is not of its process is one of etcd's, of the same kind", async () => {
    const typesOf = async (start: () => Promise<Subject>): Promise<Set<string>> => {
      const subject = await start();
      // What has labels is listed once it has been asked for.
      await get(subject.url, "/readyz");
      const { body } = await get(subject.url, "/metrics");
      await subject.stop();
      return new Set(body.split("\n").filter((line) => line.startsWith("# TYPE ")));
    };
    const etcd = await typesOf(startRealEtcd);
    const ours = [...(await typesOf(startEtcdlite))].filter((line) => /^# TYPE (etcd|grpc)_/.test(line));
    expect(ours.length).toBeGreaterThan(30);
    const extensive = "# TYPE grpc_server_handling_seconds histogram";
    expect(ours.filter((line) => line !== extensive && !etcd.has(line))).toEqual([]);
    expect(ours).toContain(extensive);
  });
});

test("how long calls take is measured where it is asked for", async () => {
  await using server = await createServer({ metrics: "extensive" });
  await clientOf(KV, server.url).range({ key: encoder.encode("k") });
  const { body } = await get(server.url, "/metrics");
  expect(body).toMatch(/grpc_server_handling_seconds_count\{.*grpc_method="Range".*\} 1\n/);
  await using basic = await createServer();
  expect((await get(basic.url, "/metrics")).body).not.toContain("grpc_server_handling_seconds");
});
