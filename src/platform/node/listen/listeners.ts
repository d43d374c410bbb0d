import { limitsOf } from "../limits.ts";
import { SILENT } from "../log.ts";
import type { ServerOptions } from "../server-options.ts";
import type { TlsGate } from "../tls/gate.ts";
import { Listener } from "./listener.ts";
import { type ListenAddress, parseListenUrl } from "./urls.ts";

/** Where a server listens. */
export interface Listeners {
  readonly clients: Listener;
  readonly metrics: Listener;
  /** Of both. */
  stop(): void;
}

/** @throws ConfigError for a URL that is none, ListenError for an address that is taken */
export async function listen(options: ServerOptions): Promise<Listeners> {
  const { log = SILENT } = options;
  const { maxConnections, handshakeTimeoutMs } = limitsOf(options);
  const addresses = (options.listenClientUrls ?? ["http://127.0.0.1:0"]).map(parseListenUrl);
  const metricsAddresses = (options.listenMetricsUrls ?? []).map(parseListenUrl);
  const gate = await gateOf(options, [...addresses, ...metricsAddresses], handshakeTimeoutMs);
  const listening = { gate, reusePort: options.socketReusePort, maxConnections, handshakeTimeoutMs, log };
  const clients = await Listener.bind({ ...listening, addresses });
  try {
    const metrics = await Listener.bind({ ...listening, addresses: metricsAddresses, http1Only: true });
    const stop = (): void => {
      clients.stop();
      metrics.stop();
    };
    return { clients, metrics, stop };
  } catch (error) {
    clients.stop();
    throw error;
  }
}

/** Undefined where nothing is to be served by TLS. */
async function gateOf(
  { tls = {}, log = SILENT }: ServerOptions,
  addresses: readonly ListenAddress[],
  handshakeTimeoutMs: number,
): Promise<TlsGate | undefined> {
  const isGiven = tls.cert !== undefined || tls.clientCertAuth === true || tls.autoTls === true;
  if (isGiven && addresses.some((address) => !address.tls)) {
    log.warn("the certificate and client certificates are for https and unixs URLs; http and unix URLs are cleartext");
  }
  if (!addresses.some((address) => address.tls)) return undefined;
  // Most have none, and node:tls is a tenth of a start.
  const { TlsGate } = await import("../tls/gate.ts");
  return TlsGate.open({ tls, hosts: addresses.map(({ host }) => host), handshakeTimeoutMs, log });
}
