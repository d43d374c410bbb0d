/** From the values of the flags to what the server takes. Every complaint is one line that names the flag. */
import { parseDuration } from "../duration.ts";
import { ConfigError, parseAdvertisedUrl, parseListenUrl } from "../listen/urls.ts";
import type { ServerOptions } from "../server-options.ts";
import { checkIdleFlags } from "./checks.ts";
import { isIdle } from "./flags.ts";
import { limitOptions } from "./limit-settings.ts";
import { logSettings } from "./log-settings.ts";
import type { LogSettings } from "./logger.ts";
import { tlsOptions } from "./tls-settings.ts";
import type { Values } from "./values.ts";

export interface Settings {
  readonly server: ServerOptions;
  readonly log: LogSettings;
  /** What the user should know before it starts. */
  readonly notices: readonly string[];
}

const DEFAULT_URL = "http://localhost:2379";
const HOUR_MS = 3_600_000;
/** bcrypt's own bounds. */
const MIN_BCRYPT_COST = 4;
const MAX_BCRYPT_COST = 31;

/** @throws ConfigError */
export function settingsOf(values: Values, address: string | undefined): Settings {
  const log = logSettings(values);
  const server = serverOptions(values, address);
  checkIdleFlags(values);
  return { server, log, notices: notices(values) };
}

function serverOptions(values: Values, address: string | undefined): ServerOptions {
  const listen = listenUrls(values, address);
  const bcryptCost = values.number("bcrypt-cost");
  return {
    name: values.text("name"),
    listenClientUrls: listen ?? [DEFAULT_URL],
    tls: tlsOptions(values),
    listenMetricsUrls: urls(values, "listen-metrics-urls", checkedListenUrl),
    metrics: values.text("metrics") === "extensive" ? "extensive" : undefined,
    // etcd's own default is its URL's name, not its number.
    advertiseClientUrls:
      urls(values, "advertise-client-urls", parseAdvertisedUrl) ?? (listen ? undefined : [DEFAULT_URL]),
    initialAdvertisePeerUrls: urls(values, "initial-advertise-peer-urls", parseAdvertisedUrl),
    initialClusterToken: values.text("initial-cluster-token"),
    maxTxnOps: values.number("max-txn-ops"),
    ...limitOptions(values),
    grpcKeepaliveIntervalMs: values.durationMs("grpc-keepalive-interval"),
    grpcKeepaliveTimeoutMs: values.durationMs("grpc-keepalive-timeout"),
    h2: h2Engine(values),
    fastPaths: values.bool("fast-paths"),
    socketReusePort: values.bool("socket-reuse-port"),
    quotaBackendBytes: values.number("quota-backend-bytes"),
    ...compactionRetention(values),
    watchProgressNotifyIntervalMs: values.durationMs("watch-progress-notify-interval"),
    authToken: values.text("auth-token"),
    authTokenTtlSeconds: values.number("auth-token-ttl"),
    bcryptCost: bcryptCost !== undefined && isBcryptCost(bcryptCost) ? bcryptCost : undefined,
    maxLearners: values.number("max-learners"),
    strictReconfigCheck: values.bool("strict-reconfig-check"),
    enableGrpcGateway: values.bool("enable-grpc-gateway"),
    cors: origins(values),
    hostWhitelist: values.list("host-whitelist"),
    dataDir: values.path("data-dir"),
    unsafeNoFsync: values.bool("unsafe-no-fsync"),
    fromSnapshot: values.path("from-snapshot"),
    logRequests: values.bool("log-requests"),
    // etcd takes 0 for its default.
    warningUnaryRequestDurationMs: values.durationMs("warning-unary-request-duration") || undefined,
  };
}

