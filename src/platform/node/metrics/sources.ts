import type { Probes } from "../../../rpc/index.ts";
import type { Etcd } from "../../../server/index.ts";
import type { MethodCalls } from "./calls.ts";
import type { Traffic } from "./traffic.ts";

/** Where the numbers come from. */
export interface MetricsSources {
  readonly etcd: Etcd;
  readonly calls: readonly MethodCalls[];
  readonly traffic: Traffic;
  readonly probes: Probes;
}
