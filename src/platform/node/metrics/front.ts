/** The addresses of --listen-metrics-urls: metrics and health, nothing else, so that they can be open to others. */
import http from "node:http";
import { serveHttp1 } from "../http/http1-connection.ts";
import type { Monitoring } from "../http/monitoring.ts";
import type { Listener } from "../listen/listener.ts";

const NOT_SERVED: ReadonlySet<string> = new Set(["/version"]);

export class MetricsFront {
  readonly #listener: Listener;
  readonly #http1: http.Server;

  constructor(listener: Listener, monitoring: Monitoring) {
    this.#listener = listener;
    this.#http1 = http.createServer((request, response) => {
      const urlPath = (request.url ?? "/").split("?", 1)[0] as string;
      if (monitoring.has(urlPath) && !NOT_SERVED.has(urlPath)) {
        monitoring.serve(urlPath, request, response);
        return;
      }
      response.writeHead(404, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" });
      response.end("404 page not found\n");
    });
  }

  start(): void {
    this.#listener.start((socket, protocol) => {
      // Nobody measures by HTTP/2 with prior knowledge.
      if (protocol === "http1") serveHttp1(this.#http1, socket);
      else socket.destroy();
    });
  }

  async close(graceMs: number): Promise<void> {
    this.#listener.stop();
    this.#http1.close();
    await this.#listener.drained(graceMs);
  }
}
