/**
 * A host of stores for the tests of src: run by the runtime that is under test, it opens a server for each store
 * that it is asked for.
 *
 *     node|deno run -A|bun test/runtimes/host.ts node|deno|bun [--data-dir | --data-dir=FOLDER]
 *
 *     PUT    /s/NAME   a new store; the body is its EtcdOptions in JSON; answers its base URL as text
 *     DELETE /s/NAME   ends it
 *
 * The first line that it prints is its own URL. It ends with its standard input, so that it outlasts nobody.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createControl, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { EtcdOptions } from "../../src/server/index.ts";

interface Server {
  readonly url: string;
  close(): Promise<void>;
}

type Open = (etcd: Partial<EtcdOptions>, dataDir: string | undefined) => Promise<Server>;

/** Least cost of a password: tests check many. */
const bcryptCost = 4;

const PLATFORMS: Record<string, () => Promise<Open>> = {
  node: async () => {
    const { createServer } = await import("../../src/platform/node/index.ts");
    return (etcd, dataDir) => createServer({ ...etcd, dataDir, unsafeNoFsync: true, bcryptCost });
  },
  deno: async () => {
    const { createServer } = await import("../../src/platform/deno/index.ts");
    return (etcd, dataDir) => createServer({ etcd, dataDir, unsafeNoFsync: true, services: { bcryptCost } });
  },
  bun: async () => {
    const { createServer } = await import("../../src/platform/bun/index.ts");
    return (etcd, dataDir) => createServer({ etcd, dataDir, unsafeNoFsync: true, services: { bcryptCost } });
  },
};

const [platform = "", ...flags] = process.argv.slice(2);
const open = await PLATFORMS[platform]?.();
if (open === undefined) throw new Error(`no platform ${platform}`);
const own = flags.includes("--data-dir") ? mkdtempSync(join(tmpdir(), "etcdlite-host-")) : undefined;
const folder = own ?? flags.find((flag) => flag.startsWith("--data-dir="))?.slice("--data-dir=".length);
const stores = new Map<string, Server>();

async function answer({ method, url = "" }: IncomingMessage, body: string): Promise<string> {
  const name = /^\/s\/([\w-]+)$/.exec(url)?.[1];
  if (name === undefined) throw new Error(`no ${url}`);
  await stores.get(name)?.close();
  stores.delete(name);
  if (method !== "PUT") return "";
  const store = await (open as Open)(JSON.parse(body) as Partial<EtcdOptions>, folder && join(folder, name));
  stores.set(name, store);
  return store.url;
}

const control = createControl((request, response) => {
  text(request)
    .then((body) => answer(request, body))
    .then(
      (reply) => response.end(reply),
      (error: unknown) => {
        response.writeHead(500);
        response.end(String(error));
      },
    );
});
control.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(control.address() as AddressInfo).port}`));
process.stdin.on("end", () => {
  if (own !== undefined) rmSync(own, { recursive: true, force: true });
  process.exit();
});
process.stdin.resume();
