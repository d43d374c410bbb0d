/**
 * etcdlite in Bun, by its own server: `import { createServer } from "etcdlite/bun"`.
 *
 *     const server = await createServer({ port: 2379, dataDir: "data" });
 *
 * It speaks gRPC-Web, Connect and JSON. For native gRPC, `etcdlite/node` runs in Bun as well.
 */
import { type FetchServer, type FetchServerOptions, type Listen, openServer } from "../fetch/server.ts";

export { JournalError } from "../../journal/index.ts";
export type { FetchServer, FetchServerOptions } from "../fetch/server.ts";

/** What of Bun is used; its types are not Node's. */
interface Bun {
  serve(options: ServeOptions): BunServer;
}

interface ServeOptions {
  readonly hostname: string;
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly idleTimeout: number;
  readonly fetch: (request: Request) => Promise<Response>;
}

interface BunServer {
  readonly port: number;
  stop(closeActiveConnections: boolean): Promise<void>;
}

/** A watch may have nothing to say for as long as it likes. */
const NO_IDLE_TIMEOUT = 0;

/**
 * Starts a server; it answers when the promise settles.
 * @throws JournalError for a data dir that cannot be used, and what Bun throws for an address that is taken
 */
export function createServer(options: FetchServerOptions = {}): Promise<FetchServer> {
  return openServer(options, listen);
}

const listen: Listen = ({ hostname, port, tls }, handler) => {
  const { Bun } = globalThis as unknown as { readonly Bun: Bun };
  const server = Bun.serve({ hostname, port, tls, idleTimeout: NO_IDLE_TIMEOUT, fetch: handler });
  return {
    port: server.port,
    stop: async (graceMs) => {
      const timer = setTimeout(() => void server.stop(true), graceMs);
      await server.stop(false);
      clearTimeout(timer);
    },
  };
};
