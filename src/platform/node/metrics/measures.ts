import type { MethodCalls } from "./calls.ts";
import type { MetricsSources } from "./sources.ts";

/** One number of etcd's metrics, and where it is to be had. */
export interface Measure {
  readonly name: string;
  readonly help: string;
  readonly kind: "counter" | "gauge";
  read(sources: MetricsSources): number;
}

type Row = readonly [name: string, read: Measure["read"], help: string];

const GAUGES: readonly Row[] = [
  ["etcd_server_has_leader", () => 1, "Whether there is a leader: the one member is it."],
  ["etcd_server_is_leader", () => 1, "Whether this member leads."],
  ["etcd_server_is_learner", () => 0, "Whether this member is a learner."],
  ["etcd_server_proposals_committed_total", ({ etcd }) => etcd.raftIndex, "Proposals that were agreed on."],
  ["etcd_server_proposals_applied_total", ({ etcd }) => etcd.raftIndex, "Proposals that were applied."],
  ["etcd_server_proposals_pending", () => 0, "Proposals that wait: each is applied at once."],
  ["etcd_server_quota_backend_bytes", ({ etcd }) => etcd.quotaBytes, "Bytes stored before writes are refused."],
  ["etcd_mvcc_db_total_size_in_bytes", ({ etcd }) => etcd.databaseSize.totalBytes, "Bytes of the database."],
  [
    "etcd_mvcc_db_total_size_in_use_in_bytes",
    ({ etcd }) => etcd.databaseSize.inUseBytes,
    "Bytes of the database that are in use.",
  ],
  ["etcd_debugging_mvcc_current_revision", ({ etcd }) => etcd.store.revision, "The revision of the store."],
  [
    "etcd_debugging_mvcc_compact_revision",
    ({ etcd }) => etcd.store.compactRevision,
    "The revision it was compacted to.",
  ],
  ["etcd_debugging_mvcc_keys_total", ({ etcd }) => etcd.store.liveKeys, "Keys that are there."],
  ["etcd_debugging_mvcc_total_put_size_in_bytes", ({ etcd }) => etcd.counters.putBytes, "Bytes put."],
  ["etcd_debugging_mvcc_watcher_total", ({ etcd }) => etcd.watchers, "Watches that are open."],
  [
    "etcd_debugging_mvcc_watch_stream_total",
    ({ calls }) => calls.filter(isWatch).reduce((sum, one) => sum + openCalls(one), 0),
    "Streams of watches that are open.",
  ],
  ["etcd_debugging_auth_revision", ({ etcd }) => etcd.auth.revision, "The revision of users and roles."],
];

const COUNTERS: readonly Row[] = [
  ["etcd_server_leader_changes_seen_total", () => 1, "Leaders seen: one."],
  ["etcd_server_proposals_failed_total", () => 0, "Proposals that failed."],
  ["etcd_server_health_success", ({ probes }) => probes.healthSuccesses, "Times that /health was well."],
  ["etcd_server_health_failures", ({ probes }) => probes.healthFailures, "Times that /health was not well."],
  ["etcd_mvcc_range_total", ({ etcd }) => etcd.counters.ranges, "Ranges read."],
  ["etcd_mvcc_put_total", ({ etcd }) => etcd.counters.puts, "Puts."],
  ["etcd_mvcc_delete_total", ({ etcd }) => etcd.counters.deletes, "Deletes of keys or ranges."],
  ["etcd_mvcc_txn_total", ({ etcd }) => etcd.counters.txns, "Txns of more than one operation."],
  ["etcd_debugging_mvcc_events_total", ({ etcd }) => etcd.watchEvents, "Events that watches have delivered."],
  ["etcd_debugging_lease_granted_total", ({ etcd }) => etcd.counters.leasesGranted, "Leases granted."],
  ["etcd_debugging_lease_revoked_total", ({ etcd }) => etcd.counters.leasesRevoked, "Leases that ended."],
  ["etcd_debugging_lease_renewed_total", ({ etcd }) => etcd.counters.leasesRenewed, "Leases kept alive."],
  ["etcd_debugging_server_lease_expired_total", ({ etcd }) => etcd.counters.leasesExpired, "Leases that ran out."],
  [
    "etcd_network_client_grpc_received_bytes_total",
    ({ traffic }) => traffic.receivedBytes,
    "Bytes of messages that gRPC clients sent.",
  ],
  [
    "etcd_network_client_grpc_sent_bytes_total",
    ({ traffic }) => traffic.sentBytes,
    "Bytes of messages that gRPC clients got.",
  ],
];

/** Those without labels. */
export const SERVER_MEASURES: readonly Measure[] = [
  ...GAUGES.map(([name, read, help]) => ({ name, read, help, kind: "gauge" as const })),
  ...COUNTERS.map(([name, read, help]) => ({ name, read, help, kind: "counter" as const })),
];

function isWatch({ method }: MethodCalls): boolean {
  return method.name === "Watch" && method.parent.name === "Watch";
}

function openCalls({ started, handled }: MethodCalls): number {
  return started - handled.reduce((sum, count) => sum + count, 0);
}
