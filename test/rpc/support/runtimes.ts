/**
 * Stores as clients reach them over HTTP: RULES_PROTOCOL says by which protocol (grpc, grpc-web, connect),
 * RULES_HTTP_VERSION by which version (1.1, 2).
 *
 *     node     a server in this process
 *     h2       the same, with the engine of src/h2 for HTTP/2
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

export interface RuntimeSettings {
  readonly protocol: Protocol;
  /** Of gRPC-Web and Connect; gRPC has one only. */
  readonly httpVersion: "1.1" | "2";
  readonly hostUrl: string | undefined;
}

/** Least cost of a password: tests check many. */
const CHEAP = 4;

export async function runtimeTransport(
  runtime: string,
  options: Partial<EtcdOptions>,
  { protocol, httpVersion, hostUrl }: RuntimeSettings,
): Promise<Transport> {
  if (runtime === "fetch") return inProcessTransport(protocol, options);
  const baseUrl = await baseUrlOf(runtime, hostUrl, options);
  switch (protocol) {
    case "grpc":
      return createGrpcTransport({ baseUrl });
    case "grpc-web":
      return createGrpcWebTransport({ baseUrl, httpVersion });
    case "connect":
      return createConnectTransport({ baseUrl, httpVersion });
  }
}

function baseUrlOf(runtime: string, hostUrl: string | undefined, options: Partial<EtcdOptions>): Promise<string> {
  if (runtime === "node") return openInProcess(options, "node");
  return runtime === "h2" ? openInProcess(options, "engine") : openOnHost(runtime, hostUrl, options);
}

async function openInProcess(options: Partial<EtcdOptions>, h2: "node" | "engine"): Promise<string> {
  const { createServer } = await import("../../../src/platform/node/index.ts");
  const server = await createServer({ ...options, h2, bcryptCost: CHEAP });
  onTestFinished(() => server.close());
  return server.url;
}

async function inProcessTransport(protocol: Protocol, etcd: Partial<EtcdOptions>): Promise<Transport> {
  const store = await openStore({ etcd, services: { bcryptCost: CHEAP } });
  onTestFinished(() => store.close());
  return fetchTransport(protocol, createFetchHandler({ store }));
}

let lastStore = 0;
/** Several processes may use one host. */
const OWN = `${process.pid}-${Math.random().toString(36).slice(2)}`;

/**
 * What a host of stores answers to:
 *
 *     PUT    /s/NAME       a new store of this name; the body is its EtcdOptions in JSON; answers its base URL as text
 *     …      /s/NAME/…     the store, where its base URL is that
 *     DELETE /s/NAME       ends it
 */
async function openOnHost(runtime: string, hostUrl: string | undefined, options: object): Promise<string> {
  if (hostUrl === undefined) throw new Error(`RULES_AGAINST=${runtime} needs RULES_URL: npm run test:runtimes sets it`);
  const control = `${hostUrl}/s/${OWN}-${lastStore++}`;
  const reply = await fetch(control, { method: "PUT", body: JSON.stringify(options) });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`the host of ${runtime} answered ${reply.status}: ${text}`);
  onTestFinished(async () => {
    await (await fetch(control, { method: "DELETE" })).text();
  });
  return text;
}
