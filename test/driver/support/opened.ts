/** An etcd that is kept by a journal in a test's hands, and its clients. */
import type { Client } from "@connectrpc/connect";
import { onTestFinished } from "vitest";
import { type OpenedEtcd, openEtcd } from "../../../src/driver/index.ts";
import { Keys } from "../../../src/gen/etcdlite/v1/keys_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { MemoryStorage } from "../../../src/journal/index.ts";
import type { EtcdOptions } from "../../../src/server/index.ts";
import { directClient } from "../../rpc/support/direct.ts";
import { VirtualClock } from "../../support/clock.ts";
import { HeldJournal } from "./held.ts";

export interface Opened {
  readonly kept: OpenedEtcd;
  readonly journal: HeldJournal;
  readonly storage: MemoryStorage;
  readonly clock: VirtualClock;
  readonly failures: unknown[];
  readonly kv: Client<typeof KV>;
  readonly watch: Client<typeof Watch>;
  readonly lease: Client<typeof Lease>;
  readonly maintenance: Client<typeof Maintenance>;
  readonly keys: Client<typeof Keys>;
}

/** Opens on what the storage holds; closed when the test ends, if not before. */
export async function open(storage = new MemoryStorage(), options: Partial<EtcdOptions> = {}): Promise<Opened> {
  const clock = new VirtualClock(1_000);
  const journal = new HeldJournal(storage);
  const failures: unknown[] = [];
  const onFailure = (error: unknown): void => {
    failures.push(error);
  };
  const kept = await openEtcd({ options: { clock, ...options }, journal, onFailure });
  onTestFinished(async () => {
    journal.release();
    await kept.close().catch(() => {});
  });
  journal.writes.length = 0;
  return {
    kept,
    journal,
    storage,
    clock,
    failures,
    kv: directClient(KV, kept.bindings),
    watch: directClient(Watch, kept.bindings),
    lease: directClient(Lease, kept.bindings),
    maintenance: directClient(Maintenance, kept.bindings),
    keys: directClient(Keys, kept.bindings),
  };
}

/** Time for everything that waits for nothing but its turn. */
export async function turns(): Promise<void> {
  for (let at = 0; at < 5; at++) await new Promise((resolve) => setImmediate(resolve));
}

/** What became of calls, in the order in which they ended. */
export class Outcomes {
  readonly ended: string[] = [];

  follow(name: string, call: Promise<unknown>): void {
    call.then(
      () => this.ended.push(name),
      (error: Error) => this.ended.push(`${name}: ${error.message}`),
    );
  }
}
