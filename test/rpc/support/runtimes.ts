/**
 * Stores as clients reach them over HTTP: RULES_PROTOCOL says by which protocol (grpc, grpc-web, connect),
 * RULES_HTTP_VERSION by which version (1.1, 2), RULES_H2 what Node's server has for HTTP/2 (node, engine; default: its
 * own default). RULES_FAST_PATHS=off has the first two do without their fast paths.
 *
 *     node     a server in this process
 *     fetch    a fetch handler in this process, without a network
 *     others   a host in another runtime, at RULES_URL: it opens a store when asked for one, see openOnHost
 */
import type { Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { onTestFinished } from "vitest";
import { createFetchHandler, openStore } from "../../../src/platform/fetch/index.ts";
import type { EtcdOptions } from "../../../src/server/index.ts";
import { fetchTransport } from "./fetch-transport.ts";

type Protocol = "grpc" | "grpc-web" | "connect";
type H2 = "node" | "engine" | undefined;

export interface RuntimeSettings {
  readonly protocol: Protocol;
  /** Of gRPC-Web and Connect; gRPC has one only. */
  readonly httpVersion: "1.1" | "2";
  readonly h2: H2;
  readonly hostUrl: string | undefined;
}

/** Where there is no process, in a browser, nothing is said. */
const fastPaths = globalThis.process?.env.RULES_FAST_PATHS !== "off";

/** Least cost of a password: tests check many. */
const CHEAP = 4;

export async function runtimeTransport(
  runtime: string,
  options: Partial<EtcdOptions>,
  { protocol, httpVersion, h2, hostUrl }: RuntimeSettings,
): Promise<Transport> {
  if (runtime === "fetch") return inProcessTransport(protocol, options);
  const baseUrl = await (runtime === "node" ? openInProcess(options, h2) : openOnHost(runtime, hostUrl, h2, options));
  switch (protocol) {
    case "grpc":
      return createGrpcTransport({ baseUrl });
    case "grpc-web":
      return createGrpcWebTransport({ baseUrl, httpVersion });
    case "connect":
      return createConnectTransport({ baseUrl, httpVersion });
  }
}

async function openInProcess(options: Partial<EtcdOptions>, h2: H2): Promise<string> {
  const { createServer } = await import("../../../src/platform/node/index.ts");
  const server = await createServer({ ...options, h2, fastPaths, bcryptCost: CHEAP });
  onTestFinished(() => server.close());
  return server.url;
}

async function inProcessTransport(protocol: Protocol, etcd: Partial<EtcdOptions>): Promise<Transport> {
  const store = await openStore({ etcd, services: { bcryptCost: CHEAP } });
  onTestFinished(() => store.close());
  return fetchTransport(protocol, createFetchHandler({ store, fastPaths }));
}

let lastStore = 0;
/** Several processes may use one host. */
const OWN = `${process.pid}-${Math.random().toString(36).slice(2)}`;

/**
 * What a host of stores answers to:
 *
 *     PUT    /s/NAME       a new store of this name; the body is its EtcdOptions in JSON; answers its base URL as text;
 *                          Node's server has `?h2=` for HTTP/2
 *     …      /s/NAME/…     the store, where its base URL is that
 *     DELETE /s/NAME       ends it
 */
async function openOnHost(
  runtime: string,
  hostUrl: string | undefined,
  h2: H2,
  options: Partial<EtcdOptions>,
): Promise<string> {
  if (hostUrl === undefined) throw new Error(`RULES_AGAINST=${runtime} needs RULES_URL: npm run test:runtimes sets it`);
  const control = `${hostUrl}/s/${OWN}-${lastStore++}`;
  const url = h2 === undefined ? control : `${control}?h2=${h2}`;
  const reply = await fetch(url, { method: "PUT", body: JSON.stringify(options) });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`the host of ${runtime} answered ${reply.status}: ${text}`);
  onTestFinished(async () => {
    await (await fetch(control, { method: "DELETE" })).text();
  });
  return text;
}
