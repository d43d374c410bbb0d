/** What etcd refuses of flags that contradict each other, or are out of bounds, in its words where they are clear. */
import { ConfigError, parseAdvertisedUrl, parseListenUrl, parseUrl } from "../listen/urls.ts";
import { featureGates } from "./flag-types.ts";
import type { Values } from "./values.ts";

const MAX_ELECTION_MS = 50_000;
const DEFAULT_PEER_URL = "http://localhost:2380";
const MAX_SAMPLES = 1_000_000;

/** @throws ConfigError */
export function checkIdleFlags(values: Values): void {
  for (const url of values.list("listen-peer-urls") ?? []) parseListenUrl(url);
  checkElection(values);
  checkDiscovery(values);
  checkGates(values);
  checkInitialCluster(values);
  if ((values.durationMs("compact-hash-check-time") ?? 1) <= 0) {
    throw new ConfigError("--compact-hash-check-time must be over 0");
  }
  const samples = values.number("distributed-tracing-sampling-rate") ?? 0;
  if (values.bool("enable-distributed-tracing") && (samples < 0 || samples > MAX_SAMPLES)) {
    throw new ConfigError(`--distributed-tracing-sampling-rate must be from 0 to ${MAX_SAMPLES}`);
  }
}

function checkElection(values: Values): void {
  const tickMs = values.number("heartbeat-interval") ?? 100;
  const electionMs = values.number("election-timeout") ?? 1000;
  if (tickMs === 0) throw new ConfigError("--heartbeat-interval must be >0 (set to 0ms)");
  if (electionMs === 0) throw new ConfigError("--election-timeout must be >0 (set to 0ms)");
  if (5 * tickMs > electionMs) {
    throw new ConfigError(
      `--election-timeout[${electionMs}ms] should be at least as 5 times as --heartbeat-interval[${tickMs}ms]`,
    );
  }
  if (electionMs > MAX_ELECTION_MS) {
    throw new ConfigError(
      `--election-timeout[${electionMs}ms] is too long, and should be set less than ${MAX_ELECTION_MS}ms`,
    );
  }
}

function checkDiscovery(values: Values): void {
  if (values.text("discovery-fallback") === "proxy") throw new ConfigError('--discovery-fallback cannot be "proxy"');
  const endpoints = values.list("discovery-endpoints") ?? [];
  if (endpoints.includes("")) throw new ConfigError("--discovery-endpoints must not contain empty endpoints");
  if ((values.path("discovery-token") !== undefined) !== endpoints.length > 0) {
    throw new ConfigError("both --discovery-token and --discovery-endpoints must be set");
  }
  const ways = [
    values.path("initial-cluster") !== undefined,
    values.path("discovery-srv") !== undefined,
    endpoints.length > 0,
  ];
  if (ways.filter(Boolean).length > 1) {
    throw new ConfigError("of --initial-cluster, --discovery-endpoints and --discovery-srv only one can be given");
  }
}

function checkGates(values: Values): void {
  const gates = featureGates(values.text("feature-gates") ?? "");
  const isOn = (name: string): boolean => gates.get(name) ?? gates.get("AllAlpha") ?? false;
  if (isOn("LeaseCheckpointPersist") && !isOn("LeaseCheckpoint")) {
    throw new ConfigError("the feature gate LeaseCheckpointPersist needs LeaseCheckpoint");
  }
}

/** `name=url,name=url`: this member must be there, by the URLs it is told to advertise. */
function checkInitialCluster(values: Values): void {
  const text = values.path("initial-cluster");
  if (text === undefined) return;
  const members = new Map<string, string[]>();
  for (const pair of text.split(",")) {
    if (pair === "") continue;
    const [name = "", ...url] = pair.split("=");
    members.set(name, [...(members.get(name) ?? []), parseUrl(url.join("="))]);
  }
  const name = values.text("name") ?? "default";
  const own = members.get(name);
  if (own === undefined) {
    throw new ConfigError(`--initial-cluster has no member ${JSON.stringify(name)}, which --name says this one is`);
  }
  const all = [...members.values()].flat();
  if (new Set(all).size < all.length) throw new ConfigError("--initial-cluster has the same URL twice");
  const advertised = (values.list("initial-advertise-peer-urls") ?? [DEFAULT_PEER_URL]).map(parseAdvertisedUrl);
  if (sorted(own) !== sorted(advertised)) {
    throw new ConfigError(
      `--initial-cluster has ${own.join(",")} for this member, and --initial-advertise-peer-urls ${advertised.join(",")}`,
    );
  }
}

/** etcd asks DNS whether two names are one machine; here they are believed to be. */
function sorted(urls: readonly string[]): string {
  return urls
    .map((url) => url.replace(/\/\/(?:localhost|[^/]*[a-z][^/:]*):/i, "//127.0.0.1:"))
    .sort()
    .join();
}
