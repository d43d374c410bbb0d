/**
 * How long the event loop stands still, at the longest, while the store of this process has something long to do:
 * by the clock, of that how long it had no processor, which others took, our own threads among them, and in the thread's
 * own processor time.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, createRouterTransport, type Transport } from "@connectrpc/connect";
import { openEtcd } from "../../src/driver/index.ts";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { realClock } from "../../src/platform/node/clock.ts";
import { SqliteJournal } from "../../src/platform/node/journal/sqlite.ts";
import { etcdServices, type ServiceBinding, snapshotParts } from "../../src/rpc/index.ts";
import type { Etcd } from "../../src/server/index.ts";
import { cpuNowMs, print, waitedNowMs } from "./print.ts";
import { keysOf, newEtcd, put } from "./puts.ts";

/** Of a lease, and of a delete of a range. */
const MANY_KEYS = 100_000;
/** Of the lease that runs out, once it has its keys. */
const LEASE_TTL_SECONDS = 30;
const EXPIRING = 7n;
const REVOKED = 8n;
const BATCH = 5000;
const SETTLE_MS = 1500;

interface Subject {
  readonly etcd: Etcd;
  readonly transport: Transport;
  durable(): Promise<void>;
  close(): Promise<void>;
}

export async function pauses(scale: number): Promise<void> {
  await pausesOf("memory", scale, inMemory());
  const directory = mkdtempSync(join(tmpdir(), "etcdlite-bench-data-"));
  try {
    await pausesOf("disk", scale, await onDisk(directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function pausesOf(kind: string, scale: number, subject: Subject): Promise<void> {
  const { etcd, transport } = subject;
  const maintenance = createClient(Maintenance, transport);
  const keys = keysOf(1_000_000 * scale, 64);
  const many = MANY_KEYS * scale;
  const least = leastOf(keys, many);
  const steps: Record<string, () => Promise<unknown>> = {
    fill: () => putAll(subject, keys),
    idle: () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS)),
    hash: () => maintenance.hash({}),
    hash_kv: () => maintenance.hashKV({}),
    snapshot: async () => {
      let bytes = 0;
      // A transport in this process would make three copies more than a server's of each part.
      for await (const part of snapshotParts(etcd)) bytes += part.bytes.length;
      if (bytes === 0) throw new Error("the snapshot is empty");
    },
    overwrite: () => putAll(subject, keys),
    compact: () => createClient(KV, transport).compact({ revision: BigInt(etcd.store.revision), physical: true }),
    attach: () => attach(subject, keys, many),
    revoke: () => createClient(Lease, transport).leaseRevoke({ ID: REVOKED }),
    delete: () => deleteMany(transport, least, many),
    expire: () => expire(subject),
  };
  for (const [name, run] of Object.entries(steps)) {
    const { wallMs, waitedMs, cpuMs, tookMs } = await longestPause(run);
    print(`pause_${kind}_${name}_ms`, wallMs);
    print(`pause_${kind}_${name}_waited_ms`, waitedMs);
    print(`pause_${kind}_${name}_cpu_ms`, cpuMs);
    print(`pause_${kind}_${name}_took_ms`, tookMs);
  }
  await subject.close();
}

async function putAll({ etcd, durable }: Subject, keys: readonly string[]): Promise<void> {
  const value = new Uint8Array(256).fill(120);
  // As many a turn as a server takes from its sockets.
  for (let at = 0; at < keys.length; at++) {
    put(etcd, keys[at] as string, value);
    if (at % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
    if (at % BATCH === BATCH - 1) await durable();
  }
}

/** The first keys are one lease's, as many behind them another's. */
async function attach({ etcd, durable }: Subject, keys: readonly string[], many: number): Promise<void> {
  etcd.leaseGrant(EXPIRING, LEASE_TTL_SECONDS);
  etcd.leaseGrant(REVOKED, LEASE_TTL_SECONDS);
  const value = new Uint8Array(256).fill(120);
  for (let at = 0; at < 2 * many; at++) {
    const flags = { prevKv: false, ignoreValue: false, ignoreLease: false };
    etcd.put({ key: keys[at] as string, value, lease: at < many ? EXPIRING : REVOKED, ...flags });
    if (at % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
    if (at % BATCH === BATCH - 1) await durable();
    if (at % BATCH === BATCH - 1) for (const id of [EXPIRING, REVOKED]) etcd.leaseKeepAlive(id);
  }
}

/** The least of those that no lease has; what a lease has in between goes too. */
function leastOf(keys: readonly string[], many: number) {
  const sorted = keys.slice(2 * many).sort();
  const [key = "", rangeEnd = ""] = [sorted[0], sorted[many]];
  return { key: Buffer.from(key, "latin1"), rangeEnd: Buffer.from(rangeEnd, "latin1") };
}

async function deleteMany(transport: Transport, range: ReturnType<typeof leastOf>, many: number): Promise<void> {
  const { deleted } = await createClient(KV, transport).deleteRange(range);
  if (deleted < many) throw new Error(`${deleted} keys were deleted`);
}

async function expire({ etcd, durable }: Subject): Promise<void> {
  while (etcd.hasLease(EXPIRING) || etcd.isBusy) await new Promise((resolve) => setImmediate(resolve));
  await durable();
}

/** What is measured includes what comes of it a while later. */
async function longestPause(run: () => Promise<unknown>) {
  let wallMs = 0;
  let waitedMs = 0;
  let cpuMs = 0;
  let isRunning = true;
  const turns = (async () => {
    let at = performance.now();
    let cpu = cpuNowMs();
    let waited = waitedNowMs();
    while (isRunning) {
      await new Promise((resolve) => setImmediate(resolve));
      const now = performance.now();
      const cpuNow = cpuNowMs();
      const waitedNow = waitedNowMs();
      if (now - at > wallMs) {
        wallMs = now - at;
        waitedMs = waitedNow - waited;
      }
      cpuMs = Math.max(cpuMs, cpuNow - cpu);
      at = now;
      cpu = cpuNow;
      waited = waitedNow;
    }
  })();
  const startMs = performance.now();
  await run();
  const tookMs = performance.now() - startMs;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  isRunning = false;
  await turns;
  return { wallMs, waitedMs, cpuMs, tookMs };
}

function inMemory(): Subject {
  const etcd = newEtcd();
  const close = async (): Promise<void> => etcd.close();
  return { etcd, transport: transportOf(etcdServices(etcd)), durable: async () => {}, close };
}

async function onDisk(directory: string): Promise<Subject> {
  const journal = await SqliteJournal.open({ directory, unsafeNoFsync: false });
  const { etcd, bindings, durable, close } = await openEtcd({
    options: { clock: realClock, quotaBackendBytes: -1 },
    journal,
  });
  return { etcd, transport: transportOf(bindings), durable, close };
}

function transportOf(bindings: readonly ServiceBinding[]): Transport {
  return createRouterTransport((router) => {
    for (const { service, impl } of bindings) router.service(service, impl);
  });
}
