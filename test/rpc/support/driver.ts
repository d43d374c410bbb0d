/** The services behind the driver, kept by a journal that takes its time. */
import { onTestFinished } from "vitest";
import { openEtcd } from "../../../src/driver/index.ts";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { Cluster } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { Health } from "../../../src/gen/grpc/health/v1/health_pb.ts";
import { Election } from "../../../src/gen/v3electionpb/election_pb.ts";
import { Lock } from "../../../src/gen/v3lockpb/lock_pb.ts";
import { type Change, MemoryJournal } from "../../../src/journal/index.ts";
import type { EtcdOptions } from "../../../src/server/index.ts";
import { VirtualClock } from "../../support/clock.ts";
import { directClient } from "./direct.ts";
import type { Target } from "./target.ts";

class SlowJournal extends MemoryJournal {
  override async write(changes: readonly Change[]): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await super.write(changes);
  }
}

export async function driverTarget(options: Partial<EtcdOptions>): Promise<Target> {
  const clock = new VirtualClock(1_000_000);
  const kept = await openEtcd({
    options: { clock, ...options },
    journal: new SlowJournal(),
    services: { bcryptCost: 4 },
  });
  onTestFinished(() => kept.close());
  return {
    kv: directClient(KV, kept.bindings),
    watch: directClient(Watch, kept.bindings),
    lease: directClient(Lease, kept.bindings),
    maintenance: directClient(Maintenance, kept.bindings),
    cluster: directClient(Cluster, kept.bindings),
    auth: directClient(Auth, kept.bindings),
    lock: directClient(Lock, kept.bindings),
    election: directClient(Election, kept.bindings),
    health: directClient(Health, kept.bindings),
  };
}
