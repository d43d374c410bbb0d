/** A store by URL: the service worker between clients that know only connect-web and the tab that owns it. */
import { type Browser, type BrowserContext, chromium, type Page as Tab } from "playwright";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { chromiumOptions } from "../../../browser/support/chromium.ts";
import { type BuiltSite, buildAndServe } from "../support/site.ts";
import type { Page, Protocol } from "./site/page.ts";

let site: BuiltSite;
let browser: Browser;

beforeAll(async () => {
  site = await buildAndServe(new URL("./site", import.meta.url).pathname, { scripts: ["sw"] });
  browser = await chromium.launch(chromiumOptions());
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

async function newContext(): Promise<BrowserContext> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  return context;
}

async function newTab(context: BrowserContext): Promise<Tab> {
  const tab = await context.newPage();
  await tab.goto(site.url);
  await tab.waitForFunction(() => "page" in window);
  return tab;
}

type Methods = { [Name in keyof Page as Page[Name] extends (...args: never[]) => unknown ? Name : never]: Page[Name] };

async function call<Name extends keyof Methods>(
  tab: Tab,
  name: Name,
  ...args: Parameters<Methods[Name]>
): Promise<Awaited<ReturnType<Methods[Name]>>> {
  return (await tab.evaluate(
    ({ name, args }) =>
      (window as unknown as { page: Record<string, (...args: unknown[]) => unknown> }).page[name]?.(...args),
    { name, args },
  )) as Awaited<ReturnType<Methods[Name]>>;
}

function seen(tab: Tab): Promise<string[]> {
  return tab.evaluate(() => (window as unknown as { page: Page }).page.seen);
}

const PROTOCOLS: readonly Protocol[] = ["connect", "json", "grpc-web"];

describe("a store by URL", () => {
  test.each(PROTOCOLS)("%s: calls, errors, streams and their cancel", async (protocol) => {
    const context = await newContext();
    const [owner, client] = [await newTab(context), await newTab(context)];
    await call(owner, "open", "default");
    const baseUrl = await call(client, "serve", "default");
    expect(`${baseUrl}/`).toBe(site.url);
    expect(await call(client, "put", protocol, baseUrl, "a", "1")).toBe("1");
    expect(await call(client, "error", protocol, baseUrl)).toBe("InvalidArgument: etcdserver: key is not provided");
    await call(client, "watch", protocol, baseUrl);
    await call(client, "put", protocol, baseUrl, "b", "2");
    await expect.poll(() => seen(client)).toEqual(["b=2"]);
    await call(client, "stop");
    await expect.poll(async () => (await seen(client)).at(-1)).toMatch(/^Canceled/);
  });

  test("a store of another name has another URL", async () => {
    const context = await newContext();
    const tab = await newTab(context);
    await call(tab, "open", "my store");
    const baseUrl = await call(tab, "serve", "my store");
    expect(baseUrl).toBe(`${site.url}my%20store`);
    expect(await call(tab, "put", "connect", baseUrl, "a", "1")).toBe("1");
  });

  test.each(["connect", "grpc-web"] as const)("%s: a stream whose owner goes ends as Unavailable", async (protocol) => {
    const context = await newContext();
    const [owner, client] = [await newTab(context), await newTab(context)];
    await call(owner, "open", "default");
    const baseUrl = await call(client, "serve", "default");
    await call(client, "watch", protocol, baseUrl);
    await owner.close();
    await expect
      .poll(() => seen(client))
      .toEqual(["Unavailable: the tab that ran the store has gone before it answered"]);
  });

  test("whatever else is fetched is left alone", async () => {
    const context = await newContext();
    const tab = await newTab(context);
    await call(tab, "serve", "default");
    expect(await call(tab, "status", "index.html")).toBe(200);
    expect(await call(tab, "status", "nothing/here")).toBe(404);
    expect(await call(tab, "status", "v3/kv/range", { method: "POST", body: "{}" })).toBe(404);
    // The path of an RPC, but no RPC's method or content type.
    expect(await call(tab, "status", "etcdserverpb.KV/Range")).toBe(404);
    expect(await call(tab, "status", "etcdserverpb.KV/Range", { method: "POST", body: "x" })).toBe(404);
    const headers = { "content-type": "application/grpc" };
    expect(await call(tab, "status", "etcdserverpb.KV/Range", { method: "POST", body: "x", headers })).toBe(404);
  });

  test("without a page that has the store open, calls end as Unavailable", { timeout: 60_000 }, async () => {
    const context = await newContext();
    const tab = await newTab(context);
    const baseUrl = await call(tab, "serve", "default");
    expect(await call(tab, "error", "connect", baseUrl)).toMatch(/^Unavailable/);
  });
});
