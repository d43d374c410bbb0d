/**
 * The services under test, as clients see them: by default an Etcd in this process, its service methods called
 * directly. RULES_AGAINST has others in its place, a fresh one for each test:
 *
 *     etcd     a real etcd, so that what the tests expect can be held against it; tests that need this process's
 *              clock or insides are skipped then (`inProcess`)
 *     bridge   a store behind the bridge of src/platform/browser: in a browser in a worker of its own, in Node at
 *              the other end of a MessageChannel
 *     driver   an Etcd in this process, kept by a journal that is slow
 *     service-worker   in a browser: a store by URL
 *     others   a store over HTTP, in this runtime or in another one: see runtimes.ts
 */
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { onTestFinished, test } from "vitest";
import { Keys } from "../../../src/gen/etcdlite/v1/keys_pb.ts";
import { Lease as BrowserLease } from "../../../src/gen/etcdlite/v1/lease_pb.ts";
import { Watch as BrowserWatch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { Cluster } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { Health } from "../../../src/gen/grpc/health/v1/health_pb.ts";
import { Election } from "../../../src/gen/v3electionpb/election_pb.ts";
import { Lock } from "../../../src/gen/v3lockpb/lock_pb.ts";
import { etcdServices, type ServiceOptions } from "../../../src/rpc/index.ts";
import { Etcd, type EtcdOptions } from "../../../src/server/index.ts";
import { VirtualClock } from "../../support/clock.ts";
import { directClient } from "./direct.ts";
import type { RuntimeSettings } from "./runtimes.ts";

export interface Target {
  readonly kv: Client<typeof KV>;
  readonly watch: Client<typeof Watch>;
  readonly lease: Client<typeof Lease>;
  readonly maintenance: Client<typeof Maintenance>;
  readonly cluster: Client<typeof Cluster>;
  readonly auth: Client<typeof Auth>;
  readonly lock: Client<typeof Lock>;
  readonly election: Client<typeof Election>;
  readonly health: Client<typeof Health>;
}

/** A target in this process: with its insides, its clock, and the services that etcd has not. */
export interface LocalTarget extends Target {
  readonly etcd: Etcd;
  readonly clock: VirtualClock;
  readonly browserWatch: Client<typeof BrowserWatch>;
  readonly browserLease: Client<typeof BrowserLease>;
  readonly keys: Client<typeof Keys>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Node's; in a browser Vite's, which is put in for these very words. */
const env: Variables = {
  ...(import.meta as unknown as { env: Variables }).env,
  ...(globalThis as { process?: { env?: Variables } }).process?.env,
};
const AGAINST = env.RULES_AGAINST ?? "process";
/** Not in this process, or not reached as if it were. */
const IS_ELSEWHERE = !["process", "driver", "bridge"].includes(AGAINST);

/** Least cost of a password: tests check many. */
const CHEAP = 4;

/** Where a header without a value does not arrive at all. */
export const DROPS_EMPTY_HEADERS = AGAINST === "workerd";

/** A test that needs a LocalTarget. */
export const inProcess = test.skipIf(IS_ELSEWHERE);

declare module "vitest" {
  interface TaskMeta {
    /** Where the test's target ran; a test without has said nothing of that place. */
    target?: string;
    /** What the test did there that cannot be done: a reason for its failure, if it has failed. */
    cannot?: string;
  }
}

/** A fresh etcd for the test that calls; it ends with the test. */
export async function newTarget(options: Partial<EtcdOptions> = {}): Promise<Target> {
  onTestFinished(({ task }) => {
    task.meta.target = AGAINST;
  });
  if (AGAINST === "process") return localTarget(options);
  // Each is loaded where it is used: one needs Node, another, in a browser, a browser.
  if (AGAINST === "driver") return (await import("./driver.ts")).driverTarget(options);
  // A clock is of this process; elsewhere time goes on by itself.
  const { clock: _, ...settings } = options;
  return clientsOf(await transportElsewhere(settings));
}

async function transportElsewhere(options: Partial<EtcdOptions>): Promise<Transport> {
  if (AGAINST === "etcd") return (await import("./real.ts")).realTransport(options);
  if (AGAINST === "bridge") return (await import("./bridge.ts")).bridgeTransport(options);
  const { RULES_PROTOCOL: protocol = "connect", RULES_HTTP_VERSION: httpVersion = "1.1" } = env;
  if (AGAINST === "service-worker") {
    return (await import("./service-worker.ts")).serviceWorkerTransport(protocol, options);
  }
  const settings = { protocol, httpVersion, h2: env.RULES_H2, hostUrl: env.RULES_URL } as RuntimeSettings;
  return (await import("./runtimes.ts")).runtimeTransport(AGAINST, options, settings);
}

export function localTarget(options: Partial<EtcdOptions> = {}, services: ServiceOptions = {}): LocalTarget {
  const clock = new VirtualClock(1_000_000);
  const etcd = new Etcd({ clock, ...options });
  const bindings = etcdServices(etcd, { bcryptCost: CHEAP, ...services });
  onTestFinished(() => etcd.close());
  return {
    etcd,
    clock,
    kv: directClient(KV, bindings),
    watch: directClient(Watch, bindings),
    lease: directClient(Lease, bindings),
    maintenance: directClient(Maintenance, bindings),
    cluster: directClient(Cluster, bindings),
    auth: directClient(Auth, bindings),
    lock: directClient(Lock, bindings),
    election: directClient(Election, bindings),
    health: directClient(Health, bindings),
    browserWatch: directClient(BrowserWatch, bindings),
    browserLease: directClient(BrowserLease, bindings),
    keys: directClient(Keys, bindings),
  };
}

function clientsOf(transport: Transport): Target {
  return {
    kv: createClient(KV, transport),
    watch: createClient(Watch, transport),
    lease: createClient(Lease, transport),
    maintenance: createClient(Maintenance, transport),
    cluster: createClient(Cluster, transport),
    auth: createClient(Auth, transport),
    lock: createClient(Lock, transport),
    election: createClient(Election, transport),
    health: createClient(Health, transport),
  };
}
