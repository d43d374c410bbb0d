/** Flags of etcd 3.7 that mean nothing to one member without peers. Their values are checked as etcd's. */
import type { FlagType } from "./flag-types.ts";

export const IDLE_FLAGS: readonly (readonly [FlagType, readonly string[]])[] = [
  [
    "string",
    [
      ...[
        "wal-dir",
        "backend-bbolt-freelist-type",
        "initial-cluster",
        "discovery",
        "discovery-token",
        "discovery-cert",
      ],
      ...["discovery-key", "discovery-cacert", "discovery-user", "discovery-password", "discovery-proxy"],
      ...["discovery-srv", "discovery-srv-name", "client-cert-file", "client-key-file", "peer-cert-file"],
      ...["peer-key-file", "peer-client-cert-file", "peer-client-key-file", "peer-trusted-ca-file", "peer-crl-file"],
      ...["logger", "distributed-tracing-address", "distributed-tracing-service-name"],
      "distributed-tracing-instance-id",
    ],
  ],
  ["strings", ["discovery-endpoints", "peer-cert-allowed-cn", "peer-cert-allowed-hostname"]],
  ["urls", ["listen-peer-urls"]],
  [
    "bool",
    [
      ...["initial-election-tick-advance", "memory-mlock", "socket-reuse-address", "discovery-insecure-transport"],
      ...["discovery-insecure-skip-tls-verify", "pre-vote", "peer-client-cert-auth", "peer-auto-tls", "enable-pprof"],
      ...["enable-distributed-tracing", "peer-skip-client-san-verification"],
      "force-new-cluster",
    ],
  ],
  [
    // Flags of long ago, which etcd 3.7 takes too.
    "ignored",
    [
      ...["cluster-active-size", "cluster-remove-delay", "cluster-sync-interval", "config", "force"],
      ...["max-result-buffer", "max-retry-attempts", "peer-heartbeat-interval", "peer-election-timeout"],
      ...["retry-interval", "snapshot", "v", "vv", "test.coverprofile", "test.outputdir"],
    ],
  ],
  [
    "uint",
    [
      ...["snapshot-count", "heartbeat-interval", "election-timeout", "max-snapshots", "max-wals"],
      ...["bootstrap-defrag-threshold-megabytes", "snapshot-catchup-entries"],
    ],
  ],
  ["int", ["backend-batch-limit", "distributed-tracing-sampling-rate", "compaction-batch-limit"]],
  [
    "duration",
    [
      ...["backend-batch-interval", "raft-read-timeout", "raft-write-timeout"],
      ...["discovery-dial-timeout", "discovery-request-timeout", "discovery-keepalive-time"],
      ...["discovery-keepalive-timeout", "corrupt-check-time", "compact-hash-check-time", "warning-apply-duration"],
      ...["compaction-sleep-interval", "downgrade-check-time"],
    ],
  ],
  ["feature gates", ["feature-gates"]],
  [["new", "existing"], ["initial-cluster-state"]],
  [["exit", "proxy"], ["discovery-fallback"]],
  [["write-only", "write-only-skip-check", "write-only-drop-data", "gone"], ["v2-deprecation"]],
];
