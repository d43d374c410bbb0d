/**
 * Every flag of etcd 3.7: those with a meaning here, and those that are taken and do nothing, so that a
 * command line written for etcd starts etcdlite too.
 */

export interface Flag {
  readonly name: string;
  /** As in `--name <value>`; a flag without one is a boolean, and takes `=true` or `=false` at most. */
  readonly value?: string;
  /** Heading in the help; flags without one do nothing and are not shown. */
  readonly group?: string;
  readonly help?: string;
}

const MEMBER = "Member:";
const CLUSTER = "Cluster (decides the IDs in headers, nothing more):";
const COMPACTION = "Compaction:";
const WEB = "Web pages:";
const LOGGING = "Logging:";

const EFFECTIVE: readonly Flag[] = [
  { name: "name", value: "name", group: MEMBER, help: "name of the member, default 'default'" },
  {
    name: "listen-client-urls",
    value: "urls",
    group: MEMBER,
    help: "comma-separated URLs to listen on, default http://localhost:2379; port 0 takes a free one",
  },
  { name: "listen-client-http-urls", value: "urls", group: MEMBER, help: "more URLs to listen on, the same is served" },
  {
    name: "advertise-client-urls",
    value: "urls",
    group: MEMBER,
    help: "URLs that MemberList tells clients, default those listened on",
  },
  { name: "data-dir", value: "path", group: MEMBER, help: "taken, but this version keeps everything in memory" },
  { name: "max-txn-ops", value: "n", group: MEMBER, help: "most operations in a txn, default 128" },
  { name: "max-request-bytes", value: "n", group: MEMBER, help: "largest request, default 1572864" },
  {
    name: "max-concurrent-streams",
    value: "n",
    group: MEMBER,
    help: "most streams at once on a connection, default no limit",
  },
  {
    name: "quota-backend-bytes",
    value: "n",
    group: MEMBER,
    help: "bytes stored before writes are refused, default 0 for 2 GiB, negative for no limit",
  },
  {
    name: "watch-progress-notify-interval",
    value: "duration",
    group: MEMBER,
    help: "time between progress notifications of idle watches, default 10m",
  },
  { name: "initial-advertise-peer-urls", value: "urls", group: CLUSTER, help: "default http://localhost:2380" },
  { name: "initial-cluster-token", value: "token", group: CLUSTER, help: "default 'etcd-cluster'" },
  { name: "auto-compaction-mode", value: "mode", group: COMPACTION, help: "periodic (default) or revision" },
  {
    name: "auto-compaction-retention",
    value: "length",
    group: COMPACTION,
    help: "periodic: hours, or a duration such as 5m; revision: a number of revisions; default 0 for none",
  },
  {
    name: "cors",
    value: "origins",
    group: WEB,
    help: "comma-separated origins of pages that may call, * for all; default pages of this machine",
  },
  {
    name: "host-whitelist",
    value: "hosts",
    group: WEB,
    help: "comma-separated hosts that HTTP requests may name, default * for all",
  },
  { name: "log-level", value: "level", group: LOGGING, help: "debug, info (default), warn, error, panic or fatal" },
  { name: "log-format", value: "format", group: LOGGING, help: "console (default) or json" },
];

/** Flags of etcd that switch TLS on: to be named with a warning of their own. */
const TLS_VALUES = [
  "cert-file",
  "key-file",
  "client-cert-file",
  "client-key-file",
  "client-crl-file",
  "client-cert-allowed-hostname",
  "trusted-ca-file",
];
const TLS_BOOLEANS = ["client-cert-auth", "auto-tls"];
export const TLS_FLAGS: ReadonlySet<string> = new Set([...TLS_VALUES, ...TLS_BOOLEANS]);

const IGNORED_VALUES = [
  ...["wal-dir", "snapshot-count", "heartbeat-interval", "election-timeout", "listen-peer-urls", "max-snapshots"],
  ...["max-wals", "backend-bbolt-freelist-type", "backend-batch-interval", "backend-batch-limit"],
  ...["grpc-keepalive-min-time", "grpc-keepalive-interval", "grpc-keepalive-timeout", "raft-read-timeout"],
  ...["raft-write-timeout", "feature-gates", "initial-cluster", "initial-cluster-state", "discovery"],
  ...["discovery-token", "discovery-endpoints", "discovery-dial-timeout", "discovery-request-timeout"],
  ...["discovery-keepalive-time", "discovery-keepalive-timeout", "discovery-cert", "discovery-key"],
  ...["discovery-cacert", "discovery-user", "discovery-password", "discovery-fallback", "discovery-proxy"],
  ...["discovery-srv", "discovery-srv-name", "v2-deprecation", "peer-cert-file", "peer-key-file"],
  ...["peer-client-cert-file", "peer-client-key-file", "peer-trusted-ca-file", "peer-cert-allowed-cn"],
  ...["peer-cert-allowed-hostname", "self-signed-cert-validity", "peer-crl-file", "cipher-suites"],
  ...["tls-min-version", "tls-max-version", "auth-token", "bcrypt-cost", "auth-token-ttl", "metrics"],
  ...["listen-metrics-urls", "logger", "log-outputs", "log-rotation-config-json", "warning-unary-request-duration"],
  ...["distributed-tracing-address", "distributed-tracing-service-name", "distributed-tracing-instance-id"],
  ...["distributed-tracing-sampling-rate", "corrupt-check-time", "compact-hash-check-time"],
  ...["compaction-batch-limit", "warning-apply-duration", "bootstrap-defrag-threshold-megabytes", "max-learners"],
  ...["compaction-sleep-interval", "downgrade-check-time", "snapshot-catchup-entries"],
  ...TLS_VALUES,
];

const IGNORED_BOOLEANS = [
  ...["initial-election-tick-advance", "memory-mlock", "socket-reuse-port", "socket-reuse-address"],
  ...["enable-grpc-gateway", "discovery-insecure-transport", "discovery-insecure-skip-tls-verify"],
  ...["strict-reconfig-check", "pre-vote", "peer-client-cert-auth", "peer-auto-tls", "enable-pprof"],
  ...["enable-log-rotation", "enable-distributed-tracing", "peer-skip-client-san-verification"],
  ...["force-new-cluster", "unsafe-no-fsync"],
  ...TLS_BOOLEANS,
];

export const FLAGS: readonly Flag[] = [
  ...EFFECTIVE,
  // Not one to be passed over in silence: it makes etcd ignore every other flag.
  { name: "config-file", value: "path" },
  ...IGNORED_VALUES.map((name) => ({ name, value: "value" })),
  ...IGNORED_BOOLEANS.map((name) => ({ name })),
];

export const EFFECTIVE_FLAGS: ReadonlySet<string> = new Set(EFFECTIVE.map(({ name }) => name));

/** The environment variable that stands for a flag: `--max-txn-ops` is `ETCD_MAX_TXN_OPS`. */
export function variableOf(flag: string): string {
  return `ETCD_${flag.toUpperCase().replaceAll("-", "_")}`;
}
