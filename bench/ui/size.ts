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
import { openMeasured } from "./page.ts";

export const SITE = fileURLToPath(new URL("../../dist/web", import.meta.url));
const KEY = "/config/app";

/** @param staticUrl the page from a plain host, where it has its store in the browser */
export async function measureSizes(browser: Browser, measures: Measures, staticUrl: string): Promise<void> {
  const server = await startEtcdlite();
  try {
    const encoder = new TextEncoder();
    await kvClient(server.url).put({ key: encoder.encode(KEY), value: encoder.encode('{"debug": true}') });
    const firstLoads: number[] = [];
    for (const url of [`${server.url}/`, staticUrl]) {
      const fetched = new Set<string>();
      const opened = await openMeasured(browser, url, { before: async (page) => noteScripts(page, fetched) });
      await opened.page.waitForLoadState("networkidle");
      firstLoads.push(sizeKb(fetched));
      await opened.close();
    }
    measures.report("first_load_js_gzip_kb", Math.max(...firstLoads));
    measures.report("editor_js_gzip_kb", await editorKb(browser, server.url));
  } finally {
    await server.stop();
  }
}

/** What is fetched between a key's detail and its editor. */
async function editorKb(browser: Browser, url: string): Promise<number> {
  const fetched = new Set<string>();
  const { page, close } = await openMeasured(browser, `${url}/?key=${KEY}`, {
    before: async (page) => noteScripts(page, fetched),
  });
  await page.waitForLoadState("networkidle");
  const before = sizeKb(fetched);
  await page.keyboard.press("e");
  await page.locator(".cm-content").first().waitFor();
  await page.waitForLoadState("networkidle");
  const total = sizeKb(fetched);
  await close();
  return total - before;
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
