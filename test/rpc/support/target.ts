/**
 * The services under test, as clients see them: by default an Etcd in this process, its service methods called
 * directly. With RULES_AGAINST=etcd a fresh real etcd for each test instead, so that what the tests expect can
 * be held against it; tests that need this process's clock or insides are skipped then (`inProcess`).
 */
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { onTestFinished, test } from "vitest";
import { Lease as BrowserLease } from "../../../src/gen/etcdlite/v1/lease_pb.ts";
import { Watch as BrowserWatch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import { Cluster } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { etcdServices } from "../../../src/rpc/index.ts";
import { Etcd, type EtcdOptions } from "../../../src/server/index.ts";
import { VirtualClock } from "../../support/clock.ts";
import { startEtcd } from "../../support/etcd.ts";
import { directClient } from "./direct.ts";

export interface Target {
  readonly kv: Client<typeof KV>;
  readonly watch: Client<typeof Watch>;
  readonly lease: Client<typeof Lease>;
  readonly maintenance: Client<typeof Maintenance>;
  readonly cluster: Client<typeof Cluster>;
}

/** A target in this process: with its insides, its clock, and the services that etcd has not. */
export interface LocalTarget extends Target {
  readonly etcd: Etcd;
  readonly clock: VirtualClock;
  readonly browserWatch: Client<typeof BrowserWatch>;
  readonly browserLease: Client<typeof BrowserLease>;
}

const AGAINST_ETCD = process.env.RULES_AGAINST === "etcd";

/** A test that needs a LocalTarget. */
export const inProcess = test.skipIf(AGAINST_ETCD);

/** A fresh etcd for the test that calls; it ends with the test. */
export async function newTarget(options: Partial<EtcdOptions> = {}): Promise<Target> {
  return AGAINST_ETCD ? await realTarget(options) : localTarget(options);
}

export function localTarget(options: Partial<EtcdOptions> = {}): LocalTarget {
  const clock = new VirtualClock(1_000_000);
  const etcd = new Etcd({ clock, ...options });
  const bindings = etcdServices(etcd);
  onTestFinished(() => etcd.close());
  return {
    etcd,
    clock,
    kv: directClient(KV, bindings),
    watch: directClient(Watch, bindings),
    lease: directClient(Lease, bindings),
    maintenance: directClient(Maintenance, bindings),
    cluster: directClient(Cluster, bindings),
    browserWatch: directClient(BrowserWatch, bindings),
    browserLease: directClient(BrowserLease, bindings),
  };
}

async function realTarget(options: Partial<EtcdOptions>): Promise<Target> {
  const etcd = await startEtcd({ flags: flagsFor(options) });
  onTestFinished(() => etcd.stop());
  const transport = createGrpcTransport({ baseUrl: etcd.url });
  return {
    kv: createClient(KV, transport),
    watch: createClient(Watch, transport),
    lease: createClient(Lease, transport),
    maintenance: createClient(Maintenance, transport),
    cluster: createClient(Cluster, transport),
  };
}

function flagsFor(options: Partial<EtcdOptions>): string[] {
  const flags: string[] = [];
  if (options.maxTxnOps !== undefined) flags.push(`--max-txn-ops=${options.maxTxnOps}`);
  if (options.maxRequestBytes !== undefined) flags.push(`--max-request-bytes=${options.maxRequestBytes}`);
  if (options.quotaBackendBytes !== undefined) flags.push(`--quota-backend-bytes=${options.quotaBackendBytes}`);
  return flags;
}
