/**
 * A host of stores for the tests of src: run by the runtime that is under test, it opens a server for each store
 * that it is asked for.
 *
 *     node|deno run -A|bun test/runtimes/host.ts node|deno|bun [--data-dir | --data-dir=FOLDER] [--tls=FOLDER]
 *
 *     PUT    /s/NAME   a new store; the body is its EtcdOptions in JSON; answers its base URL as text; Node's server
 *                      has `?h2=` for HTTP/2
 *     DELETE /s/NAME   ends it
 *     …      /n/NAME   Node's servers, whatever the platform: see servers.ts
 *
 * With TLS, its certificate is `server.pem` in the folder, its key `server-key.pem`.
 * The first line that it prints is its own URL. It ends with its standard input, so that it outlasts nobody.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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

interface Wish {
  readonly etcd: Partial<EtcdOptions>;
  readonly dataDir: string | undefined;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Of Node's server. */
  readonly h2: "node" | "engine" | undefined;
}

type Open = (wish: Wish) => Promise<Server>;

/** Least cost of a password: tests check many. */
const bcryptCost = 4;

const PLATFORMS: Record<string, () => Promise<Open>> = {
  node: async () => {
    const { createServer } = await import("../../src/platform/node/index.ts");
    return ({ etcd, tls, ...rest }) => {
      const listenClientUrls = [`http${tls === undefined ? "" : "s"}://127.0.0.1:0`];
      return createServer({ ...etcd, ...rest, ...(tls && { tls }), listenClientUrls, unsafeNoFsync: true, bcryptCost });
    };
  },
  deno: async () => {
    const { createServer } = await import("../../src/platform/deno/index.ts");
    return (wish) => createServer({ ...wish, unsafeNoFsync: true, services: { bcryptCost } });
  },
  bun: async () => {
    const { createServer } = await import("../../src/platform/bun/index.ts");
    return (wish) => createServer({ ...wish, unsafeNoFsync: true, services: { bcryptCost } });
  },
};

const [platform = "", ...flags] = process.argv.slice(2);
const open = await PLATFORMS[platform]?.();
if (open === undefined) throw new Error(`no platform ${platform}`);
const own = flags.includes("--data-dir") ? mkdtempSync(join(tmpdir(), "etcdlite-host-")) : undefined;
const folder = own ?? flagOf("data-dir");
const certificates = flagOf("tls");
const tls = certificates === undefined ? undefined : { cert: pem("server.pem"), key: pem("server-key.pem") };
const stores = new Map<string, Server>();

function flagOf(name: string): string | undefined {
  return flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + "--=".length);
}

function pem(file: string): string {
  return readFileSync(join(certificates as string, file), "utf8");
}

async function answer({ method, url = "" }: IncomingMessage, body: string): Promise<string> {
  const { pathname, searchParams } = new URL(url, "http://host");
  const name = /^\/s\/([\w-]+)$/.exec(pathname)?.[1];
  if (name === undefined) throw new Error(`no ${url}`);
  await stores.get(name)?.close();
  stores.delete(name);
  if (method !== "PUT") return "";
  const etcd = JSON.parse(body) as Partial<EtcdOptions>;
  const h2 = (searchParams.get("h2") ?? undefined) as Wish["h2"];
  const store = await (open as Open)({ etcd, dataDir: folder && join(folder, name), tls, h2 });
  stores.set(name, store);
  return store.url;
}

const control = createControl((request, response) => {
  const answered = request.url?.startsWith("/n/")
    ? import("./servers.ts").then(({ answerForServers }) => answerForServers(request, response))
    : text(request)
        .then((body) => answer(request, body))
        .then((reply) => void response.end(reply));
  answered.catch((error: unknown) => response.writeHead(500).end(String(error)));
});
control.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(control.address() as AddressInfo).port}`));
process.stdin.on("end", () => {
  if (own !== undefined) rmSync(own, { recursive: true, force: true });
  process.exit();
});
process.stdin.resume();
