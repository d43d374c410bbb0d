/** `<etcd-playground>` from its one file, on pages of other origins. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright";
import { build } from "vite";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { browser } from "../support/browser.ts";
import { axe, describeBrowser } from "../support/index.ts";
import { type StaticSite, serveFolder } from "../support/site.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

describeBrowser("<etcd-playground>", () => {
  let folder: string;
  let site: StaticSite;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "etcdlite-playground-"));
    const configFile = join(ROOT, "web", "vite.playground.config.ts");
    // As it is delivered, not as tests would have it.
    vi.stubEnv("NODE_ENV", "production");
    await build({ configFile, logLevel: "error", build: { outDir: folder } });
    vi.unstubAllEnvs();
    cpSync(join(ROOT, "web", "public"), folder, { recursive: true });
    site = await serveFolder(folder, "/docs/latest/");
  });
  afterAll(async () => {
    await site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(name: string, theme: "light" | "dark" = "light", width = 1440): Promise<Page> {
    const viewport = { width, height: 900 };
    const context = await (await browser()).newContext({ viewport, colorScheme: theme, reducedMotion: "reduce" });
    const errors: string[] = [];
    onTestFinished(async () => {
      await context.close();
      expect(errors).toEqual([]);
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`${site.url}${name}`);
    return page;
  }

  function write(name: string, body: string): void {
    writeFileSync(
      join(folder, name),
      `<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>${body}`,
    );
  }

  const SCRIPT = '<script type="module" src="./playground.js"></script>';

  test("offers its commands in order, runs them, shows keys and events", async () => {
    const page = await open("playground.html");
    const first = page.locator("etcd-playground").first();
    await first.getByRole("button", { name: "Run get /app/ --prefix (next)" }).click();
    await first.getByRole("log").getByText("shop").waitFor();
    await first.getByRole("button", { name: "Run put /app/replicas 3 (next)" }).click();
    await first.getByRole("group", { name: "Watch" }).getByText("/app/replicas").waitFor();
    await first.getByRole("group", { name: "Keys" }).getByText("v2").waitFor();
    await first.getByRole("button", { name: "Reset" }).click();
    await first.getByRole("button", { name: "Run get /app/ --prefix (next)" }).waitFor();
    await expect.poll(() => first.getByRole("group", { name: "Keys" }).getByText("v2").count()).toBe(0);
    const second = page.locator("etcd-playground").nth(1);
    for (const name of [/lease grant/, /put \/locks\/job me/]) {
      await second.getByRole("button", { name }).click();
    }
    await second.getByRole("log").getByText("SUCCESS").waitFor();
    expect(await second.getByRole("textbox").count()).toBe(0);
  });

  test("several on a page have nothing in common, and what is typed runs", async () => {
    write(
      "two.html",
      `<etcd-playground seed='{"/k":"1"}'></etcd-playground><etcd-playground></etcd-playground>${SCRIPT}`,
    );
    const page = await open("two.html");
    const [one, two] = [page.locator("etcd-playground").first(), page.locator("etcd-playground").nth(1)];
    const line = one.getByRole("textbox", { name: "etcdctl command" });
    await line.fill("put /k/2 new");
    await line.press("Enter");
    await one.getByRole("group", { name: "Keys" }).getByRole("button", { name: "/k/2" }).waitFor();
    await one.getByRole("group", { name: "Keys" }).getByRole("button", { name: "/k/2" }).click();
    await one.getByRole("log").getByText("get /k/2").waitFor();
    await two.getByText("None yet").waitFor();
  });

  test("from another origin, with the page's own styles kept out", async () => {
    const other = await serveFolder(folder, "/");
    onTestFinished(() => other.close());
    const style = "<style>button { display: none } li { color: red }</style>";
    write("plain.html", `${style}<etcd-playground seed='{"/k":"v"}'></etcd-playground>`);
    const page = await open("plain.html");
    await page.goto(`${other.url}plain.html`);
    // The file's text alone, as where a page bundles it: nothing beside it can be fetched.
    await page.addScriptTag({ path: join(folder, "playground.js"), type: "module" });
    const key = page.getByRole("group", { name: "Keys" }).getByRole("button", { name: "/k" });
    await key.waitFor();
    expect(await key.evaluate((element) => getComputedStyle(element).display)).not.toBe("none");
  });

  test("a seed that is no JSON is said", async () => {
    write("bad.html", `<etcd-playground seed="{"></etcd-playground>${SCRIPT}`);
    const page = await open("bad.html");
    await page.getByText("the seed is no JSON").waitFor();
  });

  test.each([
    ["light", 1440],
    ["dark", 390],
  ] as const)("%s, %i px: nothing that axe finds", async (theme, width) => {
    const page = await open("playground.html", theme, width);
    const first = page.locator("etcd-playground").first();
    await first.getByRole("button", { name: /Run del/ }).click();
    await first.getByRole("group", { name: "Watch" }).getByText("DELETE").waitFor();
    expect(await axe(page)).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    expect(wide).toBe(false);
  });
});
