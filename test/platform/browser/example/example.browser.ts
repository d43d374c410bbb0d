/** The example of examples/front-end, built from the compiled package, over each of its three transports. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright";
import { build } from "vite";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { chromiumOptions } from "../../../browser/support/chromium.ts";
import { removeSite, serveFolder } from "../../../browser/support/site.ts";
import { endProcess } from "../../../support/etcd.ts";
import { type CompiledPackage, compilePackage } from "../support/package.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "..", "..", "examples", "front-end");
const LINE = './transports/worker.ts";';

let compiled: CompiledPackage;
let browser: Browser;
let server: { readonly url: string; readonly child: ChildProcess };

beforeAll(async () => {
  compiled = compilePackage();
  server = await startCompiled(compiled.main);
  browser = await chromium.launch(chromiumOptions());
}, 180_000);

afterAll(async () => {
  await browser?.close();
  if (server !== undefined) await endProcess(server.child);
  compiled?.remove();
});

async function startCompiled(main: string): Promise<typeof server> {
  const args = [main, "--listen-client-urls", "http://127.0.0.1:0"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise<string>((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const found = /etcdlite listening on (http:\/\/\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`the compiled server ended with code ${code}\n${output}`)));
  });
  return { url, child };
}

/** @param transport what stands in the one line that is to be changed */
async function openExample(transport: string): Promise<Page> {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-example-"));
  let changed = 0;
  await build({
    root: EXAMPLE,
    logLevel: "error",
    define: { "import.meta.env.VITE_ETCD_URL": JSON.stringify(server.url) },
    plugins: [
      compiled.plugin,
      {
        name: "change-one-line",
        transform(code, id) {
          if (!id.endsWith("/src/main.ts")) return undefined;
          changed = code.split(LINE).length - 1;
          return code.replace(LINE, `./transports/${transport}.ts";`);
        },
      },
    ],
    build: { outDir: folder, emptyOutDir: true },
  });
  expect(changed).toBe(1);
  const site = await serveFolder(folder, "/");
  const context = await browser.newContext();
  onTestFinished(async () => {
    await context.close();
    await site.close();
    removeSite(folder);
  });
  const page = await context.newPage();
  await page.goto(site.url);
  return page;
}

async function put(page: Page, key: string, value: string): Promise<void> {
  await page.getByLabel("Key", { exact: true }).fill(key);
  await page.getByLabel("Value").fill(value);
  await page.getByRole("button", { name: "Put" }).click();
}

test.each(["worker", "connect", "grpc-web"])("the front end over %s", { timeout: 120_000 }, async (transport) => {
  const page = await openExample(transport);
  await page.getByText(/^Live since revision \d+$/).waitFor();
  const [a, b] = [`${transport}/a`, `${transport}/b`];
  await put(page, b, "2");
  await page.getByText(`${b} = 2`).waitFor();
  await put(page, a, "1");
  await put(page, a, "one");
  await page.getByText(`${a} = one`).waitFor();
  await page.getByRole("button", { name: `Delete ${b}` }).click();
  await expect.poll(() => page.getByText(`${b} = 2`).count()).toBe(0);
  await page.reload();
  await page.getByText(`${a} = one`).waitFor();
});
