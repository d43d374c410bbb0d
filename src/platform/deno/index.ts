/**
 * etcdlite in Deno, by its own server: `import { createServer } from "etcdlite/deno"`.
 *
 *     const server = await createServer({ port: 2379, dataDir: "data" });
 *
 * It speaks gRPC-Web, Connect and JSON. For native gRPC, `etcdlite/node` runs in Deno as well.
 */
import { type FetchServer, type FetchServerOptions, type Listen, openServer } from "../fetch/server.ts";

export { JournalError } from "../../journal/index.ts";
export type { FetchServer, FetchServerOptions } from "../fetch/server.ts";

/** What of Deno is used; its types are not Node's. */
interface Deno {
  serve(options: ServeOptions, handler: (request: Request, info: ServeInfo) => Promise<Response>): DenoServer;
}

interface ServeOptions {
  readonly hostname: string;
  readonly port: number;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly signal: AbortSignal;
  readonly onListen: () => void;
}

interface ServeInfo {
  /** Settles when the response has been sent, or cannot be. */
  readonly completed: Promise<void>;
}

interface DenoServer {
  readonly addr: { readonly port: number };
  readonly finished: Promise<void>;
}

/**
 * Starts a server; it answers when the promise settles.
 * @throws JournalError for a data dir that cannot be used, and what Deno throws for an address that is taken
 */
export function createServer(options: FetchServerOptions = {}): Promise<FetchServer> {
  return openServer(options, listen);
}

const listen: Listen = ({ hostname, port, tls }, handler) => {
  const { Deno } = globalThis as unknown as { readonly Deno: Deno };
  const abort = new AbortController();
  const open = new Set<Promise<void>>();
  const server = Deno.serve({ hostname, port, ...tls, signal: abort.signal, onListen: () => {} }, (request, info) => {
    const completed = info.completed.catch(() => {}).finally(() => open.delete(completed));
    open.add(completed);
    return handler(request);
  });
  return {
    port: server.addr.port,
    // Deno's own way to wait for what is under way has no end, and none can be put to it.
    stop: async (graceMs) => {
      await settledWithin(graceMs, Promise.all(open));
      abort.abort();
      await server.finished;
    },
  };
};

async function settledWithin(maxMs: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, maxMs);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
