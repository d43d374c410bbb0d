/**
 * How much JavaScript the page fetches, gzip as a web host sends it: until its first screen is there, and more for
 * the editor. As a script, prints every file of dist/web with its size, largest first.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright";
import { startEtcdlite } from "../../test/support/etcdlite.ts";
import { kvClient } from "./fill.ts";
import type { Measures } from "./measures.ts";
import { openMeasured, settledPage } from "./page.ts";

export const SITE = fileURLToPath(new URL("../../dist/web", import.meta.url));

/** @param staticUrl the page from a plain host, where it has its store in the browser */
export async function measureSizes(browser: Browser, measures: Measures, staticUrl: string): Promise<void> {
  const server = await startEtcdlite();
  try {
    const encoder = new TextEncoder();
    await kvClient(server.url).put({ key: encoder.encode("/config/app"), value: encoder.encode('{"debug": true}') });
    const firstLoads: number[] = [];
    for (const url of [`${server.url}/`, staticUrl]) {
      const fetched = new Set<string>();
      const opened = await openMeasured(browser, url, { before: async (page) => noteScripts(page, fetched) });
      await settledPage(opened.page);
      firstLoads.push(sizeKb(fetched));
      await opened.close();
    }
    measures.report("first_load_js_gzip_kb", Math.max(...firstLoads));
    measures.report("editor_js_gzip_kb", editorKb());
  } finally {
    await server.stop();
  }
}

/** The files with CodeMirror in them: no key can be edited without, and nothing else may fetch them. */
function editorKb(): number {
  const names = globSync("*.js", { cwd: join(SITE, "assets") });
  return sizeKb(names.filter((name) => readFileSync(join(SITE, "assets", name), "utf8").includes("cm-content")));
}

/** Workers are not the page's: they do not keep it from being drawn. */
function noteScripts(page: Page, fetched: Set<string>): void {
  page.on("requestfinished", (request) => {
    const { pathname } = new URL(request.url());
    if (/\.js$/.test(pathname) && !/\/(worker-|sw\.js)/.test(pathname))
      fetched.add(pathname.replace(/^.*\/assets\//, ""));
  });
}

function sizeKb(names: Iterable<string>): number {
  return [...names].reduce((sum, name) => sum + gzipBytes(join(SITE, "assets", name)), 0) / 1000;
}

function gzipBytes(path: string): number {
  return gzipSync(readFileSync(path), { level: 9 }).length;
}

if (process.argv[1] === import.meta.filename) {
  const files = globSync("**/*.{js,css}", { cwd: SITE });
  const sizes = files.map((file) => ({ file, kb: gzipBytes(join(SITE, file)) / 1000 }));
  for (const { file, kb } of sizes.sort((a, b) => b.kb - a.kb)) console.log(`${kb.toFixed(1).padStart(7)} kB  ${file}`);
}
