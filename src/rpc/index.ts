/** The services: each method turns a message into a call of the etcd behind it, and the result into a message. */
import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { Keys } from "../gen/etcdlite/v1/keys_pb.ts";
import { Lease as BrowserLease } from "../gen/etcdlite/v1/lease_pb.ts";
import { Watch as BrowserWatch } from "../gen/etcdlite/v1/watch_pb.ts";
import { Cluster } from "../gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../gen/etcdserverpb/maintenance_pb.ts";
import { Watch } from "../gen/etcdserverpb/watch_pb.ts";
import type { Etcd } from "../server/index.ts";
import type { ServiceBinding } from "./binding.ts";
import { clusterService } from "./cluster.ts";
import { keysService } from "./keys.ts";
import { kvService } from "./kv.ts";
import { browserLeaseService, leaseService } from "./lease.ts";
import { maintenanceService } from "./maintenance.ts";
import { browserWatchService, watchService } from "./watch.ts";

export type { ServiceBinding } from "./binding.ts";
export { connectHandlers } from "./connect.ts";
export { type CallStatus, expectedStatus, faultStatus } from "./status.ts";
export { ETCD_VERSION } from "./version.ts";

export function etcdServices(etcd: Etcd): ServiceBinding[] {
  return [
    bind(KV, kvService(etcd)),
    bind(Watch, watchService(etcd)),
    bind(Lease, leaseService(etcd)),
    bind(Maintenance, maintenanceService(etcd)),
    bind(Cluster, clusterService(etcd)),
    bind(BrowserWatch, browserWatchService(etcd)),
    bind(BrowserLease, browserLeaseService(etcd)),
    bind(Keys, keysService(etcd)),
  ];
}

function bind<S extends DescService>(service: S, impl: Partial<ServiceImpl<S>>): ServiceBinding {
  return { service, impl } as unknown as ServiceBinding;
}
