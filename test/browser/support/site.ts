/** The page as it is delivered, built into a folder of its own, and a plain file server at any path. */
import { createReadStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const TYPES: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

/** A folder with the built page, and in `probe/` the tests' own page. The caller removes it. */
export async function buildSite(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-site-"));
  // As `npm run build` has it; vitest's own `test` would make a page for developers.
  process.env.NODE_ENV = "production";
  const quiet = { logLevel: "error" as const };
  await build({
    ...quiet,
    configFile: join(ROOT, "web", "vite.config.ts"),
    build: { outDir: folder, emptyOutDir: true },
  });
  await build({
    ...quiet,
    configFile: false,
    root: join(ROOT, "test", "browser", "support", "probe"),
    base: "./",
    worker: { format: "es" },
    build: { outDir: join(folder, "probe"), target: "es2022", modulePreload: false, emptyOutDir: true },
  });
  return folder;
}

export interface StaticSite {
  /** Ends in a slash. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a folder's files under a path, as any web host would: no API, no policy, nothing injected. */
export async function serveFolder(folder: string, path: string): Promise<StaticSite> {
  const server: Server = createServer((request, response) => {
    const [wanted = "/"] = (request.url ?? "/").split("?");
    if (!wanted.startsWith(path)) return response.writeHead(404).end();
    const name = decodeURIComponent(wanted.slice(path.length));
    const file = join(folder, normalize(`/${name === "" || name.endsWith("/") ? `${name}index.html` : name}`));
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    return createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function removeSite(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
