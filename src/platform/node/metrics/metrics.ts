/**
 * What `/metrics` says: etcd's metrics, by their names, of what there is here, then the process's own.
 *
 * Nothing is kept up to date for it: each is read when somebody asks. What has no counterpart here (peers,
 * the write-ahead log, proxies, Go's runtime) is not there.
 */
import type { Registry } from "prom-client";
import { Status } from "../../../errors.ts";
import { ETCD_VERSION } from "../../../rpc/index.ts";
import type { MethodCalls } from "./calls.ts";
import { type Measure, SERVER_MEASURES } from "./measures.ts";
import type { MetricsSources } from "./sources.ts";

type Prometheus = typeof import("prom-client");

/** etcd's names of the codes, by number. */
const CODE_NAMES = Object.entries(Status).map(
  ([name]) =>
    ({ OK: "OK", CANCELLED: "Canceled" })[name] ??
    name.toLowerCase().replaceAll(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase()),
);

const TYPES = {
  unary: "unary",
  server_streaming: "server_stream",
  client_streaming: "client_stream",
  bidi_streaming: "bidi_stream",
};

/** The process's own metrics: one set, however many servers there are in it. */
let processRegistry: Registry | undefined;

export class Metrics {
  readonly #sources: MetricsSources;
  #registry: Promise<Registry> | undefined;

  constructor(sources: MetricsSources) {
    this.#sources = sources;
  }

  /** Of `--metrics extensive`: how long calls take, as histograms, from now on. */
  async observeDurations(): Promise<void> {
    const prometheus = await import("prom-client");
    const registry = await this.#open();
    const histogram = new prometheus.Histogram({
      name: "grpc_server_handling_seconds",
      help: "Time until a call was over on the server.",
      labelNames: ["grpc_type", "grpc_service", "grpc_method"],
      registers: [registry],
    });
    for (const calls of this.#sources.calls) {
      const child = histogram.labels(labelsOf(calls));
      calls.observeSeconds = (seconds) => child.observe(seconds);
    }
  }

  /** The page and its content type. */
  async page(): Promise<{ readonly contentType: string; readonly text: string }> {
    const registry = await this.#open();
    const { text: ofProcess } = await processMetrics();
    return { contentType: registry.contentType, text: `${await registry.metrics()}${ofProcess}` };
  }

  /** Made when it is first asked for: who never looks pays nothing. */
  #open(): Promise<Registry> {
    this.#registry ??= this.#create();
    return this.#registry;
  }

  async #create(): Promise<Registry> {
    const prometheus = await import("prom-client");
    const registry = new prometheus.Registry();
    for (const measure of SERVER_MEASURES) addMeasure(prometheus, registry, measure, this.#sources);
    this.#addConstants(prometheus, registry);
    this.#addClusterVersion(prometheus, registry);
    this.#addCalls(prometheus, registry);
    this.#addChecks(prometheus, registry);
    return registry;
  }

  #addConstants(prometheus: Prometheus, registry: Registry): void {
    const { memberId } = this.#sources.etcd.options;
    const constants = [
      ["etcd_server_id", "server_id", memberId.toString(16), "The ID of the member, as a label."],
      ["etcd_server_version", "server_version", ETCD_VERSION, "The etcd whose contract is kept, as a label."],
    ] as const;
    for (const [name, label, value, help] of constants) {
      new prometheus.Gauge({ name, help, labelNames: [label], registers: [registry] }).set({ [label]: value }, 1);
    }
  }

  /** A label, so the one that was there before has to go. */
  #addClusterVersion(prometheus: Prometheus, registry: Registry): void {
    const { versions } = this.#sources.etcd;
    new prometheus.Gauge({
      name: "etcd_cluster_version",
      help: "The cluster's version, as a label.",
      labelNames: ["cluster_version"],
      registers: [registry],
      collect() {
        this.reset();
        this.set({ cluster_version: versions.cluster.replace(/\.0$/, "") }, 1);
      },
    });
  }

  #addCalls(prometheus: Prometheus, registry: Registry): void {
    const { calls } = this.#sources;
    const labelNames = ["grpc_type", "grpc_service", "grpc_method"];
    const add = (name: string, help: string, value: (calls: MethodCalls) => number): void => {
      new prometheus.Counter({
        name,
        help,
        labelNames,
        registers: [registry],
        collect() {
          this.reset();
          for (const one of calls) this.inc(labelsOf(one), value(one));
        },
      });
    };
    add("grpc_server_started_total", "Calls begun.", ({ started }) => started);
    add("grpc_server_msg_received_total", "Messages of calls received.", ({ received }) => received);
    add("grpc_server_msg_sent_total", "Messages of calls sent.", ({ sent }) => sent);
    new prometheus.Counter({
      name: "grpc_server_handled_total",
      help: "Calls that are over, by their status.",
      labelNames: [...labelNames, "grpc_code"],
      registers: [registry],
      collect() {
        this.reset();
        for (const one of calls) {
          for (const [code, count] of one.handled.entries()) {
            this.inc({ ...labelsOf(one), grpc_code: CODE_NAMES[code] ?? "Unknown" }, count);
          }
        }
      },
    });
  }

  #addChecks(prometheus: Prometheus, registry: Registry): void {
    const { checks } = this.#sources.probes;
    new prometheus.Gauge({
      name: "etcd_server_healthcheck",
      help: "Whether a check passed the last time it was asked for.",
      labelNames: ["type", "name"],
      registers: [registry],
      collect() {
        for (const { type, name, lastPassed } of checks) {
          if (lastPassed !== undefined) this.set({ type, name }, lastPassed ? 1 : 0);
        }
      },
    });
    new prometheus.Counter({
      name: "etcd_server_healthchecks_total",
      help: "How often a check passed, and did not.",
      labelNames: ["type", "name", "status"],
      registers: [registry],
      collect() {
        this.reset();
        for (const { type, name, passed, failed } of checks) {
          if (passed > 0) this.inc({ type, name, status: "success" }, passed);
          if (failed > 0) this.inc({ type, name, status: "error" }, failed);
        }
      },
    });
  }
}

function labelsOf({ method }: MethodCalls) {
  return { grpc_type: TYPES[method.methodKind], grpc_service: method.parent.typeName, grpc_method: method.name };
}

function addMeasure(prometheus: Prometheus, registry: Registry, measure: Measure, sources: MetricsSources): void {
  const { name, help, kind, read } = measure;
  const common = { name, help, registers: [registry] };
  if (kind === "gauge") {
    new prometheus.Gauge({
      ...common,
      collect() {
        this.set(read(sources));
      },
    });
    return;
  }
  new prometheus.Counter({
    ...common,
    collect() {
      this.reset();
      this.inc(read(sources));
    },
  });
}

async function processMetrics(): Promise<{ readonly text: string }> {
  if (processRegistry === undefined) {
    const prometheus = await import("prom-client");
    processRegistry ??= new prometheus.Registry();
    // Another may have come while the library was loaded.
    if (processRegistry.getMetricsAsArray().length === 0)
      prometheus.collectDefaultMetrics({ register: processRegistry });
  }
  return { text: await processRegistry.metrics() };
}