function listenUrls(values: Values, address: string | undefined): string[] | undefined {
  const flagged = urls(values, "listen-client-urls", checkedListenUrl);
  if (address !== undefined) {
    if (flagged !== undefined) throw new ConfigError(`both an address (${address}) and --listen-client-urls are given`);
    return [addressUrl(address)];
  }
  const more = urls(values, "listen-client-http-urls", checkedListenUrl) ?? [];
  if (flagged === undefined && more.length === 0) return undefined;
  const both = more.find((url) => flagged?.includes(url));
  if (both !== undefined) {
    throw new ConfigError(`both --listen-client-urls and --listen-client-http-urls have the URL ${both}`);
  }
  return [...(flagged ?? [DEFAULT_URL]), ...more];
}

/** `127.0.0.1:2379`, `2379` on this machine alone, `:2379` on every interface, or a URL. */
function addressUrl(address: string): string {
  let url = address;
  if (/^\d+$/.test(address)) url = `http://localhost:${address}`;
  else if (!/^[a-z]+:\/|^unixs?:/i.test(address)) url = `http://${address}`;
  try {
    return checkedListenUrl(url);
  } catch {
    throw new ConfigError(`${JSON.stringify(address)} is neither a flag nor an address such as 127.0.0.1:2379`);
  }
}

function checkedListenUrl(url: string): string {
  parseListenUrl(url);
  return url.trim();
}

/** An empty text is as good as none. */
function urls(values: Values, flag: string, check: (url: string) => string): string[] | undefined {
  try {
    const checked = values.list(flag)?.map(check);
    return checked === undefined || checked.length === 0 ? undefined : checked;
  } catch (error) {
    throw new ConfigError(
      `invalid value ${JSON.stringify(values.text(flag))} for --${flag}: ${(error as Error).message}`,
    );
  }
}

/** etcd lets an empty text stand for all; so does this, as whoever gives it means to open the server. */
function origins(values: Values): string[] | undefined {
  const given = values.list("cors");
  return given?.length === 0 ? ["*"] : given;
}

function h2Engine(values: Values): "engine" | "node" | undefined {
  const text = values.text("h2");
  if (text === undefined || text === "engine" || text === "node") return text;
  throw new ConfigError(`unknown --h2 ${JSON.stringify(text)}: engine or node`);
}

function isBcryptCost(cost: number): boolean {
  return cost >= MIN_BCRYPT_COST && cost <= MAX_BCRYPT_COST;
}

/** A whole number is hours by time, revisions by revision; a duration is only for the first. */
function compactionRetention(
  values: Values,
): Pick<ServerOptions, "autoCompactionMode" | "autoCompactionRetentionMs" | "autoCompactionRetentionRevisions"> {
  const mode = values.text("auto-compaction-mode") ?? "periodic";
  if (mode !== "periodic" && mode !== "revision") {
    throw new ConfigError(`unknown --auto-compaction-mode ${JSON.stringify(mode)}: periodic or revision`);
  }
  const text = values.path("auto-compaction-retention") ?? "0";
  const invalid = `invalid value ${JSON.stringify(text)} for --auto-compaction-retention`;
  const count = /^\+?\d+$/.test(text) ? Number(text) : undefined;
  if (mode === "revision") {
    if (count === undefined) throw new ConfigError(`${invalid}: an integer not below 0 is needed`);
    return { autoCompactionMode: mode, autoCompactionRetentionRevisions: count };
  }
  const ms = count === undefined ? parseDuration(text) : count * HOUR_MS;
  if (ms === undefined || ms < 0) {
    throw new ConfigError(`${invalid}: hours, or a duration such as 5m, are needed`);
  }
  return { autoCompactionMode: mode, autoCompactionRetentionMs: ms };
}

function notices(values: Values): string[] {
  const found: string[] = [];
  const cost = values.number("bcrypt-cost");
  if (cost !== undefined && !isBcryptCost(cost)) {
    found.push(`--bcrypt-cost ${cost} is not from ${MIN_BCRYPT_COST} to ${MAX_BCRYPT_COST}: the default is used`);
  }
  const idle = values.names.filter(isIdle);
  if (idle.length > 0) found.push(`without effect here: ${idle.map((name) => `--${name}`).join(", ")}`);
  return found;
}
