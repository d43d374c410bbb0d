/** The real workerd, with the test's bundle in it. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { bundle } from "../../../support/bundle.ts";
import { startEdge } from "./edge.ts";

const ENTRY = join(import.meta.dirname, "entry.ts");
const SCRIPT = "etcdlite";
/** In memory where there is such a place: it is not the disk that is under test. */
const PLACE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export interface Runtime {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** Has an object forget everything that is not stored, as the platform does with one that nobody asks. */
  evict(name: string, className?: string): Promise<void>;
  close(): Promise<void>;
}

/** @param folder where objects are kept, and stay; default: one of its own, which goes with it */
export async function startRuntime(folder?: string): Promise<Runtime> {
  const directory = folder ?? mkdtempSync(join(PLACE, "etcdlite-workerd-"));
  const miniflare = new Miniflare({
    name: SCRIPT,
    modules: true,
    script: await bundle(ENTRY),
    compatibilityDate: "2026-04-01",
    compatibilityFlags: ["enable_request_signal", "request_signal_passthrough"],
    durableObjects: {
      STORES: { className: "Store", useSQLite: true },
      JOURNALS: { className: "JournalHost", useSQLite: true },
    },
    durableObjectsPersist: directory,
    // What it says of objects that crash on purpose helps nobody.
    handleStructuredLogs: ({ message }: { readonly message: string }) => {
      if (process.env.WORKERD_LOG !== undefined) console.error(message);
    },
    host: "127.0.0.1",
    port: 0,
  });
  const edge = await startEdge(Number((await miniflare.ready).port));
  return {
    url: edge.url,
    evict: (name, className = "Store") =>
      miniflare.unsafeEvictDurableObject(SCRIPT, className, { name, webSockets: "hibernate" }),
    close: async () => {
      await edge.close();
      await miniflare.dispose();
      if (folder === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Where a store is. */
export function storeUrl({ url }: Pick<Runtime, "url">, name: string): string {
  return `${url}/stores/${encodeURIComponent(name)}`;
}

/** Calls the gateway of a store: `kv/put`. */
export async function call(
  store: string,
  method: string,
  request: object,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(`${store}/v3/${method}`, {
    method: "POST",
    // On a connection of its own: one that was idle may be closed just as it is used again.
    headers: { connection: "close", ...headers },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method}: ${response.status} ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}
