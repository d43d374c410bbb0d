/** Servers with TLS, and clients that say what they got. */
import http2 from "node:http2";
import https from "node:https";
import tls from "node:tls";
import { onTestFinished } from "vitest";
import type { EtcdliteServer, Log, ServerOptions } from "../../../../src/platform/node/index.ts";
import { type Issued, makeCa } from "./certificates.ts";
import { createServer } from "./server.ts";

export const ca = await makeCa();
export const serverPair = await ca.issue({ hosts: ["localhost", "127.0.0.1"] });
export const alice = await ca.issue({ commonName: "alice", hosts: ["alice.example"], client: true });

export interface SecureServer extends EtcdliteServer {
  /** What it logged at "warn", `message {fields}`. */
  readonly warnings: readonly string[];
  /** Settles when there are that many. */
  warned(count: number): Promise<string[]>;
}

/** On https at a free port of 127.0.0.1, unless the options say otherwise. */
export async function startSecure(options: ServerOptions = {}): Promise<SecureServer> {
  const warnings: string[] = [];
  let wake = (): void => {};
  const silent = (): void => {};
  const log: Log = {
    ...{ debug: silent, info: silent, error: silent },
    warn: (message, fields) => {
      warnings.push(`${message} ${JSON.stringify(fields ?? {})}`);
      wake();
    },
  };
  const server = await createServer({
    listenClientUrls: ["https://127.0.0.1:0"],
    ...options,
    tls: { ...serverPair, ...options.tls },
    log,
  });
  onTestFinished(() => server.close());
  const warned = async (count: number): Promise<string[]> => {
    while (warnings.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return warnings;
  };
  return { ...server, warnings, warned };
}

export interface ClientOptions {
  readonly ca?: string;
  readonly client?: Issued | undefined;
  readonly alpn?: readonly string[];
  readonly path?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function clientTls({ ca: trusted = ca.cert, client }: ClientOptions): tls.SecureContextOptions {
  return { ca: trusted, ...(client && { cert: client.cert, key: client.key }) };
}

/** A connection, once the handshake is done; rejects if the server hangs up before it has said anything. */
export async function connectTls(url: string, options: ClientOptions = {}): Promise<tls.TLSSocket> {
  const { hostname, port } = new URL(url);
  const socket = tls.connect({
    ...{ host: hostname, port: Number(port), ...clientTls(options) },
    ALPNProtocols: [...(options.alpn ?? [])],
  });
  onTestFinished(() => void socket.destroy());
  await new Promise((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", reject);
  });
  return socket;
}

/** The body of a reply over HTTP/1.1. */
export function getHttp1(url: string, options: ClientOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = options.body === undefined ? "GET" : "POST";
    const headers = { "content-type": "application/json", ...options.headers };
    const request = https.request(
      `${url}${options.path ?? "/version"}`,
      { ...clientTls(options), method, headers, agent: false },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          body += chunk;
        });
        response.on("end", () => resolve(body));
      },
    );
    request.on("error", reject);
    request.end(options.body);
  });
}

/** The body of a reply over HTTP/2. */
export async function getHttp2(url: string, options: ClientOptions = {}): Promise<string> {
  const session = http2.connect(url, { ...clientTls(options) });
  try {
    return await new Promise((resolve, reject) => {
      session.on("error", reject);
      session.on("close", () => reject(new Error("closed")));
      const method = options.body === undefined ? "GET" : "POST";
      const request = session.request({
        ...{ ":method": method, ":path": options.path ?? "/version", "content-type": "application/json" },
        ...options.headers,
      });
      let body = "";
      request.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      request.on("error", reject);
      request.on("end", () => resolve(body));
      request.end(options.body);
    });
  } finally {
    session.destroy();
  }
}
