import type { Probes } from "../../../rpc/index.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { HttpRequest, HttpResponse } from "./types.ts";

export interface MonitoringOptions {
  readonly probes: Probes;
  readonly metrics: Metrics;
  readonly log: Log;
}

const METRICS_PATH = "/metrics";

/** What monitors ask for: /metrics, /health, /livez, /readyz and /version (rule HT5). */
export class Monitoring {
  readonly #options: MonitoringOptions;

  constructor(options: MonitoringOptions) {
    this.#options = options;
  }

  has(urlPath: string): boolean {
    return urlPath === METRICS_PATH || this.#options.probes.has(urlPath);
  }

  /** @param urlPath one that `has` knows */
  serve(urlPath: string, request: HttpRequest, response: HttpResponse): void {
    if (urlPath === METRICS_PATH) {
      this.#serveMetrics(response);
      return;
    }
    const { probes, log } = this.#options;
    const query = new URLSearchParams((request.url ?? "").slice(urlPath.length));
    const { status, headers, body } = probes.answer(request.method ?? "", urlPath, query);
    if (status === 503) log.warn("a check failed", { path: urlPath, body });
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(body);
  }

  #serveMetrics(response: HttpResponse): void {
    const { metrics, log } = this.#options;
    metrics.page().then(
      ({ contentType, text }) => {
        response.writeHead(200, { "content-type": contentType, "content-length": Buffer.byteLength(text) });
        response.end(text);
      },
      (error: unknown) => {
        log.error("the metrics could not be read", { error: String(error) });
        response.writeHead(500, { "content-type": "text/plain; charset=utf-8" });
        response.end("500 internal server error\n");
      },
    );
  }
}
