/**
 * The flags: those with a meaning here, and every other one of etcd 3.7, so that a command line written for
 * etcd starts etcdlite too.
 */
import type { FlagType } from "./flag-types.ts";
import { IDLE_FLAGS } from "./idle-flags.ts";
import { LIMIT_FLAGS } from "./limit-flags.ts";
import { OLD_FLAGS } from "./old-flags.ts";

export interface Flag {
  readonly name: string;
  readonly type: FlagType;
  /** As in `--name <value>`, for the help. */
  readonly value?: string;
  /** Heading in the help; flags without one do nothing and are not shown. */
  readonly group?: string;
  readonly help?: string;
}

type Row = readonly [name: string, type: FlagType, value: string | undefined, help: string];

function group(heading: string, rows: readonly Row[]): Flag[] {
  return rows.map(([name, type, value, help]) => ({ name, type, ...(value && { value }), group: heading, help }));
}

function ungrouped(lists: readonly (readonly [FlagType, readonly string[]])[]): Flag[] {
  return lists.flatMap(([type, names]) => names.map((name) => ({ name, type })));
}

const EFFECTIVE: readonly Flag[] = [
  ...group("Member:", [
    ["name", "string", "name", "name of the member, default 'default'"],
    [
      "listen-client-urls",
      "urls",
      "urls",
      "comma-separated: http, https, unix or unixs; default http://localhost:2379",
    ],
    ["listen-client-http-urls", "urls", "urls", "more URLs to listen on, the same is served"],
    ["advertise-client-urls", "urls", "urls", "URLs that MemberList tells clients, default those listened on"],
    ["data-dir", "string", "path", "folder to keep everything in, default none: in memory until the stop"],
    ["unsafe-no-fsync", "bool", "true", "do not wait for the disk: a crash of the machine may lose everything"],
    ["from-snapshot", "string", "file", "begin with what etcdctl snapshot save has saved, or an etcd's member/snap/db"],
    ["config-file", "string", "file", "YAML, as etcd's; with it other flags, and variables, are not looked at"],
    ["max-txn-ops", "uint", "n", "most operations in a txn, default 128"],
    [
      "quota-backend-bytes",
      "int",
      "n",
      "bytes stored before writes are refused, default 0 for 2 GiB, negative for no limit",
    ],
    [
      "watch-progress-notify-interval",
      "duration",
      "duration",
      "time between notifications of idle watches, default 10m",
    ],
    [
      "grpc-keepalive-interval",
      "duration",
      "duration",
      "silence of a connection that is worth a ping, default 2h, 0 for none",
    ],
    ["grpc-keepalive-timeout", "duration", "duration", "for the answer to a ping, default 20s"],
    ["h2", "string", "by", "who speaks HTTP/2: engine (default), or node for Node's own"],
    [
      "fast-paths",
      "bool",
      undefined,
      "=false has every call go the plain road, by node:http2 and Connect (default true)",
    ],
    ["socket-reuse-port", "bool", undefined, "share the ports with other servers that do"],
    ["enable-grpc-gateway", "bool", undefined, "the JSON gateway at /v3/, default true"],
  ]),
  ...group(
    "Limits:",
    LIMIT_FLAGS.map(({ name, type, value, help }): Row => [name, type, value, help]),
  ),
  ...group("Cluster:", [
    ["initial-advertise-peer-urls", "urls", "urls", "decides the member's ID, default http://localhost:2380"],
    ["initial-cluster-token", "string", "token", "decides the cluster's ID, default 'etcd-cluster'"],
    ["max-learners", "int", "n", "most members without a vote, default 1"],
    ["strict-reconfig-check", "bool", undefined, "refuse changes that lose the majority, default true"],
  ]),
  ...group("Compaction:", [
    ["auto-compaction-mode", "string", "mode", "periodic (default) or revision"],
    [
      "auto-compaction-retention",
      "string",
      "length",
      "hours or a duration; by revision a number of them; default 0: none",
    ],
  ]),
  ...group("TLS:", [
    ["cert-file", "string", "file", "the server's certificate, read again when it changes"],
    ["key-file", "string", "file", "its key"],
    ["trusted-ca-file", "string", "file", "authorities of clients' certificates, which are needed then"],
    ["client-cert-auth", "bool", undefined, "clients need a certificate, whose common name is their user"],
    ["client-cert-allowed-hostname", "strings", "names", "of which a client's certificate must be for one"],
    ["client-crl-file", "string", "file", "revoked certificates"],
    ["auto-tls", "bool", undefined, "without a certificate, make one"],
    ["self-signed-cert-validity", "uint", "years", "of one that is made, default 1"],
    ["cipher-suites", "strings", "names", "for TLS 1.2, by Go's names"],
    ["tls-min-version", "string", "version", "TLS1.2 (default) or TLS1.3"],
    ["tls-max-version", "string", "version", "TLS1.2 or TLS1.3"],
  ]),
  ...group("Auth:", [
    ["auth-token", "string", "type", "simple (default) or jwt,… as etcd has it"],
    ["auth-token-ttl", "uint", "seconds", "of a simple token that nobody uses, default 300"],
    ["bcrypt-cost", "uint", "n", "of new passwords, 4 to 31, default 10"],
  ]),
  ...group("Web pages:", [
    [
      "cors",
      "origins",
      "origins",
      "comma-separated origins of pages that may call, * for all; default pages of this machine",
    ],
    [
      "host-whitelist",
      "strings",
      "hosts",
      "hosts that HTTP requests without TLS may name, * for all; default all, but on loopback no name with a dot",
    ],
  ]),
  ...group("Monitoring:", [
    ["listen-metrics-urls", "urls", "urls", "where metrics and health alone are served"],
    ["metrics", "string", "level", "basic (default) or extensive"],
  ]),
  ...group("Logging:", [
    ["log-level", "string", "level", "debug, info (default), warn, error, panic or fatal"],
    ["log-format", "string", "format", "console (default) or json"],
    ["log-outputs", "strings", "outputs", "stderr (default), stdout, files"],
    ["enable-log-rotation", "bool", undefined, "put the file of --log-outputs aside when it is full"],
    ["log-rotation-config-json", "string", "json", "maxsize (MiB), maxage (days), maxbackups, localtime, compress"],
    ["log-requests", "bool", undefined, "a line for each call, which --log-level debug has too"],
    ["warning-unary-request-duration", "duration", "duration", "a slower unary call is worth a warning, default 300ms"],
  ]),
];

