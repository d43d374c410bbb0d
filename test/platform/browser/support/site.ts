/** A page for a test, built by Vite into a folder of its own and served from there. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { removeSite, serveFolder } from "../../../browser/support/site.ts";

export interface BuiltSite {
  /** Ends in a slash. */
  readonly url: string;
  close(): Promise<void>;
}

export interface SiteOptions {
  /** Further scripts of the page, beside index.html, that keep their names: `sw` for `sw.ts`, built as sw.js. */
  readonly scripts?: readonly string[];
}

/** @param root the folder with index.html */
export async function buildAndServe(root: string, { scripts = [] }: SiteOptions = {}): Promise<BuiltSite> {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-tabs-"));
  const named = Object.fromEntries(scripts.map((name) => [name, join(root, `${name}.ts`)]));
  await build({
    configFile: false,
    logLevel: "error",
    root,
    base: "./",
    worker: { format: "es" },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "es2022",
      modulePreload: false,
      rollupOptions: {
        input: { index: join(root, "index.html"), ...named },
        output: { entryFileNames: ({ name }) => (scripts.includes(name) ? "[name].js" : "assets/[name]-[hash].js") },
      },
    },
  });
  const site = await serveFolder(folder, "/");
  return {
    url: site.url,
    close: async () => {
      await site.close();
      removeSite(folder);
    },
  };
}
