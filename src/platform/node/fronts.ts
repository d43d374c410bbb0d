import path from "node:path";
import { fileURLToPath } from "node:url";
import { Probes } from "../../rpc/index.ts";
import { REQUEST_OVERHEAD_BYTES } from "../../server/index.ts";
import { realClock } from "./clock.ts";
import { Front } from "./front.ts";
import { Monitoring } from "./http/monitoring.ts";
import { StaticFiles } from "./http/static-files.ts";
import { limitsOf } from "./limits.ts";
import type { Listeners } from "./listen/listeners.ts";
import { SILENT } from "./log.ts";
import { countedServices, settled } from "./metrics/calls.ts";
import { MetricsFront } from "./metrics/front.ts";
import { Metrics } from "./metrics/metrics.ts";
import type { ServerOptions } from "./server-options.ts";
import type { OpenStore } from "./store.ts";

/** Everything that is served, and where: clients, and those who only ask for metrics and health. */
export interface Fronts {
  start(): void;
  /** Tells clients to call no more; settles when what they had sent by then is with the services, or after `graceMs`. */
  leave(graceMs: number): Promise<void>;
  /** Settles when the calls are over that end by themselves once the store has stopped, or after `graceMs`. */
  settled(graceMs: number): Promise<void>;
  /** Ends open calls with UNAVAILABLE and closes every connection, the last of them after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

const DEFAULT_KEEPALIVE_INTERVAL_MS = 2 * 60 * 60 * 1000;
const DEFAULT_KEEPALIVE_TIMEOUT_MS = 20_000;
const THIS_FILE = fileURLToPath(import.meta.url);
/** The build's dist/web, seen from the sources and from dist/src beside it. */
const DEFAULT_WEB_ROOT = path.join(THIS_FILE, "../../../..", THIS_FILE.endsWith(".ts") ? "dist/web" : "web");

/** Puts a store behind what listens. */
export async function frontsOf(options: ServerOptions, listeners: Listeners, store: OpenStore): Promise<Fronts> {
  const { log = SILENT, clock = realClock, fastPaths = true, h2 = fastPaths ? "engine" : "node" } = options;
  const { etcd } = store;
  const { bindings, calls } = countedServices(store.bindings);
  const traffic = { receivedBytes: 0, sentBytes: 0 };
  const probes = new Probes(etcd);
  const metrics = new Metrics({ etcd, calls, traffic, probes });
  if (options.metrics === "extensive") await metrics.observeDurations();
  const monitoring = new Monitoring({ probes, metrics, log });
  const metricsFront = new MetricsFront(listeners.metrics, monitoring);
  const front = new Front({
    listener: listeners.clients,
    bindings,
    traffic,
    monitoring,
    maxMessageBytes: etcd.options.maxRequestBytes + REQUEST_OVERHEAD_BYTES,
    limits: limitsOf(options),
    clock,
    keepAlive: {
      intervalMs: options.grpcKeepaliveIntervalMs ?? DEFAULT_KEEPALIVE_INTERVAL_MS,
      timeoutMs: options.grpcKeepaliveTimeoutMs ?? DEFAULT_KEEPALIVE_TIMEOUT_MS,
    },
    nodeHttp2: h2 === "node" ? (await import("./http2/front.ts")).Http2Front : undefined,
    fastPaths,
    enableGrpcGateway: options.enableGrpcGateway,
    isAuthEnabled: () => etcd.auth.enabled,
    cors: options.cors ?? [],
    hostWhitelist: options.hostWhitelist ?? [],
    files: await StaticFiles.of(options.webRoot ?? DEFAULT_WEB_ROOT),
    log,
  });
  return {
    start: () => {
      front.start();
      metricsFront.start();
    },
    leave: (graceMs) => front.leave(graceMs),
    settled: (graceMs) => settled(calls, graceMs),
    close: async (graceMs) => {
      await Promise.all([front.close(graceMs), metricsFront.close(graceMs)]);
    },
  };
}