/** Checked, and of no consequence. */
const IDLE = ungrouped(IDLE_FLAGS);
/** Of older versions, and of no consequence either. */
const OLD = ungrouped(OLD_FLAGS);

/** Every flag of etcd 3.7. */
export const FLAGS: readonly Flag[] = [...EFFECTIVE, ...IDLE];

/** Part of a config file only. */
export const CLIENT_CERT_ALLOWED_CN: Flag = { name: "client-cert-allowed-cn", type: "strings" };

const IDLE_NAMES = new Set(IDLE.map(({ name }) => name));
const BY_NAME = new Map(FLAGS.map((flag) => [flag.name, flag]));
const OLD_BY_NAME = new Map(OLD.map((flag) => [flag.name, flag]));
const EXPERIMENTAL = "experimental-";

export function isIdle(name: string): boolean {
  return IDLE_NAMES.has(name);
}

export interface Found {
  readonly flag: Flag;
  /** What the user should know of an older name. */
  readonly warning?: string;
}

/** By the name it has in etcd 3.7, or had in versions before that. */
export function findFlag(name: string): Found | undefined {
  const flag = BY_NAME.get(name);
  if (flag !== undefined) return { flag };
  const old = OLD_BY_NAME.get(name);
  if (old !== undefined) return { flag: old, warning: `--${name} is of an older etcd, and without effect` };
  const now = name.startsWith(EXPERIMENTAL) ? BY_NAME.get(name.slice(EXPERIMENTAL.length)) : undefined;
  return now && { flag: now, warning: `--${name} is of an older etcd: it is --${now.name} now` };
}

/** All names that `findFlag` knows. */
export function flagNames(): string[] {
  return [...FLAGS.flatMap(({ name }) => [name, `${EXPERIMENTAL}${name}`]), ...OLD.map(({ name }) => name)];
}

/** The environment variable that stands for a flag: `--max-txn-ops` is `ETCD_MAX_TXN_OPS`. */
export function variableOf(flag: string): string {
  return `ETCD_${flag.toUpperCase().replaceAll("-", "_")}`;
}
