import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { Keys } from "../../../src/gen/etcdlite/v1/keys_pb.ts";
import { Lease as LeaseKeepAlive } from "../../../src/gen/etcdlite/v1/lease_pb.ts";
import { Watch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import { Cluster } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";

/** The services as the page uses them: what browsers cannot stream is etcdlite.v1's. */
export interface Clients {
  readonly kv: Client<typeof KV>;
  readonly watch: Client<typeof Watch>;
  readonly lease: Client<typeof Lease>;
  /** `leaseKeepAlive` of one lease, once. */
  readonly leaseKeepAlive: Client<typeof LeaseKeepAlive>;
  readonly maintenance: Client<typeof Maintenance>;
  readonly cluster: Client<typeof Cluster>;
  /** Trees and long lists; a server that is not etcdlite answers UNIMPLEMENTED. */
  readonly keys: Client<typeof Keys>;
}

export function clientsOf(transport: Transport): Clients {
  return {
    kv: createClient(KV, transport),
    watch: createClient(Watch, transport),
    lease: createClient(Lease, transport),
    leaseKeepAlive: createClient(LeaseKeepAlive, transport),
    maintenance: createClient(Maintenance, transport),
    cluster: createClient(Cluster, transport),
    keys: createClient(Keys, transport),
  };
}
