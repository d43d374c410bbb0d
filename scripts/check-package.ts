/**
 * Packs the package, installs it in an empty project and uses it as a user would: the command, and the library.
 * Ends with a line `N passed, N failed`.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { build } from "vite";
import { KV } from "../src/gen/etcdserverpb/kv_pb.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "etcdlite-package-"));

/** As docs/runtimes.md has them. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  Node: [join(project, "node_modules", ".bin", "etcdlite")],
  Deno: ["deno", "run", "-A", "npm:etcdlite"],
  Bun: ["bunx", "--bun", "etcdlite"],
};

/** What has a file, a thread or a library of its own is used too: certificates, data dir, passwords, metrics. */
const LIBRARY_USE = `
import { createServer } from "etcdlite/node";
import { Auth } from "etcdlite/gen/etcdserverpb/auth";
import { KV } from "etcdlite/gen/etcdserverpb/kv";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
const expect = (name, found, wanted) => {
  if (found !== wanted) throw new Error(name + " is " + found + ", not " + wanted);
};
const start = () =>
  createServer({
    listenClientUrls: ["http://127.0.0.1:0", "https://127.0.0.1:0"],
    tls: { autoTls: true },
    dataDir: "data",
  });
const key = new Uint8Array([1]);
const server = await start();
const transport = createGrpcTransport({ baseUrl: server.url });
await createClient(KV, transport).put({ key, value: new Uint8Array([2]) });
await createClient(Auth, transport).userAdd({ name: "user", password: "password" });
const metrics = await (await fetch(server.url + "/metrics")).text();
expect("the metric", /^etcd_mvcc_put_total (.*)$/m.exec(metrics)?.[1], "1");
await server.close();
const again = await start();
const kept = await createClient(KV, createGrpcTransport({ baseUrl: again.url })).range({ key });
expect("the count", kept.count, 1n);
const json = await (await fetch(again.url + "/v3/kv/range", { method: "POST", body: '{"key":"AQ=="}' })).json();
expect("the count by JSON", json.count, "1");
await again.close();
process.exit(0);
`;

/** A page of a front end that has the store in the browser. */
const BROWSER_USE = `
import { openStore } from "etcdlite/browser";
import { KV } from "etcdlite/gen/etcdserverpb/kv";
import { createClient } from "@connectrpc/connect";
const store = await openStore({ persist: false });
document.title = String((await createClient(KV, store.transport).range({ key: new Uint8Array([1]) })).count);
`;

/** The page that the command serves is whole: what it loads is there, and it knows that it has a server. */
async function pageIsServed(url: string): Promise<void> {
  const response = await fetch(url);
  const page = await response.text();
  if (!response.ok || !page.includes("<title>etcdlite</title>")) throw new Error(`GET / answered ${response.status}`);
  if (!page.includes('name="etcdlite-server"')) throw new Error("the page is not told that it has a server");
  const assets = [...page.matchAll(/(?:src|href)="(\.\/[^"]+)"/g)].map(([, path = ""]) => path);
  if (!assets.some((path) => path.endsWith(".js"))) throw new Error(`the page loads no script: ${page}`);
  for (const path of [...assets, "./sw.js"]) {
    const asset = await fetch(new URL(path, url));
    if (!asset.ok) throw new Error(`${path} answered ${asset.status}`);
    if (path.startsWith("./assets/") && !asset.headers.get("cache-control")?.includes("immutable")) {
      throw new Error(`${path} is not kept by browsers`);
    }
  }
}

/** Of gRPC's clients the one that is there. */
async function putByGrpc(url: string): Promise<void> {
  const { header } = await createClient(KV, createGrpcTransport({ baseUrl: url })).put({ key: Uint8Array.of(1) });
  if (header?.revision !== 2n) throw new Error(`the revision after a Put is ${header?.revision}`);
}

/** @param command what runs the package's command; it takes its arguments, and keeps its data in a folder of its own */
async function commandAnswers(name: string, [program = "", ...args]: readonly string[]): Promise<void> {
  const child = spawn(program, [...args, "127.0.0.1:0", "--data-dir", `data-${name}`], { cwd: project });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let output = "";
      child.stdout.on("data", (chunk) => {
        output += chunk;
        const found = /etcdlite listening on (\S+) \(gRPC, gRPC-Web, Connect\), data in/.exec(output)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`exit ${code} before it listened: ${output}`)));
    });
    await pageIsServed(url);
    await putByGrpc(url);
  } finally {
    child.kill("SIGTERM");
  }
}

function libraryWorks(): void {
  writeFileSync(join(project, "use.mjs"), LIBRARY_USE);
  execFileSync(process.execPath, ["use.mjs"], { cwd: project, stdio: "inherit", timeout: 30_000 });
}

async function bundlerTakesIt(): Promise<void> {
  writeFileSync(join(project, "page.js"), BROWSER_USE);
  writeFileSync(join(project, "index.html"), '<script type="module" src="./page.js"></script>');
  await build({
    root: project,
    configFile: false,
    logLevel: "error",
    worker: { format: "es" },
    build: { outDir: join(project, "bundle"), target: "es2022" },
  });
  const assets = readdirSync(join(project, "bundle", "assets"));
  if (!assets.some((name) => name.startsWith("worker-")))
    throw new Error(`no worker was bundled: ${assets.join(", ")}`);
}

let passed = 0;
let failed = 0;
async function check(name: string, run: () => void | Promise<void>): Promise<void> {
  try {
    await run();
    passed++;
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}: ${error instanceof Error ? error.message : error}`);
  }
}

try {
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", project], {
    cwd: root,
    encoding: "utf8",
  });
  const [{ filename }] = JSON.parse(packed.slice(packed.indexOf("[\n"))) as [{ filename: string }];
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  execFileSync("npm", ["install", "--no-fund", "--no-audit", `./${filename}`], { cwd: project, stdio: "inherit" });
  for (const [name, command] of Object.entries(COMMANDS)) {
    if (spawnSync(command[0] as string, ["--version"]).error !== undefined) {
      console.log(`skipped ${name}: no ${command[0]} found, npm ci installs it`);
      continue;
    }
    await check(`the command in ${name} starts, prints its address, serves the page and gRPC, keeps data`, () =>
      commandAnswers(name, command),
    );
  }
  await check("the library serves, keeps its data, and does all that needs files of its own", libraryWorks);
  await check("a bundler makes a page with the store in it, worker and all", bundlerTakesIt);
} finally {
  rmSync(project, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
