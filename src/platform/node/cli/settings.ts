/** From the texts of the flags to what the server takes. Every complaint is one line that names the flag. */
import { parseDuration } from "../duration.ts";
import type { ServerOptions } from "../server.ts";
import { ConfigError, parseAdvertisedUrl, parseListenUrl } from "../urls.ts";
import { EFFECTIVE_FLAGS, TLS_FLAGS } from "./flags.ts";
import { isLogLevel, LOG_LEVELS, type LogSettings } from "./logger.ts";

export interface Settings {
  readonly server: ServerOptions;
  readonly log: LogSettings;
  /** What the user should know before it starts. */
  readonly notices: readonly string[];
}

const DEFAULT_URL = "http://localhost:2379";
const HOUR_MS = 3_600_000;
const MAX_UINT32 = 2 ** 32 - 1;

type Values = ReadonlyMap<string, string>;

/** @throws ConfigError */
export function settingsOf(values: Values, address: string | undefined): Settings {
  if (values.has("config-file")) {
    throw new ConfigError("--config-file is not read: give its settings as flags or as ETCD_ variables");
  }
  return { server: serverOptions(values, address), log: logSettings(values), notices: notices(values) };
}

function serverOptions(values: Values, address: string | undefined): ServerOptions {
  const listen = listenUrls(values, address);
  const retention = compactionRetention(values);
  return {
    name: values.get("name"),
    listenClientUrls: listen ?? [DEFAULT_URL],
    // etcd's own default is its URL's name, not its number.
    advertiseClientUrls:
      urls(values, "advertise-client-urls", parseAdvertisedUrl) ?? (listen ? undefined : [DEFAULT_URL]),
    initialAdvertisePeerUrls: urls(values, "initial-advertise-peer-urls", parseAdvertisedUrl),
    initialClusterToken: values.get("initial-cluster-token"),
    maxTxnOps: integer(values, "max-txn-ops"),
    maxRequestBytes: integer(values, "max-request-bytes"),
    maxConcurrentStreams: integer(values, "max-concurrent-streams", MAX_UINT32),
    quotaBackendBytes: integer(values, "quota-backend-bytes", Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER),
    ...retention,
    watchProgressNotifyIntervalMs: duration(values, "watch-progress-notify-interval"),
    cors: origins(values),
    hostWhitelist: list(values, "host-whitelist"),
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
  return [...(flagged ?? [DEFAULT_URL]), ...more];
}

/** `127.0.0.1:2379`, `2379` on this machine alone, `:2379` on every interface, or a URL. */
function addressUrl(address: string): string {
  let url = address;
  if (/^\d+$/.test(address)) url = `http://localhost:${address}`;
  else if (!address.includes("://")) url = `http://${address}`;
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

function list(values: Values, flag: string): string[] | undefined {
  return values
    .get(flag)
    ?.split(",")
    .map((item) => item.trim());
}

function urls(values: Values, flag: string, check: (url: string) => string): string[] | undefined {
  try {
    const checked = list(values, flag)?.map(check);
    return checked && [...new Set(checked)];
  } catch (error) {
    throw new ConfigError(`invalid value ${quoted(values, flag)}: ${(error as Error).message}`);
  }
}

function origins(values: Values): string[] | undefined {
  const given = list(values, "cors");
  for (const origin of given ?? []) {
    if (origin === "*" || /^https?:\/\/[^/]+\/?$/.test(origin)) continue;
    throw new ConfigError(`invalid value ${quoted(values, "cors")}: an origin is http://host:port, or *`);
  }
  return given;
}

function integer(values: Values, flag: string, max = Number.MAX_SAFE_INTEGER, min = 0): number | undefined {
  const text = values.get(flag);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || value < min || value > max) {
    throw new ConfigError(
      `invalid value ${quoted(values, flag)}: an integer${min < 0 ? "" : " not below 0"} is needed`,
    );
  }
  return value;
}

function duration(values: Values, flag: string): number | undefined {
  const text = values.get(flag);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new ConfigError(`invalid value ${quoted(values, flag)}: a duration such as 10s is needed`);
  return ms;
}

/** A whole number is hours by time, revisions by revision; a duration is only for the first. */
function compactionRetention(
  values: Values,
): Pick<ServerOptions, "autoCompactionMode" | "autoCompactionRetentionMs" | "autoCompactionRetentionRevisions"> {
  const mode = values.get("auto-compaction-mode") ?? "periodic";
  if (mode !== "periodic" && mode !== "revision") {
    throw new ConfigError(`unknown --auto-compaction-mode ${JSON.stringify(mode)}: periodic or revision`);
  }
  const flag = "auto-compaction-retention";
  const text = values.get(flag) ?? "0";
  if (mode === "revision") {
    return { autoCompactionMode: mode, autoCompactionRetentionRevisions: integer(values, flag) };
  }
  const ms = /^\d+$/.test(text) ? Number(text) * HOUR_MS : parseDuration(text);
  if (ms === undefined || ms < 0) {
    throw new ConfigError(`invalid value ${quoted(values, flag)}: hours, or a duration such as 5m, are needed`);
  }
  return { autoCompactionMode: mode, autoCompactionRetentionMs: ms };
}

function logSettings(values: Values): LogSettings {
  const level = values.get("log-level") ?? "info";
  if (!isLogLevel(level)) {
    throw new ConfigError(`unknown --log-level ${JSON.stringify(level)}: ${LOG_LEVELS.join(", ")}`);
  }
  const format = values.get("log-format") ?? "console";
  if (format !== "console" && format !== "json") {
    throw new ConfigError(`unknown --log-format ${JSON.stringify(format)}: console or json`);
  }
  return { level, format };
}

function notices(values: Values): string[] {
  const found: string[] = [];
  if (values.has("data-dir")) {
    const directory = values.get("data-dir");
    found.push(`--data-dir ${directory} is not written: this version keeps everything in memory until it stops`);
  }
  const tls = [...values.keys()].filter((flag) => TLS_FLAGS.has(flag));
  if (tls.length > 0) found.push(`TLS is not served yet, the port is cleartext despite ${flagNames(tls)}`);
  const idle = [...values.keys()].filter((flag) => !EFFECTIVE_FLAGS.has(flag) && !TLS_FLAGS.has(flag));
  if (idle.length > 0) found.push(`without effect here: ${flagNames(idle)}`);
  return found;
}

function flagNames(flags: readonly string[]): string {
  return flags.map((flag) => `--${flag}`).join(", ");
}

function quoted(values: Values, flag: string): string {
  return `${JSON.stringify(values.get(flag))} for --${flag}`;
}
