/** HTTP/1.1 requests to the JSON gateway of one server, one at a time over one connection. */
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:http";
import type { HttpOperation } from "./operation.ts";

/**
 * They say when and in how many pieces, not what; the length depends on blanks, and node has checked it. Which
 * origins may call is another matter: etcd lets all, etcdlite those it is told.
 */
const IGNORED_HEADERS =
  /^(date|content-length|transfer-encoding|connection|keep-alive|vary|access-control-.*|x-content-type-options|cross-origin-.*)$/;

export type HttpReply = {
  /** The status and the headers, in the order of their names. */
  readonly head: string;
  readonly isOk: boolean;
  readonly body: string;
};

export class HttpClient {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2 });
  readonly #timeoutMs: number;

  constructor(url: string, timeoutMs: number) {
    this.#url = new URL(url);
    this.#timeoutMs = timeoutMs;
  }

  send({ verb, path }: HttpOperation, body: Uint8Array, headers: Record<string, string>): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          agent: this.#agent,
          host: this.#url.hostname,
          port: this.#url.port,
          method: verb,
          path,
          headers: { ...headers, "Content-Type": "application/json", "Content-Length": String(body.length) },
          timeout: this.#timeoutMs,
        },
        (incoming) => read(incoming).then(resolve, reject),
      );
      sent.on("timeout", () => sent.destroy(new Error(`no reply within ${this.#timeoutMs} ms`)));
      sent.on("error", reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function read(incoming: IncomingMessage): Promise<HttpReply> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = Object.entries(incoming.headers)
    .filter(([name]) => !IGNORED_HEADERS.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}: ${String(value)}`);
  const trailers = Object.entries(incoming.trailers).map(([name, value]) => `trailer ${name}: ${value}`);
  return {
    head: [String(incoming.statusCode), ...headers, ...trailers].join("; "),
    isOk: incoming.statusCode === 200,
    body: Buffer.concat(chunks).toString(),
  };
}
